#include "actors/pod/convert.hpp"

#include <capnp/message.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "actors/pod/convert_volumes_internal.hpp"
#include "actors/pod/ignored_internal.hpp"
#include "actors/pod/probe.hpp"
#include "schema/core_v1.capnp.h"
#include "schema/segment.hpp"

namespace troupe::pod {
namespace {

namespace core = k8s::core::v1;

using schema::entries;
using schema::text;
using schema::texts;

constexpr const char* kClusterDomain = "cluster.local";

/// Times outside of what nanoseconds can hold (years 1678 to 2261) become the nearest one that fits.
Time from_seconds(std::int64_t seconds) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
  return Time(std::chrono::seconds(std::clamp(seconds, -kMost, kMost)));
}

/// A grace or a deadline; what is longer than a century counts as one.
std::chrono::seconds bounded(std::int64_t seconds) {
  constexpr std::int64_t kCentury = 100LL * 366 * 86'400;
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kCentury));
}

std::int64_t to_seconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

RestartPolicy restart_policy(std::string_view name) {
  if (name == "OnFailure") return RestartPolicy::kOnFailure;
  if (name == "Never") return RestartPolicy::kNever;
  return RestartPolicy::kAlways;
}

EnvVar read_env(core::EnvVar::Reader in) {
  EnvVar out;
  out.name = text(in.getName());
  out.value = text(in.getValue());
  if (!in.hasValueFrom()) return out;
  const auto from = in.getValueFrom();
  if (from.hasFieldRef()) {
    out.source = EnvVar::Source::kField;
    out.path = text(from.getFieldRef().getFieldPath());
  } else if (from.hasResourceFieldRef()) {
    const auto ref = from.getResourceFieldRef();
    out.source = EnvVar::Source::kResource;
    out.path = text(ref.getResource());
    out.object = text(ref.getContainerName());
    out.divisor = text(ref.getDivisor());
  } else if (from.hasConfigMapKeyRef()) {
    const auto ref = from.getConfigMapKeyRef();
    out.source = EnvVar::Source::kConfigMap;
    out.path = text(ref.getKey());
    out.object = text(ref.getLocalObjectReference().getName());
    out.optional = ref.getOptional();
  } else if (from.hasSecretKeyRef()) {
    const auto ref = from.getSecretKeyRef();
    out.source = EnvVar::Source::kSecret;
    out.path = text(ref.getKey());
    out.object = text(ref.getLocalObjectReference().getName());
    out.optional = ref.getOptional();
  } else {
    out.source = EnvVar::Source::kOther;
  }
  return out;
}

/// What a pod and its containers have in common of the fields that say what a process is kept from.
template <class Reader>
void read_profiles(Reader in, SecuritySpec& out) {
  if (in.hasSeccompProfile()) {
    const std::string type = text(in.getSeccompProfile().getType());
    out.seccomp.kind = type == "RuntimeDefault" ? SeccompSpec::Kind::kRuntimeDefault
                       : type == "Localhost"    ? SeccompSpec::Kind::kLocalhost
                                                : SeccompSpec::Kind::kUnconfined;
    out.seccomp.profile = text(in.getSeccompProfile().getLocalhostProfile());
  }
}

void read_security(core::SecurityContext::Reader in, SecuritySpec& out) {
  if (in.getHasRunAsUser()) out.run_as_user = in.getRunAsUser();
  if (in.getHasRunAsGroup()) out.run_as_group = in.getRunAsGroup();
  if (in.getHasRunAsNonRoot()) out.run_as_non_root = in.getRunAsNonRoot();
  out.privileged = in.getPrivileged();
  for (auto name : in.getCapabilities().getAdd()) out.add_capabilities.push_back(text(name));
  for (auto name : in.getCapabilities().getDrop()) out.drop_capabilities.push_back(text(name));
  out.read_only_root = in.getReadOnlyRootFilesystem();
  out.no_new_privileges = in.getHasAllowPrivilegeEscalation() && !in.getAllowPrivilegeEscalation();
  read_profiles(in, out);
}

EnvFrom read_env_from(core::EnvFromSource::Reader in) {
  EnvFrom out;
  out.prefix = text(in.getPrefix());
  if (in.hasSecretRef()) {
    out.source = EnvVar::Source::kSecret;
    out.object = text(in.getSecretRef().getLocalObjectReference().getName());
    out.optional = in.getSecretRef().getOptional();
  } else {
    out.object = text(in.getConfigMapRef().getLocalObjectReference().getName());
    out.optional = in.getConfigMapRef().getOptional();
  }
  return out;
}

