#include "actors/pod/outside.hpp"

#include <cctype>

namespace troupe::pod {

std::string spelled(const std::string& name) {
  std::string out;
  for (const char c : name) out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

namespace {

/// What Docker's links looked like, which Kubernetes keeps.
void add_links(const ServiceFacts& service, const std::string& prefix, Variables& out) {
  bool first = true;
  for (const auto& port : service.ports) {
    std::string protocol;
    for (const char c : port.protocol.empty() ? std::string("TCP") : port.protocol) {
      protocol += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    const std::string number = std::to_string(port.port);
    const std::string url = protocol + "://" + service.cluster_ip + ":" + number;
    const std::string base = prefix + "_PORT_" + number + "_" + spelled(protocol);
    if (first) out.emplace_back(prefix + "_PORT", url);
    first = false;
    out.emplace_back(base, url);
    out.emplace_back(base + "_PROTO", protocol);
    out.emplace_back(base + "_PORT", number);
    out.emplace_back(base + "_ADDR", service.cluster_ip);
  }
}

}  // namespace

Variables service_variables(const std::vector<ServiceFacts>& services) {
  Variables out;
  for (const auto& service : services) {
    if (service.cluster_ip.empty() || service.cluster_ip == "None" || service.ports.empty()) continue;
    const std::string prefix = spelled(service.name);
    out.emplace_back(prefix + "_SERVICE_HOST", service.cluster_ip);
    out.emplace_back(prefix + "_SERVICE_PORT", std::to_string(service.ports.front().port));
    for (const auto& port : service.ports) {
      if (!port.name.empty())
        out.emplace_back(prefix + "_SERVICE_PORT_" + spelled(port.name), std::to_string(port.port));
    }
    add_links(service, prefix, out);
  }
  return out;
}

}  // namespace troupe::pod
