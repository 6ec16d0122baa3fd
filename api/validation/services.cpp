#include <algorithm>
#include <string>
#include <vector>

#include "api/validation/addresses.hpp"
#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/rules.hpp"

namespace troupe::api {

using schema::Node;

namespace {

constexpr std::int64_t kLongestAffinity = 86400;

std::string port_json(std::int64_t number, std::string_view protocol, std::int64_t node_port) {
  return R"({"Name":"","Protocol":")" + std::string(protocol) + R"(","AppProtocol":null,"Port":)" +
         std::to_string(number) + R"(,"TargetPort":0,"NodePort":)" + std::to_string(node_port) + "}";
}

void check_service_ports(const Subject& subject, bool headless) {
  const auto ports = items_of(subject.value, "ports");
  const At list(subject.at, "ports");
  const std::string_view type = text_member(subject.value, "type");
  if (ports.empty() && type != "ExternalName" && !headless) subject.faults.required(list);
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const At item(list, i);
    const std::string_view name = text_member(ports[i], "name");
    if (ports.size() > 1 && name.empty()) subject.faults.required(At(item, "name"));
    if (!name.empty() && std::find(names.begin(), names.end(), name) != names.end()) {
      subject.faults.duplicate(At(item, "name"), name);
    }
    names.push_back(name);
    const std::string_view protocol = text_member(ports[i], "appProtocol");
    if (member(ports[i], "appProtocol") != nullptr) {
      check_qualified_name(protocol, At(item, "appProtocol"), subject.faults);
    }
    if (int_member(&ports[i], "nodePort") != 0 && type == "ClusterIP") {
      subject.faults.forbidden(At(item, "nodePort"), "may not be used when `type` is 'ClusterIP'");
    }
  }
}

/// A port and a node port are there once for a protocol.
void check_numbers(const Subject& subject) {
  const auto ports = items_of(subject.value, "ports");
  const At list(subject.at, "ports");
  std::vector<std::string> seen;
  const auto is_new = [&seen](std::string key) {
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) return false;
    seen.push_back(std::move(key));
    return true;
  };
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::int64_t number = int_member(&ports[i], "nodePort");
    if (number == 0 || is_new(port_json(0, text_member(ports[i], "protocol"), number))) continue;
    const At item(list, i);
    subject.faults.duplicate_json(At(item, "nodePort"), std::to_string(number));
  }
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string json = port_json(int_member(&ports[i], "port"), text_member(ports[i], "protocol"), 0);
    if (!is_new(json)) subject.faults.duplicate_json(At(list, i), json);
  }
}

bool is_ipv6(std::string_view text) { return text.find(':') != std::string_view::npos; }

/// Each address is one, of the family that stands at its place; false when one is none.
bool check_each_address(const Subject& subject, const Node& addresses, const At& list) {
  const auto items = addresses.items();
  bool good = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string_view text = text_of(items[i]);
    if (i == 0 && text == "None") {
      if (items.size() == 1) continue;
      subject.faults.invalid(list, addresses, "'None' must be the first and only value");
      good = false;
    } else if (!is_ip(text)) {
      check_ip(text, At(list, i), subject.faults);
      good = false;
    }
  }
  return good;
}

void check_address_families(const Subject& subject, const Node& addresses, const At& list) {
  const auto items = addresses.items();
  if (items.size() > 1) {
    const bool both = items.size() == 2 && is_ipv6(text_of(items[0])) != is_ipv6(text_of(items[1]));
    if (!both) subject.faults.invalid(list, addresses, "may specify no more than one IP for each IP family");
  }
  const auto families = items_of(subject.value, "ipFamilies");
  for (std::size_t i = 0; i < std::min(items.size(), families.size()); ++i) {
    const std::string_view family = text_of(families[i]);
    const std::string_view text = text_of(items[i]);
    if (text == "None" || (family != "IPv4" && family != "IPv6") || is_ipv6(text) == (family == "IPv6")) continue;
    subject.faults.invalid(
        At(list, i), text,
        "expected an " + std::string(family) + " value as indicated by `ipFamilies[" + std::to_string(i) + "]`");
  }
}

void check_cluster_ips(const Subject& subject) {
  const Node* addresses = member(subject.value, "clusterIPs");
  const std::string_view address = text_member(subject.value, "clusterIP");
  const At list(subject.at, "clusterIPs");
  const At families_at(subject.at, "ipFamilies");
  const bool any = !is_blank(addresses);
  if (!address.empty()) {
    if (!any) {
      subject.faults.required(list);
    } else if (text_of(addresses->items()[0]) != address) {
      subject.faults.invalid(list, *addresses, "first value must match `clusterIP`");
    }
  } else if (any) {
    subject.faults.invalid(list, *addresses, "must be empty when `clusterIP` is not specified");
  }
  const auto families = items_of(subject.value, "ipFamilies");
  for (std::size_t i = 0; i < families.size(); ++i) {
    const auto same = [&](const Node& other) { return schema::same_value(other, families[i]); };
    if (std::none_of(families.begin(), families.begin() + static_cast<std::ptrdiff_t>(i), same)) continue;
    subject.faults.duplicate(At(families_at, i), text_of(families[i]));
  }
  if (!any) return;
  const bool good = check_each_address(subject, *addresses, list);
  if (addresses->size() > 2) subject.faults.invalid(list, *addresses, "may only hold up to 2 values");
  if (good) check_address_families(subject, *addresses, list);
}

