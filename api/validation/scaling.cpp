#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/quantities.hpp"
#include "api/validation/rules.hpp"

/// HorizontalPodAutoscalers of both versions.
namespace troupe::api {

using schema::Node;

namespace {

constexpr std::int64_t kLongestWindow = 3600;
constexpr std::int64_t kLongestPeriod = 1800;

struct Source {
  std::string_view type;
  std::string_view field;
};
constexpr Source kSources[] = {{"Object", "object"},
                               {"External", "external"},
                               {"Pods", "pods"},
                               {"Resource", "resource"},
                               {"ContainerResource", "containerResource"}};

void check_positive(const Node* target, std::string_view field, const At& at, Faults& faults) {
  const auto amount = quantity_member(target, field);
  if (amount && amount->sign() <= 0) faults.invalid(At(at, field), amount->to_string(), "must be positive");
}

void check_target(const Node* target, const At& at, Faults& faults) {
  const std::string_view type = text_member(target, "type");
  if (type.empty()) faults.required(At(at, "type"), "must specify a metric target type");
  if (type != "Utilization" && type != "Value" && type != "AverageValue") {
    faults.invalid(At(at, "type"), type, "must be either Utilization, Value, or AverageValue");
  }
  check_positive(target, "value", at, faults);
  check_positive(target, "averageValue", at, faults);
  const auto utilization = number_member(target, "averageUtilization");
  if (utilization && *utilization < 1) {
    faults.invalid_json(At(at, "averageUtilization"), std::to_string(*utilization), "must be greater than 0");
  }
}

void check_identifier(const Node& source, const At& at, Faults& faults) {
  const At place(at, "metric");
  const std::string_view name = text_member(member(source, "metric"), "name");
  if (name.empty()) return faults.required(At(place, "name"), "must specify a metric name");
  check_path_segment(name, At(place, "name"), faults);
}

/// What kind of target each kind of metric must have.
void check_target_choice(std::string_view source, const Node* target, const At& at, Faults& faults) {
  const bool value = member(target, "value") != nullptr;
  const bool average = member(target, "averageValue") != nullptr;
  const bool utilization = member(target, "averageUtilization") != nullptr;
  if (source == "object" && !value && !average) {
    faults.required(At(at, "averageValue"), "must set either a target value or averageValue");
  } else if (source == "external" && !value && !average) {
    faults.required(At(at, "averageValue"), "must set either a target value for metric or a per-pod target");
  } else if (source == "external" && value && average) {
    faults.forbidden(At(at, "value"), "may not set both a target value for metric and a per-pod target");
  } else if (source == "pods" && !average) {
    faults.required(At(at, "averageValue"), "must specify a positive target averageValue");
  } else if (source == "resource" || source == "containerResource") {
    if (!utilization && !average) {
      faults.required(At(at, "averageUtilization"), "must set either a target raw value or a target utilization");
    }
    if (utilization && average) {
      faults.forbidden(At(at, "averageValue"), "may not set both a target raw value and a target utilization");
    }
  }
}

void check_source(std::string_view field, const Node& source, const At& at, Faults& faults) {
  if (field == "resource" || field == "containerResource") {
    const std::string_view name = text_member(source, "name");
    if (name.empty()) {
      faults.required(At(at, "name"), "must specify a resource name");
    } else if (field == "containerResource") {
      check_container_resource_name(name, At(at, "name"), faults);
    }
    const std::string_view container = text_member(source, "container");
    if (field == "containerResource" && container.empty()) {
      faults.required(At(at, "container"), "must specify a container");
    } else if (field == "containerResource") {
      check_dns_label(container, At(at, "container"), faults);
    }
  } else {
    check_identifier(source, at, faults);
  }
  const At target(at, "target");
  check_target(member(source, "target"), target, faults);
  check_target_choice(field, member(source, "target"), target, faults);
}

void check_target_reference(const Node* reference, const At& at, Faults& faults) {
  for (const std::string_view field : {"kind", "name"}) {
    const std::string_view text = text_member(reference, field);
    if (text.empty()) {
      faults.required(At(at, field));
    } else {
      check_path_segment(text, At(at, field), faults);
    }
  }
}

void check_scaling_rules(const Node* rules, const At& at, Faults& faults) {
  if (rules == nullptr) return;
  const At window_at(at, "stabilizationWindowSeconds");
  const auto window = number_member(rules, "stabilizationWindowSeconds");
  if (window && *window < 0) {
    faults.invalid_json(window_at, std::to_string(*window), "must be greater than or equal to zero");
  }
  if (window && *window > kLongestWindow) {
    faults.invalid_json(window_at, std::to_string(*window), "must be less than or equal to 3600");
  }
  const At list(at, "policies");
  const auto items = items_of(rules, "policies");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const At item(list, i);
    const std::string_view type = text_member(items[i], "type");
    if (type != "Pods" && type != "Percent") faults.unsupported(At(item, "type"), type, {"Percent", "Pods"});
    for (const std::string_view field : {"value", "periodSeconds"}) {
      const std::int64_t number = int_member(&items[i], field);
      if (number <= 0) faults.invalid_json(At(item, field), std::to_string(number), "must be greater than zero");
      if (field == "periodSeconds" && number > kLongestPeriod) {
        faults.invalid_json(At(item, field), std::to_string(number), "must be less than or equal to 1800");
      }
    }
  }
}

}  // namespace

