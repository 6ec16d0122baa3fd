#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "actors/pod/answers_internal.hpp"
#include "actors/pod/lifecycle.hpp"
#include "actors/pod/pod_actor.hpp"
#include "actors/pod/protocol.hpp"
#include "actors/pod/volume_limits.hpp"
#include "actors/pod/volume_work.hpp"
#include "kernel/clock.hpp"
#include "kernel/registry.hpp"
#include "kernel/system.hpp"

namespace troupe::pod {

using kernel::Envelope;
using kernel::Local;
using kernel::make_local;

/// Holds what is wanted and what is, has `decide` say what to do, and does it. pod_actor.cpp: news, steps and reports;
/// pod_actor_runs.cpp: the runtime; pod_actor_checks.cpp: probes and hooks.
class PodActor final : public kernel::Actor {
 public:
  PodActor(const PodDeps& deps, std::string uid) : deps_(deps), uid_(std::move(uid)) {}

 protected:
  Status init() override;
  bool receive(Envelope& envelope) override;

 private:
  Time wall() const { return system().clock().wall_now(); }
  template <class M>
  void tell_node(M message) {
    system().registry().send(kNodeKey, make_local<M>(std::move(message)), trace(), self());
  }

  /// A callback for the runtime: it runs on the runtime's thread and only posts.
  template <class Make>
  auto post(Make make) {
    return [system = &system(), me = self(), make = std::move(make)](auto answer) {
      system->send(me, make(std::move(answer)));
    };
  }

  void hello();
  void assigned(Result<Local<PodAssignment>> answer);
  void list();
  void listed(const Result<runtime::Inventory>& inventory);
  void desire(std::shared_ptr<const PodObject> object);
  /// Files of volumes follow their sources.
  void refresh();
  void refresh_with(const VolumesRead& m);
  void volumes_done(const VolumesDone& m);
  PodFacts known_facts() const;
  /// Says which annotations cannot be read: once, and when they change.
  void tell_faults();
  void adopt_now(const RuntimeSlice& slice);
  void measure();
  /// The container whose run `id` is the newest one; nothing for news about an older run.
  std::optional<std::size_t> newest_run(const std::string& id) const;
  void exited(const runtime::ContainerExit& exit);
  void sandbox_created(const Status& status);
  void sandbox_failed(const Error& error);
  void sandbox_removed(const Status& status);
  void start_answered(const StartAnswered& answer);
  void start_failed(std::size_t container, StartFailure failure);
  /// Nothing happened yet: look again soon, or when the runtime is back.
  void retry_later();
  void step();
  /// Sends what is due; answers when the next one is.
  std::optional<Time> send_probes();
  /// The container's newest run is `attempt`, and it runs.
  bool runs(std::size_t container, std::uint32_t attempt) const;
  void probe_answered(const ProbeAnswered& m);
  void run_hook(Hook hook, std::size_t container, const Handler& handler, std::chrono::milliseconds timeout);
  void run_post_start(std::size_t container);
  void hook_done(const HookDone& m);
  void wake_at(std::optional<Time> at);
  void finish();
  void retry_removal();
  void leave();
  void report();
  void tell_beginning();
  void note_backoff(const ContainerStatus& container);
  void event(bool warning, std::string reason, std::string message, std::string container = {});
  void carry_out(const Action& action);
  void create_sandbox();
  Result<net::PortMap> own_ports();
  /// Reads what the container's variables come from, then goes on in start_with.
  void start(std::size_t container, std::uint32_t attempt);
  /// The container's newest run is `attempt`, and it is to be started.
  bool starts(std::size_t container, std::uint32_t attempt) const;
  void start_with(const FactsGathered& m);
  void launch(std::size_t container, std::uint32_t attempt, runtime::ContainerSpec wanted);
  /// What is left of the grace of a container that is being stopped; all of it for a condemned run.
  std::chrono::milliseconds grace_left(std::size_t container) const;
  void stop(std::size_t container, int signal);
  void send_term(std::size_t container);
  PodDeps deps_;
  std::string uid_;
  std::shared_ptr<const PodObject> object_;
  PodState state_;
  PodStatus status_;       ///< What was reported last; before that, what the API showed.
  bool reported_ = false;  ///< `status_` is this actor's own.
  bool adopted_ = false;   ///< `state_` fits the runtime, and the runtime is reachable.
  bool gone_ = false;
  std::optional<VolumeLimits> limits_;
  std::optional<VolumeWork> volumes_;
  bool beginning_told_ = false;  ///< Or it is time to.
  kernel::TimerHandle beginning_;
  std::optional<Time> wake_;
  kernel::TimerHandle timer_;
};

}  // namespace troupe::pod
