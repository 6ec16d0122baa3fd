#include "daemon/scheduler_ports.hpp"

#include <utility>
#include <vector>

#include "actors/scheduler/convert.hpp"
#include "daemon/object_internal.hpp"
#include "kernel/clock.hpp"

namespace troupe::daemon {
namespace {

constexpr std::size_t kPods = 0;

/// Sets PodScheduled, keeps the others in their order.
void set_scheduled(core::PodStatus::Builder status, bool is_true, const std::string& reason, const std::string& message,
                   std::int64_t now) {
  const char* value = is_true ? "True" : "False";
  const auto fill = [&](core::PodCondition::Builder condition) {
    if (condition.getStatus() != value) {
      condition.setLastTransitionTime(now);
      condition.setHasLastTransitionTime(true);
    }
    condition.setType("PodScheduled");
    condition.setStatus(value);
    condition.setReason(reason);
    condition.setMessage(message);
  };
  auto old = status.getConditions();
  for (auto condition : old) {
    if (condition.getType() == "PodScheduled") return fill(condition);
  }
  auto orphan = status.disownConditions();
  auto list = status.initConditions(orphan.getReader().size() + 1);
  unsigned i = 0;
  for (auto condition : orphan.getReader()) list.setWithCaveats(i++, condition);
  fill(list[i]);
}

Status check_unplaced(core::Pod::Reader pod, const std::string& uid) {
  if (text(pod.getMetadata().getUid()) != uid) return fail(ErrorCode::kConflict, "the pod has another uid");
  if (pod.getSpec().getNodeName().size() > 0) return fail(ErrorCode::kConflict, "the pod has a node already");
  if (pod.getMetadata().getHasDeletionTimestamp()) return fail(ErrorCode::kConflict, "the pod is being deleted");
  return {};
}

Result<std::optional<Segment>> change_unplaced(SegmentView current, const std::string& uid,
                                               const std::function<void(core::Pod::Builder)>& change) {
  const auto may =
      with_object<core::Pod>(current, [&](core::Pod::Reader pod) -> Status { return check_unplaced(pod, uid); });
  if (!may) return fail(may.error());
  return changed<core::Pod>(current, change);
}

}  // namespace

StoreBinder::StoreBinder(kernel::System& system, Objects& objects, EventRecorder& events)
    : system_(system),
      objects_(objects),
      events_(events),
      pods_(objects.resource("", "v1", "pods")),
      feed_("feed-scheduler", objects.store(), {pods_, objects.resource("", "v1", "nodes")}, *this) {}

void StoreBinder::seen(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) {
  if (resource == kPods) {
    auto pod = scheduler::read_pod(object);
    if (!pod) return;
    scheduler::PodSeen message{std::make_shared<const scheduler::PodInfo>(std::move(*pod))};
    system.send(to, kernel::make_local<scheduler::PodSeen>(std::move(message)));
    return;
  }
  auto node = scheduler::read_node(object);
  if (!node) return;
  scheduler::NodeSeen message{std::make_shared<const scheduler::NodeInfo>(std::move(*node))};
  system.send(to, kernel::make_local<scheduler::NodeSeen>(std::move(message)));
}

void StoreBinder::gone(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) {
  if (resource == kPods) {
    auto pod = scheduler::read_pod(object);
    if (pod) system.send(to, kernel::make_local<scheduler::PodLost>(pod->uid));
    return;
  }
  auto node = scheduler::read_node(object);
  if (node) system.send(to, kernel::make_local<scheduler::NodeLost>(node->name));
}

void StoreBinder::synced(kernel::System& system, const kernel::ActorRef& to) {
  system.send(to, kernel::make_local<scheduler::FeedSynced>());
}

void StoreBinder::bind(const scheduler::PodInfo& pod, std::string node, scheduler::Done done) {
  const std::int64_t now = seconds_of(system_.clock().wall_now());
  auto change = [uid = pod.uid, node, now](SegmentView current) {
    return change_unplaced(current, uid, [&](core::Pod::Builder object) {
      object.getSpec().setNodeName(node);
      set_scheduled(object.getStatus(), true, "", "", now);
    });
  };
  auto after = [this, pod, node, done = std::move(done)](const Status& status) {
    if (status) {
      record(pod, false, "Scheduled", "Successfully assigned " + pod.ns + "/" + pod.name + " to " + node);
    }
    done(status);
  };
  objects_.update(*pods_, pod.ns, pod.name, std::move(change), std::move(after));
}

void StoreBinder::report_unschedulable(const scheduler::PodInfo& pod, std::string message) {
  const std::int64_t now = seconds_of(system_.clock().wall_now());
  auto change = [uid = pod.uid, message, now](SegmentView current) {
    return change_unplaced(current, uid, [&](core::Pod::Builder object) {
      set_scheduled(object.getStatus(), false, "Unschedulable", message, now);
      if (object.getStatus().getPhase().size() == 0) object.getStatus().setPhase("Pending");
    });
  };
  objects_.update(*pods_, pod.ns, pod.name, std::move(change), [](const Status&) {});
  record(pod, true, "FailedScheduling", std::move(message));
}

void StoreBinder::record(const scheduler::PodInfo& pod, bool warning, std::string reason, std::string message) {
  EventSpec event;
  event.kind = "Pod";
  event.api_version = "v1";
  event.ns = pod.ns;
  event.name = pod.name;
  event.uid = pod.uid;
  event.warning = warning;
  event.reason = std::move(reason);
  event.message = std::move(message);
  event.component = "default-scheduler";
  events_.record(std::move(event));
}

}  // namespace troupe::daemon
