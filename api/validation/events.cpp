#include <string>

#include "api/validation/formats.hpp"
#include "api/validation/rules.hpp"

/// Events in either API. Faults name the fields as core/v1 does, also for events.k8s.io, as kube-apiserver does.
namespace troupe::api {

namespace {

using schema::Node;

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxNote = 1024;

/// The members of one API's Event.
struct Words {
  std::string_view object;
  std::string_view note;
  std::string_view controller;
};
constexpr Words kCore{"involvedObject", "message", "reportingComponent"};
constexpr Words kEvents{"regarding", "note", "reportingController"};

void check_short(const Node& event, std::string_view field, Faults& faults) {
  const At root;
  const std::string_view text = text_member(event, field);
  if (text.empty()) return faults.required(At(root, field));
  if (text.size() > kMaxName) faults.invalid(At(root, field), "", "can have at most 128 characters");
}

/// An event of the new kind has a time of its own and says who reports what.
void check_report(const Node& event, const Words& words, Faults& faults) {
  const At root;
  const std::string_view controller = text_member(event, words.controller);
  if (controller.empty()) faults.required(At(root, words.controller));
  check_short(event, "reportingInstance", faults);
  check_short(event, "action", faults);
  check_short(event, "reason", faults);
  if (text_member(event, words.note).size() > kMaxNote) {
    faults.invalid(At(root, "message"), "", "can have at most 1024 characters");
  }
}

/// What holds in both APIs.
void check_any(const Node& event, const Words& words, Faults& faults) {
  const At root;
  const At object(root, "involvedObject");
  const std::string_view own = text_member(member(event, "metadata"), "namespace");
  const std::string_view other = text_member(member(event, words.object), "namespace");
  const bool timed = !text_member(event, "eventTime").empty();
  const bool fits =
      !other.empty() ? timed || own == other : own.empty() || own == "default" || (timed && own == "kube-system");
  if (!fits) faults.invalid(At(object, "namespace"), other, "does not match event.namespace");
  if (timed) check_report(event, words, faults);
}

void unset(const Node& event, std::string_view field, std::string_view shown, Faults& faults) {
  const Node* value = member(event, field);
  if (value == nullptr || (value->is_object() && value->size() == 0)) return;
  const At root;
  faults.invalid(At(root, shown), "", "needs to be unset");
}

}  // namespace

void check_core_event(const Subject& subject) { check_any(subject.value, kCore, subject.faults); }

void check_event(const Subject& subject) { check_any(subject.value, kEvents, subject.faults); }

void check_event_series(const Node& event, Faults& faults) {
  const Node* series = member(event, "series");
  if (series == nullptr) return;
  const At root;
  const At at(root, "series");
  if (int_member(series, "count") < 2) faults.invalid(At(at, "count"), "", "should be at least 2");
  if (text_member(series, "lastObservedTime").empty()) faults.required(At(at, "lastObservedTime"));
}

void check_new_event(const Node& event, Faults& faults) {
  const At root;
  check_event_series(event, faults);
  if (text_member(event, "eventTime").empty()) faults.required(At(root, "eventTime"));
  const std::string_view type = text_member(event, "type");
  if (type != "Normal" && type != "Warning") faults.invalid(At(root, "type"), "", "has invalid value: ");
  unset(event, "deprecatedFirstTimestamp", "firstTimestamp", faults);
  unset(event, "deprecatedLastTimestamp", "lastTimestamp", faults);
  if (int_member(&event, "deprecatedCount") != 0) faults.invalid(At(root, "count"), "", "needs to be unset");
  unset(event, "deprecatedSource", "source", faults);
}

}  // namespace troupe::api
