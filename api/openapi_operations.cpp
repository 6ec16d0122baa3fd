#include "api/openapi_operations.hpp"

#include <algorithm>
#include <span>

namespace troupe::api {

namespace {

struct Known {
  std::string_view verb;
  std::string_view method;
  std::string_view action;
  std::string_view word;  ///< In the operation's id, where "|" stands for the version.
  std::string_view told;
};

constexpr Known kCollection[] = {
    {"list", "get", "list", "list", "list or watch objects of kind "},
    {"create", "post", "post", "create", "create a "},
    {"deletecollection", "delete", "deletecollection", "delete|Collection", "delete collection of "}};
constexpr Known kObject[] = {{"get", "get", "get", "read", "read the specified "},
                             {"update", "put", "put", "replace", "replace the specified "},
                             {"patch", "patch", "patch", "patch", "partially update the specified "},
                             {"delete", "delete", "delete", "delete", "delete a "}};
constexpr Known kPart[] = {{"get", "get", "get", "read", "read "},
                           {"create", "post", "post", "create", "create "},
                           {"update", "put", "put", "replace", "replace "},
                           {"patch", "patch", "patch", "patch", "partially update "},
                           {"delete", "delete", "delete", "delete", "delete "}};
constexpr Known kConnect[] = {{"get", "get", "connect", "connect|Get", "connect GET requests to "},
                              {"create", "post", "connect", "connect|Post", "connect POST requests to "},
                              {"update", "put", "connect", "connect|Put", "connect PUT requests to "},
                              {"patch", "patch", "connect", "connect|Patch", "connect PATCH requests to "},
                              {"delete", "delete", "connect", "connect|Delete", "connect DELETE requests to "}};

constexpr QueryParameter kGet[] = {{"pretty", "string"}};
constexpr QueryParameter kWrite[] = {
    {"dryRun", "string"}, {"fieldManager", "string"}, {"fieldValidation", "string"}, {"pretty", "string"}};
constexpr QueryParameter kPatch[] = {{"dryRun", "string"},
                                     {"fieldManager", "string"},
                                     {"fieldValidation", "string"},
                                     {"force", "boolean"},
                                     {"pretty", "string"}};
constexpr QueryParameter kDelete[] = {{"dryRun", "string"},
                                      {"gracePeriodSeconds", "integer"},
                                      {"ignoreStoreReadErrorWithClusterBreakingPotential", "boolean"},
                                      {"orphanDependents", "boolean"},
                                      {"propagationPolicy", "string"},
                                      {"pretty", "string"}};
constexpr QueryParameter kList[] = {{"allowWatchBookmarks", "boolean"},
                                    {"continue", "string"},
                                    {"fieldSelector", "string"},
                                    {"labelSelector", "string"},
                                    {"limit", "integer"},
                                    {"pretty", "string"},
                                    {"resourceVersion", "string"},
                                    {"resourceVersionMatch", "string"},
                                    {"sendInitialEvents", "boolean"},
                                    {"timeoutSeconds", "integer"},
                                    {"watch", "boolean"}};
constexpr QueryParameter kDeleteCollection[] = {{"continue", "string"},
                                                {"dryRun", "string"},
                                                {"fieldSelector", "string"},
                                                {"gracePeriodSeconds", "integer"},
                                                {"ignoreStoreReadErrorWithClusterBreakingPotential", "boolean"},
                                                {"labelSelector", "string"},
                                                {"limit", "integer"},
                                                {"orphanDependents", "boolean"},
                                                {"pretty", "string"},
                                                {"propagationPolicy", "string"},
                                                {"resourceVersion", "string"},
                                                {"resourceVersionMatch", "string"},
                                                {"sendInitialEvents", "boolean"},
                                                {"timeoutSeconds", "integer"}};

std::string capital(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - ('a' - 'A'));
  return out;
}

/// "rbac.authorization.k8s.io" → "rbacAuthorization"; "" → "core".
std::string group_word(std::string_view group) {
  if (group.empty()) return "core";
  constexpr std::string_view kSuffix = ".k8s.io";
  if (group.ends_with(kSuffix)) group.remove_suffix(kSuffix.size());
  std::string out;
  while (!group.empty()) {
    const std::size_t end = std::min(group.find('.'), group.size());
    out += out.empty() ? std::string(group.substr(0, end)) : capital(group.substr(0, end));
    group.remove_prefix(std::min(end + 1, group.size()));
  }
  return out;
}

std::string subresource_word(std::string_view name) {
  return name == "ephemeralcontainers" ? "Ephemeralcontainers" : capital(name);
}

bool has(std::span<const std::string_view> verbs, std::string_view verb) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

bool connects(std::string_view subresource) {
  return subresource == "exec" || subresource == "attach" || subresource == "portforward" || subresource == "proxy";
}

class Lister {
 public:
  Lister(const Resource& resource, const schema::TypeTable& types)
      : resource_(resource),
        version_word_(capital(group_word(resource.group)) + capital(resource.version)),
        status_(types.find("", "v1", "Status")),
        options_(types.find("", "v1", "DeleteOptions")),
        event_(types.find("", "v1", "WatchEvent")),
        types_(types) {}

