#include "daemon/controllers.hpp"

#include <utility>

#include "actors/controllers/deployment_actor.hpp"
#include "actors/controllers/disruption.hpp"
#include "actors/controllers/replicaset_actor.hpp"
#include "actors/controllers/taint_eviction.hpp"
#include "actors/node/node_actor.hpp"
#include "kernel/registry.hpp"

namespace troupe::daemon {

using namespace std::chrono_literals;

Controllers::Controllers(kernel::System& system, Objects& objects, EventRecorder& events, net::HttpHandler& api,
                         controllers::PodPorts ports, Objects::Post post)
    : system_(system),
      ports_(std::move(ports)),
      cache_("feed-controllers", objects.store(),
             {objects.resource("apps", "v1", "deployments"), objects.resource("apps", "v1", "replicasets"),
              objects.resource("", "v1", "pods"), objects.resource("", "v1", "services"),
              objects.resource("", "v1", "endpoints"), objects.resource("discovery.k8s.io", "v1", "endpointslices"),
              objects.resource("policy", "v1", "poddisruptionbudgets"), objects.resource("", "v1", "nodes")}),
      api_(api, "system:kube-controller-manager"),
      writes_(system, objects, events, cache_, api_, std::move(post)) {
  cache_.listen([&system](const controllers::ObjectPtr& before, const controllers::ObjectPtr& now) {
    if (before && !now && before->name.resource == "nodes") node::tell_node_lost(system, before->name.name);
  });
}

kernel::ChildSpec Controllers::child() {
  const controllers::ControllerDeps deps{cache_, writes_};
  kernel::SupervisorSpec all;
  all.name = "workloads";
  all.flags = {kernel::Strategy::kOneForOne, 20, 10s};
  all.children = cache_.children();
  all.children.push_back(controllers::controller(system_, deps, controllers::replicasets()));
  all.children.push_back(controllers::controller(system_, deps, controllers::deployments()));
  all.children.push_back(controllers::controller(system_, deps, controllers::services(ports_)));
  all.children.push_back(controllers::controller(system_, deps, controllers::disruption_budgets()));
  all.children.push_back(controllers::controller(system_, deps, controllers::tainted_nodes()));
  return kernel::supervisor("workloads", std::move(all));
}

}  // namespace troupe::daemon
