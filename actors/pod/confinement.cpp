#include "actors/pod/confinement.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "runtime/capabilities.hpp"
#include "schema/codec/quantity.hpp"

namespace troupe::pod {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};
constexpr std::int64_t kLeastShares = 2;
constexpr std::int64_t kMostShares = 262'144;
constexpr std::int64_t kMostId = 2'147'483'647;  // Kubernetes'

Result<std::uint64_t> mask_of(const std::vector<std::string>& names) {
  std::uint64_t mask = 0;
  for (const std::string& name : names) {
    const auto bit = runtime::capability_bit(name);
    if (!bit && name != "ALL" && name != "CAP_ALL") {
      return fail(ErrorCode::kInvalidArgument, "unknown capability \"" + name + "\"");
    }
    mask |= bit.value_or(kAll);
  }
  return mask;
}

/// The container's own limits, and the pod's where it has none of its own: it may not have more than all together.
std::map<std::string, std::string> limits_of(const PodSpec& pod, const ContainerSpec& container) {
  std::map<std::string, std::string> out = container.limits;
  if (container.kind != ContainerKind::kEphemeral) out.insert(pod.limits.begin(), pod.limits.end());
  return out;
}

/// A resource's quantity, or nothing when it is not given or zero.
Result<std::optional<schema::Quantity>> amount(const std::map<std::string, std::string>& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end()) return std::optional<schema::Quantity>();
  auto parsed = schema::Quantity::parse(found->second);
  if (!parsed) return fail(parsed.error().with_context(std::string("resources: ") + name));
  if (parsed->sign() <= 0) return std::optional<schema::Quantity>();
  return std::optional(std::move(*parsed));
}

Status check_non_root(const PodSpec& pod, const ContainerSpec& container) {
  const SecuritySpec& security = container.security;
  if (!security.run_as_non_root) return {};
  const std::string whose =
      " (pod: \"" + pod.name + "_" + pod.ns + "(" + pod.uid + ")\", container: " + container.name + ")";
  if (security.run_as_user && *security.run_as_user == 0) {
    return fail(ErrorCode::kInvalidArgument, "container's runAsUser breaks non-root policy" + whose);
  }
  if (!security.run_as_user && geteuid() == 0) {
    return fail(ErrorCode::kInvalidArgument, "container has runAsNonRoot and image will run as root" + whose);
  }
  return {};
}

/// As a user or group of the system; what does not fit would be cut off, to root for one.
Result<uid_t> id_of(const char* field, std::int64_t id) {
  if (id >= 0 && id <= kMostId) return static_cast<uid_t>(id);
  return fail(ErrorCode::kInvalidArgument, std::string("securityContext.") + field + ": " + std::to_string(id) +
                                               " is no id: use 0 to " + std::to_string(kMostId));
}

Status set_ids(const PodSpec& pod, const SecuritySpec& security, runtime::ContainerSpec& out) {
  if (security.run_as_user) {
    const auto id = id_of("runAsUser", *security.run_as_user);
    if (!id) return fail(id.error());
    out.user = *id;
  }
  if (security.run_as_group) {
    const auto id = id_of("runAsGroup", *security.run_as_group);
    if (!id) return fail(id.error());
    out.group = *id;
  }
  for (const std::int64_t group : security.groups) {
    const auto id = id_of(pod.fs_group == group ? "fsGroup" : "supplementalGroups", group);
    if (!id) return fail(id.error());
    out.supplementary_groups.push_back(*id);
  }
  return {};
}

}  // namespace

Result<runtime::ResourceBounds> bounds_of(const PodSpec& pod, const ContainerSpec& container) {
  runtime::ResourceBounds out;
  const auto limits = limits_of(pod, container);
  const auto memory = amount(limits, "memory");
  const auto cpu = amount(limits, "cpu");
  const auto weight = amount(container.requests, "cpu");
  for (const auto* one : {&memory, &cpu, &weight}) {
    if (!*one) return fail(one->error());
  }
  if (*memory) out.memory_bytes = static_cast<std::uint64_t>((*memory)->value());
  if (*cpu) out.cpu_millis = static_cast<std::uint64_t>((*cpu)->milli_value());
  // A weight alone is no reason for a group: it costs a start more than the start.
  if (*cpu) {
    const std::int64_t millis = *weight ? (*weight)->milli_value() : (*cpu)->milli_value();
    const std::int64_t shares = std::min(millis, kMostShares * 1000 / 1024) * 1024 / 1000;
    out.cpu_shares = static_cast<std::uint64_t>(std::clamp(shares, kLeastShares, kMostShares));
  }
  const auto pids = pod.annotations.find(std::string(kPidsAnnotation));
  if (pids == pod.annotations.end()) return out;
  std::uint64_t most = 0;
  const char* end = pids->second.data() + pids->second.size();
  const auto [stop, error] = std::from_chars(pids->second.data(), end, most);
  if (error != std::errc() || stop != end || most == 0) {
    return fail(ErrorCode::kInvalidArgument,
                std::string(kPidsAnnotation) + ": \"" + pids->second + "\" is no number above 0");
  }
  out.pids = most;
  return out;
}

