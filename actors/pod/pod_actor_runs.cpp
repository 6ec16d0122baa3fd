#include <algorithm>
#include <csignal>
#include <utility>

#include "actors/pod/confinement.hpp"
#include "actors/pod/facts.hpp"
#include "actors/pod/handlers.hpp"
#include "actors/pod/last_words.hpp"
#include "actors/pod/pod_actor_internal.hpp"
#include "actors/pod/signals.hpp"

namespace troupe::pod {
namespace {

constexpr std::chrono::milliseconds kLeastGrace = std::chrono::seconds(2);

bool is_transport(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDisconnected ||
         error.code == ErrorCode::kBusy || error.code == ErrorCode::kTimeout;
}

}  // namespace

std::optional<std::size_t> PodActor::newest_run(const std::string& id) const {
  const PodSpec& spec = object_->spec;
  for (std::size_t i = 0; i < spec.containers.size() && i < state_.containers.size(); ++i) {
    if (run_id(spec, i, state_.containers[i].attempt) == id) return i;
  }
  return std::nullopt;
}

void PodActor::exited(const runtime::ContainerExit& exit) {
  if (!adopted_ || !object_) return;
  const auto index = newest_run(exit.container_id);
  if (!index) return;
  ExitRecord record = to_exit_record(exit);
  const PodSpec& spec = object_->spec;
  if (record.message.empty() && record.exit_code != 0 && spec.containers[*index].fallback_to_logs) {
    record.message = log_tail(log_path(deps_.log_root, spec, *index, state_.containers[*index].attempt));
  }
  on_exited(spec, state_, *index, std::move(record));
  step();
}

void PodActor::sandbox_created(const Status& status) {
  if (!adopted_ || state_.sandbox != SandboxPhase::kCreating) return;
  if (!status && is_transport(status.error())) {
    state_.sandbox = SandboxPhase::kNone;
    return retry_later();
  }
  if (!status && status.error().code != ErrorCode::kAlreadyExists) return sandbox_failed(status.error());
  auto address = deps_.network.attach(uid_);
  if (!address) return sandbox_failed(address.error());
  on_sandbox_ready(state_, std::move(*address));
  step();
}

void PodActor::sandbox_failed(const Error& error) {
  event(true, "FailedCreatePodSandBox", "Failed to create pod sandbox: " + error.message);
  on_sandbox_failed(object_->spec, state_, error.message, wall());
  step();
}

void PodActor::sandbox_removed(const Status& status) {
  if (!adopted_ || state_.sandbox != SandboxPhase::kRemoving) return;
  if (!status && status.error().code != ErrorCode::kNotFound) {
    state_.sandbox = SandboxPhase::kReady;
    return retry_later();
  }
  deps_.network.detach(uid_);
  on_sandbox_removed(state_);
  step();
}

void PodActor::start_answered(const StartAnswered& answer) {
  if (!adopted_ || answer.container >= state_.containers.size()) return;
  ContainerState& run = state_.containers[answer.container];
  if (run.phase != RunPhase::kStarting || run.attempt != answer.attempt) return;
  const PodSpec& spec = object_->spec;
  const std::string& name = spec.containers[answer.container].name;
  const std::string id = run_id(spec, answer.container, answer.attempt);
  const bool created = answer.created || answer.created.error().code == ErrorCode::kAlreadyExists;
  if (answer.started) {
    on_started(spec, state_, answer.container, id, answer.started->started_at);
    event(false, "Started", "Started container " + name, name);
    run_post_start(answer.container);
    refresh();  // what changed since its volumes were filled
    return step();
  }
  const Error& error = created ? answer.started.error() : answer.created.error();
  if (is_transport(error)) {
    on_start_postponed(state_, answer.container);
    return retry_later();
  }
  if (created) deps_.runtime.remove_container(id, [](const Status&) {});
  start_failed(answer.container, {created ? "RunContainerError" : "CreateContainerError", error.message, id, created});
  step();
}

void PodActor::start_failed(std::size_t container, StartFailure failure) {
  event(true, "Failed", "Error: " + failure.message, object_->spec.containers[container].name);
  on_start_failed(object_->spec, state_, container, std::move(failure), wall());
}

void PodActor::carry_out(const Action& action) {
  switch (action.kind) {
    case ActionKind::kCreateSandbox:
      return create_sandbox();
    case ActionKind::kStart:
      return start(action.container, action.attempt);
    case ActionKind::kTerminate:
      return stop(action.container, SIGTERM);
    case ActionKind::kKill:
      return stop(action.container, SIGKILL);
    case ActionKind::kRemoveContainer:
      return deps_.runtime.remove_container(run_id(object_->spec, action.container, action.attempt),
                                            [](const Status&) {});
    case ActionKind::kRemoveSandbox:
      return deps_.runtime.remove_sandbox(
          uid_, post([](Status status) -> kernel::AnyMsg { return make_local<SandboxRemoved>(std::move(status)); }));
  }
}

void PodActor::create_sandbox() {
  const PodSpec& spec = object_->spec;
  runtime::SandboxSpec sandbox{spec.uid, spec.ns, spec.name, spec.uid};
  auto ports = own_ports();
  if (!ports) return sandbox_failed(ports.error());
  for (const auto& [port, real] : *ports) sandbox.ports.push_back({port, real});
  deps_.runtime.create_sandbox(std::move(sandbox), post([](Status status) -> kernel::AnyMsg {
                                 return make_local<SandboxCreated>(std::move(status));
                               }));
}

Result<net::PortMap> PodActor::own_ports() {
  const auto asked = object_->spec.annotations.find(std::string(kPortsAnnotation));
  if (asked == object_->spec.annotations.end() || asked->second != "own") return net::PortMap();
  std::vector<std::uint16_t> wanted;
  for (const auto& container : object_->spec.containers) {
    for (const auto& port : container.ports) wanted.push_back(static_cast<std::uint16_t>(port.container_port));
  }
  return deps_.network.give_ports(uid_, wanted);
}

void PodActor::start(std::size_t container, std::uint32_t attempt) {
  gather_facts(deps_.objects, object_->spec, container, known_facts(),
               post([container, attempt](Result<PodFacts> facts) -> kernel::AnyMsg {
                 return make_local<FactsGathered>(container, attempt, std::move(facts));
               }));
}

bool PodActor::starts(std::size_t container, std::uint32_t attempt) const {
  if (!adopted_ || !object_ || container >= state_.containers.size()) return false;
  const ContainerState& run = state_.containers[container];
  return run.phase == RunPhase::kStarting && run.attempt == attempt;
}

void PodActor::start_with(const FactsGathered& m) {
  if (!starts(m.container, m.attempt)) return;
  const auto refused = [&](std::string message) {
    start_failed(m.container, {"CreateContainerConfigError", std::move(message), "", false});
    step();
  };
  if (!m.facts) return refused(m.facts.error().message);
  PodFacts facts = *m.facts;
  if (auto ports = own_ports()) add_port_variables(object_->spec, *ports, facts.services);
  auto wanted = to_runtime_spec(object_->spec, m.container, m.attempt, facts, deps_.log_root, deps_.namespaces.mounts);
  if (!wanted) return refused(wanted.error().message);
  if (object_->spec.containers[m.container].mounts.empty()) return launch(m.container, m.attempt, std::move(*wanted));
  volumes_->mount(object_, m.container, m.attempt, std::move(facts), std::move(*wanted));
}

void PodActor::launch(std::size_t container, std::uint32_t attempt, runtime::ContainerSpec wanted) {
  const ContainerSpec& spec = object_->spec.containers[container];
  const auto unfiltered = filter_calls(spec, deps_.seccomp, wanted);
  if (!unfiltered) {
    start_failed(container, {"CreateContainerError", unfiltered.error().message, "", false});
    return step();
  }
  if (*unfiltered) event(true, (*unfiltered)->reason, (*unfiltered)->message, spec.name);
  for (const Unkept& each : drop_unkept(object_->spec, spec, deps_.limits, deps_.namespaces, wanted)) {
    event(true, each.reason, each.message, spec.name);
  }
  std::string id = wanted.id;
  auto created = std::make_shared<Status>();
  deps_.runtime.create_container(std::move(wanted), [created](Status status) { *created = std::move(status); });
  deps_.runtime.start_container(
      std::move(id), post([created, container, attempt](Result<runtime::StartInfo> started) -> kernel::AnyMsg {
        return make_local<StartAnswered>(container, attempt, std::move(*created), std::move(started));
      }));
}

std::chrono::milliseconds PodActor::grace_left(std::size_t container) const {
  const PodSpec& spec = object_->spec;
  const ContainerState& run = state_.containers[container];
  if (!is_stopping(spec, state_)) return run.condemned_grace.value_or(spec.grace);
  const Time deadline = state_.stopping_since.value_or(wall()) + spec.deletion_grace.value_or(spec.grace);
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(deadline - wall(), Duration(0)));
}

