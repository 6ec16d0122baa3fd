#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/quantities.hpp"
#include "api/validation/rules.hpp"

// Rules of pods that join fields of different parts, and those of what a pod takes its variables and files from.
namespace troupe::api {

using schema::Node;

namespace {

constexpr std::array<std::string_view, 9> kVariableFields = {
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
constexpr std::array<std::string_view, 5> kFileFields = {"metadata.annotations", "metadata.labels", "metadata.name",
                                                         "metadata.namespace", "metadata.uid"};
constexpr std::array<std::string_view, 3> kOtherFields = {"spec.restartPolicy", "spec.schedulerName", "status.phase"};
constexpr std::array<std::string_view, 6> kResources = {
    "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
constexpr std::size_t kMostNameservers = 3;
constexpr std::size_t kMostSearches = 32;

bool contains(std::span<const std::string_view> list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// `metadata.labels['app']`: one entry of a map.
bool is_subscript(std::string_view path) {
  return path.ends_with("']") && (path.starts_with("metadata.labels['") || path.starts_with("metadata.annotations['"));
}

void check_field_path(const Node& reference, std::span<const std::string_view> allowed, const At& at, Faults& faults) {
  const std::string_view path = text_member(reference, "fieldPath");
  const At where(at, "fieldPath");
  if (path.empty()) return;  // is told as required
  if (is_subscript(path) || contains(allowed, path)) return;
  if (contains(kVariableFields, path) || contains(kFileFields, path) || contains(kOtherFields, path)) {
    return faults.unsupported(where, path, {allowed.begin(), allowed.end()});
  }
  faults.invalid(where, path, "error converting fieldPath: field label not supported: " + std::string(path));
}

void check_resource_name(const Node& reference, const At& at, Faults& faults) {
  const std::string_view name = text_member(reference, "resource");
  if (name.empty() || contains(kResources, name)) return;
  if (name.starts_with("limits.hugepages-") || name.starts_with("requests.hugepages-")) return;
  faults.unsupported(At(at, "resource"), name, {kResources.begin(), kResources.end()});
}

/// Init containers run to their end: nothing asks how they are, unless they are sidecars.
void check_init_containers(const Subject& subject) {
  const Node* containers = member(subject.value, "initContainers");
  if (containers == nullptr) return;
  const At list(subject.at, "initContainers");
  for (std::size_t i = 0; i < containers->items().size(); ++i) {
    const Node& container = containers->items()[i];
    if (text_member(container, "restartPolicy") == "Always") continue;
    const At item(list, i);
    for (const std::string_view field : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
      if (member(container, field) == nullptr) continue;
      subject.faults.forbidden(At(item, field), "may not be set for init containers without restartPolicy=Always");
    }
  }
}

/// A hook that sleeps must come to its end before the pod is killed.
void check_sleeps(const Subject& subject, std::string_view list) {
  const Node* containers = member(subject.value, list);
  if (containers == nullptr) return;
  const std::int64_t grace = int_member(&subject.value, "terminationGracePeriodSeconds", 30);
  const At where(subject.at, list);
  for (std::size_t i = 0; i < containers->items().size(); ++i) {
    const At item(where, i);
    const At lifecycle(item, "lifecycle");
    for (const std::string_view hook : {"postStart", "preStop"}) {
      const At hook_at(lifecycle, hook);
      const Node* sleep = member(member(member(containers->items()[i], "lifecycle"), hook), "sleep");
      if (sleep == nullptr) continue;
      const std::int64_t seconds = int_member(sleep, "seconds");
      if (seconds >= 0 && seconds <= grace) continue;
      subject.faults.invalid_json(
          At(hook_at, "sleep"), std::to_string(seconds),
          "must be non-negative and less than terminationGracePeriodSeconds (" + std::to_string(grace) + ")");
    }
  }
}

void check_dns_config(const Subject& subject) {
  const Node* config = member(subject.value, "dnsConfig");
  if (config == nullptr) return;
  const At at(subject.at, "dnsConfig");
  if (const Node* servers = member(config, "nameservers")) {
    const At list(at, "nameservers");
    if (servers->items().size() > kMostNameservers) {
      subject.faults.invalid(list, *servers, "must not have more than 3 nameservers");
    }
    for (std::size_t i = 0; i < servers->items().size(); ++i) {
      if (servers->items()[i].is_string()) check_ip(servers->items()[i].as_string(), At(list, i), subject.faults);
    }
  }
  const Node* searches = member(config, "searches");
  if (searches != nullptr && searches->items().size() > kMostSearches) {
    subject.faults.invalid(At(at, "searches"), *searches, "must not have more than 32 search paths");
  }
  const Node* options = member(config, "options");
  const At list(at, "options");
  for (std::size_t i = 0; options != nullptr && i < options->items().size(); ++i) {
    if (text_member(options->items()[i], "name").empty()) subject.faults.required(At(list, i), "must not be empty");
  }
}

void check_gates(const Subject& subject) {
  for (const auto& [name, key] : {std::pair<std::string_view, std::string_view>{"readinessGates", "conditionType"},
                                  {"schedulingGates", "name"}}) {
    const Node* gates = member(subject.value, name);
    const At list(subject.at, name);
    for (std::size_t i = 0; gates != nullptr && i < gates->items().size(); ++i) {
      const At item(list, i);
      check_qualified_name(text_member(gates->items()[i], key), At(item, key), subject.faults);
    }
  }
}

}  // namespace

void check_pod_details(const Subject& subject) {
  check_init_containers(subject);
  for (const std::string_view list : {"initContainers", "containers"}) check_sleeps(subject, list);
  check_dns_config(subject);
  check_gates(subject);
  const At os(subject.at, "os");
  const std::string_view system = text_member(member(subject.value, "os"), "name");
  if (!system.empty() && system != "linux" && system != "windows") {
    subject.faults.unsupported(At(os, "name"), system, {"linux", "windows"});
  }
}

void check_variable_source(const Subject& subject) {
  if (const Node* field = member(subject.value, "fieldRef")) {
    check_field_path(*field, kVariableFields, At(subject.at, "fieldRef"), subject.faults);
  }
  if (const Node* resource = member(subject.value, "resourceFieldRef")) {
    check_resource_name(*resource, At(subject.at, "resourceFieldRef"), subject.faults);
  }
}

void check_env_from(const Subject& subject) {
  const std::string_view prefix = text_member(subject.value, "prefix");
  if (!std::all_of(prefix.begin(), prefix.end(), [](char c) { return c >= ' ' && c <= '~' && c != '='; })) {
    subject.faults.invalid(At(subject.at, "prefix"), prefix,
                           "a valid environment variable name must consist only of printable ASCII characters other "
                           "than '='");
  }
  std::size_t sources = 0;
  for (const std::string_view name : {"configMapRef", "secretRef"}) {
    const Node* source = member(subject.value, name);
    if (source == nullptr) continue;
    ++sources;
    if (text_member(source, "name").empty()) {
      const At where(subject.at, name);
      subject.faults.required(At(where, "name"));
    }
  }
  if (sources == 0) subject.faults.invalid(subject.at, "", "must specify one of: `configMapRef` or `secretRef`");
  if (sources > 1) subject.faults.invalid(subject.at, "", "may not have more than one field specified at a time");
}

void check_downward_file(const Subject& subject) {
  const Node* field = member(subject.value, "fieldRef");
  const Node* resource = member(subject.value, "resourceFieldRef");
  if (field == nullptr && resource == nullptr) {
    return subject.faults.required(subject.at, "one of fieldRef and resourceFieldRef is required");
  }
  if (field != nullptr && resource != nullptr) {
    subject.faults.invalid(subject.at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
  }
  if (field != nullptr) return check_field_path(*field, kFileFields, At(subject.at, "fieldRef"), subject.faults);
  const At where(subject.at, "resourceFieldRef");
  if (text_member(resource, "containerName").empty()) subject.faults.required(At(where, "containerName"));
  check_resource_name(*resource, where, subject.faults);
}

void check_empty_dir(const Subject& subject) {
  const auto limit = quantity_member(&subject.value, "sizeLimit");
  if (limit && limit->sign() < 0) {
    subject.faults.forbidden(At(subject.at, "sizeLimit"), "SizeLimit field must be a valid resource quantity");
  }
}

void check_named_source(const Subject& subject) {
  if (text_member(subject.value, "name").empty()) subject.faults.required(At(subject.at, "name"));
}

void check_security_context(const Subject& subject) {
  const Node* escalation = member(subject.value, "allowPrivilegeEscalation");
  if (escalation == nullptr || true_member(&subject.value, "allowPrivilegeEscalation")) return;
  if (true_member(&subject.value, "privileged")) {
    subject.faults.invalid(subject.at, subject.value,
                           "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
  }
  const Node* added = member(member(subject.value, "capabilities"), "add");
  for (std::size_t i = 0; added != nullptr && i < added->items().size(); ++i) {
    const Node& capability = added->items()[i];
    if (capability.is_string() && capability.as_string() == "CAP_SYS_ADMIN") {
      subject.faults.invalid(subject.at, subject.value,
                             "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }
  }
}

namespace {

/// The names of the files that a source of a projected volume makes.
std::vector<std::string_view> files_of(std::string_view kind, const Node& source) {
  std::vector<std::string_view> paths;
  if (kind == "secret" || kind == "configMap" || kind == "downwardAPI") {
    const auto items = items_of(source, "items");
    paths.reserve(items.size());
    for (const Node& item : items) paths.push_back(text_member(item, "path"));
  } else if (kind == "clusterTrustBundle") {
    paths.push_back(text_member(source, "path"));
  }
  return paths;
}

/// "kernel.shm_rmid_forced" or "net/ipv4/ip_forward": parts of a-z, 0-9, '-' and '_' that begin and end with no sign.
bool is_sysctl(std::string_view name) {
  constexpr std::size_t kLongest = 253;
  if (name.empty() || name.size() > kLongest) return false;
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (;;) {
    const std::size_t end = std::min(name.find_first_of("./"), name.size());
    const std::string_view part = name.substr(0, end);
    const auto fits = [&](char c) { return plain(c) || c == '-' || c == '_'; };
    if (part.empty() || !plain(part.front()) || !plain(part.back())) return false;
    if (!std::all_of(part.begin(), part.end(), fits)) return false;
    if (end == name.size()) return true;
    name.remove_prefix(end + 1);
  }
}

}  // namespace

void check_projected_volume(const Subject& subject) {
  std::set<std::string_view> seen;
  const At list(subject.at, "sources");
  const auto sources = items_of(subject.value, "sources");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    std::size_t kinds = 0;
    for (const schema::Member& each : sources[i].members()) {
      if (each.value.is_null()) continue;
      ++kinds;
      for (const std::string_view path : files_of(each.key, each.value)) {
        if (path.empty()) continue;
        if (!seen.insert(path).second) subject.faults.invalid(subject.at, path, "conflicting duplicate paths");
      }
    }
    if (kinds > 1) {
      subject.faults.forbidden(At(list, i), "may not specify more than 1 volume type per source");
    }
  }
}

void check_token_file(const Subject& subject) {
  const auto seconds = number_member(&subject.value, "expirationSeconds");
  if (!seconds) return;
  const At at(subject.at, "expirationSeconds");
  if (*seconds < 600) {
    subject.faults.invalid_json(at, std::to_string(*seconds), "may not specify a duration less than 10 minutes");
  }
  if (*seconds > std::int64_t{1} << 32U) {
    subject.faults.invalid_json(at, std::to_string(*seconds), "may not specify a duration larger than 2^32 seconds");
  }
}

void check_pod_security(const Subject& subject) {
  std::set<std::string_view> seen;
  const At list(subject.at, "sysctls");
  const auto sysctls = items_of(subject.value, "sysctls");
  for (std::size_t i = 0; i < sysctls.size(); ++i) {
    const std::string_view name = text_member(sysctls[i], "name");
    const At item(list, i);
    if (name.empty()) {
      subject.faults.required(At(item, "name"));
    } else if (!is_sysctl(name)) {
      subject.faults.invalid(At(item, "name"), name,
                             "must have at most 253 characters and match regex "
                             "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
    } else if (!seen.insert(name).second) {
      subject.faults.duplicate(At(item, "name"), name);
    }
  }
}

}  // namespace troupe::api
