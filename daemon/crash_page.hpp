#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "daemon/objects.hpp"

namespace troupe::kernel {
class System;
}

namespace troupe::daemon {

/// What `troupe crash` orders at "/troupe/crash": the actor that `troupe tree` shows under `name` ends as if its
/// handler had thrown "crashed by request". A pod's actor has its pod's name too: "pod NAMESPACE/NAME". `done` is
/// called once, on any thread, with a line for people when the actor has ended. kInvalidArgument: no name. kNotFound,
/// kConflict, kTimeout as `kernel::find_actor` and `kernel::crash`; the message says what to do.
void crash_actor(kernel::System& system, const Objects& objects, const std::string& name,
                 std::function<void(Result<std::string>)> done);

}  // namespace troupe::daemon