std::string port_text(k8s::IntOrString::Reader port) {
  return port.isInt() ? std::to_string(port.getInt()) : text(port.getStr());
}

/// The parts that probes and hooks have in common.
template <class Reader>
Handler read_handler(Reader in) {
  Handler out;
  if (in.hasExec()) {
    out.kind = Handler::Kind::kExec;
    out.command = texts(in.getExec().getCommand());
  } else if (in.hasHttpGet()) {
    const auto get = in.getHttpGet();
    out.kind = Handler::Kind::kHttp;
    out.scheme = get.getScheme().size() > 0 ? text(get.getScheme()) : "HTTP";
    out.host = text(get.getHost());
    out.path = text(get.getPath());
    out.port = port_text(get.getPort());
    for (auto header : get.getHttpHeaders()) out.headers.emplace_back(text(header.getName()), text(header.getValue()));
  } else if (in.hasTcpSocket()) {
    out.kind = Handler::Kind::kTcp;
    out.host = text(in.getTcpSocket().getHost());
    out.port = port_text(in.getTcpSocket().getPort());
  }
  return out;
}

std::optional<ProbeSpec> read_probe(core::Probe::Reader in) {
  ProbeSpec out;
  const auto handler = in.getProbeHandler();
  out.handler = read_handler(handler);
  if (handler.hasGrpc()) {
    out.handler.kind = Handler::Kind::kGrpc;
    out.handler.port = std::to_string(handler.getGrpc().getPort());
    out.handler.path = text(handler.getGrpc().getService());
  }
  if (out.handler.kind == Handler::Kind::kNone) return std::nullopt;
  const auto seconds = [](std::int32_t value, std::int32_t least, std::int32_t otherwise) {
    return std::chrono::seconds(value < least ? otherwise : value);
  };
  out.initial_delay = seconds(in.getInitialDelaySeconds(), 0, 0);
  out.period = seconds(in.getPeriodSeconds(), 1, 10);
  out.timeout = seconds(in.getTimeoutSeconds(), 1, 1);
  out.success_threshold = std::max(in.getSuccessThreshold(), 1);
  out.failure_threshold = in.getFailureThreshold() < 1 ? 3 : in.getFailureThreshold();
  if (in.getHasTerminationGracePeriodSeconds()) out.grace = bounded(in.getTerminationGracePeriodSeconds());
  return out;
}

Handler read_hook(core::LifecycleHandler::Reader in) {
  Handler out = read_handler(in);
  if (out.kind != Handler::Kind::kNone || !in.hasSleep()) return out;
  out.kind = Handler::Kind::kSleep;
  out.sleep = bounded(in.getSleep().getSeconds());
  return out;
}

template <class Reader>
void read_probes(Reader in, ContainerSpec& out) {
  if (in.hasStartupProbe()) out.probes[0] = read_probe(in.getStartupProbe());
  if (in.hasReadinessProbe()) out.probes[1] = read_probe(in.getReadinessProbe());
  if (in.hasLivenessProbe()) out.probes[2] = read_probe(in.getLivenessProbe());
  if (in.getLifecycle().hasPostStart()) out.post_start = read_hook(in.getLifecycle().getPostStart());
  out.stop_signal = text(in.getLifecycle().getStopSignal());
  if (in.getLifecycle().hasPreStop()) out.pre_stop = read_hook(in.getLifecycle().getPreStop());
}

template <class List>
std::vector<RestartRule> read_rules(List rules) {
  std::vector<RestartRule> out;
  out.reserve(rules.size());
  for (auto rule : rules) {
    RestartRule one;
    one.action = text(rule.getAction()) == "RestartAllContainers" ? RuleAction::kRestartAll : RuleAction::kRestart;
    one.negated = text(rule.getExitCodes().getOperator()) == "NotIn";
    for (const std::int32_t code : rule.getExitCodes().getValues()) one.exit_codes.push_back(code);
    out.push_back(std::move(one));
  }
  return out;
}

