#include <algorithm>
#include <map>
#include <string>

#include "api/validation/formats.hpp"
#include "api/validation/rules.hpp"

namespace troupe::api {

using schema::Node;

namespace {

constexpr std::string_view kContainerLists[] = {"initContainers", "containers", "ephemeralContainers"};

bool names_volume(const Node* volumes, std::string_view name) {
  if (volumes == nullptr) return false;
  return std::any_of(volumes->items().begin(), volumes->items().end(),
                     [&](const Node& volume) { return text_member(volume, "name") == name; });
}

/// Mounts and devices name a volume of the pod (or, in a stateful set's template, one of its claims).
void check_mounts(const Node& container, const Node* volumes, const Node* claims, const At& at, Faults& faults) {
  const Node* mounts = member(container, "volumeMounts");
  if (mounts == nullptr) return;
  const At list(at, "volumeMounts");
  std::vector<std::string_view> paths;
  for (std::size_t i = 0; i < mounts->items().size(); ++i) {
    const Node& mount = mounts->items()[i];
    const At item(list, i);
    const std::string_view name = text_member(mount, "name");
    const auto claimed = [&](const Node& claim) { return text_member(member(claim, "metadata"), "name") == name; };
    const bool claim = claims != nullptr && std::any_of(claims->items().begin(), claims->items().end(), claimed);
    if (!name.empty() && !claim && !names_volume(volumes, name)) faults.not_found(At(item, "name"), name);
    const std::string_view path = text_member(mount, "mountPath");
    if (path.empty()) continue;
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) {
      faults.invalid(At(item, "mountPath"), path, "must be unique");
    }
    paths.push_back(path);
    if (!text_member(mount, "subPath").empty() && !text_member(mount, "subPathExpr").empty()) {
      faults.invalid(At(item, "subPathExpr"), text_member(mount, "subPathExpr"),
                     "subPathExpr and subPath are mutually exclusive");
    }
  }
}

/// Names over all lists of containers, and ports on the host, are there once.
void check_names_across(const Node& spec, const At& at, Faults& faults) {
  std::vector<std::string_view> seen;
  for (const std::string_view list : {"containers", "initContainers", "ephemeralContainers"}) {
    const Node* containers = member(spec, list);
    if (containers == nullptr) continue;
    const At where(at, list);
    const std::size_t before = seen.size();  // doubles within one list are the table's to tell
    for (std::size_t i = 0; i < containers->items().size(); ++i) {
      const std::string_view name = text_member(containers->items()[i], "name");
      if (name.empty()) continue;
      const auto end = seen.begin() + static_cast<std::ptrdiff_t>(before);
      const At item(where, i);
      if (std::find(seen.begin(), end, name) != end) faults.duplicate(At(item, "name"), name);
      seen.push_back(name);
    }
  }
}

void check_host_ports(const Node& spec, const At& at, Faults& faults) {
  const Node* containers = member(spec, "containers");
  if (containers == nullptr) return;
  const bool host_network = true_member(&spec, "hostNetwork");
  const At list(at, "containers");
  std::vector<std::string> seen;
  for (std::size_t c = 0; c < containers->items().size(); ++c) {
    const Node* ports = member(containers->items()[c], "ports");
    if (ports == nullptr) continue;
    const At container(list, c);
    const At where(container, "ports");
    for (std::size_t i = 0; i < ports->items().size(); ++i) {
      const Node& port = ports->items()[i];
      const std::int64_t number = int_member(&port, "hostPort");
      if (number == 0) continue;
      const At item(where, i);
      if (host_network && number != int_member(&port, "containerPort")) {
        faults.invalid(At(item, "hostPort"), *member(port, "hostPort"),
                       "must match `containerPort` when `hostNetwork` is true");
      }
      std::string key(text_member(port, "protocol"));
      key.append("/").append(text_member(port, "hostIP")).append("/").append(std::to_string(number));
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) faults.duplicate(At(item, "hostPort"), key);
      seen.push_back(std::move(key));
    }
  }
}

/// kube-apiserver names the place as its internal form of a pod has it: below securityContext.
void check_namespaces(const Node& spec, const At& at, Faults& faults) {
  if (!true_member(&spec, "hostPID") || !true_member(&spec, "shareProcessNamespace")) return;
  const At context(at, "securityContext");
  faults.invalid(At(context, "shareProcessNamespace"), *member(spec, "shareProcessNamespace"),
                 "ShareProcessNamespace and HostPID cannot both be enabled");
}

std::size_t count_of(const Node& object, std::span<const std::string_view> names) {
  return static_cast<std::size_t>(std::count_if(
      names.begin(), names.end(), [&](std::string_view name) { return member(object, name) != nullptr; }));
}

