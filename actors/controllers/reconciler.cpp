#include "actors/controllers/reconciler.hpp"

#include <algorithm>
#include <utility>

#include "kernel/clock.hpp"
#include "kernel/log.hpp"
#include "kernel/registry.hpp"

namespace troupe::controllers {
namespace {

using kernel::Local;
using kernel::make_local;
using namespace std::chrono_literals;

constexpr kernel::Duration kFirstPause = 5ms;
constexpr kernel::Duration kLongestPause = 30s;
constexpr kernel::Duration kIdle = 30s;
constexpr kernel::Duration kStartTime = 10s;

ObjectName named_by(const std::string& key, const std::string& resource) {
  const std::size_t first = key.find('/');
  const std::size_t second = key.find('/', first + 1);
  return {resource, key.substr(first + 1, second - first - 1), key.substr(second + 1)};
}

/// Wakes the actors of all objects: at its own start, and when the feed has read everything.
class Waker final : public kernel::Actor {
 public:
  Waker(Cache& cache, std::string kind, std::string resource)
      : cache_(cache), kind_(std::move(kind)), resource_(std::move(resource)) {}

 protected:
  Status init() override {
    wake();
    return {};
  }
  bool receive(kernel::Envelope& envelope) override {
    return kernel::match(envelope, [this](const Local<Poke>&) { wake(); });
  }

 private:
  void wake() {
    if (!cache_.synced()) return;
    for (const auto& object : cache_.list(resource_, "")) send(actor_key(kind_, object->name), make_local<Poke>());
  }

