#include <string>

#include "api/validation/addresses.hpp"
#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/rules.hpp"

/// Ingresses, their classes and network policies.
namespace troupe::api {

using schema::Node;

namespace {

/// An object beside the one that names it: a group, a kind and a name.
void check_reference(const Node& reference, const At& at, Faults& faults) {
  if (const Node* group = member(reference, "apiGroup"))
    check_dns_subdomain(text_of(*group), At(at, "apiGroup"), faults);
  for (const std::string_view field : {"kind", "name"}) {
    const std::string_view text = text_member(reference, field);
    if (text.empty()) {
      faults.required(At(at, field));
    } else {
      check_path_segment(text, At(at, field), faults);
    }
  }
}

void check_backend_service(const Node& service, const At& at, Faults& faults) {
  const At place(at, "service");
  const At port_at(place, "port");
  const std::string_view name = text_member(service, "name");
  if (name.empty()) {
    faults.required(At(place, "name"));
  } else {
    check_dns_label(name, At(place, "name"), faults);
  }
  const Node* port = member(service, "port");
  const std::string_view port_name = text_member(port, "name");
  const bool number = int_member(port, "number") != 0;
  if (!port_name.empty() && number) return faults.invalid(at, "", "cannot set both port name & port number");
  if (!port_name.empty()) return check_port_name(port_name, At(port_at, "name"), faults);
  if (number) return check_range(member(port, "number"), 1, 65535, At(port_at, "number"), faults);
  faults.required(at, "port name or number is required");
}

void check_strict_path(std::string_view path, const At& at, Faults& faults) {
  for (const std::string_view part : {"//", "/./", "/../", "%2f", "%2F"}) {
    if (path.find(part) != std::string_view::npos) {
      faults.invalid(at, path, "must not contain '" + std::string(part) + "'");
    }
  }
  for (const std::string_view end : {"/..", "/."}) {
    if (path.ends_with(end)) faults.invalid(at, path, "cannot end with '" + std::string(end) + "'");
  }
}

}  // namespace

void check_ingress_backend(const Subject& subject) {
  const Node* resource = member(subject.value, "resource");
  const Node* service = member(subject.value, "service");
  if (resource != nullptr && service != nullptr) {
    return subject.faults.invalid(subject.at, "", "cannot set both resource and service backends");
  }
  if (resource != nullptr) return check_reference(*resource, At(subject.at, "resource"), subject.faults);
  if (service != nullptr) return check_backend_service(*service, subject.at, subject.faults);
  subject.faults.invalid(subject.at, "", "resource or service backend is required");
}

void check_ingress_path(const Subject& subject) {
  const std::string_view type = text_member(subject.value, "pathType");
  const At type_at(subject.at, "pathType");
  const At at(subject.at, "path");
  if (type.empty()) return subject.faults.required(type_at, "pathType must be specified");
  const bool strict = type == "Exact" || type == "Prefix";
  const std::string_view path = text_member(subject.value, "path");
  if (!strict && type != "ImplementationSpecific") {
    subject.faults.unsupported(type_at, type, {"Exact", "ImplementationSpecific", "Prefix"});
  } else if (!path.starts_with('/') && (strict || !path.empty())) {
    subject.faults.invalid(at, path, "must be an absolute path");
  }
  if (strict) check_strict_path(path, at, subject.faults);
  if (member(subject.value, "backend") == nullptr) {  // else the type's own rules see it
    subject.faults.invalid(At(subject.at, "backend"), "", "resource or service backend is required");
  }
}

void check_ingress_spec(const Subject& subject) {
  const auto rules = items_of(subject.value, "rules");
  if (rules.empty() && member(subject.value, "defaultBackend") == nullptr) {
    subject.faults.invalid_json(subject.at, member(subject.value, "rules") != nullptr ? "[]" : "null",
                                "either `defaultBackend` or `rules` must be specified");
  }
  const At list(subject.at, "rules");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const At item(list, i);
    const std::string_view host = text_member(rules[i], "host");
    if (is_ip(host)) subject.faults.invalid(At(item, "host"), host, "must be a DNS name, not an IP address");
    if (!host.empty()) check_host(host, At(item, "host"), subject.faults);
    const At http(item, "http");
    const Node* value = member(rules[i], "http");
    if (value != nullptr && is_blank(member(value, "paths"))) subject.faults.required(At(http, "paths"));
  }
  const auto certificates = items_of(subject.value, "tls");
  const At tls(subject.at, "tls");
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const At item(tls, i);
    const At hosts_at(item, "hosts");
    const auto hosts = items_of(certificates[i], "hosts");
    for (std::size_t h = 0; h < hosts.size(); ++h) check_host(text_of(hosts[h]), At(hosts_at, h), subject.faults);
    const std::string_view secret = text_member(certificates[i], "secretName");
    if (!secret.empty()) check_dns_subdomain(secret, At(item, "secretName"), subject.faults);
  }
  if (const Node* name = member(subject.value, "ingressClassName")) {
    check_dns_subdomain(text_of(*name), At(subject.at, "ingressClassName"), subject.faults);
  }
}

