#include <capnp/serialize.h>
#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/handover_internal.hpp"
#include "runtime/keeper_internal.hpp"
#include "runtime/user_namespace.hpp"

namespace troupe::runtime {
namespace {

/// Reads a spec of ours and hands it on; false when it is damaged.
template <class Spec, class Use>
bool read_spec(const std::string& path, Use use) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return false;
  try {
    capnp::ReaderOptions ours;
    ours.traversalLimitInWords = UINT64_MAX;
    capnp::StreamFdMessageReader message(fd.get(), ours);
    use(message.getRoot<Spec>());
    return true;
  } catch (const kj::Exception&) {
    return false;
  }
}

}  // namespace

Status Keeper::adopt(const Handed* handed) {
  if (Status prepared = files_.prepare(); !prepared) return prepared;
  host_.identity = files_.identity();
  const std::string boot = boot_id();
  const bool same_boot = read_file(files_.boot()).value_or("") == boot;
  places_.adopt();
  adopt_sandboxes();
  inits_.adopt(same_boot, [this](const std::string& id) { return sandboxes_.contains(id); });
  std::unordered_map<std::string, rpc::HandedContainer::Reader> known;
  if (handed != nullptr) {
    for (auto container : handed->root().getContainers()) known.emplace(container.getInfo().getId().cStr(), container);
  }
  for (const std::string& id : entries_by_age(files_.containers())) {
    Container* container = make_adopted(id);
    const auto found = known.find(id);
    if (container == nullptr) continue;
    if (found != known.end()) {
      take_over(*container, found->second);
    } else {
      container->adopt(same_boot);
    }
    if (container->state() == ContainerState::kRunning) by_pid_.emplace(container->pid(), container);
  }
  if (handed != nullptr) take_over(*handed);
  choose_user_namespace();
  adopt_groups();
  places_.remove_all();  // what a pod left that ended while no keeper lived
  if (Status written = write_file(files_.boot(), boot); !written) return written;
  schedule_stray_check(true);  // what ended while no keeper lived has left its strays to another parent
  return {};
}

void Keeper::choose_user_namespace() {
  if (!needs_user_namespace()) return;
  // All that runs is in the same one: whoever started it took up what ran then.
  Fd users = inits_.user_namespace();
  for (auto each = by_pid_.begin(); !users && each != by_pid_.end(); ++each)
    users = foreign_user_namespace(each->first);
  if (!users) {
    Result<Fd> made = make_user_namespace();
    if (!made) return;  // then a container that needs a namespace does not start, and says why
    users = std::move(*made);
  }
  launcher_.use_user_namespace(std::move(users));
}

void Keeper::adopt_sandboxes() {
  for (const std::string& id : entries_by_age(files_.sandboxes())) {
    const bool good = read_spec<rpc::SandboxSpec>(files_.sandbox(id), [&](rpc::SandboxSpec::Reader spec) {
      if (id != spec.getId().cStr()) return;
      Sandbox sandbox{id,
                      spec.getPodNamespace().cStr(),
                      spec.getPodName().cStr(),
                      spec.getPodUid().cStr(),
                      next_order_++,
                      ports_of(spec)};
      sandboxes_.emplace(id, std::move(sandbox));
    });
    if (!good) unlink(files_.sandbox(id).c_str());
  }
}

Container* Keeper::make_adopted(const std::string& id) {
  const std::string folder = files_.container(id);
  const std::string spec_path = folder + "/spec";
  Container* adopted = nullptr;
  read_spec<rpc::ContainerSpec>(spec_path, [&](rpc::ContainerSpec::Reader spec) {
    if (id != spec.getId().cStr() || !sandboxes_.contains(std::string_view(spec.getSandboxId().cStr()))) return;
    auto container = std::make_unique<Container>(host_, spec, modified_at(spec_path), next_order_++);
    adopted = container.get();
    adopted->hold_places(spec);
    containers_.emplace(adopted->id(), std::move(container));
  });
  // Without: a crash between mkdir and spec, nothing was ever started from it.
  if (adopted == nullptr) remove_container_folder(folder);
  return adopted;
}

void Keeper::take_over(Container& container, rpc::HandedContainer::Reader from) {
  container.take_over(from);
  if (container.state() == ContainerState::kExited && container.exit_sequence() != 0) {
    exits_.emplace(container.exit_sequence(), &container);
    last_exit_ = std::max(last_exit_, container.exit_sequence());
  }
  if (from.getKillAt() != 0 && container.state() == ContainerState::kRunning) kill_later(container, from.getKillAt());
}

void Keeper::take_over(const Handed& handed) {
  last_exit_ = std::max(last_exit_, handed.root().getLastExit());
  // Nobody waits for them any more. Our children, so the numbers are theirs until they are reaped.
  for (const std::int32_t pid : handed.root().getCommands()) {
    if (pid > 0) kill(-pid, SIGKILL);
  }
}

void Keeper::hand_over(rpc::Handover::Builder out, DescriptorList& descriptors) const {
  out.setLastExit(last_exit_);
  auto list = out.initContainers(static_cast<unsigned>(containers_.size()));
  unsigned filled = 0;
  for (const auto& [id, container] : containers_) container->hand_over(list[filled++], descriptors);
  std::vector<pid_t> commands;
  for (const auto& [pid, run] : execs_) {
    if (!run->ended()) commands.push_back(pid);
  }
  auto pids = out.initCommands(static_cast<unsigned>(commands.size()));
  for (unsigned i = 0; i < commands.size(); ++i) pids.set(i, commands[i]);
}

void Keeper::adopt_groups() {
  for (std::string& name : host_.cgroups.names(host_.group_folder())) {
    if (containers_.contains(name)) continue;
    host_.cgroups.kill_all(host_.group_folder(), name);
    left_groups_.push_back(std::move(name));
  }
}

}  // namespace troupe::runtime
