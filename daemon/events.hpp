#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "daemon/objects.hpp"
#include "kernel/system.hpp"

namespace troupe::daemon {

/// What happened to an object, for `kubectl describe`.
struct EventSpec {
  std::string kind;
  std::string api_version;
  std::string ns;
  std::string name;
  std::string uid;
  std::string field_path;
  bool warning = false;
  std::string reason;
  std::string message;
  std::string component;  ///< "kubelet", "default-scheduler".
  std::string host;
};

/// Records core/v1 Events, best effort. The same event of the same object again counts up the one that is there, for
/// the newest `kRemembered` of them. Any thread.
class EventRecorder {
 public:
  static constexpr std::size_t kRemembered = 4096;

  /// Both must outlive it.
  EventRecorder(Objects& objects, kernel::System& system) : objects_(objects), system_(system) {}
  void record(EventSpec event);

 private:
  Objects& objects_;
  kernel::System& system_;
  std::mutex mutex_;
  std::map<std::string, std::string> names_;  ///< From what makes an event the same to its object's name.
  std::deque<std::string> order_;
};

}  // namespace troupe::daemon
