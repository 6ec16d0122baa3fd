#include "api/openapi_v2.hpp"

#include <algorithm>

#include "api/error.hpp"
#include "api/negotiation.hpp"
#include "api/openapi.hpp"
#include "api/openapi_operations.hpp"
#include "api/openapi_schema.hpp"

namespace troupe::api {

namespace {

constexpr std::string_view kPatchName = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
constexpr std::string_view kAnything = R"(["*/*"])";
constexpr std::string_view kForms = R"(["application/json","application/yaml","application/vnd.kubernetes.protobuf"])";
constexpr std::string_view kStreams =
    R"(["application/json","application/yaml","application/vnd.kubernetes.protobuf",)"
    R"("application/json;stream=watch","application/vnd.kubernetes.protobuf;stream=watch"])";
constexpr std::string_view kPatches =
    R"(["application/json-patch+json","application/merge-patch+json","application/strategic-merge-patch+json",)"
    R"("application/apply-patch+yaml","application/apply-patch+cbor"])";

void append_parameter(std::string& out, std::string_view name, std::string_view in, std::string_view type) {
  if (out.back() == '}') out += ",";
  out.append("{\"in\":\"").append(in).append("\",\"name\":\"").append(name).append("\"");
  if (in == "path") out += ",\"required\":true";
  out.append(",\"type\":\"").append(type).append("\",\"uniqueItems\":true}");
}

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
    out.append("\"").append(operation.method).append("\":{\"consumes\":");
    out.append(operation.is_patch() ? kPatches : kAnything).append(",\"description\":");
    append_json_string(out, operation.description);
    out += ",\"operationId\":";
    append_json_string(out, operation.id);
    out += ",\"parameters\":[";
    append_body(operation);
    for (const QueryParameter& parameter : query_parameters(operation)) {
      append_parameter(out, parameter.name, "query", parameter.type);
    }
    out.append("],\"produces\":");
    out.append(operation.answer == nullptr ? kAnything : operation.is_stream() ? kStreams : kForms);
    out += ",\"responses\":{";
    append_response(operation, "200", "OK");
    if (operation.method != "get" && operation.action != "connect" && operation.action != "deletecollection") {
      if (operation.method != "delete") append_response(operation, "201", "Created");
      if (operation.method == "post" || operation.method == "delete") append_response(operation, "202", "Accepted");
    }
    out.append(R"("401":{"description":"Unauthorized"}},"schemes":["https"],"tags":[")").append(tag);
    out.append(R"("],"x-kubernetes-action":")").append(operation.action);
    out += R"(","x-kubernetes-group-version-kind":{"group":)";
    append_json_string(out, operation.group);
    out += ",\"kind\":";
    append_json_string(out, operation.kind);
    out += ",\"version\":";
    append_json_string(out, operation.version);
    out += "}}";
  }

  void append_body(const ApiOperation& operation) {
    if (operation.is_patch()) {
      out += R"({"in":"body","name":"body","required":true,"schema":{)";
      out.append(schemas_.reference(kPatchName)).append("}}");
    } else if (operation.body != nullptr) {
      out += R"({"in":"body","name":"body",)";
      if (operation.method != "delete") out += "\"required\":true,";
      out.append("\"schema\":{").append(schema_of(*operation.body)).append("}}");
    }
  }

  void append_response(const ApiOperation& operation, std::string_view code, std::string_view text) {
    out.append("\"").append(code).append("\":{\"description\":\"").append(text).append("\",\"schema\":{");
    out.append(operation.answer != nullptr ? schema_of(*operation.answer) : R"("type":"string")").append("}},");
  }

  std::string schema_of(const schema::Type& type) {
    schemas_.need(&type);
    return schemas_.reference(definition_name(type));
  }

  SchemaWriter& schemas_;
};

}  // namespace

std::string openapi_v2_json(const Routes& routes, const schema::TypeTable& types, const custom::OpenApiV2Parts& more) {
  SchemaWriter schemas(OpenApiDialect::kV2);
  PathWriter paths(schemas);
  for (const GroupVersion& at : routes.group_versions()) {
    const std::string tag = api_tag(at.group, at.version);
    for (const Resource* resource : at.resources) {
      schemas.need(resource->type);
      for (const ApiPath& path : api_paths(*resource, types)) paths.add(path, tag);
    }
  }
  std::string out = R"({"swagger":"2.0","info":{"title":"Kubernetes","version":"v1.36.0"},"paths":{)";
  out.append(paths.out).append(more.paths).append("},\"definitions\":{").append(schemas.write(types)).append(",");
  append_json_string(out, kPatchName);
  out.append(R"(:{"description":"A change of an object.","type":"object"})").append(more.definitions);
  out += R"(},"securityDefinitions":{"BearerToken":{)";
  out += R"("description":"Bearer Token authentication","in":"header","name":"authorization","type":"apiKey"}},)";
  return out + R"("security":[{"BearerToken":[]}]})";
}

ApiResult<bool> openapi_v2_in_protobuf(std::string_view accept) {
  if (accept.empty()) return false;
  while (!accept.empty()) {
    const std::size_t end = std::min(accept.find(','), accept.size());
    const std::string type = media_essence(accept.substr(0, end));
    accept.remove_prefix(std::min(end + 1, accept.size()));
    if (type == "*/*" || type == "application/*" || type == "application/json") return false;
    if (type == "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" ||
        type == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf") {
      return true;
    }
  }
  return refuse(not_acceptable("application/json, application/com.github.proto-openapi.spec.v2.v1.0+protobuf"));
}

}  // namespace troupe::api