/// A container, or the like parts of an ephemeral one.
template <class Reader>
ContainerSpec read_container(Reader in, bool init, const SecuritySpec& pod_security) {
  ContainerSpec out;
  out.name = text(in.getName());
  out.image = text(in.getImage());
  out.command = texts(in.getCommand());
  out.args = texts(in.getArgs());
  out.working_dir = text(in.getWorkingDir());
  for (auto variable : in.getEnv()) out.env.push_back(read_env(variable));
  for (auto port : in.getPorts()) {
    ContainerPort p;
    p.name = text(port.getName());
    p.container_port = port.getContainerPort();
    p.host_port = port.getHostPort();
    p.protocol = text(port.getProtocol());
    out.ports.push_back(std::move(p));
  }
  out.limits = entries(in.getResources().getLimits());
  out.requests = entries(in.getResources().getRequests());
  for (auto mount : in.getVolumeMounts()) out.mounts.push_back(read_mount(mount));
  const std::string policy = text(in.getRestartPolicy());
  if (!policy.empty()) out.restart_policy = restart_policy(policy);
  out.restart_rules = read_rules(in.getRestartPolicyRules());
  if (init) out.kind = policy == "Always" ? ContainerKind::kSidecar : ContainerKind::kInit;
  out.security = pod_security;
  if (in.hasSecurityContext()) read_security(in.getSecurityContext(), out.security);
  out.tty = in.getTty();
  out.input = in.getStdin();
  out.input_once = in.getStdinOnce();
  for (auto from : in.getEnvFrom()) out.env_from.push_back(read_env_from(from));
  read_probes(in, out);
  out.termination_path = text(in.getTerminationMessagePath());
  out.fallback_to_logs = text(in.getTerminationMessagePolicy()) == "FallbackToLogsOnError";
  return out;
}

std::vector<ReadinessGate> read_gates(core::Pod::Reader in) {
  std::vector<ReadinessGate> out;
  const auto gates = in.getSpec().getReadinessGates();
  if (gates.size() == 0) return out;
  std::map<std::string, std::string> shown;  // of several conditions of a type the first counts
  for (auto condition : in.getStatus().getConditions()) {
    std::string type = text(condition.getType());
    if (!is_own_condition(type)) shown.emplace(std::move(type), text(condition.getStatus()));
  }
  out.reserve(gates.size());
  for (auto gate : gates) {
    ReadinessGate one{text(gate.getConditionType()), std::nullopt};
    if (const auto found = shown.find(one.type); found != shown.end()) one.status = found->second;
    out.push_back(std::move(one));
  }
  return out;
}

void read_hostname(core::PodSpec::Reader spec, PodSpec& out) {
  out.hostname = spec.getHostname().size() > 0 ? text(spec.getHostname()) : out.name;
  if (spec.getHostnameOverride().size() > 0) {
    out.hostname = text(spec.getHostnameOverride());
  } else if (spec.getSetHostnameAsFQDN() && spec.getSubdomain().size() > 0) {
    out.domain = text(spec.getSubdomain()) + "." + out.ns + ".svc." + kClusterDomain;
  }
}

PodSpec read_spec(core::Pod::Reader in) {
  PodSpec out;
  const auto meta = in.getMetadata();
  out.ns = text(meta.getNamespace());
  out.name = text(meta.getName());
  out.uid = text(meta.getUid());
  out.generation = meta.getGeneration();
  out.labels = entries(meta.getLabels());
  out.annotations = entries(meta.getAnnotations());
  const auto spec = in.getSpec();
  out.node_name = text(spec.getNodeName());
  out.service_account = text(spec.getServiceAccountName());
  read_hostname(spec, out);
  out.runtime_class = text(spec.getRuntimeClassName());
  out.host_network = spec.getHostNetwork();
  out.host_ipc = spec.getHostIPC();
  out.host_pid = spec.getHostPID();
  out.share_processes = spec.getShareProcessNamespace();
  out.service_links = !spec.getHasEnableServiceLinks() || spec.getEnableServiceLinks();
  out.restart_policy = restart_policy(text(spec.getRestartPolicy()));
  if (spec.getHasTerminationGracePeriodSeconds()) {
    out.grace = bounded(spec.getTerminationGracePeriodSeconds());
  }
  if (spec.getHasActiveDeadlineSeconds()) out.active_deadline = bounded(spec.getActiveDeadlineSeconds());
  if (meta.getHasDeletionTimestamp()) {
    out.deletion_grace =
        meta.getHasDeletionGracePeriodSeconds() ? bounded(meta.getDeletionGracePeriodSeconds()) : out.grace;
  }
  SecuritySpec security;
  if (spec.hasSecurityContext()) {
    const auto pod_security = spec.getSecurityContext();
    if (pod_security.getHasRunAsUser()) security.run_as_user = pod_security.getRunAsUser();
    if (pod_security.getHasRunAsGroup()) security.run_as_group = pod_security.getRunAsGroup();
    security.run_as_non_root = pod_security.getRunAsNonRoot();
    read_profiles(pod_security, security);
    for (auto group : pod_security.getSupplementalGroups()) security.groups.push_back(group);
    if (pod_security.getHasFsGroup()) {
      out.fs_group = pod_security.getFsGroup();
      security.groups.push_back(*out.fs_group);
    }
  }
  out.gates = read_gates(in);
  out.limits = entries(spec.getResources().getLimits());
  out.requests = entries(spec.getResources().getRequests());
  out.ignored = ignored_fields(spec);
  for (auto container : spec.getInitContainers()) out.containers.push_back(read_container(container, true, security));
  for (auto container : spec.getContainers()) out.containers.push_back(read_container(container, false, security));
  for (auto container : spec.getEphemeralContainers()) {
    out.containers.push_back(read_container(container.getEphemeralContainerCommon(), false, security));
    out.containers.back().kind = ContainerKind::kEphemeral;
  }
  for (auto volume : spec.getVolumes()) out.volumes.push_back(read_volume(volume));
  add_host_aliases(spec, out);
  apply_probe_periods(out);
  return out;
}

