#include "daemon/crash_page.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include "daemon/object_internal.hpp"
#include "kernel/crash.hpp"
#include "kernel/log.hpp"
#include "kernel/system.hpp"

namespace troupe::daemon {
namespace {

constexpr std::string_view kPodActor = "pod ";
constexpr auto kPatience = std::chrono::seconds(30);

/// "pod default/web" to the name of that pod's actor, "pod UID"; any other name, and a pod that is not there, as it is.
std::string actor_name(const Objects& objects, const std::string& name) {
  if (!name.starts_with(kPodActor)) return name;
  const std::string_view pod = std::string_view(name).substr(kPodActor.size());
  const std::size_t slash = pod.find('/');
  if (slash == std::string_view::npos) return name;
  std::string found = name;
  (void)each_object<core::Pod>(objects, objects.resource("", "v1", "pods"), [&](core::Pod::Reader each) {
    const auto meta = each.getMetadata();
    if (text(meta.getNamespace()) != pod.substr(0, slash) || text(meta.getName()) != pod.substr(slash + 1)) return;
    found = std::string(kPodActor) + text(meta.getUid());
  });
  return found;
}

Error what_to_do(const Error& error) {
  Error out = error;
  if (error.code == ErrorCode::kNotFound) {
    out.message +=
        ": `troupe tree` shows those that live; what it shows below a pod are containers, which are processes";
  }
  if (error.code == ErrorCode::kConflict) out.message += ": crash the supervisor above the one that is meant";
  return out;
}

}  // namespace

void crash_actor(kernel::System& system, const Objects& objects, const std::string& name,
                 std::function<void(Result<std::string>)> done) {
  if (name.empty()) return done(fail(ErrorCode::kInvalidArgument, "name the actor, as `troupe tree` shows it"));
  const auto actor = kernel::find_actor(system, actor_name(objects, name));
  if (!actor) return done(fail(what_to_do(actor.error())));
  system.logger().warn("kernel", "an actor is made to crash", {{"actor", actor->name()}});
  kernel::crash(system, *actor, "crashed by request", kPatience,
                [name = actor->name(), done = std::move(done)](Status ended) {
                  if (!ended) return done(fail(what_to_do(ended.error())));
                  done(name + " crashed\n");
                });
}

}  // namespace troupe::daemon
