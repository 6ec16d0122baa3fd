#include "api/validation/change_pod.hpp"

#include <algorithm>
#include <string>

namespace troupe::api {

using schema::Node;

namespace {

constexpr std::string_view kOnly =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Equal but for one field of each item, by position.
bool same_but(const Node* now, const Node* old, std::string_view free) {
  if (now == nullptr || old == nullptr) return now == old;
  if (now->size() != old->size()) return false;
  for (std::size_t i = 0; i < now->items().size(); ++i) {
    const Node& a = now->items()[i];
    const Node& b = old->items()[i];
    for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
      for (const schema::Member& each : one->members()) {
        if (each.key != free && !same_member(one, other, each.key)) return false;
      }
    }
  }
  return true;
}

bool has_item(const Node& list, const Node& item) {
  return std::any_of(list.items().begin(), list.items().end(),
                     [&](const Node& each) { return schema::same_value(each, item); });
}

/// Every toleration that was is still there; only its seconds may change.
void check_tolerations(const Node* now, const Node* old, const At& at, Faults& faults) {
  if (old == nullptr) return;
  for (const Node& each : old->items()) {
    const bool kept = now != nullptr && std::any_of(now->items().begin(), now->items().end(), [&](const Node& item) {
                        return same_member(&item, &each, "key") && same_member(&item, &each, "operator") &&
                               same_member(&item, &each, "value") && same_member(&item, &each, "effect");
                      });
    if (!kept) {
      return faults.forbidden(at, "existing toleration can not be modified except its tolerationSeconds");
    }
  }
}

void check_deadline(const Node* now, const Node* old, const At& at, Faults& faults) {
  const Node* before = member(old, "activeDeadlineSeconds");
  const Node* after = member(now, "activeDeadlineSeconds");
  if (before == nullptr) return;
  if (after == nullptr) {
    return faults.invalid_json(At(at, "activeDeadlineSeconds"), "null",
                               "must not update from a positive integer to nil value");
  }
  if (after->is_int() && before->is_int() && after->as_int() > before->as_int()) {
    faults.invalid(At(at, "activeDeadlineSeconds"), *after, "must be less than or equal to previous value");
  }
}

bool gates_only_shrink(const Node* now, const Node* old) {
  if (now == nullptr) return true;
  return old != nullptr &&
         std::all_of(now->items().begin(), now->items().end(), [&](const Node& gate) { return has_item(*old, gate); });
}

/// A pod that waits behind a gate may still be told more precisely where to go.
bool may_differ(std::string_view field, bool gated, bool adds_ephemeral) {
  if (adds_ephemeral) return field == "ephemeralContainers" || field == "containers" || field == "initContainers";
  static constexpr std::string_view kHandled[] = {"containers", "initContainers", "activeDeadlineSeconds",
                                                  "tolerations", "schedulingGates"};
  if (std::find(std::begin(kHandled), std::end(kHandled), field) != std::end(kHandled)) return true;
  return gated && (field == "nodeSelector" || field == "affinity");
}

bool spec_is_kept(const Node* now, const Node* old, std::string_view free_of_containers) {
  for (const std::string_view list : {"containers", "initContainers"}) {
    if (!same_but(member(now, list), member(old, list), free_of_containers)) return false;
  }
  const Node* gates = member(old, "schedulingGates");
  const bool gated = gates != nullptr && gates->size() != 0;
  for (const auto& [a, b] : {std::pair(now, old), std::pair(old, now)}) {
    if (a == nullptr) continue;
    for (const schema::Member& each : a->members()) {
      if (!may_differ(each.key, gated, free_of_containers.empty()) && !same_member(a, b, each.key)) return false;
    }
  }
  return true;
}

void check_ephemeral(const Node* now, const Node* old, const At& at, Faults& faults) {
  const Node* before = member(old, "ephemeralContainers");
  const Node* after = member(now, "ephemeralContainers");
  if (before == nullptr) return;
  const At list(at, "ephemeralContainers");
  for (const Node& each : before->items()) {
    const std::string_view name = text_member(each, "name");
    const Node* found = nullptr;
    if (after != nullptr) {
      for (const Node& item : after->items()) {
        if (text_member(item, "name") == name) found = &item;
      }
    }
    if (found == nullptr) {
      faults.forbidden(list, "existing ephemeral containers \"" + std::string(name) + "\" may not be removed");
    } else if (!schema::same_value(*found, each)) {
      faults.forbidden(list, "existing ephemeral containers \"" + std::string(name) + "\" may not be changed");
    }
  }
}

}  // namespace

void check_pod_change(const Node& now, const Node& old, std::string_view subresource, Faults& faults) {
  const Node* spec = member(now, "spec");
  const Node* before = member(old, "spec");
  const At root;
  const At at(root, "spec");
  if (subresource == "ephemeralcontainers") {
    if (!spec_is_kept(spec, before, "")) faults.forbidden(at, "only ephemeral containers may be added");
    return check_ephemeral(spec, before, at, faults);
  }
  if (subresource == "resize") {
    if (!spec_is_kept(spec, before, "resources")) faults.forbidden(at, "only cpu and memory resources are mutable");
    return;
  }
  for (const std::string_view list : {"containers", "initContainers"}) {
    const Node* a = member(spec, list);
    const Node* b = member(before, list);
    if ((a != nullptr ? a->size() : 0) == (b != nullptr ? b->size() : 0)) continue;
    return faults.forbidden(At(at, list), "pod updates may not add or remove containers");
  }
  check_deadline(spec, before, at, faults);
  check_tolerations(member(spec, "tolerations"), member(before, "tolerations"), At(at, "tolerations"), faults);
  if (!gates_only_shrink(member(spec, "schedulingGates"), member(before, "schedulingGates"))) {
    faults.forbidden(At(at, "schedulingGates"), "only deletion is allowed, but found new scheduling gates");
  }
  if (!spec_is_kept(spec, before, "image")) faults.forbidden(at, kOnly);
}

}  // namespace troupe::api
