#pragma once

#include <string>

#include "actors/controllers/api_port.hpp"
#include "api/routes.hpp"
#include "daemon/object_feed.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"
#include "storage/store.hpp"

namespace troupe::daemon {

/// The controllers that care for objects of every kind alike, with their feed: garbage collector, namespaces, service
/// accounts and root certificates.
class Housekeeping {
 public:
  /// All must outlive the System. `root_ca` is the PEM that pods check the API's certificate with.
  Housekeeping(kernel::System& system, storage::Store& store, const api::Routes& routes, controllers::ApiPort& api,
               std::string root_ca);

  /// Follows the custom kinds of these routes. They must end before this does.
  void follow(api::LiveRoutes& routes);
  /// One supervisor with all of them.
  kernel::ChildSpec child();

 private:
  StoreObjectFeed feed_;
  controllers::ApiPort& api_;
  std::string root_ca_;
};

}  // namespace troupe::daemon
