#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/controllers/api_port.hpp"
#include "net/http.hpp"

namespace troupe::daemon {

/// The controllers' port to the API of this process: requests without a socket, by a user of system:masters.
class ApiClient final : public controllers::ApiPort {
 public:
  /// `api` must outlive it. `user` as audit and managedFields show it: "system:kube-controller-manager".
  ApiClient(net::HttpHandler& api, std::string user);

  void ask(controllers::ApiRequest request, std::function<void(controllers::ApiAnswer)> done) override;

 private:
  net::HttpHandler& api_;
  std::string user_;
  std::shared_ptr<const net::ClientCertificate> identity_;
};

/// "/apis/apps/v1/namespaces/default/deployments/web/status"
std::string path_of(const controllers::ApiTarget& target);

}  // namespace troupe::daemon
