#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "api/error.hpp"
#include "api/request_info.hpp"
#include "base/result.hpp"
#include "net/http.hpp"

namespace troupe::api {

/// Tells who makes a request: a bearer token of the token file, or a client certificate (CN is the user, O its groups).
class Authenticator {
 public:
  Authenticator() = default;

  /// Reads kube-apiserver's token file: lines of `token,user,uid,"group1,group2"`. The error names the line.
  static Result<Authenticator> with_tokens(std::string_view csv);

  /// Unauthorized when credentials are shown and none is good, or when there are none (the caller decides which paths
  /// nobody may see).
  ApiResult<std::shared_ptr<const User>> authenticate(const net::HttpRequest& request) const;

 private:
  std::map<std::string, std::shared_ptr<const User>, std::less<>> by_digest_;  ///< SHA-256 of the token.
};

/// Until roles exist: `system:masters` may do all, everybody may see `/livez`, `/readyz`, `/healthz` and `/version`.
/// `user` is null for nobody in particular.
ApiStatus authorize(const RequestInfo& info, const User* user);

/// True for the paths that need no credentials.
bool is_public_path(std::string_view path);

}  // namespace troupe::api
