#include "api/custom/openapi.hpp"

#include <algorithm>

#include "api/custom/version.hpp"
#include "api/discovery.hpp"
#include "api/error.hpp"
#include "api/object_codec.hpp"
#include "api/openapi.hpp"
#include "api/openapi_schema.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api::custom {

namespace {

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

std::string reference(OpenApiDialect dialect, std::string_view name) {
  const std::string_view where = dialect == OpenApiDialect::kV2 ? "#/definitions/" : "#/components/schemas/";
  return "\"$ref\":" + quoted(std::string(where) + std::string(name));
}

/// Version 3 lets nothing stand beside a reference but in this form.
std::string beside(OpenApiDialect dialect, std::string_view name) {
  const std::string text = reference(dialect, name);
  return dialect == OpenApiDialect::kV2 ? text : "\"allOf\":[{" + text + "}]";
}

/// What version 2 has no words for, or clients of it stumble over.
bool is_said(OpenApiDialect dialect, std::string_view key) {
  if (dialect == OpenApiDialect::kV3) return true;
  static constexpr std::string_view kUnsaid[] = {"allOf", "anyOf",   "oneOf",    "not",
                                                 "enum",  "default", "nullable", "x-kubernetes-validations"};
  return std::find(std::begin(kUnsaid), std::end(kUnsaid), key) == std::end(kUnsaid);
}

/// A schema below the root. In version 2 what may be null or of several types has none, and what keeps unknown fields
/// names none.
void append_value_schema(std::string& out, OpenApiDialect dialect, const schema::Node& node) {
  if (dialect == OpenApiDialect::kV3 || !node.is_object()) return append_json(node, out);
  const bool open = true_member(&node, "nullable") || true_member(&node, "x-kubernetes-int-or-string") ||
                    true_member(&node, "x-kubernetes-preserve-unknown-fields");
  out += "{";
  for (const schema::Member& each : node.members()) {
    const bool typed = each.key == "type" || each.key == "format" || each.key == "properties" || each.key == "items" ||
                       each.key == "additionalProperties" || each.key == "required";
    if (!is_said(dialect, each.key) || (open && typed)) continue;
    if (out.back() != '{') out += ",";
    out += quoted(each.key) + ":";
    if (each.key == "properties" && each.value.is_object()) {
      out += "{";
      for (const schema::Member& property : each.value.members()) {
        if (out.back() != '{') out += ",";
        out += quoted(property.key) + ":";
        append_value_schema(out, dialect, property.value);
      }
      out += "}";
    } else if (each.key == "items" || each.key == "additionalProperties") {
      append_value_schema(out, dialect, each.value);
    } else {
      append_json(each.value, out);
    }
  }
  out += "}";
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

void append_schema(std::string& out, const Resource& resource, OpenApiDialect dialect) {
  const schema::Node& node = *resource.custom->schema_node;
  out += quoted(name_of(resource, resource.kind)) + ":{";
  for (const schema::Member& each : node.members()) {
    if (each.key == "properties" || !is_said(dialect, each.key)) continue;
    out += quoted(each.key) + ":";
    append_json(each.value, out);
    out += ",";
  }
  if (node.find("type") == nullptr) out += "\"type\":\"object\",";
  out.append("\"properties\":{").append(kTypeProperties);
  out += R"("metadata":{"description":"Standard object's metadata. More info: )"
         R"(https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",)";
  out += beside(dialect, kObjectMeta) + "}";
  if (const schema::Node* properties = node.find("properties")) {
    for (const schema::Member& each : properties->members()) {
      if (is_type_or_metadata(each.key)) continue;
      out += "," + quoted(each.key) + ":";
      append_value_schema(out, dialect, each.value);
    }
  }
  out += "},\"x-kubernetes-group-version-kind\":[" + kind_json(resource, resource.kind) + "]}";
}

void append_list_schema(std::string& out, const Resource& resource, OpenApiDialect dialect) {
  out += quoted(name_of(resource, resource.list_kind)) + ":{\"description\":";
  out += quoted(std::string(resource.list_kind) + " is a list of " + std::string(resource.kind));
  out += ",\"type\":\"object\",\"required\":[\"items\"],\"properties\":{";
  out.append(kTypeProperties);
  out += R"("items":{"type":"array","description":"List of )" + std::string(resource.plural) + "\",\"items\":{";
  out += reference(dialect, name_of(resource, resource.kind)) + "}},\"metadata\":{" + beside(dialect, kListMeta);
  out += "}},\"x-kubernetes-group-version-kind\":[" + kind_json(resource, resource.list_kind) + "]}";
}

