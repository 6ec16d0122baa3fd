#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/routes.hpp"
#include "schema/type_table.hpp"

/// OpenAPI of custom kinds: what their definitions say, with the paths that serve them.
namespace troupe::api::custom {

/// The index of all documents, made once for the routes of the moment: to tell the hash of a document costs as much as
/// to make it. Any thread.
class OpenApiIndex {
 public:
  /// `built_in` (the index of the built-in kinds) with the group-versions of `routes` that have custom kinds.
  std::shared_ptr<const std::string> of(const std::string& built_in, const std::shared_ptr<const Routes>& routes);

 private:
  std::mutex mutex_;
  std::shared_ptr<const Routes> routes_;
  std::shared_ptr<const std::string> index_;
};
/// "apis/example.com/v1" → its document; empty when it has no custom kinds.
std::string openapi_document(std::string_view path, const Routes& routes, const schema::TypeTable& types);

/// What custom kinds add to the one document of version 2: members of its objects, each with a comma in front.
struct OpenApiV2Parts {
  std::string paths;
  std::string definitions;
};
OpenApiV2Parts openapi_v2_parts(const Routes& routes);

}  // namespace troupe::api::custom
