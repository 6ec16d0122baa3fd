#include "api/openapi.hpp"

#include "api/discovery.hpp"
#include "api/error.hpp"
#include "api/openapi_operations.hpp"
#include "api/openapi_paths.hpp"
#include "api/openapi_schema.hpp"
#include "api/openapi_v2.hpp"

namespace troupe::api {

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
  PathWriter paths(OpenApiDialect::kV3, schemas);
  const std::string tag = api_tag(at.group, at.version);
  for (const Resource* resource : at.resources) {
    schemas.need(resource->type);
    for (const ApiPath& path : api_paths(*resource, types_)) paths.add(path, tag);
  }
  schemas.need(types_.find("", "v1", "Status"));
  schemas.need(types_.find("", "v1", "DeleteOptions"));
  std::string text = R"({"openapi":"3.0.0","info":{"title":"Kubernetes","version":"unversioned"},"paths":{)";
  text.append(paths.text()).append("},\"components\":{\"schemas\":{").append(schemas.write(types_)).append("}}}");
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
