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

/// Whose socket a port of this machine is.
struct PortOwner {
  enum class Kind : std::uint8_t { kNobody, kPod, kOther, kUnknown };
  Kind kind = Kind::kNobody;
  std::string address{};  ///< Of kPod: where it is reached; loopback where it listens on all addresses.

  friend bool operator==(const PortOwner&, const PortOwner&) = default;
};

/// Answers whether a pod's own processes (without a uid: any pod's) listen on a port by TCP: other processes' ports are
/// none of the pod's, although it shares their address. Any thread.
class PodSockets {
 public:
  static constexpr std::size_t kMost = 16384;
  static constexpr std::chrono::seconds kKept{1};

  /// Some tens of microseconds: whether the socket is still the one that was found. kUnknown: look.
  PortOwner recall(const std::string& pod_uid, std::uint16_t port);
  /// Walks through /proc: milliseconds, not for threads of actors or sockets. That it was another's is believed for
  /// kKept.
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

}  // namespace troupe::daemon
