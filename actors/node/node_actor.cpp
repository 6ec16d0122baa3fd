#include "actors/node/node_actor.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "actors/pod/protocol.hpp"
#include "kernel/registry.hpp"

namespace troupe::node {
namespace {

using kernel::Envelope;
using kernel::Local;
using kernel::make_local;

constexpr std::string_view kPodsKey = "node-pods";
constexpr auto kCallTime = std::chrono::seconds(10);
constexpr auto kHeartbeat = std::chrono::seconds(10);
constexpr auto kSinkPause = std::chrono::milliseconds(500);
/// What a pod gets to end in when its object is gone, or was never known: the kubelet's least grace.
constexpr auto kLeastGrace = std::chrono::seconds(2);

// runtime → node
struct RuntimeAttached {
  std::shared_ptr<const runtime::Inventory> inventory;
};
struct RuntimeDetached {
  Error reason;
};
struct RuntimeExit {
  runtime::ContainerExit exit;
};
/// The answer to the node actor's own `list`.
struct RuntimeListed {
  Result<runtime::Inventory> inventory;
};

// sink → node
struct StatusTaken {
  std::string uid;
  Status status;
};
struct RemovalTaken {
  std::string uid;
  Status status;
};
struct NodeTaken {
  Status status;
};
/// feed → node: somebody deleted a Node object. No answer.
struct NodeLost {
  std::string name;
};

bool is_final(const Status& status) {
  return status || status.error().code == ErrorCode::kNotFound || status.error().code == ErrorCode::kConflict;
}

/// One pod of this node.
struct Entry {
  std::shared_ptr<const pod::PodObject> object;
  std::optional<pod::PodStatus> pending;  ///< Not taken by the sink yet.
  bool writing = false;                   ///< A write of this pod is under way.
  bool in_api = false;                    ///< The API has an object for it.
  bool gone = false;                      ///< Nothing of it is left here.
};

/// An object that volumes show: kind, namespace, name.
using Source = std::tuple<pod::EnvVar::Source, std::string, std::string>;

std::vector<Source> sources_of(const pod::PodSpec& spec) {
  std::vector<Source> out;
  for (const auto& volume : spec.volumes) {
    for (const auto& item : volume.items) {
      const auto kind = item.from.source;
      if (kind != pod::EnvVar::Source::kConfigMap && kind != pod::EnvVar::Source::kSecret) continue;
      out.emplace_back(kind, spec.ns, item.from.object);
    }
  }
  return out;
}

/// A pod that the runtime holds and nobody wants: enough of a spec to end it.
std::shared_ptr<const pod::PodObject> unwanted(const std::string& uid, const pod::RuntimeSlice& slice) {
  auto object = std::make_shared<pod::PodObject>();
  object->spec.uid = uid;
  object->spec.name = uid;
  std::set<std::string> names;
  for (const auto& container : slice.containers) names.insert(container.name);
  for (const auto& name : names) {
    pod::ContainerSpec container;
    container.name = name;
    object->spec.containers.push_back(std::move(container));
  }
  object->spec.deletion_grace = kLeastGrace;
  return object;
}

class NodeActor final : public kernel::Actor {
 public:
  explicit NodeActor(const NodeDeps& deps) : deps_(deps) {}

 protected:
  Status init() override {
    deps_.desired.attach(self());
    deps_.runtime.list([system = &system(), me = self()](Result<runtime::Inventory> answer) {
      system->send(me, make_local<RuntimeListed>(std::move(answer)));
    });
    heartbeat();
    return {};
  }

