#pragma once

#include <functional>
#include <string>

namespace troupe::controllers {

/// One object as a path names it, or all of a resource when the name is empty.
struct ApiTarget {
  std::string group;  ///< "" for core.
  std::string version;
  std::string resource;  ///< "deployments"
  std::string ns;        ///< "" for cluster-scoped resources.
  std::string name;
  std::string subresource;  ///< "", "status", "finalize".
};

/// What a controller asks of the API.
struct ApiRequest {
  std::string method = "GET";  ///< GET, POST, PUT, PATCH, DELETE.
  ApiTarget target;
  std::string query;                              ///< "fieldSelector=metadata.name%3Da", without "?".
  std::string body;                               ///< JSON.
  std::string content_type = "application/json";  ///< "application/merge-patch+json" and the like for PATCH.
};

struct ApiAnswer {
  int code = 0;         ///< As HTTP.
  std::string reason;   ///< Of an error: "NotFound", "Conflict", "AlreadyExists", ...
  std::string message;  ///< Of an error.
  std::string body;     ///< JSON: the object, the list or the Status.

  bool ok() const { return code >= 200 && code < 300; }
};

/// What controllers write through, and read single objects with: the API as a client meets it, so that defaults,
/// admission, validation and graceful deletion are the same for all who write. News come by a feed, not from here.
class ApiPort {
 public:
  virtual ~ApiPort() = default;
  /// `done` is called once, on any thread, perhaps before this returns: usually it sends a message to the actor.
  /// 429, 500 and 503 are worth a later try.
  virtual void ask(ApiRequest request, std::function<void(ApiAnswer)> done) = 0;
};

}  // namespace troupe::controllers
