#pragma once

#include <string>
#include <utility>

#include "actors/pod/lifecycle.hpp"
#include "actors/pod/status.hpp"

namespace troupe::pod {

inline const Time kStart{std::chrono::hours(480'000)};

inline ContainerSpec container(std::string name, ContainerKind kind = ContainerKind::kMain) {
  ContainerSpec spec;
  spec.name = std::move(name);
  spec.kind = kind;
  spec.image = "busybox";
  spec.command = {"/bin/true"};
  return spec;
}

inline PodSpec pod(RestartPolicy policy = RestartPolicy::kAlways) {
  PodSpec spec;
  spec.ns = "default";
  spec.name = "web";
  spec.uid = "u-1";
  spec.generation = 1;
  spec.restart_policy = policy;
  spec.containers = {container("main")};
  return spec;
}

/// A pod, its state and a clock: what the actor holds, without an actor.
struct Bench {
  PodSpec spec;
  PodState state;
  PodStatus status;
  Time now = kStart;

  explicit Bench(PodSpec s) : spec(std::move(s)) { prepare(spec, state, now); }

  Decision look() {
    prepare(spec, state, now);
    return decide(spec, state, now);
  }
  /// Carries out all actions; the runtime has not answered yet.
  std::vector<Action> act() {
    Decision decision = look();
    for (const Action& action : decision.actions) begin(state, action, now);
    return decision.actions;
  }
  void sandbox() {
    act();
    on_sandbox_ready(state, "10.0.0.5");
  }
  void started(std::size_t i) { on_started(spec, state, i, "id" + std::to_string(state.containers[i].attempt), now); }
  void exited(std::size_t i, int code) {
    ExitRecord exit;
    exit.exit_code = code;
    exit.started_at = state.containers[i].started_at;
    exit.finished_at = now;
    exit.container_id = state.containers[i].container_id;
    on_exited(spec, state, i, std::move(exit));
  }
  const PodStatus& show() {
    prepare(spec, state, now);
    status = compute_status(spec, state, "10.0.0.1", status, now);
    return status;
  }
  std::string condition(const std::string& type) {
    for (const auto& c : show().conditions) {
      if (c.type == type) return c.status + "/" + c.reason + "/" + c.message;
    }
    return "absent";
  }
};

}  // namespace troupe::pod
