#include "daemon/events.hpp"

#include <algorithm>
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

using TimePoint = std::chrono::system_clock::time_point;

/// Where the Event lies: beside its object, and what tells of an object without a namespace in "default".
std::string space_of(const EventSpec& event) { return event.ns.empty() ? "default" : event.ns; }

Segment make_event(const EventSpec& spec, const std::string& name, const std::string& uid, TimePoint first,
                   TimePoint last, std::int32_t count) {
  capnp::MallocMessageBuilder builder;
  auto event = builder.initRoot<core::Event>();
  auto meta = event.initMetadata();
  meta.setName(name);
  meta.setNamespace(space_of(spec));
  meta.setUid(uid);
  meta.setCreationTimestamp(seconds_of(first));
  meta.setHasCreationTimestamp(true);
  auto object = event.initInvolvedObject();
  object.setKind(spec.kind);
  object.setApiVersion(spec.api_version);
  if (!spec.ns.empty()) object.setNamespace(spec.ns);
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
  event.setFirstTimestamp(seconds_of(first));
  event.setHasFirstTimestamp(true);
  event.setLastTimestamp(seconds_of(last));
  event.setHasLastTimestamp(true);
  event.setCount(count);
  return to_segment<core::Event>(event.asReader());
}

}  // namespace

std::pair<std::string, bool> EventRecorder::name_of(const EventSpec& event, TimePoint now) {
  auto [found, is_new] =
      names_.try_emplace(event.uid + "|" + event.field_path + "|" + event.reason + "|" + event.message);
  if (!is_new) return {found->second, false};
  const std::int64_t time = std::chrono::nanoseconds(now.time_since_epoch()).count();
  last_number_ = std::max(last_number_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(time, 0)));
  const std::string name = event.name + "." + hex(last_number_);
  found->second = name;
  order_.push_back(found->first);
  while (order_.size() > kRemembered) {
    names_.erase(order_.front());
    order_.pop_front();
  }
  return {name, true};
}

bool EventRecorder::count_waiting(const std::string& name, TimePoint now) {
  const auto same = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& one) { return one.name == name; });
  if (same == waiting_.end()) return false;
  ++same->count;
  same->last = now;
  return true;
}

void EventRecorder::record(EventSpec event) {
  const TimePoint now = system_.clock().wall_now();
  std::unique_lock lock(mutex_);
  if (closed_) return;
  auto [name, is_new] = name_of(event, now);
  if (!is_new) {
    if (count_waiting(name, now)) return;
    lock.unlock();
    return count_up(event, name, now);
  }
  waiting_.push_back({std::move(event), std::move(name), now, now});
  if (waiting_.size() == 1) {
    timer_ = system_.promise(kDelay, [this](const Result<kernel::AnyMsg>& answer) {
      if (!answer && answer.error().code == ErrorCode::kTimeout) flush();  // else it was dropped
    });
  }
  const bool full = waiting_.size() >= kMaxWaiting;
  lock.unlock();
  if (full) flush();
}

void EventRecorder::close() {
  kernel::Promise timer;  // let go outside of the lock
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  waiting_.clear();
  timer = std::move(timer_);
}

void EventRecorder::flush() {
  std::vector<Waiting> waiting;
  kernel::Promise timer;
  {
    const std::scoped_lock lock(mutex_);
    waiting.swap(waiting_);
    timer = std::move(timer_);
  }
  const api::Resource* events = objects_.resource("", "v1", "events");
  if (events == nullptr || waiting.empty()) return;
  std::vector<Objects::NewObject> objects;
  objects.reserve(waiting.size());
  for (const Waiting& one : waiting) {
    objects.push_back({space_of(one.event), one.name,
                       make_event(one.event, one.name, new_uid(system_.random()), one.first, one.last, one.count)});
  }
  objects_.put_all(*events, objects, [](const Status&) {});
}

void EventRecorder::count_up(const EventSpec& event, const std::string& name, TimePoint now) {
  const api::Resource* events = objects_.resource("", "v1", "events");
  if (events == nullptr) return;
  const std::string space = space_of(event);
  const auto create = [this, events, event, name, space, now] {
    const Segment object = make_event(event, name, new_uid(system_.random()), now, now, 1);
    objects_.create(*events, space, name, object, [](const Status&) {});
  };
  objects_.update(
      *events, space, name,
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