void check_ports(const Subject& subject) {
  const Node* ports = member(subject.value, "ports");
  if (ports == nullptr) return;
  const At list(subject.at, "ports");
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < ports->items().size(); ++i) {
    const std::string_view name = text_member(ports->items()[i], "name");
    if (name.empty()) continue;
    const At item(list, i);
    check_port_name(name, At(item, "name"), subject.faults);
    if (std::find(names.begin(), names.end(), name) != names.end()) subject.faults.duplicate(At(item, "name"), name);
    names.push_back(name);
  }
}

constexpr std::size_t kMostRestartRules = 20;
constexpr std::size_t kMostExitCodes = 255;

void check_restart_rule(const Node& rule, const At& at, Faults& faults) {
  const std::string_view action = text_member(rule, "action");
  if (action != "Restart" && action != "RestartAllContainers") {
    faults.unsupported(At(at, "action"), action, {"Restart", "RestartAllContainers"});
  }
  const At codes_at(at, "exitCodes");
  const Node* codes = member(rule, "exitCodes");
  if (codes == nullptr) return faults.required(codes_at, "must be specified");
  const std::string_view op = text_member(codes, "operator");
  if (op != "In" && op != "NotIn") faults.unsupported(At(codes_at, "operator"), op, {"In", "NotIn"});
  const Node* values = member(codes, "values");
  const std::size_t count = values != nullptr ? values->size() : 0;
  if (count > kMostExitCodes) faults.too_many(At(codes_at, "values"), count, kMostExitCodes);
}

/// A container's own restart policy, and the rules that come before it.
void check_restarts(const Subject& subject) {
  const Node* policy = member(subject.value, "restartPolicy");
  const Node* rules = member(subject.value, "restartPolicyRules");
  const std::size_t count = rules != nullptr ? rules->items().size() : 0;
  const At policy_at(subject.at, "restartPolicy");
  const std::string_view name = text_member(subject.value, "restartPolicy");
  if (policy == nullptr && count > 0) {
    subject.faults.required(policy_at, "must specify restartPolicy when restart rules are used");
  } else if (policy != nullptr && name != "Always" && name != "Never" && name != "OnFailure") {
    subject.faults.unsupported(policy_at, name, {"Always", "Never", "OnFailure"});
  }
  const At rules_at(subject.at, "restartPolicyRules");
  if (count > kMostRestartRules) subject.faults.too_many(rules_at, count, kMostRestartRules);
  for (std::size_t i = 0; i < std::min(count, kMostRestartRules); ++i) {
    check_restart_rule(rules->items()[i], At(rules_at, i), subject.faults);
  }
}

}  // namespace

void check_ephemeral_container(const Subject& subject) {
  for (const std::string_view field : {"restartPolicy", "restartPolicyRules"}) {
    if (member(subject.value, field) == nullptr) continue;
    subject.faults.forbidden(At(subject.at, field), "cannot be set for an Ephemeral Container");
  }
  check_container(subject);
}

void check_container(const Subject& subject) {
  check_ports(subject);
  check_restarts(subject);
  const std::string_view image = text_member(subject.value, "image");
  if (!image.empty() && (image.front() == ' ' || image.back() == ' ')) {
    subject.faults.invalid(At(subject.at, "image"), image, "must not have leading or trailing whitespace");
  }
  if (const Node* grace = member(member(subject.value, "readinessProbe"), "terminationGracePeriodSeconds")) {
    const At where(subject.at, "readinessProbe");
    subject.faults.invalid(At(where, "terminationGracePeriodSeconds"), *grace, "must not be set for readinessProbes");
  }
  const Node* liveness = member(subject.value, "livenessProbe");
  const Node* startup = member(subject.value, "startupProbe");
  for (const auto& [probe, name] :
       {std::pair<const Node*, std::string_view>{liveness, "livenessProbe"}, {startup, "startupProbe"}}) {
    const At where(subject.at, name);
    const Node* threshold = member(probe, "successThreshold");
    if (threshold != nullptr && threshold->is_int() && threshold->as_int() != 1) {
      subject.faults.invalid(At(where, "successThreshold"), *threshold, "must be 1");
    }
  }
}

