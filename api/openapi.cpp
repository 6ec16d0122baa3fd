#include "api/openapi.hpp"

#include <span>

#include "api/discovery.hpp"
#include "api/error.hpp"
#include "api/openapi_operations.hpp"
#include "api/openapi_schema.hpp"
#include "api/openapi_v2.hpp"

namespace troupe::api {

namespace {

constexpr std::string_view kBodies[] = {"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"};
constexpr std::string_view kStreams[] = {"application/json", "application/json;stream=watch", "application/yaml",
                                         "application/vnd.kubernetes.protobuf",
                                         "application/vnd.kubernetes.protobuf;stream=watch"};
constexpr std::string_view kTexts[] = {"text/plain", "*/*"};
constexpr std::string_view kPatches[] = {"application/json-patch+json", "application/merge-patch+json",
                                         "application/strategic-merge-patch+json", "application/apply-patch+yaml",
                                         "application/apply-patch+cbor"};

void append_parameter(std::string& out, std::string_view name, std::string_view in, std::string_view type) {
  if (out.back() == '}') out += ",";
  out.append("{\"name\":\"").append(name).append("\",\"in\":\"").append(in).append("\"");
  if (in == "path") out += ",\"required\":true";
  out.append(",\"schema\":{\"type\":\"").append(type).append("\",\"uniqueItems\":true}}");
}

void append_content(std::string& out, std::span<const std::string_view> types, const std::string& schema) {
  out += "\"content\":{";
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i != 0) out += ",";
    out.append("\"").append(types[i]).append("\":{\"schema\":{").append(schema).append("}}");
  }
  out += "}";
}

/// Writes the paths of one group-version and notes the types they take and answer.
class PathWriter {
 public:
  explicit PathWriter(SchemaWriter& schemas) : schemas_(schemas) {}

  std::string out;

  void add(const ApiPath& path, std::string_view tag) {
    out += out.empty() ? "" : ",";
    append_json_string(out, path.path);
    out += ":{";
    for (const ApiOperation& operation : path.operations) {
      append_operation(operation, tag);
      out += ",";
    }
    out += "\"parameters\":[";
    for (const std::string_view name : path.parameters()) append_parameter(out, name, "path", "string");
    out += "]}";
  }

 private:
  void append_operation(const ApiOperation& operation, std::string_view tag) {
    out.append("\"").append(operation.method).append("\":{\"operationId\":");
    append_json_string(out, operation.id);
    out += ",\"description\":";
    append_json_string(out, operation.description);
    out.append(",\"tags\":[\"").append(tag).append("\"],\"parameters\":[");
    for (const QueryParameter& parameter : query_parameters(operation)) {
      append_parameter(out, parameter.name, "query", parameter.type);
    }
    out += "],";
    if (operation.is_patch()) {
      out += "\"requestBody\":{\"required\":true,";
      append_content(out, kPatches, R"("type":"object")");
      out += "},";
    } else if (operation.body != nullptr) {
      out += "\"requestBody\":{";
      append_content(out, kBodies, schema_of(*operation.body));
      out += "},";
    }
    out += "\"responses\":{";
    append_response(operation, "200", "OK");
    if (operation.method != "get" && operation.action != "connect" && operation.action != "deletecollection") {
      if (operation.method != "delete") append_response(operation, "201", "Created");
      if (operation.method == "post" || operation.method == "delete") append_response(operation, "202", "Accepted");
    }
    out += R"("401":{"description":"Unauthorized"}},"x-kubernetes-action":")";
    out.append(operation.action).append("\",\"x-kubernetes-group-version-kind\":{\"group\":");
    append_json_string(out, operation.group);
    out += ",\"version\":";
    append_json_string(out, operation.version);
    out += ",\"kind\":";
    append_json_string(out, operation.kind);
    out += "}}";
  }

  void append_response(const ApiOperation& operation, std::string_view code, std::string_view text) {
    out.append("\"").append(code).append("\":{\"description\":\"").append(text).append("\",");
    const std::string schema =
        operation.answer != nullptr ? schema_of(*operation.answer) : std::string(R"("type":"string")");
    std::span<const std::string_view> forms = kBodies;
    if (operation.is_stream()) forms = kStreams;
    if (operation.answer == nullptr) forms = kTexts;
    append_content(out, forms, schema);
    out += "},";
  }

  std::string schema_of(const schema::Type& type) {
    schemas_.need(&type);
    return schemas_.reference(definition_name(type));
  }

  SchemaWriter& schemas_;
};

}  // namespace

