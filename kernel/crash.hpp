#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/actor_ref.hpp"
#include "kernel/types.hpp"

namespace troupe::kernel {

class System;

/// What a crash that was asked for is answered with.
struct Crashed {};

/// The living actor that the supervision tree shows under `name`. kNotFound: there is none. kConflict: several have it.
/// Looks at every actor. Any thread.
Result<ActorRef> find_actor(System& system, std::string_view name);

/// Ends `actor` as if its handler had thrown `why`: its supervisor acts by its strategy, and shows the reason. Nothing
/// refuses it; it overtakes what waits in the mailbox, and comes after the handler that runs now. `ended` is called
/// once, on any thread, when the actor has ended and its supervisor has been told. kNotFound: it had ended before.
/// kTimeout: its handler has not returned yet, and it will crash when that does. Any thread.
void crash(System& system, const ActorRef& actor, std::string why, Duration patience,
           std::function<void(Status)> ended);

}  // namespace troupe::kernel
