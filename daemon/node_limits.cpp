#include "daemon/node_limits.hpp"

#include "runtime/cgroup.hpp"

namespace troupe::daemon {

pod::LimitObstacles limit_obstacles() {
  const runtime::Cgroups groups = runtime::Cgroups::find();
  return {groups.obstacle("memory"), groups.obstacle("cpu"), groups.obstacle("pids")};
}

}  // namespace troupe::daemon