std::string without_scheme(std::string id) {
  if (id.starts_with(kContainerIdScheme)) id.erase(0, kContainerIdScheme.size());
  return id;
}

std::optional<ExitRecord> read_exit(core::ContainerState::Reader in) {
  if (!in.hasTerminated()) return std::nullopt;
  const auto ended = in.getTerminated();
  ExitRecord out;
  out.exit_code = ended.getExitCode();
  out.reason = text(ended.getReason());
  out.message = text(ended.getMessage());
  if (ended.getHasStartedAt()) out.started_at = from_seconds(ended.getStartedAt());
  out.finished_at = from_seconds(ended.getFinishedAt());
  out.container_id = without_scheme(text(ended.getContainerID()));
  return out;
}

ContainerStatus read_container_status(core::ContainerStatus::Reader in) {
  ContainerStatus out;
  out.name = text(in.getName());
  out.image = text(in.getImage());
  out.container_id = text(in.getContainerID());
  out.restart_count = in.getRestartCount();
  out.ready = in.getReady();
  out.started = in.getStarted();
  out.stop_signal = text(in.getStopSignal());
  const auto state = in.getState();
  if (state.hasWaiting())
    out.waiting = Waiting{text(state.getWaiting().getReason()), text(state.getWaiting().getMessage())};
  if (state.hasRunning()) out.running_since = from_seconds(state.getRunning().getStartedAt());
  out.terminated = read_exit(state);
  out.last = read_exit(in.getLastState());
  return out;
}

PodStatus read_status(core::PodStatus::Reader in) {
  PodStatus out;
  out.observed_generation = in.getObservedGeneration();
  out.phase = text(in.getPhase());
  out.reason = text(in.getReason());
  out.message = text(in.getMessage());
  out.qos_class = text(in.getQosClass());
  out.host_ip = text(in.getHostIP());
  out.pod_ip = text(in.getPodIP());
  if (in.getHasStartTime()) out.start_time = from_seconds(in.getStartTime());
  for (auto condition : in.getConditions()) {
    Condition c;
    c.type = text(condition.getType());
    c.status = text(condition.getStatus());
    c.reason = text(condition.getReason());
    c.message = text(condition.getMessage());
    c.last_transition = from_seconds(condition.getLastTransitionTime());
    c.observed_generation = condition.getObservedGeneration();
    out.conditions.push_back(std::move(c));
  }
  for (auto container : in.getInitContainerStatuses()) out.init_containers.push_back(read_container_status(container));
  for (auto container : in.getContainerStatuses()) out.containers.push_back(read_container_status(container));
  for (auto container : in.getEphemeralContainerStatuses()) out.ephemeral.push_back(read_container_status(container));
  return out;
}

void write_exit(const ExitRecord& in, core::ContainerStateTerminated::Builder out) {
  out.setExitCode(in.exit_code);
  out.setReason(in.reason);
  if (!in.message.empty()) out.setMessage(in.message);
  out.setStartedAt(in.started_at ? to_seconds(*in.started_at) : 0);
  out.setHasStartedAt(in.started_at.has_value());
  out.setFinishedAt(to_seconds(in.finished_at));
  out.setHasFinishedAt(true);
  if (!in.container_id.empty()) out.setContainerID(std::string(kContainerIdScheme) + in.container_id);
}

