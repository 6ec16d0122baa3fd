#include "actors/controllers/endpoints.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace troupe::controllers {
namespace {

/// 0: the pod has no such port.
std::int32_t target_of(const ServicePortView& wanted, const BackendView& pod) {
  if (wanted.target_name.empty()) return wanted.target;
  for (const auto& port : pod.ports) {
    if (port.name == wanted.target_name && port.protocol == wanted.protocol) return port.target;
  }
  return 0;
}

}  // namespace

std::vector<EndpointGroup> group_endpoints(const std::vector<ServicePortView>& ports, std::vector<BackendView> pods,
                                           bool publish_all, const RealPort& real_port) {
  std::sort(pods.begin(), pods.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::map<std::vector<EndpointPortView>, std::vector<EndpointView>> groups;
  for (const auto& pod : pods) {
    if (pod.ended || pod.addresses.empty()) continue;
    std::vector<EndpointPortView> found;
    for (const auto& wanted : ports) {
      const std::int32_t target = target_of(wanted, pod);
      if (target == 0) continue;
      found.push_back({wanted.name, wanted.protocol, real_port ? real_port(pod.uid, target) : target});
    }
    if (found.empty() && !ports.empty()) continue;
    const bool ready = publish_all || (pod.ready && !pod.deleting);
    groups[std::move(found)].push_back({pod.addresses.front(), pod.name, pod.uid, pod.node, ready, pod.deleting});
  }
  std::vector<EndpointGroup> out;
  for (auto& [same, endpoints] : groups) {
    for (std::size_t from = 0; from < endpoints.size(); from += kMaxEndpoints) {
      const auto first = endpoints.begin() + static_cast<std::ptrdiff_t>(from);
      const auto last =
          endpoints.begin() + static_cast<std::ptrdiff_t>(std::min(from + kMaxEndpoints, endpoints.size()));
      out.push_back({same, {first, last}});
    }
  }
  return out;
}

}  // namespace troupe::controllers
