#pragma once

#include "actors/controllers/reconciler.hpp"

namespace troupe::controllers {

/// An actor a Deployment: carries out what `plan_deployment` says.
ControlledKind deployments();

}  // namespace troupe::controllers
