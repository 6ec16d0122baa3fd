#include <string>

#include "api/validation/change_parts.hpp"
#include "api/validation/parts.hpp"

namespace troupe::api {

using schema::Node;

namespace {

constexpr std::string_view kOnceSet = "may not change once set";

bool is_headless(std::span<const Node> addresses) { return addresses.size() == 1 && text_of(addresses[0]) == "None"; }

void check_addresses(const Node* spec, const Node* before, const At& at, Faults& faults) {
  const auto now = items_of(spec, "clusterIPs");
  const auto old = items_of(before, "clusterIPs");
  if (is_headless(now) && is_headless(old)) return;
  const At list(at, "clusterIPs");
  const std::string json = shown(member(spec, "clusterIPs"));
  if (now.size() == old.size()) {
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (!schema::same_value(now[i], old[i])) faults.invalid_json(At(list, i), json, kOnceSet);
    }
    return;
  }
  if (now.empty()) return faults.invalid_json(At(list, 0), json, "primary clusterIP can not be unset");
  if (!old.empty() && !schema::same_value(now[0], old[0])) faults.invalid_json(At(list, 0), json, kOnceSet);
  if (now.size() == 1 && old.size() > 1 && text_member(spec, "ipFamilyPolicy") != "SingleStack") {
    faults.invalid_json(At(at, "ipFamilyPolicy"), shown(member(spec, "ipFamilyPolicy")),
                        "must be set to 'SingleStack' when releasing the secondary clusterIP");
  }
}

void check_families(const Node* spec, const Node* before, const At& at, Faults& faults) {
  if (is_headless(items_of(spec, "clusterIPs")) || is_headless(items_of(before, "clusterIPs"))) return;
  const auto now = items_of(spec, "ipFamilies");
  const auto old = items_of(before, "ipFamilies");
  if (now.empty() || old.empty() || schema::same_value(now[0], old[0])) return;
  const At list(at, "ipFamilies");
  faults.invalid(At(list, 0), *member(spec, "ipFamilies"), kOnceSet);
}

bool is_balancer(const Node* spec) { return text_member(spec, "type") == "LoadBalancer"; }

bool is_asked_for_health(const Node* spec) {
  return is_balancer(spec) && text_member(spec, "externalTrafficPolicy") == "Local";
}

}  // namespace

/// The addresses of a service stay unless it becomes, or was, an ExternalName; a load balancer's class stays.
void check_service_change(const Node& now, const Node& old, Faults& faults) {
  const Node* spec = member(now, "spec");
  const Node* before = member(old, "spec");
  const At root;
  const At at(root, "spec");
  if (text_member(before, "type") != "ExternalName" && text_member(spec, "type") != "ExternalName") {
    check_addresses(spec, before, at, faults);
    check_families(spec, before, at, faults);
  }
  if (is_balancer(spec) && is_balancer(before)) keep_member(spec, before, "loadBalancerClass", at, faults, kOnceSet);
  const bool port_changed = int_member(before, "healthCheckNodePort") != 0 &&
                            int_member(spec, "healthCheckNodePort") != int_member(before, "healthCheckNodePort");
  if (port_changed && is_asked_for_health(spec) && is_asked_for_health(before)) {
    faults.forbidden(At(at, "healthCheckNodePort"), kImmutable);
  }
}

}  // namespace troupe::api
