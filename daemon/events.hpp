#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/objects.hpp"
#include "kernel/envelope.hpp"
#include "kernel/system.hpp"

namespace troupe::daemon {

/// What happened to an object, for `kubectl describe`.
struct EventSpec {
  std::string kind;
  std::string api_version;
  std::string ns;  ///< Empty for a Node.
  std::string name;
  std::string uid;
  std::string field_path;
  bool warning = false;
  std::string reason;
  std::string message;
  std::string component;  ///< "kubelet", "default-scheduler".
  std::string host;
};

/// Records core/v1 Events, best effort: written behind, those of `kDelay` in one write, so that they hold up nothing
/// that somebody waits for. The same event of the same object again counts up the one that is there, for the newest
/// `kRemembered` of them. Any thread.
class EventRecorder {
 public:
  static constexpr std::size_t kRemembered = 4096;
  static constexpr std::chrono::milliseconds kDelay{20};
  /// Events in one write; when so many wait, they do not wait longer.
  static constexpr std::size_t kMaxWaiting = 100;

  /// Both must outlive it.
  EventRecorder(Objects& objects, kernel::System& system) : objects_(objects), system_(system) {}
  void record(EventSpec event);
  /// Writes what waits.
  void flush();
  /// From now on nothing is recorded; what waits is dropped. Must be called before the System goes.
  void close();

 private:
  struct Waiting {
    EventSpec event;
    std::string name;
    std::chrono::system_clock::time_point first;
    std::chrono::system_clock::time_point last;
    std::int32_t count = 1;
  };
  /// The name of the object that tells of it; whether it is told of for the first time. Names sort as the events came:
  /// their times have only seconds.
  std::pair<std::string, bool> name_of(const EventSpec& event, std::chrono::system_clock::time_point now);
  /// False when no event of this name waits.
  bool count_waiting(const std::string& name, std::chrono::system_clock::time_point now);
  void count_up(const EventSpec& event, const std::string& name, std::chrono::system_clock::time_point now);

  Objects& objects_;
  kernel::System& system_;
  std::mutex mutex_;
  std::map<std::string, std::string> names_;  ///< From what makes an event the same to its object's name.
  std::deque<std::string> order_;
  std::uint64_t last_number_ = 0;  ///< In a name; nanoseconds since 1970, more where two came in the same one.
  std::vector<Waiting> waiting_;
  kernel::Promise timer_;  ///< Set while something waits.
  bool closed_ = false;
};

}  // namespace troupe::daemon
