#include <algorithm>

#include "api/selectors.hpp"
#include "api/table.hpp"
#include "api/table_parts.hpp"

// The columns of quotas, autoscalers, budgets, claims and of the kinds that configure the server itself.
namespace troupe::api::cells {

using schema::Node;

namespace {

/// "cpu: 1/4, pods: 2/10": of the limits, or of all else.
std::string quota_text(const Node& quota, bool limits) {
  const Node* hard = node_at(quota, "status.hard");
  const Node* used = node_at(quota, "status.used");
  std::string text;
  if (hard == nullptr) return text;
  std::vector<std::string_view> names;
  for (const schema::Member& each : hard->members()) {
    if (each.key.starts_with("limits.") == limits) names.push_back(each.key);
  }
  std::sort(names.begin(), names.end());
  for (const std::string_view name : names) {
    const Node* count = used != nullptr ? used->find(name) : nullptr;
    text += (text.empty() ? "" : ", ") + std::string(name) + ": ";
    text += (count != nullptr ? text_at(*count, "") : "0") + "/" + text_at(*hard->find(name), "");
  }
  return text;
}

std::string percent(std::string&& text) { return text.empty() ? std::move(text) : text + "%"; }

/// "cpu: 10%/50%", or "7/5 (avg)" for what has no name.
std::string metric_text(const Node& spec, const Node* status) {
  static constexpr std::pair<std::string_view, std::string_view> kSources[] = {
      {"Resource", "resource"},
      {"ContainerResource", "containerResource"},
      {"Pods", "pods"},
      {"Object", "object"},
      {"External", "external"}};
  const std::string type = text_at(spec, "type");
  for (const auto& [name, member] : kSources) {
    if (type != name) continue;
    const Node* wanted = spec.find(member);
    const Node* found = status != nullptr ? status->find(member) : nullptr;
    if (wanted == nullptr) break;
    const auto current = [found](const std::string& path) {
      return found != nullptr ? text_at(*found, "current." + path) : std::string();
    };
    const bool named = type == "Resource" || type == "ContainerResource";
    const std::string average = text_at(*wanted, "target.averageValue");
    const std::string head = named ? text_at(*wanted, "name") + ": " : "";
    if (!average.empty()) {
      const bool told = type == "Object" || type == "External";
      return head + text_or(current("averageValue"), "<unknown>") + "/" + average + (told ? " (avg)" : "");
    }
    if (!named) return text_or(current("value"), "<unknown>") + "/" + text_at(*wanted, "target.value");
    return head + text_or(percent(current("averageUtilization")), "<unknown>") + "/" +
           text_or(percent(text_at(*wanted, "target.averageUtilization")), "<auto>");
  }
  return "<unknown type>";
}

/// The metrics of version 2, or the one that version 1 knows.
std::string targets_of(const Node& scaler) {
  const std::string percentage = text_at(scaler, "spec.targetCPUUtilizationPercentage");
  if (!percentage.empty()) {
    return "cpu: " + text_or(percent(text_at(scaler, "status.currentCPUUtilizationPercentage")), "<unknown>") + "/" +
           percentage + "%";
  }
  const auto specs = items_at(scaler, "spec.metrics");
  const auto statuses = items_at(scaler, "status.currentMetrics");
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(specs.size(), 2); ++i) {
    text += (text.empty() ? "" : ", ") + metric_text(specs[i], i < statuses.size() ? &statuses[i] : nullptr);
  }
  if (specs.size() > 2) text += " + " + std::to_string(specs.size() - 2) + " more...";
  return text_or(std::move(text), "<none>");
}

std::string scaler_cell(std::string_view column, const Node& scaler) {
  if (column == "Reference") {
    return text_at(scaler, "spec.scaleTargetRef.kind") + "/" + text_at(scaler, "spec.scaleTargetRef.name");
  }
  if (column == "Targets") return targets_of(scaler);
  if (column == "MinPods") return text_or(text_at(scaler, "spec.minReplicas"), "<unset>");
  if (column == "MaxPods") return text_or(text_at(scaler, "spec.maxReplicas"), "0");
  return text_or(text_at(scaler, "status.currentReplicas"), "0");
}

std::string request_cell(std::string_view column, const Node& request) {
  if (column == "SignerName") return text_at(request, "spec.signerName");
  if (column == "Requestor") return text_at(request, "spec.username");
  if (column == "RequestedDuration") {
    const auto seconds = number_at(request, "spec.expirationSeconds");
    return seconds == 0 ? "<none>" : human_duration(std::chrono::seconds(seconds));
  }
  const auto has = [&request](std::string_view type) { return !condition(request, type).empty(); };
  std::string text = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  if (has("Failed")) text += ",Failed";
  if (!text_at(request, "status.certificate").empty()) text += ",Issued";
  return text;
}

std::string service_cell(std::string_view column, const Node& service) {
  if (column == "Service") {
    const std::string name = text_at(service, "spec.service.name");
    return name.empty() ? "Local" : text_at(service, "spec.service.namespace") + "/" + name;
  }
  for (const Node& each : items_at(service, "status.conditions")) {
    if (text_at(each, "type") != "Available") continue;
    const std::string status = text_at(each, "status");
    return status == "True" ? status : status + " (" + text_at(each, "reason") + ")";
  }
  return "Unknown";
}

/// Policies of admission and what binds them.
std::string admission_cell(std::string_view column, const Node& object) {
  if (column == "Webhooks") return std::to_string(count_at(object, "webhooks"));
  if (column == "Validations") return std::to_string(count_at(object, "spec.validations"));
  if (column == "Mutations") return std::to_string(count_at(object, "spec.mutations"));
  if (column == "PolicyName") return text_at(object, "spec.policyName");
  if (column == "ParamKind") {
    const Node* kind = node_at(object, "spec.paramKind");
    return kind == nullptr ? "<unset>" : text_at(*kind, "apiVersion") + "/" + text_at(*kind, "kind");
  }
  const Node* reference = node_at(object, "spec.paramRef");
  if (reference == nullptr) return "<unset>";
  return text_or(text_at(*reference, "namespace"), "*") + "/" + text_or(text_at(*reference, "name"), "*");
}

std::string flow_cell(std::string_view column, const Node& object) {
  if (column == "PriorityLevel") return text_at(object, "spec.priorityLevelConfiguration.name");
  if (column == "MatchingPrecedence") return text_or(text_at(object, "spec.matchingPrecedence"), "0");
  if (column == "DistinguisherMethod") return text_or(text_at(object, "spec.distinguisherMethod.type"), "<none>");
  if (column == "MissingPL") return text_or(condition(object, "Dangling"), "?");
  if (column == "Type") return text_at(object, "spec.type");
  static constexpr std::pair<std::string_view, std::string_view> kLimited[] = {
      {"NominalConcurrencyShares", "nominalConcurrencyShares"},
      {"Queues", "limitResponse.queuing.queues"},
      {"HandSize", "limitResponse.queuing.handSize"},
      {"QueueLengthLimit", "limitResponse.queuing.queueLengthLimit"}};
  for (const auto& [name, path] : kLimited) {
    if (column == name) return text_or(text_at(object, "spec.limited." + std::string(path)), "<none>");
  }
  return {};
}

std::string device_claim_state(const Node& claim) {
  std::string text = is_going(claim) ? "deleted" : "";
  if (node_at(claim, "status.allocation") == nullptr) return text.empty() ? "pending" : text;
  text += text.empty() ? "allocated" : ",allocated";
  return count_at(claim, "status.reservedFor") == 0 ? text : text + ",reserved";
}

}  // namespace

std::string policy_cell(std::string_view kind, std::string_view column, const Node& object) {
  if (kind == "ResourceQuota") return quota_text(object, column == "Limit");
  if (kind == "HorizontalPodAutoscaler") return scaler_cell(column, object);
  if (kind == "CertificateSigningRequest") return request_cell(column, object);
  if (kind == "APIService") return service_cell(column, object);
  if (kind == "FlowSchema" || kind == "PriorityLevelConfiguration") return flow_cell(column, object);
  if (kind == "ResourceClaim") return device_claim_state(object);
  if (kind.find("Webhook") != std::string_view::npos || kind.find("AdmissionPolicy") != std::string_view::npos) {
    return admission_cell(column, object);
  }
  if (kind == "PodDisruptionBudget") {
    if (column == "Min Available") return text_or(text_at(object, "spec.minAvailable"), "N/A");
    if (column == "Max Unavailable") return text_or(text_at(object, "spec.maxUnavailable"), "N/A");
    return text_or(text_at(object, "status.disruptionsAllowed"), "0");
  }
  return {};
}

}  // namespace troupe::api::cells