  bool receive(Envelope& envelope) override {
    return kernel::match(
        envelope, [this](const Local<DesiredPod>& m) { desire(m->object); },
        [this](const Local<DesiredPodRemoved>& m) { withdraw(m->uid); },
        [this](const Local<SourceChanged>& m) { source_changed(*m); },
        [this](const Local<DesiredSynced>& m) { synced(m->uids); },
        [this](const Local<RuntimeAttached>& m) { attached(*m->inventory); },
        [this](const Local<RuntimeListed>& m) {
          if (m->inventory && !attached_) attached(*m->inventory);
        },
        [this](const Local<RuntimeDetached>&) { detached(); }, [this](const Local<RuntimeExit>& m) { exited(m->exit); },
        [&](const Local<pod::PodHello>& m) { answer_hello(m->uid, envelope); },
        [this](const Local<pod::PodReport>& m) { report_pod(m->uid, m->status); },
        [this](const Local<pod::PodGone>& m) { gone(m->uid); }, [this](const Local<pod::PodEvent>& m) { event(*m); },
        [this](const Local<StatusTaken>& m) { status_taken(m->uid, m->status); },
        [this](const Local<RemovalTaken>& m) { removal_taken(m->uid, m->status); },
        [this](const Local<NodeTaken>& m) { node_taken(m->status); },
        [this](const Local<NodeLost>& m) {
          if (m->name == deps_.node_name) report_node();
        });
  }

 private:
  // Desired state.

  void desire(std::shared_ptr<const pod::PodObject> object) {
    const std::string uid = object->spec.uid;
    auto [found, is_new] = pods_.try_emplace(uid);
    Entry& entry = found->second;
    const bool changed = is_new || !entry.in_api || !(entry.object->spec == object->spec);
    entry.object = std::move(object);
    entry.in_api = true;
    if (is_new) {
      for (auto& source : sources_of(entry.object->spec)) readers_[std::move(source)].insert(uid);
      if (attached_ && !slices_.contains(uid)) fresh_.insert(uid);
      return start_pod(uid);
    }
    if (changed && !entry.gone) tell_pod(uid, pod::PodDesired{entry.object});
  }

  void withdraw(const std::string& uid) {
    const auto found = pods_.find(uid);
    if (found == pods_.end()) return;
    Entry& entry = found->second;
    entry.in_api = false;
    entry.pending.reset();
    if (entry.gone) return drop(found);
    auto object = std::make_shared<pod::PodObject>(*entry.object);
    object->spec.deletion_grace =
        std::min(object->spec.deletion_grace.value_or(kLeastGrace), std::chrono::seconds(kLeastGrace));
    entry.object = std::move(object);
    tell_pod(uid, pod::PodDesired{entry.object});
  }

  void drop(std::map<std::string, Entry>::iterator pod) {
    for (const auto& source : sources_of(pod->second.object->spec)) {
      const auto readers = readers_.find(source);
      if (readers == readers_.end()) continue;
      readers->second.erase(pod->first);
      if (readers->second.empty()) readers_.erase(readers);
    }
    pods_.erase(pod);
  }

  void source_changed(const SourceChanged& source) {
    const auto readers = readers_.find({source.kind, source.ns, source.name});
    if (readers == readers_.end()) return;
    for (const std::string& uid : readers->second) tell_pod(uid, pod::PodSourceChanged{});
  }

  void synced(const std::vector<std::string>& uids) {
    const std::set<std::string> wanted(uids.begin(), uids.end());
    std::vector<std::string> lost;
    for (const auto& [uid, entry] : pods_) {
      if (entry.in_api && !wanted.contains(uid)) lost.push_back(uid);
    }
    for (const auto& uid : lost) withdraw(uid);
    synced_ = true;
    end_unwanted();
  }

  void end_unwanted() {
    if (!synced_ || !attached_) return;
    for (const auto& [uid, slice] : slices_) {
      auto [found, is_new] = pods_.try_emplace(uid);
      if (!is_new) continue;
      found->second.object = unwanted(uid, slice);
      start_pod(uid);
    }
  }

  // Pod actors.

  template <class M>
  void tell_pod(const std::string& uid, M message) {
    system().registry().send(pod::pod_key(uid), make_local<M>(std::move(message)), trace(), self());
  }

