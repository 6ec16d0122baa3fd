#include <algorithm>
#include <array>
#include <string>

#include "api/validation/change_parts.hpp"
#include "api/validation/parts.hpp"

namespace troupe::api {

using schema::Node;

namespace {

/// Each container is as it was but for its resources.
bool same_containers(const Node* now, const Node* old, std::string_view list) {
  static constexpr std::string_view kFree[] = {"resources"};
  const auto a = items_of(now, list);
  const auto b = items_of(old, list);
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (differs_beyond(&a[i], &b[i], kFree)) return false;
  }
  return true;
}

/// Of the pods of a job that waits only this changes: where they may run, what they are called and what they get.
bool same_pods(const Node* now, const Node* old) {
  static constexpr std::string_view kParts[] = {"metadata", "spec"};
  static constexpr std::string_view kNames[] = {"labels", "annotations"};
  static constexpr std::string_view kPlaces[] = {"affinity",        "nodeSelector", "tolerations",
                                                 "schedulingGates", "containers",   "initContainers"};
  static constexpr std::string_view kNodes[] = {"nodeAffinity"};
  const Node* spec = member(now, "spec");
  const Node* before = member(old, "spec");
  return !differs_beyond(now, old, kParts) &&
         !differs_beyond(member(now, "metadata"), member(old, "metadata"), kNames) &&
         !differs_beyond(spec, before, kPlaces) &&
         !differs_beyond(member(spec, "affinity"), member(before, "affinity"), kNodes) &&
         same_containers(spec, before, "containers") && same_containers(spec, before, "initContainers");
}

}  // namespace

void check_job_change(const Node& now, const Node& old, Faults& faults) {
  const Node* spec = member(now, "spec");
  const Node* before = member(old, "spec");
  const At root;
  const At at(root, "spec");
  const Node* completions = member(spec, "completions");
  if (text_member(spec, "completionMode") != "Indexed") {
    keep_member(spec, before, "completions", at, faults);
  } else if (completions != nullptr && !same_member(spec, before, "completions") &&
             int_member(spec, "completions") != int_member(spec, "parallelism")) {
    faults.invalid(At(at, "completions"), *completions, "can only be modified in tandem with spec.parallelism");
  }
  keep_member(spec, before, "selector", at, faults);
  const bool waits = true_member(before, "suspend");
  const Node* pods = member(spec, "template");
  if (!waits || !same_pods(pods, member(before, "template"))) keep_member(spec, before, "template", at, faults);
  for (const std::string_view field :
       {"completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"}) {
    keep_member(spec, before, field, at, faults);
  }
}

}  // namespace troupe::api
