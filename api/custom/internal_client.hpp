#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/http.hpp"

namespace troupe::api::custom {

/// Asks this server itself, as kube-apiserver's own controllers do, without a socket.
class InternalClient {
 public:
  /// `status` is HTTP's; 500 when nobody answered. On any thread, perhaps before the call returns.
  using Done = std::function<void(int status, std::string body)>;

  explicit InternalClient(net::HttpHandler& api);

  void ask(std::string method, std::string target, std::string content_type, std::string body, Done done);

 private:
  net::HttpHandler& api_;
  std::shared_ptr<const net::ClientCertificate> identity_;
};

}  // namespace troupe::api::custom