void PodActor::stop(std::size_t container, int signal) {
  const ContainerSpec& spec = object_->spec.containers[container];
  if (signal == SIGKILL) {
    deps_.runtime.stop_container(run_id(object_->spec, container, state_.containers[container].attempt), SIGKILL,
                                 std::chrono::milliseconds(0), [](const Status&) {});
    return;
  }
  if (!state_.containers[container].condemned) event(false, "Killing", "Stopping container " + spec.name, spec.name);
  const auto left = grace_left(container);
  if (spec.pre_stop.kind == Handler::Kind::kNone || left.count() == 0) return send_term(container);
  run_hook(Hook::kPreStop, container, spec.pre_stop, left);
}

void PodActor::send_term(std::size_t container) {
  // As the kubelet: what the hook has used up is gone, but two seconds are left in any case.
  const bool hook = object_->spec.containers[container].pre_stop.kind != Handler::Kind::kNone;
  const auto grace = hook ? std::max(grace_left(container), kLeastGrace) : grace_left(container);
  const int signal = signal_number(object_->spec.containers[container].stop_signal).value_or(SIGTERM);
  deps_.runtime.stop_container(run_id(object_->spec, container, state_.containers[container].attempt), signal, grace,
                               [](const Status&) {});
}
}  // namespace troupe::pod
