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
      // "  12: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 INODE ..."
      const std::size_t begin = line.find(": ") + 2;
      const std::size_t colon = line.find(':', begin);
      const std::size_t state = colon + 12 + (colon - begin);
      if (colon == std::string::npos || line.size() < state + kListening.size()) continue;
      if (line.compare(state, kListening.size(), kListening) != 0) break;  // the connections, perhaps thousands
      if (hex(std::string_view(line).substr(colon + 1, 4)) != port) continue;
      std::istringstream fields(line.substr(state));
      std::string inode;
      for (int i = 0; i < 7; ++i) fields >> inode;  // behind state, queues, timer, retransmits, uid and timeout
      out.emplace("socket:[" + inode + "]", address_of(std::string_view(line).substr(begin, colon - begin)));
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
    const std::string marker = runtime::container_marker(pid).value_or("");
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

PortOwner PodSockets::recall(const std::string& pod_uid, std::uint16_t port) {
  const auto sockets = listeners(port);
  if (sockets.empty()) return {};
  const std::scoped_lock lock(mutex_);
  const auto known = found_.find({pod_uid, port});
  if (known == found_.end()) return {PortOwner::Kind::kUnknown};
  if (const auto held = sockets.find(known->second.socket); held != sockets.end()) {
    return {PortOwner::Kind::kPod, held->second};
  }
  const bool fresh = known->second.socket.empty() && Clock::now() - known->second.at < kKept;
  return {fresh ? PortOwner::Kind::kOther : PortOwner::Kind::kUnknown};
}

PortOwner PodSockets::look(const std::string& pod_uid, std::uint16_t port, const std::vector<pid_t>& mains) {
  const auto sockets = listeners(port);
  if (sockets.empty()) return {};
  Found found{socket_of_pod(pod_uid, mains, sockets), Clock::now()};
  PortOwner owner{PortOwner::Kind::kOther};
  if (!found.socket.empty()) owner = {PortOwner::Kind::kPod, sockets.at(found.socket)};
  const std::scoped_lock lock(mutex_);
  if (found_.size() >= kMost) found_.clear();  // they are found again
  found_.insert_or_assign({pod_uid, port}, std::move(found));
  return owner;
}

}  // namespace troupe::daemon