/// A name of another host has neither addresses nor families.
void check_external_name(const Subject& subject) {
  for (const std::string_view field : {"clusterIPs", "ipFamilies"}) {
    if (is_blank(member(subject.value, field))) continue;
    subject.faults.forbidden(At(subject.at, field), "may not be set for ExternalName services");
  }
  if (!text_member(subject.value, "clusterIP").empty() && is_blank(member(subject.value, "clusterIPs"))) {
    subject.faults.forbidden(At(subject.at, "clusterIPs"), "may not be set for ExternalName services");
  }
  if (member(subject.value, "ipFamilyPolicy") != nullptr) {
    subject.faults.forbidden(At(subject.at, "ipFamilyPolicy"), "may not be set for ExternalName services");
  }
  const std::string_view name = text_member(subject.value, "externalName");
  const At at(subject.at, "externalName");
  if (name.empty() || name == ".") return subject.faults.required(at);
  check_dns_subdomain(name.ends_with('.') ? name.substr(0, name.size() - 1) : name, at, subject.faults);
}

/// The address may be used from outside: it is none of the host's own and none of many.
void check_external_ips(const Subject& subject) {
  const auto addresses = items_of(subject.value, "externalIPs");
  const At list(subject.at, "externalIPs");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    check_outside_ip(text_of(addresses[i]), At(list, i), subject.faults);
  }
}

void check_affinity(const Subject& subject) {
  const std::string_view affinity = text_member(subject.value, "sessionAffinity");
  const Node* config = member(subject.value, "sessionAffinityConfig");
  const At at(subject.at, "sessionAffinityConfig");
  if (affinity == "None" && config != nullptr) {
    subject.faults.forbidden(at, "must not be set when session affinity is None");
  }
  if (affinity != "ClientIP") return;
  const At client(at, "clientIP");
  const At seconds(client, "timeoutSeconds");
  if (config == nullptr) return subject.faults.required(at, "when session affinity type is ClientIP");
  if (member(config, "clientIP") == nullptr) {
    return subject.faults.required(client, "when session affinity type is ClientIP");
  }
  const auto timeout = number_member(member(config, "clientIP"), "timeoutSeconds");
  if (!timeout) return subject.faults.required(seconds, "when session affinity type is ClientIP");
  if (*timeout <= 0 || *timeout > kLongestAffinity) {
    subject.faults.invalid_json(seconds, std::to_string(*timeout), "must be greater than 0 and less than 86400");
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// What only a load balancer has. kube-apiserver names the ranges by its own type's field.
void check_balancer(const Subject& subject, bool balancer) {
  static constexpr std::string_view kOnly = "may only be used when `type` is 'LoadBalancer'";
  const auto ranges = items_of(subject.value, "loadBalancerSourceRanges");
  const At list(subject.at, "LoadBalancerSourceRanges");
  if (!ranges.empty() && !balancer) subject.faults.forbidden(list, kOnly);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    check_cidr(trimmed(text_of(ranges[i])), At(list, i), subject.faults);
  }
  if (member(subject.value, "allocateLoadBalancerNodePorts") != nullptr && !balancer) {
    subject.faults.forbidden(At(subject.at, "allocateLoadBalancerNodePorts"), kOnly);
  }
  const Node* name = member(subject.value, "loadBalancerClass");
  if (name == nullptr) return;
  const At at(subject.at, "loadBalancerClass");
  if (!balancer) return subject.faults.forbidden(at, kOnly);
  check_qualified_name(text_of(*name), at, subject.faults);
}

void check_outside_traffic(const Subject& subject, bool external, bool balancer) {
  const std::string_view policy = text_member(subject.value, "externalTrafficPolicy");
  if (!policy.empty() && !external) {
    subject.faults.invalid(At(subject.at, "externalTrafficPolicy"), policy,
                           "may only be set for externally-accessible services");
  }
  const Node* port = member(subject.value, "healthCheckNodePort");
  if (port == nullptr || int_member(&subject.value, "healthCheckNodePort") == 0) return;
  const At at(subject.at, "healthCheckNodePort");
  if (!balancer || policy != "Local") {
    return subject.faults.invalid(
        at, *port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  }
  check_range(port, 1, 65535, at, subject.faults);
}

}  // namespace

void check_service_spec(const Subject& subject) {
  const auto addresses = items_of(subject.value, "clusterIPs");
  const std::string_view first =
      addresses.empty() ? text_member(subject.value, "clusterIP") : text_of(addresses.front());
  const std::string_view type = text_member(subject.value, "type");
  const bool headless = first == "None" && addresses.size() <= 1;
  const bool balancer = type == "LoadBalancer";
  if (headless && (balancer || type == "NodePort")) {
    const At list(subject.at, "clusterIPs");
    subject.faults.invalid(At(list, 0), "None", "may not be set to 'None' for " + std::string(type) + " services");
  }
  if (type == "ExternalName") check_external_name(subject);
  check_service_ports(subject, headless);
  check_affinity(subject);
  if (type != "ExternalName") check_cluster_ips(subject);
  check_external_ips(subject);
  check_numbers(subject);
  check_balancer(subject, balancer);
  const bool external =
      balancer || type == "NodePort" || (type == "ClusterIP" && !is_blank(member(subject.value, "externalIPs")));
  check_outside_traffic(subject, external, balancer);
}

}  // namespace troupe::api