  std::vector<ApiPath> list() {
    const std::string base = resource_.group.empty() ? "/api/v1/" : "/apis/" + resource_.api_version() + "/";
    const std::string collection =
        (resource_.namespaced ? "namespaces/{namespace}/" : "") + std::string(resource_.plural);
    const std::string_view scope = resource_.namespaced ? "Namespaced" : "";
    add(base + collection, kCollection, scope, nullptr);
    add(base + collection + "/{name}", kObject, scope, nullptr);
    for (const schema::Subresource& sub : resource_.subresources) {
      const std::string at = base + collection + "/{name}/" + std::string(sub.name);
      if (!connects(sub.name)) {
        add(at, kPart, scope, &sub);
        continue;
      }
      add(at, kConnect, scope, &sub);
      if (sub.name == "proxy") add(at + "/{path}", kConnect, scope, &sub, "WithPath");
    }
    if (resource_.namespaced && resource_.has_verb("list")) {
      static constexpr Known kAll[] = {{"list", "get", "list", "list", "list or watch objects of kind "}};
      add(base + std::string(resource_.plural), kAll, "", nullptr, "ForAllNamespaces");
    }
    if (resource_.has_verb("watch")) add_watches(base + "watch/", collection, scope);
    return std::move(paths_);
  }

 private:
  /// The old paths of watches, which are still served.
  void add_watches(const std::string& base, const std::string& collection, std::string_view scope) {
    static constexpr Known kOne[] = {
        {"watch", "get", "watch", "watch", "watch changes to an object of kind (deprecated: use watch) "}};
    static constexpr Known kMany[] = {
        {"watch", "get", "watchlist", "watch", "watch individual changes to a list of (deprecated: use watch) "}};
    add(base + collection, kMany, scope, nullptr, "List");
    add(base + collection + "/{name}", kOne, scope, nullptr);
    if (resource_.namespaced) add(base + std::string(resource_.plural), kMany, "", nullptr, "ListForAllNamespaces");
  }

  template <std::size_t N>
  void add(std::string path, const Known (&known)[N], std::string_view scope, const schema::Subresource* sub,
           std::string_view behind = "") {
    ApiPath out;
    out.path = std::move(path);
    for (const Known& one : known) {
      if (!has(sub != nullptr ? sub->verbs : resource_.verbs, one.verb)) continue;
      ApiOperation operation;
      operation.method = one.method;
      operation.action = one.action;
      const std::size_t bar = std::min(one.word.find('|'), one.word.size());
      operation.id.append(one.word.substr(0, bar)).append(version_word_);
      operation.id.append(one.word.substr(std::min(bar + 1, one.word.size()))).append(scope).append(resource_.kind);
      operation.description.append(one.told);
      if (sub != nullptr) {
        operation.id.append(subresource_word(sub->name));
        operation.description.append(sub->name).append(" of the specified ");
      }
      operation.id.append(behind);
      operation.description.append(resource_.kind);
      operation.group = sub != nullptr ? sub->group : resource_.group;
      operation.version = sub != nullptr ? sub->version : resource_.version;
      operation.kind = sub != nullptr ? sub->kind : resource_.kind;
      set_types(operation, sub);
      out.operations.push_back(std::move(operation));
    }
    if (!out.operations.empty()) paths_.push_back(std::move(out));
  }

  void set_types(ApiOperation& operation, const schema::Subresource* sub) const {
    const schema::Type* type = sub != nullptr ? types_.find(sub->group, sub->version, sub->kind) : resource_.type;
    // A custom resource's types are in no common table.
    if (type == nullptr && sub != nullptr && sub->kind == resource_.kind) type = resource_.type;
    const std::string_view action = operation.action;
    if (action == "connect") operation.options = type;
    if (sub != nullptr && sub->name == "log") operation.options = types_.find("", "v1", "PodLogOptions");
    if (operation.options != nullptr || action == "connect") return;  // text and streams
    operation.answer = type;
    if (action == "list") operation.answer = resource_.list_type;
    if (action == "watch" || action == "watchlist") operation.answer = event_;
    if (action == "post" || action == "put") operation.body = type;
    if (action == "delete" || action == "deletecollection") {
      operation.body = options_;
      operation.answer = status_;
    }
  }

  const Resource& resource_;
  const std::string version_word_;
  const schema::Type* status_;
  const schema::Type* options_;
  const schema::Type* event_;
  const schema::TypeTable& types_;
  std::vector<ApiPath> paths_;
};

}  // namespace

std::vector<std::string_view> ApiPath::parameters() const {
  std::vector<std::string_view> names;
  std::string_view rest = path;
  while (true) {
    const std::size_t open = rest.find('{');
    if (open == std::string_view::npos) return names;
    const std::size_t close = rest.find('}', open);
    names.push_back(rest.substr(open + 1, close - open - 1));
    rest.remove_prefix(close + 1);
  }
}

std::vector<ApiPath> api_paths(const Resource& resource, const schema::TypeTable& types) {
  return Lister(resource, types).list();
}

std::vector<QueryParameter> query_parameters(const ApiOperation& operation) {
  const std::string_view action = operation.action;
  std::span<const QueryParameter> known;
  if (action == "post" || action == "put") known = kWrite;
  if (action == "patch") known = kPatch;
  if (action == "delete") known = kDelete;
  if (action == "deletecollection") known = kDeleteCollection;
  if (operation.is_stream()) known = kList;
  if (action == "get") known = kGet;
  std::vector<QueryParameter> all(known.begin(), known.end());
  if (operation.options == nullptr) return all;
  for (const schema::JsonField& at : operation.options->json_fields) {
    const schema::FieldKind kind = at.field->kind;
    const bool number = kind == schema::FieldKind::kInt32 || kind == schema::FieldKind::kInt64;
    if (at.name == "pretty") continue;
    all.push_back({at.name, number ? "integer" : kind == schema::FieldKind::kBool ? "boolean" : "string"});
  }
  return all;
}

std::string api_tag(std::string_view group, std::string_view version) {
  return group_word(group) + "_" + std::string(version);
}

}  // namespace troupe::api
