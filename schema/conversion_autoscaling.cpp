// HorizontalPodAutoscaler between autoscaling v1 and v2. v1 knows one metric, the CPU utilization; the others, and
// behavior, conditions and current metrics, travel in annotations, whose JSON has the names of the v1 types.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "schema/codec/json.hpp"
#include "schema/conversion_editor.hpp"

namespace troupe::schema {
namespace {

constexpr std::string_view kMetrics = "autoscaling.alpha.kubernetes.io/metrics";
constexpr std::string_view kBehavior = "autoscaling.alpha.kubernetes.io/behavior";
constexpr std::string_view kConditions = "autoscaling.alpha.kubernetes.io/conditions";
constexpr std::string_view kCurrentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics";

/// A kind of metric: the member that holds it, and the v1 names of what v2 keeps in `metric` and in `target` (of a
/// spec) or `current` (of a status). "" where that version has no such field.
struct MetricNames {
  std::string_view type;
  std::string_view member;
  std::string_view described;  ///< v1 name of describedObject
  std::string_view name;       ///< v1 name of metric.name; v2 keeps `name` itself when `named` is false
  std::string_view selector;
  std::string_view value[2];          ///< spec, status
  std::string_view average_value[2];  ///< spec, status
  std::string_view utilization[2];    ///< spec, status
  bool required_value = false;        ///< v1 writes the value always
  bool required_average[2] = {false, false};
};

constexpr std::array<MetricNames, 5> kKinds = {{
    {"Object",
     "object",
     "target",
     "metricName",
     "selector",
     {"targetValue", "currentValue"},
     {"averageValue", "averageValue"},
     {"", ""},
     true,
     {false, false}},
    {"Pods",
     "pods",
     "",
     "metricName",
     "selector",
     {"", ""},
     {"targetAverageValue", "currentAverageValue"},
     {"", ""},
     false,
     {true, true}},
    {"Resource",
     "resource",
     "",
     "",
     "",
     {"", ""},
     {"targetAverageValue", "currentAverageValue"},
     {"targetAverageUtilization", "currentAverageUtilization"},
     false,
     {false, true}},
    {"ContainerResource",
     "containerResource",
     "",
     "",
     "",
     {"", ""},
     {"targetAverageValue", "currentAverageValue"},
     {"targetAverageUtilization", "currentAverageUtilization"},
     false,
     {false, true}},
    {"External",
     "external",
     "",
     "metricName",
     "metricSelector",
     {"targetValue", "currentValue"},
     {"targetAverageValue", "currentAverageValue"},
     {"", ""},
     false,
     {false, false}},
}};

enum Part { kSpec = 0, kStatus = 1 };

const MetricNames* kind_of(const Node& metric) {
  for (const MetricNames& kind : kKinds) {
    if (kind.type == text_member(metric, "type") && object_member(metric, kind.member) != nullptr) return &kind;
  }
  return nullptr;
}

bool present(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return !key.empty() && found != nullptr && !found->is_null();
}

bool is_zero(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr &&
         ((found->is_string() && found->as_string() == "0") || (found->is_int() && found->as_int() == 0));
}

/// One v2 metric as v1 names it.
Node metric_to_v1(NodeEditor& edit, const Node& metric, Part part) {
  Node out = edit.object();
  edit.move(metric, "type", out, "type");
  const MetricNames* kind = kind_of(metric);
  if (kind == nullptr) return out;
  const Node& from = *object_member(metric, kind->member);
  Node to = edit.object();
  if (!kind->described.empty()) edit.move(from, "describedObject", to, kind->described);
  if (kind->name.empty()) edit.move(from, "name", to, "name");
  if (kind->type == "ContainerResource") edit.move(from, "container", to, "container");
  if (const Node* identifier = object_member(from, "metric"); identifier != nullptr && !kind->name.empty()) {
    edit.move(*identifier, "name", to, kind->name);
    edit.move(*identifier, "selector", to, kind->selector);
  }
  static const Node kNothing{};
  const Node* amounts = object_member(from, part == kSpec ? "target" : "current");
  if (amounts == nullptr) amounts = &kNothing;
  if (!kind->value[part].empty()) edit.move(*amounts, "value", to, kind->value[part]);
  if (!kind->average_value[part].empty()) edit.move(*amounts, "averageValue", to, kind->average_value[part]);
  if (!kind->utilization[part].empty()) edit.move(*amounts, "averageUtilization", to, kind->utilization[part]);
  const bool value_needed = kind->required_value || (part == kStatus && kind->type == "External");
  if (value_needed && !present(to, kind->value[part])) edit.set(to, kind->value[part], edit.text("0"));
  if (kind->required_average[part] && !present(to, kind->average_value[part])) {
    edit.set(to, kind->average_value[part], edit.text("0"));
  }
  edit.set(out, kind->member, to);
  return out;
}

/// Value, average or utilization: what the v1 form says by which field is there.
std::string_view target_type(const MetricNames& kind, const Node& from) {
  if (!kind.utilization[kSpec].empty()) return present(from, kind.utilization[kSpec]) ? "Utilization" : "AverageValue";
  if (kind.value[kSpec].empty()) return "AverageValue";
  const bool average = present(from, kind.average_value[kSpec]);
  return kind.required_value ? (average ? "AverageValue" : "Value")
                             : (present(from, kind.value[kSpec]) ? "Value" : "AverageValue");
}

Node metric_to_v2(NodeEditor& edit, const Node& metric, Part part) {
  Node out = edit.object();
  edit.move(metric, "type", out, "type");
  const MetricNames* kind = kind_of(metric);
  if (kind == nullptr) return out;
  const Node& from = *object_member(metric, kind->member);
  Node to = edit.object();
  if (!kind->described.empty()) edit.move(from, kind->described, to, "describedObject");
  if (kind->name.empty()) edit.move(from, "name", to, "name");
  if (kind->type == "ContainerResource") edit.move(from, "container", to, "container");
  if (!kind->name.empty()) {
    Node identifier = edit.object();
    edit.move(from, kind->name, identifier, "name");
    edit.move(from, kind->selector, identifier, "selector");
    edit.set(to, "metric", identifier);
  }
  Node amounts = edit.object();
  if (part == kSpec) edit.set(amounts, "type", edit.text(target_type(*kind, from)));
  const bool average = present(from, kind->average_value[part]);
  // v1 writes a zero where v2 has no value at all; beside another amount it says nothing.
  const bool filler = (kind->required_value || part == kStatus) && average && is_zero(from, kind->value[part]);
  if (!kind->value[part].empty() && !filler) edit.move(from, kind->value[part], amounts, "value");
  const bool average_filler = kind->required_average[part] && !kind->utilization[part].empty() &&
                              present(from, kind->utilization[part]) && is_zero(from, kind->average_value[part]);
  if (average && !average_filler) edit.move(from, kind->average_value[part], amounts, "averageValue");
  if (!kind->utilization[part].empty()) edit.move(from, kind->utilization[part], amounts, "averageUtilization");
  edit.set(to, part == kSpec ? "target" : "current", amounts);
  edit.set(out, kind->member, to);
  return out;
}

/// The amount of a CPU resource metric in per cent of the request, where there is one.
const Node* cpu_utilization(const Node& metric, std::string_view amounts) {
  if (text_member(metric, "type") != "Resource") return nullptr;
  const Node* resource = object_member(metric, "resource");
  if (resource == nullptr || text_member(*resource, "name") != "cpu") return nullptr;
  const Node* of = object_member(*resource, amounts);
  const Node* utilization = of == nullptr ? nullptr : of->find("averageUtilization");
  return utilization != nullptr && utilization->is_int() ? utilization : nullptr;
}

/// A Resource metric of the CPU with that utilization, as v2 has it.
Node cpu_metric(NodeEditor& edit, const Node& utilization, Part part) {
  Node amounts = edit.object();
  if (part == kSpec) edit.set(amounts, "type", edit.text("Utilization"));
  edit.set(amounts, "averageUtilization", utilization);
  Node resource = edit.object();
  edit.set(resource, "name", edit.text("cpu"));
  edit.set(resource, part == kSpec ? "target" : "current", amounts);
  Node metric = edit.object();
  edit.set(metric, "type", edit.text("Resource"));
  edit.set(metric, "resource", resource);
  return metric;
}

void set_annotation(NodeEditor& edit, Node& annotations, std::string_view key, const Node& value) {
  ByteBuffer json;
  encode_json(value, json);
  edit.set(annotations, key, edit.text(json.view()));
}

/// The annotation's JSON when it is an array of objects (or, for behavior, an object); else nothing.
std::optional<Node> from_annotation(NodeEditor& edit, const Node& annotations, std::string_view key, bool array) {
  const std::string_view text = text_member(annotations, key);
  if (text.empty()) return std::nullopt;
  JsonDecoder decoder(edit.document().limits());
  Document parsed(edit.document().limits());
  Diagnostics diagnostics;
  if (!decoder.parse(text, parsed, diagnostics)) return std::nullopt;
  if (array ? !parsed.root().is_array() : !parsed.root().is_object()) return std::nullopt;
  for (const Node& item : std::as_const(parsed.root()).items()) {
    if (!item.is_object()) return std::nullopt;
  }
  return edit.copy(parsed.root());
}

Node metrics_to_v2(NodeEditor& edit, const Node& metrics, Part part) {
  Node out = edit.array();
  for (const Node& metric : metrics.items()) edit.append(out, metric_to_v2(edit, metric, part));
  return out;
}

/// The object's annotations without those of this conversion, or an empty object.
Node other_annotations(NodeEditor& edit, const Node& metadata) {
  Node out = edit.object();
  const Node* annotations = object_member(metadata, "annotations");
  if (annotations == nullptr) return out;
  for (const Member& member : annotations->members()) {
    const std::string_view key = member.key;
    if (key == kMetrics || key == kBehavior || key == kConditions || key == kCurrentMetrics) continue;
    edit.set(out, key, member.value);
  }
  return out;
}

/// A member that is an object, taken for change; an empty one where it is absent.
Node part_of(NodeEditor& edit, const Node& object, std::string_view key) {
  const Node* found = object_member(object, key);
  return found != nullptr ? *found : edit.object();
}

void put_metadata(NodeEditor& edit, Node& object, const Node& annotations) {
  Node metadata = part_of(edit, object, "metadata");
  if (annotations.size() > 0) {
    edit.set(metadata, "annotations", annotations);
  } else {
    edit.document().erase(metadata, "annotations");
  }
  edit.set(object, "metadata", metadata);
}

}  // namespace

void autoscaler_to_v1(NodeEditor& edit, Node& object) {
  Node annotations = other_annotations(edit, part_of(edit, object, "metadata"));
  Node spec = part_of(edit, object, "spec");
  if (const Node* metrics = array_member(spec, "metrics")) {
    Node others = edit.array();
    const Node* target = nullptr;
    for (const Node& metric : metrics->items()) {
      const Node* utilization = cpu_utilization(metric, "target");
      if (utilization != nullptr && target == nullptr) {
        target = utilization;
      } else {
        edit.append(others, metric_to_v1(edit, metric, kSpec));
      }
    }
    if (target != nullptr) edit.set(spec, "targetCPUUtilizationPercentage", *target);
    if (others.size() > 0) set_annotation(edit, annotations, kMetrics, others);
  }
  if (const Node* behavior = object_member(spec, "behavior")) set_annotation(edit, annotations, kBehavior, *behavior);
  edit.document().erase(spec, "metrics");
  edit.document().erase(spec, "behavior");
  edit.set(object, "spec", spec);

  if (object_member(object, "status") != nullptr) {
    Node status = part_of(edit, object, "status");
    if (const Node* metrics = array_member(status, "currentMetrics"); metrics != nullptr && metrics->size() > 0) {
      Node all = edit.array();
      for (const Node& metric : metrics->items()) {
        const Node* utilization = cpu_utilization(metric, "current");
        if (utilization != nullptr) edit.set(status, "currentCPUUtilizationPercentage", *utilization);
        edit.append(all, metric_to_v1(edit, metric, kStatus));
      }
      set_annotation(edit, annotations, kCurrentMetrics, all);
    }
    if (const Node* conditions = array_member(status, "conditions"); conditions != nullptr && conditions->size() > 0) {
      set_annotation(edit, annotations, kConditions, *conditions);
    }
    edit.document().erase(status, "currentMetrics");
    edit.document().erase(status, "conditions");
    edit.set(object, "status", status);
  }
  put_metadata(edit, object, annotations);
}

void autoscaler_to_v2(NodeEditor& edit, Node& object) {
  static const Node kNone{};
  const Node metadata = part_of(edit, object, "metadata");
  const Node* found = object_member(metadata, "annotations");
  const Node& annotations = found != nullptr ? *found : kNone;
  const Node kept = other_annotations(edit, metadata);

  Node spec = part_of(edit, object, "spec");
  const auto others = from_annotation(edit, annotations, kMetrics, true);
  const Node* target = spec.find("targetCPUUtilizationPercentage");
  const bool has_target = target != nullptr && target->is_int();
  if (others || has_target) {
    Node metrics = others ? metrics_to_v2(edit, *others, kSpec) : edit.array();
    if (has_target) edit.append(metrics, cpu_metric(edit, *target, kSpec));
    edit.set(spec, "metrics", metrics);
  }
  if (const auto behavior = from_annotation(edit, annotations, kBehavior, false)) edit.set(spec, "behavior", *behavior);
  edit.document().erase(spec, "targetCPUUtilizationPercentage");
  edit.set(object, "spec", spec);

  const auto current = from_annotation(edit, annotations, kCurrentMetrics, true);
  const auto conditions = from_annotation(edit, annotations, kConditions, true);
  if (object_member(object, "status") != nullptr || current || conditions) {
    Node status = part_of(edit, object, "status");
    const Node* utilization = status.find("currentCPUUtilizationPercentage");
    if (current) {
      edit.set(status, "currentMetrics", metrics_to_v2(edit, *current, kStatus));
    } else if (utilization != nullptr && utilization->is_int()) {
      Node metrics = edit.array();
      edit.append(metrics, cpu_metric(edit, *utilization, kStatus));
      edit.set(status, "currentMetrics", metrics);
    }
    if (conditions) edit.set(status, "conditions", *conditions);
    edit.document().erase(status, "currentCPUUtilizationPercentage");
    edit.set(object, "status", status);
  }
  put_metadata(edit, object, kept);
}

}  // namespace troupe::schema
