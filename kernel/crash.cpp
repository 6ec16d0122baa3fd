#include "kernel/crash.hpp"

#include <memory>
#include <utility>

#include "kernel/detail/host.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {

// One that a dead supervisor left behind is on its way out: its successor may have the name by now.
Result<ActorRef> find_actor(System& system, std::string_view name) {
  ActorRef found;
  for (const ActorRef& actor : system.core().living.all()) {
    if (actor.name() != name || !actor.alive() || actor.host()->orphaned()) continue;
    if (found) return fail(ErrorCode::kConflict, "several actors are named \"" + std::string(name) + "\"");
    found = actor;
  }
  if (!found) return fail(ErrorCode::kNotFound, "no actor is named \"" + std::string(name) + "\"");
  return found;
}

void crash(System& system, const ActorRef& actor, std::string why, Duration patience,
           std::function<void(Status)> ended) {
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kCrash);
  parcel->control =
      std::make_unique<impl::Control>(impl::Control{0, ExitReason::error(std::move(why)), StartOutcome::kStarted});
  parcel->envelope.promise =
      system.promise(patience, [ended = std::move(ended), name = actor.name()](const Result<AnyMsg>& answer) {
        if (answer) return ended({});
        if (answer.error().code == ErrorCode::kTimeout) {
          return ended(fail(ErrorCode::kTimeout, name + " is at work, and crashes when its handler returns"));
        }
        ended(fail(ErrorCode::kNotFound, name + " had ended by itself"));
      });
  actor.host()->deliver(std::move(parcel));
}

}  // namespace troupe::kernel
