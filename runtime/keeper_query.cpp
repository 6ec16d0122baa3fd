#include "runtime/keeper_query.hpp"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/io.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "runtime/keeper_files.hpp"
#include "runtime/process_info.hpp"
#include "runtime/rpc_convert_internal.hpp"
#include "runtime/runtime.hpp"
#include "schema/rpc/keeper.capnp.h"

namespace troupe::runtime {
namespace {

std::chrono::milliseconds age_of(pid_t pid) {
  double up = 0;
  const std::uint64_t started = read_stat(pid).start_ticks;
  if (started == 0 || std::sscanf(read_file("/proc/uptime").value_or("").c_str(), "%lf", &up) != 1) return {};
  const double born = static_cast<double>(started) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return std::chrono::milliseconds(static_cast<std::int64_t>((up - born) * 1000));
}

std::uint64_t resident_of(pid_t pid) {
  unsigned long long size = 0;
  unsigned long long resident = 0;
  const std::string text = read_file("/proc/" + std::to_string(pid) + "/statm").value_or("");
  if (std::sscanf(text.c_str(), "%llu %llu", &size, &resident) != 2) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

KeeperSummary summary_of(rpc::Inventory::Reader inventory) {
  KeeperSummary out;
  out.pid = inventory.getKeeperPid();
  out.uptime = age_of(out.pid);
  out.memory_bytes = resident_of(out.pid);
  out.sandboxes = inventory.getSandboxes().size();
  std::map<std::string, std::string> pods;
  for (auto sandbox : inventory.getSandboxes()) {
    pods[sandbox.getId().cStr()] = std::string(sandbox.getPodNamespace().cStr()) + "/" + sandbox.getPodName().cStr();
  }
  for (auto container : inventory.getContainers()) {
    if (container.getState() != static_cast<std::uint8_t>(ContainerState::kRunning)) continue;
    ++out.running;
    out.running_names.push_back(pods[container.getSandboxId().cStr()] + "/" + container.getName().cStr());
  }
  std::sort(out.running_names.begin(), out.running_names.end());
  out.kernel_pid = inventory.getKernel().getPid();
  out.kernel_restarts = inventory.getKernel().getRestarts();
  out.kernel_last_reason = inventory.getKernel().getLastReason().cStr();
  out.upgrades = inventory.getUpgrades();
  return out;
}

/// Asks for it; success when the connection ends, as it does when another program takes the place.
Status request_upgrade(const std::string& socket_path, std::chrono::milliseconds patience) {
  Result<Fd> socket = connect_to(socket_path);
  if (!socket) return fail(std::move(socket.error()));
  kj::AsyncIoContext io = kj::setupAsyncIo();
  auto stream = io.lowLevelProvider->wrapSocketFd(kj::AutoCloseFd(socket->release()),
                                                  kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
  capnp::TwoPartyClient client(*stream);
  auto keeper = client.bootstrap().castAs<rpc::Keeper>();
  Status out = fail(ErrorCode::kTimeout, "the keeper does not answer");
  auto asked = keeper.upgradeRequest().send().then(
      [&](capnp::Response<rpc::Keeper::UpgradeResults>&& answer) { out = read(answer.getFailure()); },
      [&](kj::Exception&& e) {
        out = Status();
        if (e.getType() != kj::Exception::Type::DISCONNECTED) {
          out = fail(ErrorCode::kUnsupported, std::string("ask the keeper: ") + e.getDescription().cStr());
        }
      });
  kj::Promise<void> late = io.provider->getTimer().afterDelay(patience.count() * kj::MILLISECONDS);
  asked.exclusiveJoin(kj::mv(late)).wait(io.waitScope);
  return out;
}

}  // namespace

Result<KeeperSummary> upgrade_keeper(const std::string& data_folder, std::chrono::milliseconds patience) {
  Result<KeeperSummary> before = ask_keeper(data_folder, patience);
  if (!before) return before;
  try {
    if (Status asked = request_upgrade(KeeperFiles(data_folder).socket(), patience); !asked) {
      return fail(std::move(asked.error()));
    }
  } catch (const kj::Exception& e) {
    return fail(ErrorCode::kDisconnected, std::string("ask the keeper: ") + e.getDescription().cStr());
  }
  Result<KeeperSummary> after = ask_keeper(data_folder, patience);
  if (!after || (after->pid == before->pid && after->upgrades == before->upgrades + 1)) return after;
  return fail(ErrorCode::kDisconnected,
              "the keeper ended meanwhile; process " + std::to_string(after->pid) + " is its successor");
}

Result<KeeperSummary> ask_keeper(const std::string& data_folder, std::chrono::milliseconds patience) {
  Result<Fd> socket = connect_to(KeeperFiles(data_folder).socket());
  if (!socket) return fail(std::move(socket.error()));
  try {
    kj::AsyncIoContext io = kj::setupAsyncIo();
    auto stream = io.lowLevelProvider->wrapSocketFd(kj::AutoCloseFd(socket->release()),
                                                    kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
    capnp::TwoPartyClient client(*stream);
    auto keeper = client.bootstrap().castAs<rpc::Keeper>();
    Result<KeeperSummary> out = fail(ErrorCode::kTimeout, "the keeper does not answer");
    auto asked = keeper.listRequest().send().then(
        [&](capnp::Response<rpc::Keeper::ListResults>&& answer) { out = summary_of(answer.getInventory()); });
    kj::Promise<void> late = io.provider->getTimer().afterDelay(patience.count() * kj::MILLISECONDS);
    asked.exclusiveJoin(kj::mv(late)).wait(io.waitScope);
    return out;
  } catch (const kj::Exception& e) {
    return fail(ErrorCode::kDisconnected, std::string("ask the keeper: ") + e.getDescription().cStr());
  }
}

}  // namespace troupe::runtime
