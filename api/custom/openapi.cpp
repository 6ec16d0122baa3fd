#include "api/custom/openapi.hpp"

#include <algorithm>

#include "api/custom/version.hpp"
#include "api/discovery.hpp"
#include "api/error.hpp"
#include "api/object_codec.hpp"
#include "api/openapi.hpp"
#include "api/openapi_schema.hpp"

namespace troupe::api::custom {

namespace {

constexpr std::string_view kReferences = "#/components/schemas/";
constexpr std::string_view kObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
constexpr std::string_view kListMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

bool is_custom(const GroupVersion& at) {
  return !at.resources.empty() && std::all_of(at.resources.begin(), at.resources.end(),
                                              [](const Resource* resource) { return resource->custom != nullptr; });
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string reference(std::string_view name) {
  return "\"$ref\":" + quoted(std::string(kReferences) + std::string(name));
}

/// "stable.example.com", "v1", "CronTab" → "com.example.stable.v1.CronTab".
std::string name_of(const Resource& resource, std::string_view kind) {
  std::string out;
  std::string_view rest = resource.group;
  while (!rest.empty()) {
    const std::size_t dot = rest.rfind('.');
    const std::size_t start = dot == std::string_view::npos ? 0 : dot + 1;
    out.append(rest.substr(start)).append(".");
    rest = rest.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  return out.append(resource.version).append(".").append(kind);
}

std::string kind_json(const Resource& resource, std::string_view kind) {
  return "{\"group\":" + quoted(resource.group) + ",\"kind\":" + quoted(kind) +
         ",\"version\":" + quoted(resource.version) + "}";
}

constexpr std::string_view kTypeProperties =
    R"("apiVersion":{"type":"string","description":"APIVersion defines the versioned schema of this representation of an )"
    R"(object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized )"
    R"(values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},)"
    R"("kind":{"type":"string","description":"Kind is a string value representing the REST resource this object )"
    R"(represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In )"
    R"(CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},)";

void append_schema(std::string& out, const Resource& resource) {
  const schema::Node& node = *resource.custom->schema_node;
  out += quoted(name_of(resource, resource.kind)) + ":{";
  for (const schema::Member& each : node.members()) {
    if (each.key == "properties") continue;
    out += quoted(each.key) + ":";
    append_json(each.value, out);
    out += ",";
  }
  if (node.find("type") == nullptr) out += "\"type\":\"object\",";
  out.append("\"properties\":{").append(kTypeProperties);
  out += R"("metadata":{"description":"Standard object's metadata. More info: )"
         R"(https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata","allOf":[{)";
  out += reference(kObjectMeta) + "}]}";
  if (const schema::Node* properties = node.find("properties")) {
    for (const schema::Member& each : properties->members()) {
      if (is_type_or_metadata(each.key)) continue;
      out += "," + quoted(each.key) + ":";
      append_json(each.value, out);
    }
  }
  out += "},\"x-kubernetes-group-version-kind\":[" + kind_json(resource, resource.kind) + "]}";
}

void append_list_schema(std::string& out, const Resource& resource) {
  out += quoted(name_of(resource, resource.list_kind)) + ":{\"description\":";
  out += quoted(std::string(resource.list_kind) + " is a list of " + std::string(resource.kind));
  out += ",\"type\":\"object\",\"required\":[\"items\"],\"properties\":{";
  out.append(kTypeProperties);
  out += R"("items":{"type":"array","description":"List of )" + std::string(resource.plural) + "\",\"items\":{";
  out += reference(name_of(resource, resource.kind)) + "}},\"metadata\":{\"allOf\":[{" + reference(kListMeta);
  out += "}]}},\"x-kubernetes-group-version-kind\":[" + kind_json(resource, resource.list_kind) + "]}";
}

void append_parameters(std::string& out, std::string_view in, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (out.back() != '[') out += ",";
    out += "{\"name\":" + quoted(name) + ",\"in\":" + quoted(in);
    if (in == "path") out += ",\"required\":true";
    const bool flag = name == "watch" || name == "allowWatchBookmarks" || name == "sendInitialEvents";
    const bool number = name == "limit" || name == "timeoutSeconds" || name == "gracePeriodSeconds";
    out += std::string(",\"schema\":{\"type\":\"") + (flag ? "boolean" : number ? "integer" : "string");
    out += "\",\"uniqueItems\":true}}";
  }
}

std::string content(std::initializer_list<std::string_view> types, const std::string& schema) {
  std::string out = "\"content\":{";
  for (const std::string_view type : types) {
    if (out.back() != '{') out += ",";
    out += quoted(type) + ":{\"schema\":{" + schema + "}}";
  }
  return out + "}";
}

struct Operation {
  std::string_view method;
  std::string_view action;
};

class PathWriter {
 public:
  std::string out;

