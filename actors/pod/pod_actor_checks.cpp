#include <algorithm>
#include <utility>

#include "actors/pod/handlers.hpp"
#include "actors/pod/pod_actor_internal.hpp"
#include "actors/pod/probe.hpp"

namespace troupe::pod {
namespace {

constexpr std::chrono::milliseconds kLongestHook = std::chrono::hours(24);

}  // namespace

std::optional<Time> PodActor::send_probes() {
  const PodSpec& spec = object_->spec;
  const Time now = wall();
  for (const DueProbe& due : due_probes(spec, state_, now).due) {
    begin_probe(spec, state_, due, now);
    const ProbeSpec& probe = *spec.containers[due.container].probe(due.kind);
    const std::uint32_t attempt = state_.containers[due.container].attempt;
    run_handler(deps_, spec, state_, due.container, probe.handler, probe.timeout,
                post([due, attempt](HandlerAnswer answer) -> kernel::AnyMsg {
                  return make_local<ProbeAnswered>(due, attempt, std::move(answer));
                }));
  }
  return due_probes(spec, state_, now).wake_at;
}

bool PodActor::runs(std::size_t container, std::uint32_t attempt) const {
  if (!adopted_ || !object_ || container >= state_.containers.size()) return false;
  const ContainerState& run = state_.containers[container];
  return run.phase == RunPhase::kRunning && run.attempt == attempt;
}

void PodActor::probe_answered(const ProbeAnswered& m) {
  if (!runs(m.probe.container, m.attempt)) return;
  const std::string& name = object_->spec.containers[m.probe.container].name;
  const bool condemned = on_probe(object_->spec, state_, m.probe, m.answer.answer);
  if (m.answer.answer != ProbeAnswer::kSuccess) {
    std::string kind(to_string(m.probe.kind));
    kind[0] = static_cast<char>(kind[0] - 'a' + 'A');
    const bool known = m.answer.answer == ProbeAnswer::kFailure;
    event(true, "Unhealthy", kind + (known ? " probe failed: " : " probe errored: ") + m.answer.message, name);
  }
  if (condemned) {
    event(false, "Killing",
          "Container " + name + " failed " + std::string(to_string(m.probe.kind)) + " probe, will be restarted", name);
  }
  step();
}

void PodActor::run_hook(Hook hook, std::size_t container, const Handler& handler, std::chrono::milliseconds timeout) {
  const std::uint32_t attempt = state_.containers[container].attempt;
  if (handler.kind == Handler::Kind::kSleep) {
    after(std::min<Duration>(handler.sleep, timeout), [this, hook, container, attempt] {
      hook_done({hook, container, attempt, {ProbeAnswer::kSuccess, ""}});
    });
    return;
  }
  run_handler(deps_, object_->spec, state_, container, handler, timeout,
              post([hook, container, attempt](HandlerAnswer answer) -> kernel::AnyMsg {
                return make_local<HookDone>(hook, container, attempt, std::move(answer));
              }));
}

void PodActor::run_post_start(std::size_t container) {
  const Handler& handler = object_->spec.containers[container].post_start;
  if (handler.kind != Handler::Kind::kNone) run_hook(Hook::kPostStart, container, handler, kLongestHook);
}

void PodActor::hook_done(const HookDone& m) {
  if (!runs(m.container, m.attempt)) return;
  const std::string& name = object_->spec.containers[m.container].name;
  const bool failed = m.answer.answer != ProbeAnswer::kSuccess;
  if (m.hook == Hook::kPreStop) {
    if (failed) event(true, "FailedPreStopHook", "PreStopHook failed: " + m.answer.message, name);
    return send_term(m.container);
  }
  if (!failed) return;
  event(true, "FailedPostStartHook", "PostStartHook failed: " + m.answer.message, name);
  event(false, "Killing", "FailedPostStartHook", name);
  state_.containers[m.container].condemned = true;
  step();
}
}  // namespace troupe::pod
