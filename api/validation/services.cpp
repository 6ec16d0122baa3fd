#include <algorithm>
#include <string>

#include "api/object_codec.hpp"
#include "api/validation/formats.hpp"
#include "api/validation/rules.hpp"

namespace troupe::api {

using schema::Node;

namespace {

void check_service_ports(const Subject& subject, bool headless) {
  const Node* ports = member(subject.value, "ports");
  const At list(subject.at, "ports");
  const std::string_view type = text_member(subject.value, "type");
  if (ports == nullptr || ports->size() == 0) {
    if (type != "ExternalName" && !headless) subject.faults.required(list);
    return;
  }
  std::vector<std::string> names;
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < ports->items().size(); ++i) {
    const Node& port = ports->items()[i];
    const At item(list, i);
    const std::string name(text_member(port, "name"));
    if (ports->size() > 1 && name.empty()) subject.faults.required(At(item, "name"));
    if (!name.empty() && std::find(names.begin(), names.end(), name) != names.end()) {
      subject.faults.duplicate(At(item, "name"), name);
    }
    names.push_back(name);
    std::string json = "{\"port\":" + std::to_string(int_member(&port, "port"));
    json += ",\"protocol\":\"" + std::string(text_member(port, "protocol")) + "\"}";
    if (std::find(numbers.begin(), numbers.end(), json) != numbers.end()) subject.faults.duplicate(item, json);
    numbers.push_back(std::move(json));
    if (int_member(&port, "nodePort") != 0 && type != "NodePort" && type != "LoadBalancer") {
      subject.faults.forbidden(At(item, "nodePort"), "may not be used when `type` is '" + std::string(type) + "'");
    }
  }
}

void check_node_ports(const Subject& subject) {
  const Node* ports = member(subject.value, "ports");
  if (ports == nullptr) return;
  const At list(subject.at, "ports");
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < ports->items().size(); ++i) {
    const Node& port = ports->items()[i];
    const std::int64_t number = int_member(&port, "nodePort");
    if (number == 0) continue;
    const std::string key = std::string(text_member(port, "protocol")) + "/" + std::to_string(number);
    const At item(list, i);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      subject.faults.duplicate(At(item, "nodePort"), std::to_string(number));
    }
    seen.push_back(key);
  }
}

void check_cluster_ips(const Subject& subject, bool headless) {
  const Node* addresses = member(subject.value, "clusterIPs");
  const std::string_view type = text_member(subject.value, "type");
  const std::string_view address = text_member(subject.value, "clusterIP");
  const At list(subject.at, "clusterIPs");
  if (type == "ExternalName") {
    if (!address.empty()) {
      subject.faults.forbidden(At(subject.at, "clusterIP"), "may not be set when `type` is 'ExternalName'");
    }
    return;
  }
  if (headless && (type == "NodePort" || type == "LoadBalancer")) {
    subject.faults.invalid(At(list, 0), "None", "may not be set to 'None' for " + std::string(type) + " services");
  }
  if (addresses == nullptr) return;
  for (std::size_t i = 0; i < addresses->items().size(); ++i) {
    const Node& each = addresses->items()[i];
    const std::string_view text = each.is_string() ? each.as_string() : std::string_view();
    if (i == 0 && text != address) {
      subject.faults.invalid_json(
          list,
          [&] {
            std::string json;
            append_json(*addresses, json);
            return json;
          }(),
          "first value must match `clusterIP`");
    }
    if (text == "None" || text.empty()) continue;
    check_ip(text, At(list, i), subject.faults);
  }
}

}  // namespace

void check_service_spec(const Subject& subject) {
  const bool headless = text_member(subject.value, "clusterIP") == "None";
  const std::string_view type = text_member(subject.value, "type");
  check_service_ports(subject, headless);
  check_node_ports(subject);
  check_cluster_ips(subject, headless);
  if (type == "ExternalName") {
    const std::string_view name = text_member(subject.value, "externalName");
    const At at(subject.at, "externalName");
    if (name.empty()) {
      subject.faults.required(at);
    } else {
      check_dns_subdomain(name.ends_with('.') ? name.substr(0, name.size() - 1) : name, at, subject.faults);
    }
  }
  const std::string_view policy = text_member(subject.value, "externalTrafficPolicy");
  const bool external = type == "NodePort" || type == "LoadBalancer" || member(subject.value, "externalIPs") != nullptr;
  if (!policy.empty() && !external) {
    subject.faults.invalid(At(subject.at, "externalTrafficPolicy"), policy,
                           "may only be set for externally-accessible services");
  }
  const Node* timeout = member(member(member(subject.value, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds");
  const At config(subject.at, "sessionAffinityConfig");
  const At client(config, "clientIP");
  if (timeout != nullptr && timeout->is_int() && (timeout->as_int() <= 0 || timeout->as_int() > 86400)) {
    subject.faults.invalid(At(client, "timeoutSeconds"), *timeout, "must be greater than 0 and less than 86400");
  }
}

void check_ingress_spec(const Subject& subject) {
  const Node* rules = member(subject.value, "rules");
  if ((rules == nullptr || rules->size() == 0) && member(subject.value, "defaultBackend") == nullptr) {
    subject.faults.invalid(subject.at, subject.value, "either `defaultBackend` or `rules` must be specified");
  }
  if (rules == nullptr) return;
  const At list(subject.at, "rules");
  for (std::size_t i = 0; i < rules->items().size(); ++i) {
    const Node& rule = rules->items()[i];
    const At item(list, i);
    const std::string_view host = text_member(rule, "host");
    if (is_ip(host)) subject.faults.invalid(At(item, "host"), host, "must be a DNS name, not an IP address");
    if (!host.empty() && !is_ip(host)) {
      check_dns_subdomain(host.starts_with("*.") ? host.substr(2) : host, At(item, "host"), subject.faults);
    }
    const At http(item, "http");
    const Node* paths = member(member(rule, "http"), "paths");
    if (member(rule, "http") != nullptr && (paths == nullptr || paths->size() == 0))
      subject.faults.required(At(http, "paths"));
    if (paths == nullptr) continue;
    const At paths_at(http, "paths");
    for (std::size_t p = 0; p < paths->items().size(); ++p) {
      const std::string_view path = text_member(paths->items()[p], "path");
      const std::string_view type = text_member(paths->items()[p], "pathType");
      const At path_at(paths_at, p);
      if ((type == "Exact" || type == "Prefix") && !path.starts_with("/")) {
        subject.faults.invalid(At(path_at, "path"), path, "must be an absolute path");
      }
    }
  }
}

void check_network_peer(const Subject& subject) {
  const bool block = member(subject.value, "ipBlock") != nullptr;
  const bool pods = member(subject.value, "podSelector") != nullptr;
  const bool spaces = member(subject.value, "namespaceSelector") != nullptr;
  if (!block && !pods && !spaces) subject.faults.required(subject.at, "must specify a peer");
  if (block && (pods || spaces)) {
    subject.faults.forbidden(subject.at, "may not specify both ipBlock and another peer");
  }
}

void check_ip_block(const Subject& subject) {
  const Node* holes = member(subject.value, "except");
  const std::string_view cidr = text_member(subject.value, "cidr");
  if (holes == nullptr || !is_cidr(cidr)) return;
  const At list(subject.at, "except");
  for (std::size_t i = 0; i < holes->items().size(); ++i) {
    if (holes->items()[i].is_string() && holes->items()[i].as_string() == cidr) {
      subject.faults.invalid(At(list, i), cidr, "must be a strict subset of `cidr`");
    }
  }
}

}  // namespace troupe::api
