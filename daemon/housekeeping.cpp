#include "daemon/housekeeping.hpp"

#include <utility>

#include "actors/controllers/garbage_collector.hpp"
#include "actors/controllers/namespace_controller.hpp"
#include "actors/controllers/service_account_controller.hpp"

namespace troupe::daemon {

Housekeeping::Housekeeping(kernel::System& system, storage::Store& store, const api::Routes& routes,
                           controllers::ApiPort& api, std::string root_ca)
    : feed_("feed-objects", system, store, routes), api_(api), root_ca_(std::move(root_ca)) {}

void Housekeeping::follow(api::LiveRoutes& routes) {
  routes.follow([this](const api::Routes& now) { feed_.follow_routes(now); });
}

kernel::ChildSpec Housekeeping::child() {
  kernel::SupervisorSpec spec;
  spec.name = "housekeeping";
  spec.flags = {kernel::Strategy::kOneForOne, 10, std::chrono::seconds(10)};
  spec.children = {feed_.child(), controllers::garbage_collector_child(feed_, api_),
                   controllers::namespace_controller_child(feed_, api_),
                   controllers::service_account_controller_child(feed_, api_, root_ca_)};
  return kernel::supervisor("housekeeping", std::move(spec));
}

}  // namespace troupe::daemon
