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

namespace troupe::daemon {

/// The address by which a port of this machine is reached, if a process of the pod (without a uid: of any pod) listens
/// on it by TCP: other processes' ports are none of the pod's, although it shares their address. Reads /proc:
/// milliseconds.
std::optional<std::string> address_of_pod_port(std::string_view pod_uid, std::uint16_t port);

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