void check_pod_spec(const Subject& subject) {
  check_pod_details(subject);
  check_names_across(subject.value, subject.at, subject.faults);
  check_host_ports(subject.value, subject.at, subject.faults);
  check_namespaces(subject.value, subject.at, subject.faults);
  const Node* volumes = member(subject.value, "volumes");
  const Node* claims = member(member(subject.root, "spec"), "volumeClaimTemplates");
  for (const std::string_view list : kContainerLists) {
    const Node* containers = member(subject.value, list);
    if (containers == nullptr) continue;
    const At where(subject.at, list);
    for (std::size_t i = 0; i < containers->items().size(); ++i) {
      check_mounts(containers->items()[i], volumes, claims, At(where, i), subject.faults);
    }
  }
  if (text_member(subject.value, "dnsPolicy") == "None") {
    const Node* config = member(subject.value, "dnsConfig");
    const At where(subject.at, "dnsConfig");
    const Node* servers = member(config, "nameservers");
    if (servers == nullptr || servers->size() == 0) {
      subject.faults.required(At(where, "nameservers"),
                              "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
  }
}

void check_handler(const Subject& subject) {
  static constexpr std::string_view kHandlers[] = {"exec", "httpGet", "tcpSocket", "sleep"};
  const std::size_t count = count_of(subject.value, kHandlers);
  if (count == 0) subject.faults.required(subject.at, "must specify a handler type");
  if (count > 1) subject.faults.forbidden(subject.at, "may not specify more than 1 handler type");
}

void check_probe(const Subject& subject) {
  static constexpr std::string_view kHandlers[] = {"exec", "httpGet", "tcpSocket", "grpc"};
  const std::size_t count = count_of(subject.value, kHandlers);
  if (count == 0) subject.faults.required(subject.at, "must specify a handler type");
  if (count > 1) subject.faults.forbidden(subject.at, "may not specify more than 1 handler type");
}

void check_grpc(const Subject& subject) {
  const std::int64_t port = int_member(&subject.value, "port");
  if (port >= 1 && port <= 65535) return;
  subject.faults.invalid_json(subject.at, std::to_string(port), "must be between 1 and 65535, inclusive");
}

void check_volume(const Subject& subject) {
  std::size_t sources = 0;
  for (const schema::Member& each : subject.value.members()) {
    if (each.key != "name" && !each.value.is_null()) ++sources;
  }
  if (sources == 0) subject.faults.required(subject.at, "must specify a volume type");
  if (sources > 1) subject.faults.forbidden(subject.at, "may not specify more than 1 volume type");
}

void check_env_var(const Subject& subject) {
  const std::string_view name = text_member(subject.value, "name");
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~' && c != '='; });
  if (!printable) {
    subject.faults.invalid(At(subject.at, "name"), name,
                           "a valid environment variable name must consist only of printable ASCII characters other "
                           "than '='");
  }
  const Node* from = member(subject.value, "valueFrom");
  if (from == nullptr) return;
  const At where(subject.at, "valueFrom");
  static constexpr std::string_view kSources[] = {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef",
                                                  "fileKeyRef"};
  const std::size_t count = count_of(*from, kSources);
  if (count == 0) {
    subject.faults.invalid(where, "",
                           "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                           "`fileKeyRef`");
  } else if (!text_member(subject.value, "value").empty()) {
    subject.faults.invalid(where, "", "may not be specified when `value` is not empty");
  } else if (count > 1) {
    subject.faults.invalid(where, "", "may not have more than one field specified at a time");
  }
}

void check_toleration(const Subject& subject) {
  const std::string_view key = text_member(subject.value, "key");
  const std::string_view op = text_member(subject.value, "operator");
  if (key.empty() && op != "Exists") {
    subject.faults.invalid(
        At(subject.at, "operator"), op,
        "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
  }
  if (member(subject.value, "tolerationSeconds") != nullptr && text_member(subject.value, "effect") != "NoExecute") {
    subject.faults.invalid(At(subject.at, "effect"), text_member(subject.value, "effect"),
                           "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
  if (op == "Exists" && !text_member(subject.value, "value").empty()) {
    subject.faults.invalid(At(subject.at, "operator"), text_member(subject.value, "value"),
                           "value must be empty when `operator` is 'Exists'");
  }
}

void check_label_selector_requirement(const Subject& subject) {
  const std::string_view op = text_member(subject.value, "operator");
  const Node* values = member(subject.value, "values");
  const bool any = values != nullptr && values->size() != 0;
  if (op == "In" || op == "NotIn") {
    if (!any) subject.faults.required(At(subject.at, "values"), "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (any)
      subject.faults.forbidden(At(subject.at, "values"),
                               "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else {
    subject.faults.invalid(At(subject.at, "operator"), op, "not a valid selector operator");
  }
  check_qualified_name(text_member(subject.value, "key"), At(subject.at, "key"), subject.faults);
}

void check_node_selector_requirement(const Subject& subject) {
  const std::string_view op = text_member(subject.value, "operator");
  const Node* values = member(subject.value, "values");
  const std::size_t count = values != nullptr ? values->size() : 0;
  const At where(subject.at, "values");
  if ((op == "In" || op == "NotIn") && count == 0) {
    subject.faults.required(where, "must be specified when `operator` is 'In' or 'NotIn'");
  }
  if ((op == "Exists" || op == "DoesNotExist") && count != 0) {
    subject.faults.forbidden(where, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  }
  if ((op == "Gt" || op == "Lt") && count != 1) {
    subject.faults.required(where, "must be specified single value when `operator` is 'Lt' or 'Gt'");
  }
  if (op.empty()) subject.faults.invalid(At(subject.at, "operator"), op, "not a valid selector operator");
}

}  // namespace troupe::api
