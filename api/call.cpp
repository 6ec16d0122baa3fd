#include "api/call.hpp"

#include "api/custom/version.hpp"
#include "api/object_codec.hpp"
#include "api/pretty.hpp"
#include "api/table.hpp"
#include "api/views.hpp"

namespace troupe::api {

namespace {}  // namespace

InFlight::Ticket InFlight::enter() {
  if (count_++ >= bound_) {
    --count_;
    return Ticket();
  }
  return Ticket(this);
}

About Call::about() const { return {info.group, info.resource, info.name}; }

net::HttpResponse Call::head(int status, std::string_view content_type) const {
  net::HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", std::string(content_type));
  response.headers.add("Cache-Control", "no-cache, private");
  const auto warn = [&response](std::string_view warning) {
    std::string text;
    append_json_string(text, warning);
    response.headers.add("Warning", "299 - " + text);
  };
  if (resource != nullptr && resource->custom && !resource->custom->deprecation.empty()) {
    warn(resource->custom->deprecation);
  }
  for (const std::string& warning : warnings) warn(warning);
  return response;
}

void Call::answer(int status, std::string_view content_type, std::string body) {
  net::HttpResponse response = head(status, content_type);
  response.body = content_type == "application/json" && wants_pretty(*this) ? indented(body) : std::move(body);
  writer->respond(std::move(response));
}

net::HttpResponse error_response(const ApiError& error) {
  net::HttpResponse response;
  response.status = error.code;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-cache, private");
  if (error.retry_after_seconds > 0) {
    response.headers.add("Retry-After", std::to_string(error.retry_after_seconds));
  }
  response.body = status_json(error) + "\n";
  return response;
}

void Call::answer(const ApiError& error) {
  net::HttpResponse response = error_response(error);
  const schema::Type* type = services.types.find("", "v1", "Status");
  if (accepted.media != MediaType::kJson && type != nullptr) {
    std::string body;
    if (append_transcoded(status_json(error), type, accepted.media, body)) {
      response.headers.set("Content-Type", std::string(content_type_of(accepted.media)));
      response.body = std::move(body);
    }
  } else if (wants_pretty(*this)) {
    response.body = indented(response.body);
  }
  writer->respond(std::move(response));
}

void Call::answer_json(int status, std::string_view json, const schema::Type* type) {
  std::string body;
  if (auto made = append_transcoded(json, type, accepted.media, body); !made) return answer(made.error());
  if (accepted.media == MediaType::kJson) body += "\n";
  answer(status, content_type_of(accepted.media), std::move(body));
}

void Call::answer_success(int status, std::string_view uid) {
  std::string json = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{"name":)";
  append_json_string(json, info.name);
  if (!info.group.empty()) {
    json += ",\"group\":";
    append_json_string(json, info.group);
  }
  json += ",\"kind\":";
  append_json_string(json, info.resource);
  if (!uid.empty()) {
    json += ",\"uid\":";
    append_json_string(json, uid);
  }
  json += "}}";
  answer_json(status, json, services.types.find("", "v1", "Status"));
}

void Call::answer(int status, const storage::RecordView& record) {
  std::string body;
  ApiStatus made;
  if (accepted.view == View::kObject) {
    made = append_object(record, *resource, accepted.media, body);
  } else {
    auto document = to_document(record, *resource);
    if (!document) return answer(document.error());
    std::string json;
    if (accepted.view == View::kTable) {
      TableWriter table(*resource, accepted.version, include_object(info.query), services.env.now());
      table.begin(json, "{\"resourceVersion\":\"" + std::to_string(record.header->revision) + "\"}");
      table.add_row(json, document->root());
      table.end(json);
    } else {
      append_partial(document->root(), accepted.version, true, json);
    }
    const schema::Type* type = services.types.find("meta.k8s.io", "v1", "PartialObjectMetadata");
    made = append_transcoded(json, type, accepted.media, body);
  }
  if (!made) return answer(made.error());
  if (accepted.media == MediaType::kJson) body += "\n";
  answer(status, content_type_of(accepted.media), std::move(body));
}

const char* options_kind(std::string_view verb) {
  if (verb == "patch") return "PatchOptions";
  if (verb == "create") return "CreateOptions";
  return verb == "update" ? "UpdateOptions" : "DeleteOptions";
}

ApiResult<schema::Strictness> field_validation(const RequestInfo& info) {
  const std::string_view text = info.query.get("fieldValidation");
  if (text.empty() || text == "Warn") return schema::Strictness::kWarn;
  if (text == "Strict") return schema::Strictness::kStrict;
  if (text == "Ignore") return schema::Strictness::kIgnore;
  std::string message = "Unsupported value: ";
  append_json_string(message, text);
  message += R"(: supported values: "", "Ignore", "Strict", "Warn")";
  return refuse(invalid("meta.k8s.io", options_kind(info.verb), "",
                        {{"FieldValueNotSupported", std::move(message), "fieldValidation"}}));
}

ApiResult<bool> dry_run(const RequestInfo& info) {
  bool dry = false;
  bool good = true;
  std::string given;
  for (const std::string_view text : info.query.all("dryRun")) {
    given += given.empty() ? "[" : ",";
    append_json_string(given, text);
    dry = dry || text == "All";
    good = good && (text == "All" || text.empty());
  }
  if (good) return dry;
  return refuse(
      invalid("meta.k8s.io", options_kind(info.verb), "",
              {{"FieldValueNotSupported", "Unsupported value: " + given + R"(]: supported values: "All")", "dryRun"}}));
}

}  // namespace troupe::api