std::string definition_name(const schema::Type& type) {
  const std::size_t slash = type.name.find('/');
  const std::string_view package = type.name.substr(0, std::min(slash, type.name.size()));
  std::string rest(type.name.substr(std::min(slash + 1, type.name.size())));
  if (package == "meta") return "io.k8s.apimachinery.pkg.apis.meta." + rest;
  if (package == "apiextensions") return "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions." + rest;
  if (package == "apiregistration") return "io.k8s.kube-aggregator.pkg.apis.apiregistration." + rest;
  return "io.k8s.api." + std::string(package) + "." + rest;
}

std::string openapi_path(const GroupVersion& at) {
  std::string path = at.group.empty() ? "api/" : "apis/" + std::string(at.group) + "/";
  return path.append(at.version);
}

const std::string& OpenApi::make(const GroupVersion& at) {
  const std::string key = openapi_path(at);
  if (const auto found = documents_.find(key); found != documents_.end()) return found->second;
  SchemaWriter schemas(OpenApiDialect::kV3);
  PathWriter paths(schemas);
  const std::string tag = api_tag(at.group, at.version);
  for (const Resource* resource : at.resources) {
    schemas.need(resource->type);
    for (const ApiPath& path : api_paths(*resource, types_)) paths.add(path, tag);
  }
  schemas.need(types_.find("", "v1", "Status"));
  schemas.need(types_.find("", "v1", "DeleteOptions"));
  std::string text = R"({"openapi":"3.0.0","info":{"title":"Kubernetes","version":"unversioned"},"paths":{)";
  text.append(paths.out).append("},\"components\":{\"schemas\":{").append(schemas.write(types_)).append("}}}");
  return documents_.emplace(key, std::move(text)).first->second;
}

std::string OpenApi::index() {
  const std::lock_guard lock(mutex_);
  std::string out = "{\"paths\":{";
  bool first = true;
  for (const GroupVersion& at : routes_.group_versions()) {
    const std::string path = openapi_path(at);
    std::string hash = etag_of(make(at));
    hash = hash.substr(1, hash.size() - 2);
    out += first ? "\"" : ",\"";
    first = false;
    out.append(path).append("\":{\"serverRelativeURL\":\"/openapi/v3/").append(path);
    out.append("?hash=").append(hash).append("\"}");
  }
  return out + "}}";
}

const std::string* OpenApi::document(std::string_view path) {
  const std::lock_guard lock(mutex_);
  for (const GroupVersion& at : routes_.group_versions()) {
    if (openapi_path(at) == path) return &make(at);
  }
  return nullptr;
}

std::shared_ptr<const OpenApi::V2> OpenApi::v2(OpenApiForm form, const std::shared_ptr<const Routes>& all) {
  const std::lock_guard lock(mutex_);
  if (v2_routes_ != all) {
    v2_routes_ = all;
    v2_json_.reset();
    v2_protobuf_.reset();
  }
  std::shared_ptr<const V2>& made = form == OpenApiForm::kJson ? v2_json_ : v2_protobuf_;
  if (made) return made;
  auto document = std::make_shared<V2>();
  document->body = openapi_v2_json(routes_, types_, custom::openapi_v2_parts(*all));
  if (form == OpenApiForm::kProtobuf) {
    auto encoded = openapi_v2_protobuf(document->body);
    if (!encoded) return nullptr;
    document->body = std::move(*encoded);
  }
  document->etag = etag_of(document->body);
  made = std::move(document);
  return made;
}

}  // namespace troupe::api