std::string drop_unenforceable(const LimitObstacles& obstacles, runtime::ResourceBounds& bounds) {
  std::string out;
  const auto drop = [&out](const char* what, const std::string& why,
                           std::initializer_list<std::optional<std::uint64_t>*> from) {
    const bool asked = std::any_of(from.begin(), from.end(), [](const auto* one) { return one->has_value(); });
    if (why.empty() || !asked) return;
    for (auto* one : from) one->reset();
    out.append(out.empty() ? "" : "; ").append(what).append(": ").append(why);
  };
  drop("memory", obstacles.memory, {&bounds.memory_bytes});
  drop("cpu", obstacles.cpu, {&bounds.cpu_millis, &bounds.cpu_shares});
  drop("pids", obstacles.pids, {&bounds.pids});
  return out;
}

Result<runtime::PidScope> pid_scope(const PodSpec& pod) {
  const auto asked = pod.annotations.find(std::string(kPidNamespaceAnnotation));
  const std::string_view word = asked == pod.annotations.end() ? "node" : std::string_view(asked->second);
  if (word != "node" && word != "container") {
    return fail(ErrorCode::kInvalidArgument,
                std::string(kPidNamespaceAnnotation) + ": \"" + asked->second + "\" is neither container nor node");
  }
  if (pod.host_pid) return runtime::PidScope::kNode;
  if (pod.share_processes) return runtime::PidScope::kSandbox;
  return word == "container" ? runtime::PidScope::kContainer : runtime::PidScope::kNode;
}

std::vector<Unkept> drop_unkept(const PodSpec& pod, const ContainerSpec& container, const LimitObstacles& obstacles,
                                const runtime::Namespaces& namespaces, runtime::ContainerSpec& wanted) {
  std::vector<Unkept> out;
  const std::string why = namespaces.obstacle.empty() ? "" : " (" + namespaces.obstacle + ")";
  const std::string limits = drop_unenforceable(obstacles, wanted.confinement.bounds);
  if (!limits.empty()) {
    out.push_back(
        {"LimitsNotEnforced", "Resource limits of container " + container.name + " are not enforced: " + limits});
  }
  const auto pids = pid_scope(pod);
  if (!namespaces.pids && pids && *pids != runtime::PidScope::kNode) {
    wanted.pids = runtime::PidScope::kNode;
    out.push_back({"NoPidNamespace", "Container " + container.name +
                                         " sees the processes of the node: a PID namespace needs privileges that "
                                         "Troupe does not have" +
                                         why});
  }
  for (const VolumeMountSpec& mount : container.mounts) {
    const auto volume = std::find_if(pod.volumes.begin(), pod.volumes.end(),
                                     [&](const VolumeSpec& one) { return one.name == mount.volume; });
    if (namespaces.on_node() || volume == pod.volumes.end() || !volume->in_memory) continue;
    out.push_back({"VolumeNotInMemory", "Volume " + volume->name + " of container " + container.name +
                                            " is kept on disk: a file system in memory needs privileges that Troupe "
                                            "does not have"});
  }
  return out;
}

Result<std::optional<std::uint64_t>> capabilities_of(const SecuritySpec& security) {
  if (security.privileged || security.drop_capabilities.empty()) return std::optional<std::uint64_t>();
  const auto dropped = mask_of(security.drop_capabilities);
  if (!dropped) return fail(dropped.error());
  const auto added = mask_of(security.add_capabilities);
  if (!added) return fail(added.error());
  return std::optional((kAll & ~*dropped) | *added);
}

Result<std::uint64_t> usual_capabilities(const SecuritySpec& security) {
  static const std::vector<std::string> kUsual = {"CHOWN",   "DAC_OVERRIDE",     "FSETID",     "FOWNER",     "MKNOD",
                                                  "NET_RAW", "SETGID",           "SETUID",     "SETFCAP",    "SETPCAP",
                                                  "KILL",    "NET_BIND_SERVICE", "SYS_CHROOT", "AUDIT_WRITE"};
  const auto usual = mask_of(kUsual);
  const auto dropped = mask_of(security.drop_capabilities);
  const auto added = mask_of(security.add_capabilities);
  for (const auto* one : {&usual, &dropped, &added}) {
    if (!*one) return fail(one->error());
  }
  return (*usual & ~*dropped) | *added;
}

Status confine(const PodSpec& pod, const ContainerSpec& container, runtime::ContainerSpec& out) {
  const SecuritySpec& security = container.security;
  if (Status holds = check_non_root(pod, container); !holds) return holds;
  if (Status set = set_ids(pod, security, out); !set) return set;
  auto bounds = bounds_of(pod, container);
  if (!bounds) return fail(bounds.error());
  auto capabilities = capabilities_of(security);
  if (!capabilities) return fail(capabilities.error());
  out.confinement = {*bounds, *capabilities, security.no_new_privileges, security.read_only_root, {}};
  return {};
}

}  // namespace troupe::pod
