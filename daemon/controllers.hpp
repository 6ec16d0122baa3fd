#pragma once

#include <vector>

#include "actors/controllers/endpoints.hpp"
#include "daemon/api_client.hpp"
#include "daemon/controller_writes.hpp"
#include "daemon/events.hpp"
#include "daemon/object_cache.hpp"
#include "daemon/objects.hpp"
#include "kernel/system.hpp"
#include "net/http.hpp"

namespace troupe::daemon {

/// The controllers of workloads with their ports: ReplicaSets, Deployments, endpoints of Services.
class Controllers {
 public:
  /// All must outlive the System. `post` as in Objects; `ports` as PodNetwork says. Before the System's root
  /// starts.
  Controllers(kernel::System& system, Objects& objects, EventRecorder& events, net::HttpHandler& api,
              controllers::PodPorts ports, Objects::Post post);

  /// One supervisor with all of them.
  kernel::ChildSpec child();
  void close() { writes_.close(); }

 private:
  kernel::System& system_;
  controllers::PodPorts ports_;
  ObjectCache cache_;
  ApiClient api_;
  ControllerWrites writes_;
};

}  // namespace troupe::daemon
