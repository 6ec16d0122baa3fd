#include "api/status_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

constexpr std::string_view kObserved = "observedGeneration";

/// Older kinds protect their spec alone; those that came later protect all of their metadata.
constexpr std::string_view kOpenGroups[] = {
    "", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "certificates.k8s.io"};

std::int64_t observed(const Node& holder) {
  const Node* value = holder.find(kObserved);
  return value != nullptr && value->is_int() ? value->as_int() : 0;
}

ApiStatus keep_observed(Document& object, Node& holder, std::int64_t before) {
  if (before == 0 || observed(holder) != 0) return {};
  return set_node(object, holder, kObserved, Node(before));
}

/// Several conditions of a type are taken in their order.
ApiStatus keep_observed_of_conditions(Document& object, Node& status, const Node& old) {
  Node* conditions = status.find("conditions");
  const Node* before = old.find("conditions");
  if (conditions == nullptr || before == nullptr || !conditions->is_array() || !before->is_array()) return {};
  std::multimap<std::string_view, std::int64_t> known;
  for (const Node& each : before->items()) known.emplace(text_member(each, "type"), observed(each));
  for (Node& each : conditions->items()) {
    const std::string_view type = text_member(each, "type");
    const auto found = known.lower_bound(type);
    if (found == known.end() || found->first != type) continue;
    if (auto kept = keep_observed(object, each, found->second); !kept) return kept;
    known.erase(found);
  }
  return {};
}

}  // namespace

bool status_takes_metadata(const Resource& resource) {
  if (resource.custom) return false;
  return std::find(std::begin(kOpenGroups), std::end(kOpenGroups), resource.group) != std::end(kOpenGroups);
}

std::span<const std::string_view> kept_by_status(const Resource& resource) {
  static constexpr std::string_view kOfPod[] = {"ownerReferences"};
  static constexpr std::string_view kOfDeployment[] = {"labels"};
  if (resource.group.empty() && resource.kind == "Pod") return kOfPod;
  if (resource.group == "apps" && resource.kind == "Deployment") return kOfDeployment;
  return {};
}

ApiStatus keep_of_status(Document& object, const Node& old, const Resource& resource) {
  if (!resource.group.empty() || resource.kind != "Pod") return {};
  const Node* before = old.find("status");
  if (before == nullptr) return {};
  auto status = object_member(object, object.root(), "status");
  if (!status) return refuse(status.error());
  if (text_member(**status, "qosClass").empty() && !text_member(*before, "qosClass").empty()) {
    if (auto set = set_text(object, **status, "qosClass", text_member(*before, "qosClass")); !set) return set;
  }
  if (auto kept = keep_observed(object, **status, observed(*before)); !kept) return kept;
  return keep_observed_of_conditions(object, **status, *before);
}

}  // namespace troupe::api
