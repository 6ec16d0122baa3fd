#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/runtime.hpp"

namespace troupe::daemon {

/// The main processes of a pod's containers that run (without a uid: of all pods'), by which its other processes are
/// known: those in their sessions, their descendants, and whatever has the containers' mark in its environment.
std::vector<pid_t> main_processes(const runtime::Inventory& inventory, std::string_view pod_uid);

/// The address by which a port of this machine is reached, if a process of the pod (without a uid: of any pod) listens
/// on it by TCP: other processes' ports are none of the pod's, although it shares their address. Reads /proc:
/// milliseconds.
std::optional<std::string> address_of_pod_port(std::string_view pod_uid, std::uint16_t port,
                                               const std::vector<pid_t>& mains);

/// Whose socket a port of this machine is.
enum class PortOwner : std::uint8_t { kNobody, kPod, kOther, kUnknown };

/// Answers whether a pod's own processes listen on a port. Any thread; neither may run on those of actors or sockets.
class PodSockets {
 public:
  static constexpr std::size_t kMost = 16384;
  static constexpr std::chrono::seconds kKept{1};

  /// Tens of microseconds: whether the socket is still the one that was found. kUnknown: look.
  PortOwner recall(const std::string& pod_uid, std::uint16_t port);
  /// Walks through /proc. That it was another's is believed for kKept.
  PortOwner look(const std::string& pod_uid, std::uint16_t port, const std::vector<pid_t>& mains);

 private:
  using Clock = std::chrono::steady_clock;
  struct Found {
    std::string socket;  ///< "socket:[INODE]"; empty: another's.
    Clock::time_point at;
  };
  std::mutex mutex_;
  std::map<std::pair<std::string, std::uint16_t>, Found> found_;
};

/// What address_of_pod_port found lately: a browser opens ten connections to one port at once. Any thread.
class PodPortMemory {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kKept{1};
  static constexpr std::size_t kMost = 1024;

  /// Found less than kKept ago; else nothing: look yourself.
  std::optional<std::string> recall(const std::string& pod_uid, std::uint16_t port, Clock::time_point now);
  void keep(const std::string& pod_uid, std::uint16_t port, std::string address, Clock::time_point now);

 private:
  struct Found {
    std::string address;
    Clock::time_point at;
  };
  std::mutex mutex_;
  std::map<std::pair<std::string, std::uint16_t>, Found> found_;
};

}  // namespace troupe::daemon
