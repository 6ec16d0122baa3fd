#include "api/openapi.hpp"

#include "api/discovery.hpp"
#include "api/error.hpp"
#include "api/openapi_schema.hpp"

namespace troupe::api {

namespace {

constexpr std::string_view kReferences = "#/components/schemas/";
constexpr std::string_view kBodies[] = {"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"};
constexpr std::string_view kPatches[] = {"application/json-patch+json", "application/merge-patch+json",
                                         "application/strategic-merge-patch+json"};

struct Operation {
  std::string_view method;
  std::string_view verb;
  std::string_view action;
};

constexpr Operation kOnCollection[] = {
    {"get", "list", "list"}, {"post", "create", "post"}, {"delete", "deletecollection", "deletecollection"}};
constexpr Operation kOnObject[] = {
    {"get", "get", "get"}, {"put", "update", "put"}, {"patch", "patch", "patch"}, {"delete", "delete", "delete"}};

void append_parameter(std::string& out, std::string_view name, std::string_view in, std::string_view type) {
  if (out.back() == '}') out += ",";
  out.append("{\"name\":\"").append(name).append("\",\"in\":\"").append(in).append("\"");
  if (in == "path") out += ",\"required\":true";
  out.append(",\"schema\":{\"type\":\"").append(type).append("\",\"uniqueItems\":true}}");
}

void append_query(std::string& out, std::string_view action) {
  const bool write = action == "post" || action == "put" || action == "patch";
  if (write || action == "delete" || action == "deletecollection") append_parameter(out, "dryRun", "query", "string");
  if (write) {
    append_parameter(out, "fieldManager", "query", "string");
    append_parameter(out, "fieldValidation", "query", "string");
  }
  if (action == "delete" || action == "deletecollection") {
    append_parameter(out, "gracePeriodSeconds", "query", "integer");
    append_parameter(out, "propagationPolicy", "query", "string");
  }
  if (action == "list" || action == "deletecollection") {
    for (const std::string_view name :
         {"labelSelector", "fieldSelector", "continue", "resourceVersion", "resourceVersionMatch"}) {
      append_parameter(out, name, "query", "string");
    }
    append_parameter(out, "limit", "query", "integer");
    append_parameter(out, "timeoutSeconds", "query", "integer");
  }
  if (action == "list") {
    for (const std::string_view name : {"watch", "allowWatchBookmarks", "sendInitialEvents"}) {
      append_parameter(out, name, "query", "boolean");
    }
  }
  append_parameter(out, "pretty", "query", "string");
}

template <std::size_t N>
void append_content(std::string& out, const std::string_view (&types)[N], const std::string& schema) {
  out += "\"content\":{";
  for (std::size_t i = 0; i < N; ++i) {
    if (i != 0) out += ",";
    out.append("\"").append(types[i]).append("\":{\"schema\":{").append(schema).append("}}");
  }
  out += "}";
}

/// Writes the paths of one group-version and notes the types they take and answer.
class PathWriter {
 public:
  PathWriter(SchemaWriter& schemas, const schema::TypeTable& types) : schemas_(schemas), types_(types) {}

  std::string out;

  void add(const Resource& resource) {
    const std::string base = resource.group.empty() ? "/api/v1/" : "/apis/" + resource.api_version() + "/";
    schemas_.need(resource.type);
    schemas_.need(resource.list_type);
    const std::string collection =
        base + (resource.namespaced ? "namespaces/{namespace}/" : "") + std::string(resource.plural);
    path(collection, kOnCollection, resource, resource.type, resource.verbs, resource.group, resource.version,
         resource.kind);
    path(collection + "/{name}", kOnObject, resource, resource.type, resource.verbs, resource.group, resource.version,
         resource.kind);
    for (const schema::Subresource& sub : resource.subresources) {
      const schema::Type* type = types_.find(sub.group, sub.version, sub.kind);
      schemas_.need(type);
      const std::string at = collection + "/{name}/" + std::string(sub.name);
      path(at, kOnObject, resource, type, sub.verbs, sub.group, sub.version, sub.kind);
    }
    if (resource.namespaced && resource.has_verb("list")) {
      static constexpr Operation kList[] = {{"get", "list", "list"}};
      path(base + std::string(resource.plural), kList, resource, resource.type, resource.verbs, resource.group,
           resource.version, resource.kind, false);
    }
  }

 private:
  template <std::size_t N>
  void path(const std::string& at, const Operation (&operations)[N], const Resource& resource, const schema::Type* type,
            std::span<const std::string_view> verbs, std::string_view group, std::string_view version,
            std::string_view kind, bool in_namespace = true) {
    std::string body;
    for (const Operation& operation : operations) {
      bool allowed = false;
      for (const std::string_view verb : verbs) allowed = allowed || verb == operation.verb;
      if (!allowed) continue;
      body += body.empty() ? "" : ",";
      append_operation(body, operation, resource, type, group, version, kind);
    }
    if (body.empty()) return;
    out += out.empty() ? "" : ",";
    append_json_string(out, at);
    out.append(":{").append(body).append(",\"parameters\":[");
    if (resource.namespaced && in_namespace) append_parameter(out, "namespace", "path", "string");
    if (at.find("{name}") != std::string::npos) append_parameter(out, "name", "path", "string");
    out += "]}";
  }

  void append_operation(std::string& body, const Operation& operation, const Resource& resource,
                        const schema::Type* type, std::string_view group, std::string_view version,
                        std::string_view kind) {
    body.append("\"").append(operation.method).append("\":{\"operationId\":");
    append_json_string(body, std::string(operation.action) + std::to_string(++number_) + std::string(resource.kind));
    body += ",\"parameters\":[";
    append_query(body, operation.action);
    body += "],";
    const bool list = operation.action == "list";
    const schema::Type* answer = list ? resource.list_type : type;
    const std::string answer_schema = answer != nullptr ? reference(*answer) : std::string(R"("type":"object")");
    if (operation.method == "patch") {
      body += "\"requestBody\":{";
      append_content(body, kPatches, R"("type":"object")");
      body += "},";
    } else if (operation.method == "post" || operation.method == "put") {
      body += "\"requestBody\":{";
      append_content(body, kBodies, type != nullptr ? reference(*type) : std::string(R"("type":"object")"));
      body += "},";
    }
    body += R"("responses":{"200":{"description":"OK",)";
    append_content(body, kBodies, answer_schema);
    body += "}},\"x-kubernetes-action\":\"";
    body.append(operation.action).append("\",\"x-kubernetes-group-version-kind\":{\"group\":");
    append_json_string(body, group);
    body += ",\"version\":";
    append_json_string(body, version);
    body += ",\"kind\":";
    append_json_string(body, kind);
    body += "}}";
  }

  static std::string reference(const schema::Type& type) {
    std::string text = "\"$ref\":";
    append_json_string(text, std::string(kReferences) + definition_name(type));
    return text;
  }

  SchemaWriter& schemas_;
  const schema::TypeTable& types_;
  int number_ = 0;
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
  SchemaWriter schemas(kReferences);
  PathWriter paths(schemas, types_);
  for (const Resource* resource : at.resources) paths.add(*resource);
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

}  // namespace troupe::api
