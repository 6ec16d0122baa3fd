#include <algorithm>

#include "runtime/rpc_convert_internal.hpp"

namespace troupe::runtime {
namespace {

WallTime wall(std::int64_t unix_nanoseconds) { return WallTime(std::chrono::nanoseconds(unix_nanoseconds)); }

// With the size, so that a NUL arrives and is refused by name instead of cutting the text.
capnp::Text::Reader text(const std::string& from) { return {from.data(), from.size()}; }

}  // namespace

void write(const SandboxSpec& spec, rpc::SandboxSpec::Builder out) {
  out.setId(text(spec.id));
  out.setPodNamespace(text(spec.pod_namespace));
  out.setPodName(text(spec.pod_name));
  out.setPodUid(text(spec.pod_uid));
  auto ports = out.initPorts(static_cast<unsigned>(spec.ports.size()));
  for (unsigned i = 0; i < spec.ports.size(); ++i) {
    ports[i].setContainerPort(spec.ports[i].container_port);
    ports[i].setNodePort(spec.ports[i].node_port);
  }
}

namespace {

void write(const Confinement& from, rpc::Confinement::Builder out) {
  out.setMemoryBytes(from.bounds.memory_bytes.value_or(0));
  out.setCpuMillis(from.bounds.cpu_millis.value_or(0));
  out.setCpuShares(from.bounds.cpu_shares.value_or(0));
  out.setPids(from.bounds.pids.value_or(0));
  out.setHasCapabilities(from.capabilities.has_value());
  out.setCapabilities(from.capabilities.value_or(0));
  out.setNoNewPrivileges(from.no_new_privileges);
  out.setReadOnlyRoot(from.read_only_root);
  if (from.filter.empty()) return;
  auto program = out.initFilter(static_cast<unsigned>(from.filter.program.size()));
  for (unsigned i = 0; i < program.size(); ++i) program.set(i, from.filter.program[i]);
  out.setFilterFlags(from.filter.flags);
}

}  // namespace

void write(const ContainerSpec& spec, rpc::ContainerSpec::Builder out) {
  out.setId(text(spec.id));
  out.setSandboxId(text(spec.sandbox_id));
  out.setName(text(spec.name));
  out.setAttempt(spec.attempt);
  auto argv = out.initArgv(static_cast<unsigned>(spec.argv.size()));
  for (unsigned i = 0; i < spec.argv.size(); ++i) argv.set(i, text(spec.argv[i]));
  auto environment = out.initEnvironment(static_cast<unsigned>(spec.environment.size()));
  for (unsigned i = 0; i < spec.environment.size(); ++i) {
    environment[i].setName(text(spec.environment[i].name));
    environment[i].setValue(text(spec.environment[i].value));
  }
  out.setWorkingDirectory(text(spec.working_directory));
  out.setHasUser(spec.user.has_value());
  out.setUser(spec.user.value_or(0));
  out.setHasGroup(spec.group.has_value());
  out.setGroup(spec.group.value_or(0));
  auto groups = out.initSupplementaryGroups(static_cast<unsigned>(spec.supplementary_groups.size()));
  for (unsigned i = 0; i < spec.supplementary_groups.size(); ++i) groups.set(i, spec.supplementary_groups[i]);
  auto limits = out.initLimits(static_cast<unsigned>(spec.limits.size()));
  for (unsigned i = 0; i < spec.limits.size(); ++i) {
    limits[i].setResource(spec.limits[i].resource);
    limits[i].setSoft(spec.limits[i].soft);
    limits[i].setHard(spec.limits[i].hard);
  }
  out.setNiceness(spec.niceness);
  auto log = out.initLog();
  log.setPath(text(spec.log.path));
  log.setMaxBytes(spec.log.max_bytes);
  log.setMaxFiles(spec.log.max_files);
  auto mounts = out.initMounts(static_cast<unsigned>(spec.mounts.size()));
  for (unsigned i = 0; i < spec.mounts.size(); ++i) {
    mounts[i].setSource(text(spec.mounts[i].source));
    mounts[i].setInside(text(spec.mounts[i].inside));
    mounts[i].setTarget(text(spec.mounts[i].target));
    mounts[i].setReadOnly(spec.mounts[i].read_only);
  }
  out.setTerminationPath(text(spec.termination_path));
  out.setInput(spec.input);
  out.setInputOnce(spec.input_once);
  out.setTerminal(spec.terminal);
  out.setHostname(text(spec.hostname));
  out.setIpc(static_cast<std::uint8_t>(spec.ipc));
  out.setPids(static_cast<std::uint8_t>(spec.pids));
  if (!(spec.confinement == Confinement())) write(spec.confinement, out.initConfinement());
}

ContainerInfo read(rpc::ContainerInfo::Reader in) {
  ContainerInfo info;
  info.id = in.getId().cStr();
  info.sandbox_id = in.getSandboxId().cStr();
  info.name = in.getName().cStr();
  info.attempt = in.getAttempt();
  info.state = static_cast<ContainerState>(in.getState());
  info.created_at = wall(in.getCreatedAt());
  info.start = {in.getPid(), in.getStartTicks(), wall(in.getStartedAt())};
  if (in.hasExit()) {
    auto exit = in.getExit();
    info.exit = ContainerExit{info.id,
                              info.sandbox_id,
                              exit.getExitCode(),
                              exit.getSignal(),
                              exit.getStatusLost(),
                              wall(in.getStartedAt()),
                              wall(exit.getFinishedAt()),
                              exit.getLastWords().cStr(),
                              exit.getOomKilled()};
  }
  return info;
}

Inventory read(rpc::Inventory::Reader in) {
  Inventory inventory;
  inventory.sandboxes.reserve(in.getSandboxes().size());
  for (auto sandbox : in.getSandboxes()) {
    SandboxSpec spec{sandbox.getId().cStr(), sandbox.getPodNamespace().cStr(), sandbox.getPodName().cStr(),
                     sandbox.getPodUid().cStr()};
    for (auto port : sandbox.getPorts()) spec.ports.push_back({port.getContainerPort(), port.getNodePort()});
    inventory.sandboxes.push_back(std::move(spec));
  }
  inventory.containers.reserve(in.getContainers().size());
  for (auto container : in.getContainers()) inventory.containers.push_back(read(container));
  inventory.kernel_restarts = in.getKernel().getRestarts();
  inventory.kernel_last_reason = in.getKernel().getLastReason().cStr();
  inventory.keeper_pid = in.getKeeperPid();
  return inventory;
}

Status read(rpc::Failure::Reader in) {
  if (in.getCode() == 0) return {};
  const auto code = static_cast<ErrorCode>(in.getCode());
  return fail(to_string(code) == "Unknown" ? ErrorCode::kInternal : code, in.getMessage().cStr());
}

}  // namespace troupe::runtime