void check_metric(const Subject& subject) {
  const std::string_view type = text_member(subject.value, "type");
  const At type_at(subject.at, "type");
  if (type.empty()) subject.faults.required(type_at, "must specify a metric source type");
  std::string_view expected;
  std::size_t present = 0;
  for (const Source& source : kSources) {
    if (source.type == type) expected = source.field;
    const Node* value = member(subject.value, source.field);
    if (value == nullptr || ++present > 1) continue;
    const At at(subject.at, source.field);
    if (source.field == "object") {
      check_target_reference(member(value, "describedObject"), At(at, "describedObject"), subject.faults);
    }
    check_source(source.field, *value, at, subject.faults);
  }
  if (expected.empty()) {
    subject.faults.unsupported(type_at, type, {"ContainerResource", "External", "Object", "Pods", "Resource"});
  } else if (member(subject.value, expected) == nullptr) {
    subject.faults.required(At(subject.at, expected), "must populate information for the given metric source");
  }
  if (present == 1) return;
  for (const Source& source : kSources) {
    if (source.field == expected || member(subject.value, source.field) == nullptr) continue;
    subject.faults.forbidden(At(subject.at, source.field), "must populate the given metric source only");
  }
}

void check_scaler_spec(const Subject& subject) {
  const auto least = number_member(&subject.value, "minReplicas");
  if (least && *least < 1) {
    subject.faults.invalid_json(At(subject.at, "minReplicas"), std::to_string(*least),
                                "must be greater than or equal to 1");
  }
  const std::int64_t most = int_member(&subject.value, "maxReplicas");
  const At most_at(subject.at, "maxReplicas");
  if (most < 1) subject.faults.invalid_json(most_at, std::to_string(most), "must be greater than 0");
  if (least && most < *least) {
    subject.faults.invalid_json(most_at, std::to_string(most), "must be greater than or equal to `minReplicas`");
  }
  check_target_reference(member(subject.value, "scaleTargetRef"), At(subject.at, "scaleTargetRef"), subject.faults);
  const auto percent = number_member(&subject.value, "targetCPUUtilizationPercentage");
  if (percent && *percent < 1) {  // in v1; kube-apiserver names the place as v2 has it
    const At metrics(subject.at, "metrics");
    const At metric(metrics, 0);
    const At resource(metric, "resource");
    const At target(resource, "target");
    subject.faults.invalid_json(At(target, "averageUtilization"), std::to_string(*percent), "must be greater than 0");
  }
  const Node* behavior = member(subject.value, "behavior");
  const At at(subject.at, "behavior");
  check_scaling_rules(member(behavior, "scaleUp"), At(at, "scaleUp"), subject.faults);
  check_scaling_rules(member(behavior, "scaleDown"), At(at, "scaleDown"), subject.faults);
}

}  // namespace troupe::api