  void start_pod(const std::string& uid) {
    const kernel::ActorRef pods = system().registry().find(kPodsKey);
    kernel::SupervisorCall call = kernel::call::StartDynamicChild{uid};
    ask<Local<kernel::SupervisorReply>>(pods, make_local<kernel::SupervisorRequest>(std::move(call)), kCallTime,
                                        [this, uid](Result<Local<kernel::SupervisorReply>> answer) {
                                          const bool started =
                                              answer && (*answer)->reply.outcome == kernel::CallReply::Outcome::kOk;
                                          if (started || !pods_.contains(uid)) return;
                                          after(kSinkPause, [this, uid] {
                                            if (pods_.contains(uid) && !system().registry().find(pod::pod_key(uid)))
                                              start_pod(uid);
                                          });
                                        });
  }

  void answer_hello(const std::string& uid, Envelope& envelope) {
    const auto found = pods_.find(uid);
    if (found == pods_.end() || found->second.gone) {
      return envelope.fail(ErrorCode::kNotFound, "pod " + uid + " does not belong to this node");
    }
    pod::PodAssignment assignment;
    assignment.object = found->second.object;
    assignment.attached = attached_;
    const auto slice = slices_.find(uid);
    if (slice != slices_.end()) {
      assignment.slice = std::move(slice->second);
      slices_.erase(slice);
    } else if (attached_ && fresh_.erase(uid) > 0) {
      assignment.slice = pod::RuntimeSlice();
    }
    envelope.reply(make_local<pod::PodAssignment>(std::move(assignment)));
  }

  // Runtime.

  void attached(const runtime::Inventory& inventory) {
    attached_ = true;
    tell_crash(inventory);
    tell_keeper(inventory.keeper_pid);
    slices_.clear();
    fresh_.clear();
    for (const auto& sandbox : inventory.sandboxes) {
      slices_[sandbox.id].sandbox = true;
      slices_[sandbox.id].ports = sandbox.ports;
    }
    for (const auto& container : inventory.containers) slices_[container.sandbox_id].containers.push_back(container);
    for (const auto& [uid, entry] : pods_) {
      if (entry.gone || !system().registry().find(pod::pod_key(uid))) continue;
      const auto slice = slices_.find(uid);
      pod::PodRuntimeAttached message;
      if (slice != slices_.end()) {
        message.slice = std::move(slice->second);
        slices_.erase(slice);
      }
      tell_pod(uid, std::move(message));
    }
    end_unwanted();
    report_node();
  }

  /// How the program ended that this one replaces.
  void tell_crash(const runtime::Inventory& inventory) {
    if (std::exchange(crash_told_, true) || inventory.kernel_restarts == 0) return;
    deps_.sink.add_node_warning("KernelRestarted", "Troupe's kernel was restarted: it " + inventory.kernel_last_reason);
  }

  void tell_keeper(std::int32_t pid) {
    const std::int32_t before = std::exchange(keeper_pid_, pid);
    if (before == 0 || before == pid) return;
    deps_.sink.add_node_warning("KeeperRestarted", "Troupe's keeper, process " + std::to_string(before) +
                                                       ", died; process " + std::to_string(pid) +
                                                       " has taken up its workloads");
  }

  void detached() {
    if (!attached_) return;
    attached_ = false;
    slices_.clear();
    fresh_.clear();
    for (const auto& [uid, entry] : pods_) tell_pod(uid, pod::PodRuntimeDetached{});
    report_node();
  }

  void exited(const runtime::ContainerExit& exit) {
    const auto slice = slices_.find(exit.sandbox_id);
    if (slice == slices_.end()) return tell_pod(exit.sandbox_id, pod::PodContainerExited{exit});
    for (auto& container : slice->second.containers) {
      if (container.id != exit.container_id) continue;
      container.state = runtime::ContainerState::kExited;
      container.exit = exit;
    }
  }

  // Status.

