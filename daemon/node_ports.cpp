#include "daemon/node_ports.hpp"

#include <algorithm>
#include <utility>

#include "actors/pod/convert.hpp"
#include "daemon/node_lease.hpp"
#include "daemon/node_object.hpp"
#include "daemon/object_internal.hpp"
#include "daemon/uid.hpp"
#include "kernel/clock.hpp"

namespace troupe::daemon {
namespace {

// The feed's resources, in its order; Secrets come last.
constexpr std::size_t kPods = 0;
constexpr std::size_t kConfigMaps = 1;

Status check_uid(const std::string& wanted, capnp::Text::Reader uid) {
  if (text(uid) == wanted) return {};
  return fail(ErrorCode::kConflict, "the object has another uid than " + wanted);
}

}  // namespace

StoreDesiredState::StoreDesiredState(kernel::System& system, const Objects& objects, std::string node_name)
    : system_(system),
      node_name_(std::move(node_name)),
      feed_("feed-node", objects.store(),
            {objects.resource("", "v1", "pods"), objects.resource("", "v1", "configmaps"),
             objects.resource("", "v1", "secrets")},
            *this) {}

void StoreDesiredState::tell_source(kernel::System& system, const kernel::ActorRef& to, std::size_t resource,
                                    SegmentView object) {
  node::SourceChanged message;
  message.kind = resource == kConfigMaps ? pod::EnvVar::Source::kConfigMap : pod::EnvVar::Source::kSecret;
  const auto take = [&](const auto& meta) -> Status {
    message.ns = text(meta.getNamespace());
    message.name = text(meta.getName());
    return {};
  };
  const Status read =
      resource == kConfigMaps
          ? with_object<core::ConfigMap>(object, [&](core::ConfigMap::Reader it) { return take(it.getMetadata()); })
          : with_object<core::Secret>(object, [&](core::Secret::Reader it) { return take(it.getMetadata()); });
  if (read) system.send(to, kernel::make_local<node::SourceChanged>(std::move(message)));
}

void StoreDesiredState::seen(kernel::System& system, const kernel::ActorRef& to, std::size_t resource,
                             SegmentView object) {
  if (resource != kPods) return tell_source(system, to, resource, object);
  auto read = pod::read_pod(object);
  if (!read || read->spec.node_name != node_name_) return;
  mine_.insert(read->spec.uid);
  node::DesiredPod message{std::make_shared<const pod::PodObject>(std::move(*read))};
  system.send(to, kernel::make_local<node::DesiredPod>(std::move(message)));
}

void StoreDesiredState::gone(kernel::System& system, const kernel::ActorRef& to, std::size_t resource,
                             SegmentView object) {
  if (resource != kPods) return tell_source(system, to, resource, object);
  auto read = pod::read_pod(object);
  if (!read || mine_.erase(read->spec.uid) == 0) return;
  system.send(to, kernel::make_local<node::DesiredPodRemoved>(read->spec.uid));
}

void StoreDesiredState::synced(kernel::System& system, const kernel::ActorRef& to) {
  node::DesiredSynced message;
  message.uids.assign(mine_.begin(), mine_.end());
  system.send(to, kernel::make_local<node::DesiredSynced>(std::move(message)));
}

StoreStatusSink::StoreStatusSink(kernel::System& system, Objects& objects, EventRecorder& events, std::string node_name)
    : system_(system),
      objects_(objects),
      events_(events),
      node_name_(std::move(node_name)),
      pods_(objects.resource("", "v1", "pods")),
      nodes_(objects.resource("", "v1", "nodes")) {}

void StoreStatusSink::put_pod_status(node::PodName pod, pod::PodStatus status, node::Done done) {
  auto change = [uid = pod.uid, status = std::move(status)](SegmentView current) -> Result<std::optional<Segment>> {
    const auto same = with_object<core::Pod>(
        current, [&](core::Pod::Reader object) -> Status { return check_uid(uid, object.getMetadata().getUid()); });
    if (!same) return fail(same.error());
    auto next = pod::with_status(current, status);
    if (!next) return fail(next.error());
    return std::optional<Segment>(std::move(*next));
  };
  objects_.update(*pods_, pod.ns, pod.name, std::move(change), std::move(done));
}

void StoreStatusSink::remove_pod(node::PodName pod, node::Done done) {
  auto may = [uid = pod.uid](SegmentView current) -> Status {
    return with_object<core::Pod>(current, [&](core::Pod::Reader object) -> Status {
      if (auto same = check_uid(uid, object.getMetadata().getUid()); !same) return same;
      if (object.getMetadata().getFinalizers().size() == 0) return {};
      return fail(ErrorCode::kUnsupported, "finalizers are left");
    });
  };
  // With finalizers left the object stays, at grace 0: whoever takes the last one away removes it.
  auto after = [this, pod, done](const Status& status) {
    if (status || status.error().code != ErrorCode::kUnsupported) return done(status);
    auto no_grace = [](SegmentView current) {
      return changed<core::Pod>(current, [](core::Pod::Builder object) {
        object.getMetadata().setDeletionGracePeriodSeconds(0);
        object.getMetadata().setHasDeletionGracePeriodSeconds(true);
      });
    };
    objects_.update(*pods_, pod.ns, pod.name, std::move(no_grace), done);
  };
  objects_.erase(*pods_, pod.ns, pod.name, std::move(may), std::move(after));
}

bool StoreStatusSink::is_ready(const node::NodeReport& report) {
  return std::any_of(report.conditions.begin(), report.conditions.end(),
                     [](const node::NodeCondition& one) { return one.type == "Ready" && one.is_true; });
}

void StoreStatusSink::put_node(node::NodeReport report, node::Done done) {
  const auto now = system_.clock().wall_now();
  if (!(last_report_ == report)) {
    if (is_ready(last_report_) != is_ready(report)) {  // before its first report it was not
      const std::string reason = is_ready(report) ? "NodeReady" : "NodeNotReady";
      add_node_event(false, reason, "Node " + node_name_ + " status is now: " + reason);
    }
    last_report_ = report;
    renew_lease(objects_, report.name, new_uid(system_.random()), now);
  }
  auto shared = std::make_shared<const node::NodeReport>(std::move(report));
  auto change = [shared, now](SegmentView current) { return updated_node(current, *shared, now); };
  auto create = [this, shared, now, done](const Status& status) {
    if (status || status.error().code != ErrorCode::kNotFound) return done(status);
    const Segment object = new_node(*shared, new_uid(system_.random()), now);
    objects_.create(*nodes_, "", shared->name, object, done);
  };
  objects_.update(*nodes_, "", shared->name, std::move(change), std::move(create));
}

void StoreStatusSink::add_node_warning(std::string reason, std::string message) {
  add_node_event(true, std::move(reason), std::move(message));
}

void StoreStatusSink::add_node_event(bool warning, std::string reason, std::string message) {
  EventSpec spec;
  spec.kind = "Node";
  spec.api_version = "v1";
  spec.name = node_name_;
  spec.uid = node_name_;  // as the kubelet does
  spec.warning = warning;
  spec.reason = std::move(reason);
  spec.message = std::move(message);
  spec.component = "kubelet";
  spec.host = node_name_;
  events_.record(std::move(spec));
}

void StoreStatusSink::add_event(node::EventReport event) {
  EventSpec spec;
  spec.kind = "Pod";
  spec.api_version = "v1";
  spec.ns = event.pod.ns;
  spec.name = event.pod.name;
  spec.uid = event.pod.uid;
  if (!event.container.empty()) spec.field_path = "spec.containers{" + event.container + "}";
  spec.warning = event.warning;
  spec.reason = std::move(event.reason);
  spec.message = std::move(event.message);
  spec.component = "kubelet";
  spec.host = node_name_;
  events_.record(std::move(spec));
}

}  // namespace troupe::daemon
