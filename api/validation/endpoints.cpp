#include <algorithm>
#include <string>
#include <vector>

#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/rules.hpp"

/// EndpointSlices.
namespace troupe::api {

using schema::Node;

namespace {

constexpr std::size_t kMostEndpoints = 1000;
constexpr std::size_t kMostAddresses = 100;
constexpr std::size_t kMostPorts = 100;

void check_address(std::string_view type, std::string_view text, const At& at, Faults& faults) {
  const bool ip = is_ip(text);
  const bool v6 = ip && text.find(':') != std::string_view::npos;
  // kube-apiserver refuses loopback; here the pods of the one machine may be reached by it.
  if (type == "IPv4" && (!ip || v6)) return faults.invalid(at, text, "must be a valid IPv4 address");
  if (type == "IPv6" && !v6) return faults.invalid(at, text, "must be a valid IPv6 address");
  if (type != "FQDN") return;
  const std::string_view name = text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
  if (name.empty()) return faults.required(at);
  check_dns_subdomain(name, at, faults);
  if (name.find('.') == std::string_view::npos) {
    faults.invalid(at, name, "should be a domain with at least two segments separated by dots");
  }
}

void check_endpoint(const Node& endpoint, std::string_view type, const At& at, Faults& faults) {
  const At list(at, "addresses");
  const auto addresses = items_of(endpoint, "addresses");
  if (addresses.empty()) faults.required(list, "must contain at least 1 address");
  if (addresses.size() > kMostAddresses) faults.too_many(list, addresses.size(), kMostAddresses);
  for (std::size_t i = 0; i < std::min(addresses.size(), kMostAddresses); ++i) {
    check_address(type, text_of(addresses[i]), At(list, i), faults);
  }
  if (const Node* node = member(endpoint, "nodeName")) check_dns_subdomain(text_of(*node), At(at, "nodeName"), faults);
  if (const Node* host = member(endpoint, "hostname")) check_dns_label(text_of(*host), At(at, "hostname"), faults);
}

}  // namespace

void check_endpoint_slice(const Subject& subject) {
  const std::string_view type = text_member(subject.value, "addressType");
  const auto endpoints = items_of(subject.value, "endpoints");
  const At endpoints_at(subject.at, "endpoints");
  if (endpoints.size() > kMostEndpoints) {
    subject.faults.too_many(endpoints_at, endpoints.size(), kMostEndpoints);
  } else {
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      check_endpoint(endpoints[i], type, At(endpoints_at, i), subject.faults);
    }
  }
  const auto ports = items_of(subject.value, "ports");
  const At ports_at(subject.at, "ports");
  if (ports.size() > kMostPorts) return subject.faults.too_many(ports_at, ports.size(), kMostPorts);
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const At item(ports_at, i);
    const std::string_view name = text_member(ports[i], "name");
    if (!name.empty()) check_dns_label(name, At(item, "name"), subject.faults);
    if (std::find(names.begin(), names.end(), name) != names.end()) subject.faults.duplicate(At(item, "name"), name);
    names.push_back(name);
    if (const Node* protocol = member(ports[i], "appProtocol")) {
      check_qualified_name(text_of(*protocol), At(item, "appProtocol"), subject.faults);
    }
  }
}

}  // namespace troupe::api
