#include "api/openapi_paths.hpp"

#include "api/error.hpp"
#include "api/openapi.hpp"

namespace troupe::api {

namespace {

using Forms = std::span<const std::string_view>;

constexpr std::string_view kBodies[] = {"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"};
constexpr std::string_view kStreams[] = {"application/json", "application/json;stream=watch", "application/yaml",
                                         "application/vnd.kubernetes.protobuf",
                                         "application/vnd.kubernetes.protobuf;stream=watch"};
constexpr std::string_view kTexts[] = {"text/plain", "*/*"};
constexpr std::string_view kAnything[] = {"*/*"};
constexpr std::string_view kPatches[] = {"application/json-patch+json", "application/merge-patch+json",
                                         "application/strategic-merge-patch+json", "application/apply-patch+yaml"};

Forms answer_forms(const ApiOperation& operation, Forms untyped) {
  if (operation.answer == nullptr) return untyped;
  return operation.is_stream() ? Forms(kStreams) : Forms(kBodies);
}

}  // namespace

void PathWriter::add(const ApiPath& path, std::string_view tag) {
  out_ += out_.empty() ? "" : ",";
  append_json_string(out_, path.path);
  out_ += ":{";
  for (const ApiOperation& operation : path.operations) {
    append_operation(operation, tag);
    out_ += ",";
  }
  out_ += "\"parameters\":[";
  for (const std::string_view name : path.parameters()) append_parameter(name, "path", "string");
  out_ += "]}";
}

void PathWriter::append_operation(const ApiOperation& operation, std::string_view tag) {
  out_.append("\"").append(operation.method).append("\":{\"operationId\":");
  append_json_string(out_, operation.id);
  out_ += ",\"description\":";
  append_json_string(out_, operation.description);
  out_.append(",\"tags\":[\"").append(tag).append("\"],");
  append_parameters(operation);
  if (is_v2()) {
    out_ += "\"consumes\":";
    append_forms(operation.is_patch() ? Forms(kPatches) : Forms(kAnything));
    out_ += ",\"produces\":";
    append_forms(answer_forms(operation, kAnything));
    out_ += R"(,"schemes":["https"],)";
  } else {
    append_request_body(operation);
  }
  append_responses(operation);
  out_.append(R"("x-kubernetes-action":")").append(operation.action);
  out_ += R"(","x-kubernetes-group-version-kind":{"group":)";
  append_json_string(out_, operation.group);
  out_ += ",\"kind\":";
  append_json_string(out_, operation.kind);
  out_ += ",\"version\":";
  append_json_string(out_, operation.version);
  out_ += "}}";
}

void PathWriter::append_parameters(const ApiOperation& operation) {
  out_ += "\"parameters\":[";
  if (is_v2()) append_body_parameter(operation);
  for (const QueryParameter& parameter : query_parameters(operation)) {
    append_parameter(parameter.name, "query", parameter.type);
  }
  out_ += "],";
}

void PathWriter::append_parameter(std::string_view name, std::string_view in, std::string_view type) {
  if (out_.back() == '}') out_ += ",";
  out_.append("{\"name\":\"").append(name).append("\",\"in\":\"").append(in).append("\",");
  if (in == "path") out_ += "\"required\":true,";
  if (!is_v2()) out_ += "\"schema\":{";
  out_.append("\"type\":\"").append(type).append("\",\"uniqueItems\":true}");
  if (!is_v2()) out_ += "}";
}

/// Version 2 has the body among the parameters.
void PathWriter::append_body_parameter(const ApiOperation& operation) {
  if (!operation.is_patch() && operation.body == nullptr) return;
  out_ += R"({"in":"body","name":"body",)";
  if (operation.method != "delete") out_ += "\"required\":true,";
  out_.append("\"schema\":{");
  out_.append(operation.is_patch() ? schemas_.reference(kPatchName) : schema_of(*operation.body)).append("}}");
}

void PathWriter::append_request_body(const ApiOperation& operation) {
  if (operation.is_patch()) {
    out_ += "\"requestBody\":{\"required\":true,";
    append_content(kPatches, R"("type":"object")");
    out_ += "},";
  } else if (operation.body != nullptr) {
    out_ += "\"requestBody\":{";
    append_content(kBodies, schema_of(*operation.body));
    out_ += "},";
  }
}

void PathWriter::append_responses(const ApiOperation& operation) {
  out_ += "\"responses\":{";
  append_response(operation, "200", "OK");
  if (operation.method != "get" && operation.action != "connect" && operation.action != "deletecollection") {
    if (operation.method != "delete") append_response(operation, "201", "Created");
    if (operation.method == "post" || operation.method == "delete") append_response(operation, "202", "Accepted");
  }
  out_ += R"("401":{"description":"Unauthorized"}},)";
}

void PathWriter::append_response(const ApiOperation& operation, std::string_view code, std::string_view description) {
  out_.append("\"").append(code).append("\":{\"description\":\"").append(description).append("\",");
  const std::string schema =
      operation.answer != nullptr ? schema_of(*operation.answer) : std::string(R"("type":"string")");
  if (is_v2()) {
    out_.append("\"schema\":{").append(schema).append("}");
  } else {
    append_content(answer_forms(operation, kTexts), schema);
  }
  out_ += "},";
}

void PathWriter::append_content(Forms forms, std::string_view schema) {
  out_ += "\"content\":{";
  for (std::size_t i = 0; i < forms.size(); ++i) {
    if (i != 0) out_ += ",";
    out_.append("\"").append(forms[i]).append("\":{\"schema\":{").append(schema).append("}}");
  }
  out_ += "}";
}

void PathWriter::append_forms(Forms forms) {
  for (std::size_t i = 0; i < forms.size(); ++i) out_.append(i == 0 ? "[\"" : ",\"").append(forms[i]).append("\"");
  out_ += "]";
}

std::string PathWriter::schema_of(const schema::Type& type) {
  schemas_.need(&type);
  return schemas_.reference(definition_name(type));
}

}  // namespace troupe::api
