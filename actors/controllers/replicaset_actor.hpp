#pragma once

#include "actors/controllers/reconciler.hpp"

namespace troupe::controllers {

/// An actor a ReplicaSet: makes and removes pods, adopts and releases them, keeps its status.
ControlledKind replicasets();

}  // namespace troupe::controllers
