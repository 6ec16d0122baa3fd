#include "api/openapi_v2.hpp"

#include <algorithm>

#include "api/error.hpp"
#include "api/negotiation.hpp"
#include "api/openapi_operations.hpp"
#include "api/openapi_paths.hpp"
#include "api/openapi_schema.hpp"

namespace troupe::api {

std::string openapi_v2_json(const Routes& routes, const schema::TypeTable& types, const custom::OpenApiV2Parts& more) {
  SchemaWriter schemas(OpenApiDialect::kV2);
  PathWriter paths(OpenApiDialect::kV2, schemas);
  for (const GroupVersion& at : routes.group_versions()) {
    const std::string tag = api_tag(at.group, at.version);
    for (const Resource* resource : at.resources) {
      schemas.need(resource->type);
      for (const ApiPath& path : api_paths(*resource, types)) paths.add(path, tag);
    }
  }
  std::string out = R"({"swagger":"2.0","info":{"title":"Kubernetes","version":"v1.36.0"},"paths":{)";
  out.append(paths.text()).append(more.paths).append("},\"definitions\":{").append(schemas.write(types)).append(",");
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