  void add(const Resource& resource) {
    const std::string base = "/apis/" + resource.api_version() + "/";
    const std::string plural(resource.plural);
    const std::string collection = base + (resource.namespaced ? "namespaces/{namespace}/" : "") + plural;
    path(resource, collection, {{"get", "list"}, {"post", "post"}, {"delete", "deletecollection"}});
    path(resource, collection + "/{name}", {{"get", "get"}, {"put", "put"}, {"patch", "patch"}, {"delete", "delete"}});
    for (const schema::Subresource& sub : resource.subresources) {
      path(resource, collection + "/{name}/" + std::string(sub.name),
           {{"get", "get"}, {"put", "put"}, {"patch", "patch"}}, &sub);
    }
    if (resource.namespaced) path(resource, base + plural, {{"get", "list"}});
  }

 private:
  void path(const Resource& resource, const std::string& at, std::initializer_list<Operation> operations,
            const schema::Subresource* sub = nullptr) {
    out += out.empty() ? "" : ",";
    out += quoted(at) + ":{";
    for (const Operation& operation : operations) {
      if (out.back() != '{') out += ",";
      append(resource, operation, sub);
    }
    out += ",\"parameters\":[";
    if (at.find("{namespace}") != std::string::npos) append_parameters(out, "path", {"namespace"});
    if (at.find("{name}") != std::string::npos) append_parameters(out, "path", {"name"});
    out += "]}";
  }

  void append(const Resource& resource, const Operation& operation, const schema::Subresource* sub) {
    const bool is_scale = sub != nullptr && sub->name == "scale";
    const std::string_view kind = operation.action == "list" ? resource.list_kind : resource.kind;
    const std::string schema =
        is_scale ? reference("io.k8s.api.autoscaling.v1.Scale") : reference(name_of(resource, kind));
    out += quoted(operation.method) + ":{\"operationId\":";
    out += quoted(std::string(operation.action) + std::to_string(++number_) + std::string(resource.kind));
    out += ",\"parameters\":[";
    append_query(operation.action);
    out += "],";
    const bool body = operation.method == "post" || operation.method == "put";
    if (operation.method == "patch") {
      out += "\"requestBody\":{" +
             content({"application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"},
                     R"("type":"object")") +
             "},";
    } else if (body) {
      out += "\"requestBody\":{" + content({"application/json", "application/yaml"}, schema) + "},";
    }
    out += R"("responses":{"200":{"description":"OK",)" + content({"application/json", "application/yaml"}, schema);
    out += "}},\"x-kubernetes-action\":" + quoted(operation.action) + ",\"x-kubernetes-group-version-kind\":";
    out += is_scale ? R"({"group":"autoscaling","kind":"Scale","version":"v1"})" : kind_json(resource, resource.kind);
    out += "}";
  }

  void append_query(std::string_view action) {
    const bool write = action == "post" || action == "put" || action == "patch";
    const bool remove = action == "delete" || action == "deletecollection";
    if (write || remove) append_parameters(out, "query", {"dryRun"});
    if (write) append_parameters(out, "query", {"fieldManager", "fieldValidation"});
    if (action == "patch") append_parameters(out, "query", {"force"});
    if (remove) append_parameters(out, "query", {"gracePeriodSeconds", "propagationPolicy"});
    if (action == "list" || action == "deletecollection") {
      append_parameters(out, "query",
                        {"labelSelector", "fieldSelector", "continue", "resourceVersion", "resourceVersionMatch",
                         "limit", "timeoutSeconds"});
    }
    if (action == "list") append_parameters(out, "query", {"watch", "allowWatchBookmarks", "sendInitialEvents"});
    append_parameters(out, "query", {"pretty"});
  }

  int number_ = 0;
};

std::string document_of(const GroupVersion& at, const schema::TypeTable* types) {
  PathWriter paths;
  std::string schemas;
  for (const Resource* resource : at.resources) {
    paths.add(*resource);
    append_schema(schemas, *resource);
    schemas += ",";
    append_list_schema(schemas, *resource);
    schemas += ",";
  }
  std::string out = R"({"openapi":"3.0.0","info":{"title":"Kubernetes CRD Swagger","version":"v0.1.0"},"paths":{)";
  out.append(paths.out).append("},\"components\":{\"schemas\":{").append(schemas);
  if (types != nullptr) {
    SchemaWriter built_in(OpenApiDialect::kV3);
    built_in.need(types->find("meta/v1.ObjectMeta"));
    built_in.need(types->find("meta/v1.ListMeta"));
    built_in.need(types->find("autoscaling", "v1", "Scale"));
    out += built_in.write(*types);
  }
  return out + "}}}";
}

}  // namespace

std::string openapi_index(std::string index, const Routes& routes) {
  index.resize(index.size() - 2);  // the braces at its end
  for (const GroupVersion& at : routes.group_versions()) {
    if (!is_custom(at)) continue;
    std::string hash = etag_of(document_of(at, nullptr));  // what is built in does not change
    hash = hash.substr(1, hash.size() - 2);
    const std::string path = openapi_path(at);
    index += ",\"" + path + "\":{\"serverRelativeURL\":\"/openapi/v3/" + path + "?hash=" + hash + "\"}";
  }
  return index + "}}";
}

std::string openapi_document(std::string_view path, const Routes& routes, const schema::TypeTable& types) {
  for (const GroupVersion& at : routes.group_versions()) {
    if (is_custom(at) && openapi_path(at) == path) return document_of(at, &types);
  }
  return {};
}

}  // namespace troupe::api::custom
