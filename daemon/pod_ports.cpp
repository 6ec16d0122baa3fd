#include "daemon/pod_ports.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "runtime/process_info.hpp"

namespace troupe::daemon {

namespace {

constexpr int kMostAncestors = 64;
constexpr std::string_view kListening = "0A";

std::uint32_t hex(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

/// "0100007F" to "127.0.0.1", and where all addresses are meant, loopback. The words are in the machine's order.
std::string address_of(std::string_view words) {
  std::array<std::uint32_t, 4> parts{};
  for (std::size_t i = 0; i < words.size() / 8; ++i) parts.at(i) = hex(words.substr(i * 8, 8));
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (words.size() == 8) {
    if (parts[0] == 0) return "127.0.0.1";
    inet_ntop(AF_INET, parts.data(), text.data(), text.size());
    return text.data();
  }
  if (parts == std::array<std::uint32_t, 4>{}) return "::1";
  inet_ntop(AF_INET6, parts.data(), text.data(), text.size());
  return text.data();
}

/// Sockets that listen on the port: "socket:[INODE]" and the address they are reached by.
std::map<std::string, std::string> listeners(std::uint16_t port) {
  std::map<std::string, std::string> out;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(table);
    std::string line;
    std::getline(lines, line);  // the columns' names
    while (std::getline(lines, line)) {
      std::istringstream fields(line);
      std::string number;
      std::string local;
      std::string remote;
      std::string state;
      std::string skipped;
      std::string inode;
      fields >> number >> local >> remote >> state;
      if (state != kListening) break;  // they stand in front of the connections, which may be thousands
      const std::size_t colon = local.find(':');
      if (colon == std::string::npos || hex(local.substr(colon + 1)) != port) continue;
      for (int i = 0; i < 5; ++i) fields >> skipped;  // queues, timer, retransmits, uid, timeout
      fields >> inode;
      out.emplace("socket:[" + inode + "]", address_of(std::string_view(local).substr(0, colon)));
    }
  }
  return out;
}

/// The process or an ancestor of it was started in the pod; without a mark, in some pod. A program that writes its
/// title over its environment loses the mark and keeps its session.
bool is_of_pod(pid_t pid, const std::string& mark, const std::vector<pid_t>& mains) {
  const auto is_main = [&mains](pid_t one) { return std::find(mains.begin(), mains.end(), one) != mains.end(); };
  for (int i = 0; i < kMostAncestors && pid > 1; ++i) {
    const runtime::ProcessStat stat = runtime::read_stat(pid);
    if (is_main(pid) || is_main(stat.session)) return true;
    const std::string marker = runtime::container_marker(pid, true);
    if (!marker.empty()) return marker.find(mark) != std::string::npos;
    pid = stat.parent;
  }
  return false;
}

/// The first of the sockets that the process holds; empty when none.
std::string held_socket(pid_t pid, const std::map<std::string, std::string>& sockets) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
  if (!entries) return {};
  while (const dirent* entry = readdir(entries.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    std::array<char, 64> target{};
    const ssize_t size = readlinkat(dirfd(entries.get()), entry->d_name, target.data(), target.size());
    if (size <= 0) continue;
    std::string name(target.data(), static_cast<std::size_t>(size));
    if (sockets.contains(name)) return name;
  }
  return {};
}

/// The one of the sockets that the pod's processes hold; empty when none.
std::string socket_of_pod(std::string_view pod_uid, const std::vector<pid_t>& mains,
                          const std::map<std::string, std::string>& sockets) {
  const std::string mark = pod_uid.empty() ? "" : "/" + std::string(pod_uid) + ".";
  for (const pid_t pid : runtime::all_processes()) {
    std::string socket = held_socket(pid, sockets);
    if (!socket.empty() && is_of_pod(pid, mark, mains)) return socket;
  }
  return {};
}

}  // namespace

std::vector<pid_t> main_processes(const runtime::Inventory& inventory, std::string_view pod_uid) {
  std::vector<pid_t> out;
  for (const auto& container : inventory.containers) {
    const bool runs = container.state == runtime::ContainerState::kRunning;
    if (runs && (pod_uid.empty() || container.sandbox_id == pod_uid)) out.push_back(container.start.pid);
  }
  return out;
}

std::optional<std::string> address_of_pod_port(std::string_view pod_uid, std::uint16_t port,
                                               const std::vector<pid_t>& mains) {
  const auto sockets = listeners(port);
  if (sockets.empty()) return std::nullopt;
  const std::string socket = socket_of_pod(pod_uid, mains, sockets);
  return socket.empty() ? std::nullopt : std::optional(sockets.at(socket));
}

PortOwner PodSockets::recall(const std::string& pod_uid, std::uint16_t port) {
  const auto sockets = listeners(port);
  if (sockets.empty()) return PortOwner::kNobody;
  const std::scoped_lock lock(mutex_);
  const auto known = found_.find({pod_uid, port});
  if (known == found_.end()) return PortOwner::kUnknown;
  if (sockets.contains(known->second.socket)) return PortOwner::kPod;
  const bool fresh = known->second.socket.empty() && Clock::now() - known->second.at < kKept;
  return fresh ? PortOwner::kOther : PortOwner::kUnknown;
}

PortOwner PodSockets::look(const std::string& pod_uid, std::uint16_t port, const std::vector<pid_t>& mains) {
  const auto sockets = listeners(port);
  if (sockets.empty()) return PortOwner::kNobody;
  Found found{socket_of_pod(pod_uid, mains, sockets), Clock::now()};
  const PortOwner owner = found.socket.empty() ? PortOwner::kOther : PortOwner::kPod;
  const std::scoped_lock lock(mutex_);
  if (found_.size() >= kMost) found_.clear();  // they are found again
  found_.insert_or_assign({pod_uid, port}, std::move(found));
  return owner;
}

std::optional<std::string> PodPortMemory::recall(const std::string& pod_uid, std::uint16_t port,
                                                 Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  const auto known = found_.find({pod_uid, port});
  if (known == found_.end() || now - known->second.at >= kKept) return std::nullopt;
  return known->second.address;
}

void PodPortMemory::keep(const std::string& pod_uid, std::uint16_t port, std::string address, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(found_, [now](const auto& each) { return now - each.second.at >= kKept; });
  if (found_.size() >= kMost) found_.clear();
  found_.insert_or_assign({pod_uid, port}, Found{std::move(address), now});
}

}  // namespace troupe::daemon