void check_new_ingress(const Node& ingress, Faults& faults) {
  static constexpr std::string_view kClass = "kubernetes.io/ingress.class";
  const Node* annotation = member(member(member(ingress, "metadata"), "annotations"), kClass);
  const Node* name = member(member(ingress, "spec"), "ingressClassName");
  if (annotation == nullptr || name == nullptr || schema::same_value(*annotation, *name)) return;
  const At root;
  const At annotations(root, "annotations");
  faults.invalid(At(annotations, kClass), *annotation, "must match `ingressClassName` when both are specified");
}

void check_ingress_class_spec(const Subject& subject) {
  static constexpr std::size_t kLongest = 250;
  const std::string_view controller = text_member(subject.value, "controller");
  const At at(subject.at, "controller");
  if (controller.size() > kLongest) subject.faults.too_long(at, kLongest);
  check_domain_path(controller, at, subject.faults);
  const Node* parameters = member(subject.value, "parameters");
  if (parameters == nullptr) return;
  const At place(subject.at, "parameters");
  check_reference(*parameters, place, subject.faults);
  const std::string_view scope = text_member(parameters, "scope");
  const Node* space = member(parameters, "namespace");
  const At space_at(place, "namespace");
  if (scope != "Namespace" && scope != "Cluster") {
    subject.faults.unsupported(At(place, "scope"), scope, {"Cluster", "Namespace"});
  } else if (scope == "Cluster" && space != nullptr) {
    subject.faults.forbidden(space_at, "`parameters.scope` is set to 'Cluster'");
  } else if (scope == "Namespace" && space == nullptr) {
    subject.faults.required(space_at, "`parameters.scope` is set to 'Namespace'");
  } else if (scope == "Namespace") {
    check_dns_label(text_of(*space), space_at, subject.faults);
  }
}

void check_network_policy_spec(const Subject& subject) {
  const Node* types = member(subject.value, "policyTypes");
  if (types == nullptr) return;
  const At list(subject.at, "policyTypes");
  if (types->size() > 2) return subject.faults.invalid(list, *types, "may not specify more than two policyTypes");
  for (std::size_t i = 0; i < types->items().size(); ++i) {
    const std::string_view type = text_of(types->items()[i]);
    if (type != "Ingress" && type != "Egress") subject.faults.unsupported(At(list, i), type, {"Ingress", "Egress"});
  }
}

void check_network_port(const Subject& subject) {
  const Node* port = member(subject.value, "port");
  const Node* last = member(subject.value, "endPort");
  const std::string_view protocol = text_member(subject.value, "protocol");
  if (!protocol.empty() && protocol != "TCP" && protocol != "UDP" && protocol != "SCTP") {
    subject.faults.unsupported(At(subject.at, "protocol"), protocol, {"TCP", "UDP", "SCTP"});
  }
  const At at(subject.at, "endPort");
  if (port != nullptr) check_port_or_name(port, At(subject.at, "port"), subject.faults);
  if (last == nullptr) return;
  if (port == nullptr) return subject.faults.invalid(at, *last, "may not be specified when `port` is not specified");
  if (!port->is_int()) return subject.faults.invalid(at, *last, "may not be specified when `port` is non-numeric");
  if (last->is_int() && last->as_int() < port->as_int()) {
    subject.faults.invalid(at, *last, "must be greater than or equal to `port`");
  }
  check_range(last, 1, 65535, at, subject.faults);
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
  const auto holes = items_of(subject.value, "except");
  const std::string_view cidr = text_member(subject.value, "cidr");
  const At list(subject.at, "except");
  if (!is_cidr(cidr)) return;
  for (std::size_t i = 0; i < holes.size(); ++i) {
    const std::string_view hole = text_of(holes[i]);
    if (!is_cidr(hole)) {
      check_cidr(hole, At(list, i), subject.faults);
    } else if (!is_strictly_inside(hole, cidr)) {
      subject.faults.invalid(At(list, i), hole, "must be a strict subset of `cidr`");
    }
  }
}

}  // namespace troupe::api
