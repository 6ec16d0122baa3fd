#include "api/selectors.hpp"
#include "api/table_parts.hpp"

// The columns of services, endpoints and ingresses.
namespace troupe::api::cells {

using schema::Node;

namespace {

/// The first three of a list, and how many more there are.
class Shortened {
 public:
  void add(std::string_view text) {
    if (shown_ < kMost) text_.append(shown_++ == 0 ? "" : ",").append(text);
    ++count_;
  }
  std::string take(std::string_view none) {
    if (count_ == 0) return std::string(none);
    if (count_ > kMost) text_ += " + " + std::to_string(count_ - kMost) + " more...";
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kMost = 3;
  std::string text_;
  std::size_t shown_ = 0;
  std::size_t count_ = 0;
};

std::string balancer_addresses(const Node& object) {
  std::string text;
  for (const Node& ingress : items_at(object, "status.loadBalancer.ingress")) {
    const std::string address = text_or(text_at(ingress, "ip"), text_at(ingress, "hostname"));
    if (!address.empty()) text += (text.empty() ? "" : ",") + address;
  }
  return text;
}

std::string service_cell(std::string_view column, const Node& service) {
  std::string type = text_at(service, "spec.type");
  if (column == "Type") return type;
  if (column == "Cluster-IP") return text_or(text_at(service, "spec.clusterIP"), "<none>");
  if (column == "Selector") return labels_text(node_at(service, "spec.selector"));
  if (column == "External-IP") {
    if (type == "ExternalName") return text_at(service, "spec.externalName");
    std::string all = type == "LoadBalancer" ? balancer_addresses(service) : std::string();
    const std::string own = join_at(items_at(service, "spec.externalIPs"), "");
    if (!own.empty()) all += (all.empty() ? "" : ",") + own;
    return text_or(std::move(all), type == "LoadBalancer" ? "<pending>" : "<none>");
  }
  std::string text;
  for (const Node& port : items_at(service, "spec.ports")) {
    text += (text.empty() ? "" : ",") + text_at(port, "port");
    if (const auto node_port = number_at(port, "nodePort"); node_port != 0) text += ":" + std::to_string(node_port);
    text += "/" + text_or(text_at(port, "protocol"), "TCP");
  }
  return text_or(std::move(text), "<none>");
}

std::string endpoints_cell(const Node& object) {
  Shortened list;
  for (const Node& subset : items_at(object, "subsets")) {
    const auto ports = items_at(subset, "ports");
    const auto addresses = items_at(subset, "addresses");
    if (ports.empty()) {  // of a headless service
      for (const Node& address : addresses) list.add(text_at(address, "ip"));
    }
    for (const Node& port : ports) {
      for (const Node& address : addresses) {
        const std::string ip = text_at(address, "ip");
        const bool bare = ip.find(':') == std::string::npos;
        list.add((bare ? ip : "[" + ip + "]") + ":" + text_at(port, "port"));
      }
    }
  }
  return list.take(items_at(object, "subsets").empty() ? "<none>" : "");
}

std::string slice_cell(std::string_view column, const Node& slice) {
  Shortened list;
  if (column == "AddressType") return text_at(slice, "addressType");
  if (column == "Ports") {
    for (const Node& port : items_at(slice, "ports")) {
      list.add(text_or(text_at(port, "port"), text_or(text_at(port, "name"), "*")));
    }
    return list.take("<unset>");
  }
  for (const Node& endpoint : items_at(slice, "endpoints")) {
    for (const Node& address : items_at(endpoint, "addresses")) list.add(text_at(address, ""));
  }
  return list.take("<unset>");
}

std::string hosts_of(const Node& ingress) {
  std::string text;
  std::size_t shown = 0;
  const auto rules = items_at(ingress, "spec.rules");
  for (const Node& rule : rules) {
    if (shown == 3) return text + " + " + std::to_string(rules.size() - 3) + " more...";
    const std::string host = text_at(rule, "host");
    if (!host.empty()) text += (shown++ == 0 ? "" : ",") + host;
  }
  return text_or(std::move(text), "*");
}

std::string ingress_cell(std::string_view column, const Node& ingress) {
  if (column == "Class") return text_or(text_at(ingress, "spec.ingressClassName"), "<none>");
  if (column == "Hosts") return hosts_of(ingress);
  if (column == "Address") return balancer_addresses(ingress);
  return count_at(ingress, "spec.tls") == 0 ? "80" : "80, 443";
}

std::string class_parameters(const Node& object) {
  const Node* parameters = node_at(object, "spec.parameters");
  if (parameters == nullptr) return "<none>";
  const std::string group = text_at(*parameters, "apiGroup");
  return text_at(*parameters, "kind") + (group.empty() ? "" : "." + group) + "/" + text_at(*parameters, "name");
}

std::string parent_of(const Node& object) {
  const Node* parent = node_at(object, "spec.parentRef");
  if (parent == nullptr) return "<none>";
  const std::string group = text_at(*parent, "group");
  const std::string space = text_at(*parent, "namespace");
  return text_at(*parent, "resource") + (group.empty() ? "" : "." + group) + (space.empty() ? "" : "/" + space) + "/" +
         text_at(*parent, "name");
}

}  // namespace

std::string network_cell(std::string_view kind, std::string_view column, const Node& object) {
  if (kind == "Service") return service_cell(column, object);
  if (kind == "Endpoints") return endpoints_cell(object);
  if (kind == "EndpointSlice") return slice_cell(column, object);
  if (kind == "Ingress") return ingress_cell(column, object);
  if (kind == "IngressClass" && column == "Parameters") return class_parameters(object);
  if (kind == "IPAddress") return parent_of(object);
  if (kind == "ServiceCIDR") return join_at(items_at(object, "spec.cidrs"), "");
  if (kind == "NetworkPolicy") return selector_text(node_at(object, "spec.podSelector"));
  return {};
}

}  // namespace troupe::api::cells