  void report_pod(const std::string& uid, const pod::PodStatus& status) {
    const auto found = pods_.find(uid);
    if (found == pods_.end() || !found->second.in_api) return;
    found->second.pending = status;
    flush(uid, found->second);
  }

  PodName name_of(const Entry& entry) const {
    return {entry.object->spec.ns, entry.object->spec.name, entry.object->spec.uid};
  }

  /// A function for the sink, called on any of its threads.
  template <class M>
  Done post(std::string uid) {
    return [system = &system(), me = self(), uid = std::move(uid)](Status status) {
      system->send(me, make_local<M>(uid, std::move(status)));
    };
  }

  void flush(const std::string& uid, Entry& entry) {
    if (entry.writing) return;
    if (entry.pending) {
      entry.writing = true;
      pod::PodStatus status = std::move(*entry.pending);
      entry.pending.reset();
      entry_status_[uid] = status;
      deps_.sink.put_pod_status(name_of(entry), std::move(status), post<StatusTaken>(uid));
    } else if (entry.gone && entry.in_api) {
      entry.writing = true;
      deps_.sink.remove_pod(name_of(entry), post<RemovalTaken>(uid));
    }
  }

  void status_taken(const std::string& uid, const Status& status) {
    auto sent = entry_status_.extract(uid);
    const auto found = pods_.find(uid);
    if (found == pods_.end()) return;
    Entry& entry = found->second;
    if (!is_final(status)) {
      if (!entry.pending && !sent.empty()) entry.pending = std::move(sent.mapped());
      return flush_later(uid);
    }
    entry.writing = false;
    flush(uid, entry);
  }

  void removal_taken(const std::string& uid, const Status& status) {
    const auto found = pods_.find(uid);
    if (found == pods_.end()) return;
    if (is_final(status)) return drop(found);
    flush_later(uid);
  }

  void flush_later(const std::string& uid) {
    after(kSinkPause, [this, uid] {
      const auto found = pods_.find(uid);
      if (found == pods_.end()) return;
      found->second.writing = false;
      flush(uid, found->second);
    });
  }

  void gone(const std::string& uid) {
    const auto found = pods_.find(uid);
    if (found == pods_.end()) return;
    if (!found->second.in_api) return drop(found);
    found->second.gone = true;
    flush(uid, found->second);
  }

  void event(const pod::PodEvent& event) {
    const auto found = pods_.find(event.uid);
    if (found == pods_.end() || !found->second.in_api) return;
    EventReport report;
    report.pod = name_of(found->second);
    report.warning = event.warning;
    report.reason = event.reason;
    report.message = event.message;
    report.container = event.container;
    deps_.sink.add_event(std::move(report));
  }

  // The Node object.

  /// Nothing is written while nothing changes; a Node that somebody deleted comes back.
  void heartbeat() {
    report_node();
    after(kHeartbeat, [this] { heartbeat(); });
  }

  void report_node() {
    if (node_writing_) {
      node_again_ = true;
      return;
    }
    NodeReport report;
    const Machine& machine = deps_.machine;
    report.name = deps_.node_name;
    report.address = deps_.network.node_address();
    report.cpus = machine.cpus;
    report.memory_bytes = machine.memory_bytes;
    report.storage_bytes = machine.storage_bytes;
    report.max_pods = deps_.max_pods;
    report.machine_id = machine.machine_id;
    report.boot_id = machine.boot_id;
    report.kernel_version = machine.kernel_version;
    report.os_image = machine.os_image;
    report.architecture = machine.architecture;
    report.runtime_version = "troupe://0.1.0";
    report.conditions = node_conditions(attached_, deps_.pressures ? deps_.pressures() : Pressures());
    node_writing_ = true;
    deps_.sink.put_node(std::move(report), [system = &system(), me = self()](Status status) {
      system->send(me, make_local<NodeTaken>(std::move(status)));
    });
  }

  void node_taken(const Status& status) {
    node_writing_ = false;
    if (!status) {
      after(kSinkPause, [this] { report_node(); });
    } else if (std::exchange(node_again_, false)) {
      report_node();
    }
  }

