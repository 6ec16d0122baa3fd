#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/routes.hpp"

namespace troupe::api {

enum class OpenApiForm : std::uint8_t { kJson, kProtobuf };

/// OpenAPI of the routes: version 3 as an index and a document for each group and version, version 2 as one document.
/// All are made when first asked for; the one of version 2, which has the custom kinds too, again when those changed.
class OpenApi {
 public:
  OpenApi(const Routes& routes, const schema::TypeTable& types) : routes_(routes), types_(types) {}

  /// /openapi/v3: paths with the hash of their documents.
  std::string index();
  /// "api/v1" or "apis/apps/v1" → its document; null when there is none. Lives as long as this.
  const std::string* document(std::string_view path);

  struct V2 {
    std::string body;
    std::string etag;
  };
  /// /openapi/v2, with the custom kinds of `all`; null only when the document could not be encoded.
  std::shared_ptr<const V2> v2(OpenApiForm form, const std::shared_ptr<const Routes>& all);

 private:
  const std::string& make(const GroupVersion& at);

  const Routes& routes_;
  const schema::TypeTable& types_;
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> documents_;
  std::shared_ptr<const Routes> v2_routes_;  ///< What the documents of version 2 were made of.
  std::shared_ptr<const V2> v2_json_;
  std::shared_ptr<const V2> v2_protobuf_;
};

/// "core/v1.Pod" → "io.k8s.api.core.v1.Pod", the name that upstream's documents have.
std::string definition_name(const schema::Type& type);

/// The path of a group-version under /openapi/v3: "api/v1", "apis/apps/v1".
std::string openapi_path(const GroupVersion& at);

}  // namespace troupe::api
