#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/routes.hpp"

/// The paths and operations of resources, as every form of OpenAPI document tells them.
namespace troupe::api {

struct QueryParameter {
  std::string_view name;
  std::string_view type;  ///< "string", "integer", "boolean"
};

/// One method of one path.
struct ApiOperation {
  std::string_view method;  ///< "get", "post", ...
  std::string_view action;  ///< x-kubernetes-action: "list", "post", "deletecollection", "connect", ...
  std::string id;           ///< operationId, unique in the server: "listCoreV1NamespacedPod".
  std::string description;
  const schema::Type* body = nullptr;     ///< What it takes; null: nothing, or (a patch) any object.
  const schema::Type* answer = nullptr;   ///< What it answers; null: text or a stream.
  const schema::Type* options = nullptr;  ///< Its fields are parameters of the query: PodExecOptions.
  std::string_view group;                 ///< x-kubernetes-group-version-kind
  std::string_view version;
  std::string_view kind;

  bool is_patch() const { return action == "patch"; }
  /// A list or a watch, which may be a stream.
  bool is_stream() const { return action == "list" || action == "watch" || action == "watchlist"; }
};

/// One path with its operations. Parameters of the path are those in braces.
struct ApiPath {
  std::string path;  ///< "/api/v1/namespaces/{namespace}/pods/{name}/status"
  std::vector<ApiOperation> operations;

  /// Names in braces, in their order.
  std::vector<std::string_view> parameters() const;
};

/// Every path of a resource and its subresources, with at least one operation each.
std::vector<ApiPath> api_paths(const Resource& resource, const schema::TypeTable& types);

/// Parameters of the query that an operation takes.
std::vector<QueryParameter> query_parameters(const ApiOperation& operation);

/// "core_v1", "apps_v1", "rbacAuthorization_v1": the tag of a group-version's operations.
std::string api_tag(std::string_view group, std::string_view version);

}  // namespace troupe::api
