#include "schema/conversion.hpp"

#include <array>
#include <string>

#include "schema/conversion_editor.hpp"

namespace troupe::schema {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kCoreToEvents = {{
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"},
}};

constexpr auto kEventsToCore = [] {
  auto names = kCoreToEvents;
  for (auto& [from, to] : names) std::swap(from, to);
  return names;
}();

void event_to_events(NodeEditor& edit, Node& object) { object = edit.renamed(object, kCoreToEvents); }
void event_to_core(NodeEditor& edit, Node& object) { object = edit.renamed(object, kEventsToCore); }

struct Conversion {
  std::string_view kind;
  std::string_view from;
  std::string_view to;
  void (*run)(NodeEditor&, Node&);
};

constexpr std::array<Conversion, 4> kConversions = {{
    {"Event", "v1", "events.k8s.io/v1", event_to_events},
    {"Event", "events.k8s.io/v1", "v1", event_to_core},
    {"HorizontalPodAutoscaler", "autoscaling/v2", "autoscaling/v1", autoscaler_to_v1},
    {"HorizontalPodAutoscaler", "autoscaling/v1", "autoscaling/v2", autoscaler_to_v2},
}};

const Conversion* find(std::string_view kind, std::string_view from, std::string_view to) {
  for (const Conversion& row : kConversions) {
    if (row.kind == kind && row.from == from && row.to == to) return &row;
  }
  return nullptr;
}

}  // namespace

bool can_convert(std::string_view kind, std::string_view from_api_version, std::string_view to_api_version) {
  return from_api_version == to_api_version || find(kind, from_api_version, to_api_version) != nullptr;
}

Status convert(Document& document, Node& object, std::string_view to_api_version) {
  const std::string_view kind = text_member(object, "kind");
  const std::string_view from = text_member(object, "apiVersion");
  if (kind.empty() || from.empty()) {
    return fail(ErrorCode::kInvalidArgument, "an object without apiVersion and kind cannot be converted");
  }
  if (from == to_api_version) return {};
  const Conversion* conversion = find(kind, from, to_api_version);
  if (conversion == nullptr) {
    return fail(ErrorCode::kUnsupported, "no conversion of " + std::string(kind) + " from " + std::string(from) +
                                             " to " + std::string(to_api_version));
  }
  NodeEditor edit(document);
  conversion->run(edit, object);
  edit.set(object, "apiVersion", edit.text(to_api_version));
  return edit.status();
}

}  // namespace troupe::schema