  Cache& cache_;
  const std::string kind_;
  const std::string resource_;
};

void hydrate(kernel::System& system, const std::string& supervisor, const std::string& key) {
  const kernel::ActorRef all = system.registry().find(supervisor);
  if (!all) return system.registry().hydrate_failed(key, Error(ErrorCode::kUnavailable, supervisor + " is not up"));
  kernel::SupervisorCall call = kernel::call::StartDynamicChild{key};
  system.request(all, make_local<kernel::SupervisorRequest>(std::move(call)), kStartTime,
                 [&system, key](Result<kernel::AnyMsg> answer) {
                   if (!answer) return system.registry().hydrate_failed(key, answer.error());
                   const auto reply = Local<kernel::SupervisorReply>::from(*answer);
                   if (reply && reply->reply.outcome == kernel::CallReply::Outcome::kOk) return;
                   system.registry().hydrate_failed(key, Error(ErrorCode::kUnavailable, key + " did not start"));
                 });
}

}  // namespace

struct Reconciler::Wrote {
  std::string what;
  Status status;
  Then then;
};

Reconciler::Reconciler(ControllerDeps deps, std::string key, ObjectName object)
    : deps_(deps), key_(std::move(key)), object_(std::move(object)) {}

std::chrono::system_clock::time_point Reconciler::wall_now() const { return system().clock().wall_now(); }

std::int64_t Reconciler::seconds_now() const {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
}

Status Reconciler::init() {
  look();
  return {};
}

bool Reconciler::receive(kernel::Envelope& envelope) {
  return kernel::match(
      envelope, [this](const Local<Poke>&) { look(); }, [this](const Local<Wrote>& m) { finished(*m); });
}

void Reconciler::terminate(const kernel::ExitReason& reason) {
  // Whoever comes after has to look: the messages that waited here are gone.
  if (!reason.is_orderly()) system().registry().send(key_, make_local<Poke>());
}

void Reconciler::look() {
  if (pause_ || !deps_.cache.synced() || !deps_.writes.settled(key_)) return;
  if (timer_) cancel(timer_);
  timer_ = {};
  const auto wake_at = reconcile();
  if (deps_.writes.settled(key_)) rest(wake_at);
}

void Reconciler::rest(std::optional<std::chrono::system_clock::time_point> wake_at) {
  if (!wake_at && !deps_.cache.find(object_)) {
    passivate();
    return;
  }
  const kernel::Duration delay = wake_at ? std::max<kernel::Duration>(*wake_at - wall_now(), 1ms) : kIdle;
  timer_ = after(delay, [this, wakes = wake_at.has_value()] {
    timer_ = {};
    if (wakes || !passivate()) look();
  });
}

void Reconciler::failed(const std::string&, const Error&) {}

Writes::Done Reconciler::finish(std::string what, Then then) {
  return [system = &system(), me = self(), what = std::move(what), then = std::move(then)](Status status) {
    system->send(me, make_local<Wrote>(what, std::move(status), then));
  };
}

void Reconciler::finished(const Wrote& wrote) {
  if (wrote.status) {
    failures_ = 0;
    if (wrote.then) wrote.then();
    return;
  }
  failed(wrote.what, wrote.status.error());
  if (pause_) return;
  const kernel::Duration delay = std::min(kFirstPause * (1 << std::min(failures_, 13)), kLongestPause);
  ++failures_;
  pause_ = after(delay, [this] {
    pause_ = {};
    look();
  });
}

void Reconciler::create(const ObjectName& name, Segment object, std::string what, Then then) {
  deps_.writes.create(key_, name, std::move(object), finish(std::move(what), std::move(then)));
}

void Reconciler::update(const ObjectName& name, const std::string& uid, Writes::Change change, std::string what,
                        Then then) {
  deps_.writes.update(key_, name, uid, std::move(change), finish(std::move(what), std::move(then)));
}

void Reconciler::remove(const ObjectName& name, const std::string& uid, std::string what, Then then) {
  deps_.writes.remove(key_, name, uid, finish(std::move(what), std::move(then)));
}

std::string actor_key(const std::string& kind, const ObjectName& object) {
  return kind + "/" + object.ns + "/" + object.name;
}

kernel::ChildSpec controller(kernel::System& system, ControllerDeps deps, const ControlledKind& kind) {
  const std::string supervisor = kind.name + "-actors";
  const std::string waker = kind.name + "-waker";
  system.registry().set_hydrator(kind.name,
                                 [&system, supervisor](const std::string& key) { hydrate(system, supervisor, key); });
  deps.cache.listen(
      [&system, &cache = deps.cache, kind, waker, supervisor](const ObjectPtr& before, const ObjectPtr& now) {
        if (!system.registry().find(supervisor)) return;  // the waker looks at everything when they are up
        if (!before && !now) return system.registry().send(waker, make_local<Poke>());
        for (const auto& object : kind.concerns(cache, before, now)) {
          system.registry().send(actor_key(kind.name, object), make_local<Poke>());
        }
      });

  kernel::SupervisorSpec actors;
  actors.name = supervisor;
  actors.flags.strategy = kernel::Strategy::kSimpleOneForOne;
  // Temporary: one that died is started by the Poke it leaves, never a second time beside that.
  actors.children.push_back(
      kernel::dynamic_worker<std::string>(kind.name,
                                          [deps, kind](const std::string& key) -> std::unique_ptr<kernel::Actor> {
                                            return kind.make(deps, key, named_by(key, kind.resource));
                                          })
          .temporary()
          .spawn_with([type = kind.name](const std::any& args) {
            kernel::SpawnOptions options;
            options.name = options.key = std::any_cast<const std::string&>(args);
            options.type = "reconciler";
            return options;
          }));
  kernel::SpawnOptions actors_options;
  actors_options.name = actors_options.key = supervisor;
  kernel::SpawnOptions waker_options;
  waker_options.name = waker_options.key = waker;
  waker_options.type = "waker";
  kernel::SupervisorSpec both;
  both.name = kind.name;
  both.flags = {kernel::Strategy::kRestForOne, 10, 10s};
  both.children = {kernel::supervisor(supervisor, std::move(actors)).spawn_with(actors_options),
                   kernel::worker(waker, kernel::ActorFactory([deps, kind]() -> std::unique_ptr<kernel::Actor> {
                                    return std::make_unique<Waker>(deps.cache, kind.name, kind.resource);
                                  }))
                       .spawn_with(waker_options)};
  return kernel::supervisor(kind.name + "s", std::move(both));
}

}  // namespace troupe::controllers