void append_parameters(std::string& out, OpenApiDialect dialect, std::string_view in,
                       std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (out.back() != '[') out += ",";
    out += "{\"name\":" + quoted(name) + ",\"in\":" + quoted(in);
    if (in == "path") out += ",\"required\":true";
    const bool flag = name == "watch" || name == "allowWatchBookmarks" || name == "sendInitialEvents";
    const bool number = name == "limit" || name == "timeoutSeconds" || name == "gracePeriodSeconds";
    const bool wrapped = dialect == OpenApiDialect::kV3;
    out.append(wrapped ? ",\"schema\":{" : ",").append("\"type\":\"");
    out.append(flag ? "boolean" : number ? "integer" : "string").append("\",\"uniqueItems\":true}");
    if (wrapped) out += "}";
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
  explicit PathWriter(OpenApiDialect dialect) : dialect_(dialect) {}

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
    if (at.find("{namespace}") != std::string::npos) append_parameters(out, dialect_, "path", {"namespace"});
    if (at.find("{name}") != std::string::npos) append_parameters(out, dialect_, "path", {"name"});
    out += "]}";
  }

  void append(const Resource& resource, const Operation& operation, const schema::Subresource* sub) {
    const bool is_scale = sub != nullptr && sub->name == "scale";
    const std::string_view kind = operation.action == "list" ? resource.list_kind : resource.kind;
    const std::string schema =
        reference(dialect_, is_scale ? "io.k8s.api.autoscaling.v1.Scale" : name_of(resource, kind));
    out += quoted(operation.method) + ":{\"operationId\":";
    out += quoted(std::string(operation.action) + std::to_string(++number_) + std::string(resource.kind));
    out += ",\"parameters\":[";
    append_query(operation.action);
    append_body(operation, schema);
    out += R"("responses":{"200":{"description":"OK",)";
    if (dialect_ == OpenApiDialect::kV2) {
      out += "\"schema\":{" + schema + "}";
    } else {
      out += content({"application/json", "application/yaml"}, schema);
    }
    out += "}},\"x-kubernetes-action\":" + quoted(operation.action) + ",\"x-kubernetes-group-version-kind\":";
    out += is_scale ? R"({"group":"autoscaling","kind":"Scale","version":"v1"})" : kind_json(resource, resource.kind);
    out += "}";
  }

  /// The end of the parameters, and the body: one of them in version 2, beside them in version 3.
  void append_body(const Operation& operation, const std::string& schema) {
    const bool patch = operation.method == "patch";
    const bool body = operation.method == "post" || operation.method == "put" || patch;
    const std::string taken = patch ? std::string(R"("type":"object")") : schema;
    if (dialect_ == OpenApiDialect::kV2) {
      if (body) out += R"(,{"in":"body","name":"body","required":true,"schema":{)" + taken + "}}";
      out += patch ? R"(],"consumes":["application/json-patch+json","application/merge-patch+json",)"
                     R"("application/apply-patch+yaml"],)"
                   : "],";
      return;
    }
    out += "],";
    if (patch) {
      out += "\"requestBody\":{" +
             content({"application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"},
                     taken) +
             "},";
    } else if (body) {
      out += "\"requestBody\":{" + content({"application/json", "application/yaml"}, taken) + "},";
    }
  }

  void append_query(std::string_view action) {
    const bool write = action == "post" || action == "put" || action == "patch";
    const bool remove = action == "delete" || action == "deletecollection";
    if (write || remove) append_parameters(out, dialect_, "query", {"dryRun"});
    if (write) append_parameters(out, dialect_, "query", {"fieldManager", "fieldValidation"});
    if (action == "patch") append_parameters(out, dialect_, "query", {"force"});
    if (remove) append_parameters(out, dialect_, "query", {"gracePeriodSeconds", "propagationPolicy"});
    if (action == "list" || action == "deletecollection") {
      append_parameters(out, dialect_, "query",
                        {"labelSelector", "fieldSelector", "continue", "resourceVersion", "resourceVersionMatch",
                         "limit", "timeoutSeconds"});
    }
    if (action == "list")
      append_parameters(out, dialect_, "query", {"watch", "allowWatchBookmarks", "sendInitialEvents"});
    append_parameters(out, dialect_, "query", {"pretty"});
  }

  OpenApiDialect dialect_;
  int number_ = 0;
};

std::string document_of(const GroupVersion& at, const schema::TypeTable* types) {
  PathWriter paths(OpenApiDialect::kV3);
  std::string schemas;
  for (const Resource* resource : at.resources) {
    paths.add(*resource);
    append_schema(schemas, *resource, OpenApiDialect::kV3);
    schemas += ",";
    append_list_schema(schemas, *resource, OpenApiDialect::kV3);
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

std::string index_with(std::string index, const Routes& routes) {
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

}  // namespace

std::shared_ptr<const std::string> OpenApiIndex::of(const std::string& built_in,
                                                    const std::shared_ptr<const Routes>& routes) {
  const std::scoped_lock lock(mutex_);
  if (index_ == nullptr || routes_ != routes) {
    index_ = std::make_shared<const std::string>(index_with(built_in, *routes));
    routes_ = routes;
  }
  return index_;
}

std::string openapi_document(std::string_view path, const Routes& routes, const schema::TypeTable& types) {
  for (const GroupVersion& at : routes.group_versions()) {
    if (is_custom(at) && openapi_path(at) == path) return document_of(at, &types);
  }
  return {};
}

OpenApiV2Parts openapi_v2_parts(const Routes& routes) {
  OpenApiV2Parts parts;
  PathWriter paths(OpenApiDialect::kV2);
  for (const GroupVersion& at : routes.group_versions()) {
    if (!is_custom(at)) continue;
    for (const Resource* resource : at.resources) {
      paths.add(*resource);
      parts.definitions += ",";
      append_schema(parts.definitions, *resource, OpenApiDialect::kV2);
      parts.definitions += ",";
      append_list_schema(parts.definitions, *resource, OpenApiDialect::kV2);
    }
  }
  if (!paths.out.empty()) parts.paths = "," + paths.out;
  return parts;
}

}  // namespace troupe::api::custom
