#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "api/routes.hpp"

namespace troupe::api {

/// OpenAPI 3 of the routes: an index and a document for each group and version, made when first asked for.
class OpenApi {
 public:
  OpenApi(const Routes& routes, const schema::TypeTable& types) : routes_(routes), types_(types) {}

  /// /openapi/v3: paths with the hash of their documents.
  std::string index();
  /// "api/v1" or "apis/apps/v1" → its document; null when there is none. Lives as long as this.
  const std::string* document(std::string_view path);

 private:
  const std::string& make(const GroupVersion& at);

  const Routes& routes_;
  const schema::TypeTable& types_;
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> documents_;
};

/// "core/v1.Pod" → "io.k8s.api.core.v1.Pod", the name that upstream's documents have.
std::string definition_name(const schema::Type& type);

/// The path of a group-version under /openapi/v3: "api/v1", "apis/apps/v1".
std::string openapi_path(const GroupVersion& at);

}  // namespace troupe::api
