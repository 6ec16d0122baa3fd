#pragma once

#include "actors/pod/confinement.hpp"

namespace troupe::daemon {

/// Which resource limits this machine cannot keep, and why: asked where the keeper will ask, its control groups.
pod::LimitObstacles limit_obstacles();

}  // namespace troupe::daemon