void write_container(const ContainerStatus& in, core::ContainerStatus::Builder out) {
  out.setName(in.name);
  out.setImage(in.image);
  out.setImageID("");
  if (!in.container_id.empty()) out.setContainerID(in.container_id);
  out.setRestartCount(in.restart_count);
  out.setReady(in.ready);
  out.setStarted(in.started);
  out.setHasStarted(true);
  if (!in.stop_signal.empty()) out.setStopSignal(in.stop_signal);
  auto state = out.initState();
  if (in.waiting) {
    auto waiting = state.initWaiting();
    waiting.setReason(in.waiting->reason);
    if (!in.waiting->message.empty()) waiting.setMessage(in.waiting->message);
  } else if (in.running_since) {
    auto running = state.initRunning();
    running.setStartedAt(to_seconds(*in.running_since));
    running.setHasStartedAt(true);
  } else if (in.terminated) {
    write_exit(*in.terminated, state.initTerminated());
  }
  auto last = out.initLastState();
  if (in.last) write_exit(*in.last, last.initTerminated());
}

void write_condition(const Condition& in, core::PodCondition::Builder out) {
  out.setType(in.type);
  out.setStatus(in.status);
  if (!in.reason.empty()) out.setReason(in.reason);
  if (!in.message.empty()) out.setMessage(in.message);
  out.setLastTransitionTime(to_seconds(in.last_transition));
  out.setHasLastTransitionTime(true);
  out.setObservedGeneration(in.observed_generation);
}

/// The node half's conditions in their order, and behind them those of others, as they are. PodScheduled belongs to
/// the scheduler: it is only added when it is not there.
void write_conditions(const PodStatus& in, core::PodStatus::Reader before, core::PodStatus::Builder out) {
  std::set<std::string> mine;
  std::vector<const Condition*> written;
  bool scheduled = false;
  for (auto condition : before.getConditions()) scheduled |= text(condition.getType()) == "PodScheduled";
  for (const auto& condition : in.conditions) {
    if (condition.type == "PodScheduled" && scheduled) continue;
    mine.insert(condition.type);
    written.push_back(&condition);
  }
  std::vector<core::PodCondition::Reader> kept;
  for (auto condition : before.getConditions()) {
    if (!mine.contains(text(condition.getType()))) kept.push_back(condition);
  }
  auto list = out.initConditions(static_cast<unsigned>(written.size() + kept.size()));
  unsigned i = 0;
  for (const auto* condition : written) write_condition(*condition, list[i++]);
  for (const auto& condition : kept) list.setWithCaveats(i++, condition);
}

void write_status(const PodStatus& in, core::PodStatus::Reader before, core::PodStatus::Builder out) {
  out.setObservedGeneration(in.observed_generation);
  out.setPhase(in.phase);
  out.setReason(in.reason);
  out.setMessage(in.message);
  out.setQosClass(in.qos_class);
  out.setHostIP(in.host_ip);
  if (!in.host_ip.empty()) out.initHostIPs(1)[0].setIp(in.host_ip);
  out.setPodIP(in.pod_ip);
  if (!in.pod_ip.empty()) out.initPodIPs(1)[0].setIp(in.pod_ip);
  out.setHasStartTime(in.start_time.has_value());
  out.setStartTime(in.start_time ? to_seconds(*in.start_time) : 0);
  write_conditions(in, before, out);
  auto inits = out.initInitContainerStatuses(static_cast<unsigned>(in.init_containers.size()));
  for (unsigned i = 0; i < inits.size(); ++i) write_container(in.init_containers[i], inits[i]);
  auto mains = out.initContainerStatuses(static_cast<unsigned>(in.containers.size()));
  for (unsigned i = 0; i < mains.size(); ++i) write_container(in.containers[i], mains[i]);
  auto added = out.initEphemeralContainerStatuses(static_cast<unsigned>(in.ephemeral.size()));
  for (unsigned i = 0; i < added.size(); ++i) write_container(in.ephemeral[i], added[i]);
}

}  // namespace

Result<PodObject> read_pod(SegmentView segment) {
  return schema::with_object<core::Pod>(segment, [](core::Pod::Reader pod) -> Result<PodObject> {
    PodObject object;
    object.spec = read_spec(pod);
    object.status = read_status(pod.getStatus());
    return object;
  });
}

Result<Segment> with_status(SegmentView segment, const PodStatus& status) {
  return schema::with_object<core::Pod>(segment, [&](core::Pod::Reader pod) -> Result<Segment> {
    capnp::MallocMessageBuilder builder;
    builder.setRoot(pod);
    auto root = builder.getRoot<core::Pod>();
    write_status(status, pod.getStatus(), root.getStatus());
    return schema::to_segment<core::Pod>(root.asReader());
  });
}

}  // namespace troupe::pod
