#include "daemon/events.hpp"

#include <array>
#include <cstdio>

#include "daemon/object_internal.hpp"
#include "daemon/uid.hpp"
#include "kernel/clock.hpp"

namespace troupe::daemon {
namespace {

std::string hex(std::uint64_t value) {
  std::array<char, 17> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%llx", static_cast<unsigned long long>(value));
  return buffer.data();
}

Segment make_event(const EventSpec& spec, const std::string& name, std::string uid,
                   std::chrono::system_clock::time_point now) {
  capnp::MallocMessageBuilder builder;
  auto event = builder.initRoot<core::Event>();
  auto meta = event.initMetadata();
  meta.setName(name);
  meta.setNamespace(spec.ns.empty() ? "default" : spec.ns);
  meta.setUid(std::move(uid));
  meta.setCreationTimestamp(seconds_of(now));
  meta.setHasCreationTimestamp(true);
  auto object = event.initInvolvedObject();
  object.setKind(spec.kind);
  object.setApiVersion(spec.api_version);
  object.setNamespace(spec.ns);
  object.setName(spec.name);
  object.setUid(spec.uid);
  if (!spec.field_path.empty()) object.setFieldPath(spec.field_path);
  event.setReason(spec.reason);
  event.setMessage(spec.message);
  event.setType(spec.warning ? "Warning" : "Normal");
  auto source = event.initSource();
  source.setComponent(spec.component);
  if (!spec.host.empty()) source.setHost(spec.host);
  event.setReportingComponent(spec.component);
  event.setReportingInstance(spec.host);
  event.setFirstTimestamp(seconds_of(now));
  event.setHasFirstTimestamp(true);
  event.setLastTimestamp(seconds_of(now));
  event.setHasLastTimestamp(true);
  event.setCount(1);
  return to_segment<core::Event>(event.asReader());
}

}  // namespace

void EventRecorder::record(EventSpec event) {
  const api::Resource* events = objects_.resource("", "v1", "events");
  if (events == nullptr) return;
  const auto now = system_.clock().wall_now();
  const std::string same = event.uid + "|" + event.field_path + "|" + event.reason + "|" + event.message;
  const std::string ns = event.ns.empty() ? "default" : event.ns;
  std::string name;
  bool known = false;
  {
    const std::scoped_lock lock(mutex_);
    auto [found, is_new] = names_.try_emplace(same);
    known = !is_new;
    if (is_new) {
      found->second = event.name + "." + hex(new_number(system_.random()));
      order_.push_back(same);
    }
    name = found->second;
    while (order_.size() > kRemembered) {
      names_.erase(order_.front());
      order_.pop_front();
    }
  }
  const auto create = [objects = &objects_, events, ns, name,
                       object = make_event(event, name, new_uid(system_.random()), now)] {
    objects->create(*events, ns, name, object, [](const Status&) {});
  };
  if (!known) return create();
  objects_.update(
      *events, ns, name,
      [now](SegmentView current) {
        return changed<core::Event>(current, [now](core::Event::Builder one) {
          one.setCount(one.getCount() + 1);
          one.setLastTimestamp(seconds_of(now));
          one.setHasLastTimestamp(true);
        });
      },
      [create](const Status& status) {
        if (!status && status.error().code == ErrorCode::kNotFound) create();
      });
}

}  // namespace troupe::daemon