  NodeDeps deps_;
  std::map<std::string, Entry> pods_;
  std::map<Source, std::set<std::string>> readers_;     ///< Uids of pods whose volumes show an object.
  std::map<std::string, pod::PodStatus> entry_status_;  ///< What the sink was given and has not taken yet.
  std::map<std::string, pod::RuntimeSlice> slices_;     ///< Of pods whose actors have not asked yet.
  std::set<std::string> fresh_;                         ///< Pods that are new here: the runtime has nothing of them.
  bool crash_told_ = false;
  std::int32_t keeper_pid_ = 0;  // of the keeper that was attached last
  bool attached_ = false;
  bool synced_ = false;
  bool node_writing_ = false;
  bool node_again_ = false;
};

}  // namespace

kernel::SupervisorSpec node_half(const NodeDeps& deps) {
  pod::PodDeps pod_deps{deps.runtime, deps.network, deps.log_root, deps.checks, deps.objects, deps.namespaces};
  pod_deps.limits = deps.limits;
  pod_deps.background = deps.background;
  pod_deps.seccomp = deps.seccomp;
  pod_deps.machine = {{"cpu", static_cast<std::int64_t>(deps.machine.cpus) * 1000},
                      {"memory", static_cast<std::int64_t>(deps.machine.memory_bytes)},
                      {"ephemeral-storage", static_cast<std::int64_t>(deps.machine.storage_bytes)}};
  kernel::SupervisorSpec pods;
  pods.name = "pods";
  pods.flags.strategy = kernel::Strategy::kSimpleOneForOne;
  pods.flags.intensity = 100;
  pods.flags.period = std::chrono::seconds(5);
  pods.children.push_back(kernel::dynamic_worker<std::string>(
                              "pod", [pod_deps](const std::string& uid) { return pod::make_pod_actor(pod_deps, uid); })
                              .transient()
                              .spawn_with([](const std::any& args) {
                                const auto& uid = std::any_cast<const std::string&>(args);
                                kernel::SpawnOptions options;
                                options.name = "pod " + uid;
                                options.type = "pod";
                                options.key = pod::pod_key(uid);
                                return options;
                              }));
  kernel::SpawnOptions pods_options;
  pods_options.name = "pods";
  pods_options.key = std::string(kPodsKey);
  kernel::SpawnOptions node_options;
  node_options.name = "node";
  node_options.type = "node";
  node_options.key = std::string(pod::kNodeKey);
  node_options.mailbox_limit = 100'000;

  kernel::SupervisorSpec half;
  half.name = "node half";
  half.flags.strategy = kernel::Strategy::kOneForAll;
  half.flags.intensity = 10;
  half.flags.period = std::chrono::seconds(10);
  half.children.push_back(kernel::supervisor("pods", std::move(pods)).spawn_with(pods_options));
  half.children.push_back(kernel::worker("node", kernel::ActorFactory([deps]() -> std::unique_ptr<kernel::Actor> {
                                           return std::make_unique<NodeActor>(deps);
                                         }))
                              .spawn_with(node_options));
  return half;
}

void tell_node_lost(kernel::System& system, const std::string& name) {
  system.registry().send(pod::kNodeKey, make_local<NodeLost>(name));
}

void RuntimeBridge::on_attached(runtime::Inventory inventory) {
  auto shared = std::make_shared<const runtime::Inventory>(std::move(inventory));
  system_.registry().send(pod::kNodeKey, make_local<RuntimeAttached>(std::move(shared)));
}

void RuntimeBridge::on_detached(Error reason) {
  system_.registry().send(pod::kNodeKey, make_local<RuntimeDetached>(std::move(reason)));
}

void RuntimeBridge::on_exit(runtime::ContainerExit exit) {
  system_.registry().send(pod::kNodeKey, make_local<RuntimeExit>(std::move(exit)));
}

}  // namespace troupe::node
