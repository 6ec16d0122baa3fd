#include <algorithm>
#include <utility>

#include "actors/pod/annotations.hpp"
#include "actors/pod/facts.hpp"
#include "actors/pod/pod_actor_internal.hpp"
#include "actors/pod/probe.hpp"
#include "actors/pod/volumes.hpp"

namespace troupe::pod {
namespace {

/// How long the node actor may take to answer, and the pause before a call that found the runtime busy is repeated.
constexpr auto kAnswerTime = std::chrono::seconds(10);
constexpr auto kRetryPause = std::chrono::milliseconds(200);
/// What a pod that has only begun says of itself waits so long: as a rule it runs by then, and one write tells all.
constexpr auto kBeginning = std::chrono::milliseconds(20);
/// How often emptyDirs with a limit are measured, as by the kubelet; and how many files in one go.
constexpr auto kMeasure = std::chrono::seconds(10);
constexpr std::size_t kMeasuredFiles = 2000;

/// Nothing has happened yet but that the node has the pod.
bool only_begins(const PodStatus& status) {
  if (status.phase != "Pending") return false;
  const auto waits = [](const ContainerStatus& one) {
    return one.waiting && one.waiting->message.empty() && !one.last &&
           (one.waiting->reason == "ContainerCreating" || one.waiting->reason == "PodInitializing");
  };
  return std::all_of(status.containers.begin(), status.containers.end(), waits) &&
         std::all_of(status.init_containers.begin(), status.init_containers.end(), waits);
}

}  // namespace

Status PodActor::init() {
  const auto tell = [system = &system(), me = self()](VolumesDone done) {
    system->send(me, make_local<VolumesDone>(std::move(done)));
  };
  volumes_.emplace(deps_.background, deps_.log_root, deps_.namespaces.mounts, tell);
  hello();
  return {};
}

bool PodActor::receive(Envelope& envelope) {
  return kernel::match(
      envelope, [this](const Local<PodDesired>& m) { desire(m->object); },
      [this](const Local<PodRuntimeAttached>& m) { adopt_now(m->slice); },
      [this](const Local<PodRuntimeDetached>&) { adopted_ = false; },
      [this](const Local<PodContainerExited>& m) { exited(m->exit); },
      [this](const Local<SandboxCreated>& m) { sandbox_created(m->status); },
      [this](const Local<SandboxRemoved>& m) { sandbox_removed(m->status); },
      [this](const Local<StartAnswered>& m) { start_answered(*m); },
      [this](const Local<Listed>& m) { listed(m->inventory); },
      [this](const Local<FactsGathered>& m) { start_with(*m); }, [this](const Local<PodSourceChanged>&) { refresh(); },
      [this](const Local<VolumesRead>& m) { refresh_with(*m); },
      [this](const Local<VolumesDone>& m) { volumes_done(*m); },
      [this](const Local<ProbeAnswered>& m) { probe_answered(*m); },
      [this](const Local<HookDone>& m) { hook_done(*m); });
}

void PodActor::hello() {
  const kernel::ActorRef node = system().registry().find(kNodeKey);
  ask<Local<PodAssignment>>(node, make_local<PodHello>(uid_), kAnswerTime,
                            [this](Result<Local<PodAssignment>> answer) { assigned(std::move(answer)); });
}

void PodActor::assigned(Result<Local<PodAssignment>> answer) {
  if (!answer) {
    if (answer.error().code == ErrorCode::kNotFound) return quit();
    after(kRetryPause, [this] { hello(); });
    return;
  }
  const PodAssignment& assignment = **answer;
  if (!object_) object_ = assignment.object;
  if (assignment.slice) return adopt_now(*assignment.slice);
  if (assignment.attached) list();
}

void PodActor::list() {
  deps_.runtime.list(
      post([](Result<runtime::Inventory> answer) -> kernel::AnyMsg { return make_local<Listed>(std::move(answer)); }));
}

void PodActor::listed(const Result<runtime::Inventory>& inventory) {
  if (adopted_) return;
  if (inventory) return adopt_now(slice_of(*inventory, uid_));
  if (inventory.error().code == ErrorCode::kBusy) after(kRetryPause, [this] { list(); });
}

void PodActor::desire(std::shared_ptr<const PodObject> object) {
  const auto before = std::exchange(object_, std::move(object));
  if (adopted_ && before && before->spec.annotations != object_->spec.annotations) tell_faults();
  step();
  if (!before || before->spec.labels != object_->spec.labels || before->spec.annotations != object_->spec.annotations) {
    refresh();
  }
}

void PodActor::refresh() {
  if (!adopted_ || !object_ || gone_) return;
  for (std::size_t i = 0; i < state_.containers.size(); ++i) {
    if (state_.containers[i].phase != RunPhase::kRunning) continue;
    if (!has_changing_files(object_->spec, object_->spec.containers[i])) continue;
    gather_facts(deps_.objects, object_->spec, i, known_facts(), post([i](Result<PodFacts> facts) -> kernel::AnyMsg {
                   return make_local<VolumesRead>(i, std::move(facts));
                 }));
  }
}

void PodActor::refresh_with(const VolumesRead& m) {
  if (!adopted_ || !object_ || gone_ || m.container >= object_->spec.containers.size() || !m.facts) return;
  volumes_->refresh(object_, m.container, *m.facts);
}

void PodActor::volumes_done(const VolumesDone& m) {
  volumes_->next();
  if (m.task == VolumeTask::kRemove && m.status) return leave();
  if (m.task == VolumeTask::kRemove) return retry_removal();
  if (gone_ || (m.task == VolumeTask::kMount && !starts(m.container, m.attempt))) return;
  if (!m.status) event(true, "FailedMount", m.status.error().message);
  if (m.task == VolumeTask::kRefresh) return;
  if (m.status) return launch(m.container, m.attempt, *m.wanted);
  on_start_failed(object_->spec, state_, m.container, {"ContainerCreating", "", "", false}, wall());
  step();
}

PodFacts PodActor::known_facts() const {
  PodFacts known;
  known.host_ip = deps_.network.node_address();
  known.pod_ip = state_.pod_ip;
  known.machine = deps_.machine;
  return known;
}

void PodActor::adopt_now(const RuntimeSlice& slice) {
  if (!object_) return hello();
  // What this actor knew is newer than the API's status, but the runtime's list is the truth.
  const PodStatus& shown = reported_ ? status_ : object_->status;
  const auto since = state_.stopping_since;
  state_ = adopt(object_->spec, slice, shown, wall());
  if (since) state_.stopping_since = since;
  if (slice.sandbox) {
    net::PortMap ports;
    for (const auto& port : slice.ports) ports.emplace(port.container_port, port.node_port);
    deps_.network.restore_ports(uid_, std::move(ports));
    auto address = deps_.network.attach(uid_);
    state_.pod_ip = address ? *address : std::string();
  }
  if (!reported_) status_ = object_->status;
  adopted_ = true;
  step();
  refresh();
  if (limits_) return;
  tell_faults();
  limits_.emplace(object_->spec, deps_.log_root, deps_.namespaces.on_node());
  if (!limits_->empty()) after(kMeasure, [this] { measure(); });
}

void PodActor::tell_faults() {
  for (std::string& fault : annotation_faults(object_->spec.annotations)) {
    event(true, "InvalidAnnotation", std::move(fault));
  }
  if (object_->spec.ignored.empty()) return;
  std::string fields;
  for (const std::string& field : object_->spec.ignored) fields.append(fields.empty() ? "" : ", ").append(field);
  event(true, "FieldsIgnored", "Troupe does not act on " + fields);
}

void PodActor::measure() {
  const bool done = limits_->step(kMeasuredFiles);
  if (!limits_->exceeded()) {
    after(done ? Duration(kMeasure) : Duration(0), [this] { measure(); });
    return;
  }
  if (!object_ || is_finished(object_->spec, state_)) return;
  event(true, "Evicted", *limits_->exceeded());
  state_.failed = Waiting{"Evicted", *limits_->exceeded()};
  step();
}

void PodActor::retry_later() {
  report();
  after(kRetryPause, [this] { step(); });
}

void PodActor::step() {
  if (!adopted_ || !object_ || gone_) return;
  const PodSpec& spec = object_->spec;
  Decision decision;
  // A round for what was decided, one more for each start that could not even be asked for; so it ends.
  for (std::size_t round = 0; round <= spec.containers.size() + 1; ++round) {
    const Time now = wall();
    prepare(spec, state_, now);
    report();
    decision = decide(spec, state_, now);
    if (decision.actions.empty()) break;
    for (const Action& action : decision.actions) {
      begin(state_, action, now);
      carry_out(action);
    }
  }
  report();
  if (decision.gone) return finish();
  const std::optional<Time> next_probe = send_probes();
  if (next_probe && (!decision.wake_at || *next_probe < *decision.wake_at)) decision.wake_at = next_probe;
  wake_at(decision.wake_at);
}

void PodActor::wake_at(std::optional<Time> at) {
  if (at == wake_) return;
  if (timer_) cancel(timer_);
  timer_ = {};
  wake_ = at;
  if (!at) return;
  timer_ = after(std::max(*at - wall(), Duration(0)), [this] {
    timer_ = {};
    wake_.reset();
    step();
  });
}

void PodActor::finish() {
  gone_ = true;
  if (object_->spec.volumes.empty()) return leave();
  volumes_->remove(uid_);
}

void PodActor::retry_removal() {
  after(kRetryPause, [this] { finish(); });
}

void PodActor::leave() {
  tell_node(PodGone{uid_});
  quit();
}

void PodActor::report() {
  const Time now = wall();
  PodStatus next = compute_status(object_->spec, state_, deps_.network.node_address(), status_, now);
  if (reported_ && next == status_) return;
  if (!reported_ && !beginning_told_ && only_begins(next)) {
    if (!beginning_) beginning_ = after(kBeginning, [this] { tell_beginning(); });
    return;
  }
  status_ = std::move(next);
  reported_ = true;
  tell_node(PodReport{uid_, status_});
  for (std::size_t i = 0; i < status_.containers.size(); ++i) note_backoff(status_.containers[i]);
}

void PodActor::tell_beginning() {
  beginning_told_ = true;
  if (object_ && adopted_ && !gone_) report();
}

void PodActor::note_backoff(const ContainerStatus& container) {
  if (!container.waiting || container.waiting->reason != "CrashLoopBackOff") return;
  event(true, "BackOff",
        "Back-off restarting failed container " + container.name + " in pod " + object_->spec.describe(),
        container.name);
}

void PodActor::event(bool warning, std::string reason, std::string message, std::string container) {
  tell_node(PodEvent{uid_, warning, std::move(reason), std::move(message), std::move(container)});
}
std::string pod_key(std::string_view uid) { return "pod/" + std::string(uid); }

std::unique_ptr<kernel::Actor> make_pod_actor(const PodDeps& deps, std::string uid) {
  return std::make_unique<PodActor>(deps, std::move(uid));
}

}  // namespace troupe::pod
