#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "api/call.hpp"

namespace troupe::api {

/// Removes Events (the API kind) when nobody has written them for their time to live, and the oldest ones when there
/// are too many. A start gives those it finds a whole time to live. Any thread.
class EventExpiry : public std::enable_shared_from_this<EventExpiry> {
 public:
  struct Limits {
    std::chrono::milliseconds time_to_live = std::chrono::hours(1);  ///< kube-apiserver's --event-ttl.
    std::size_t max_events = 20'000;
  };

  /// `services` outlives it; `resource` is the stored resource of Events.
  EventExpiry(const Services& services, const Resource& resource, Limits limits)
      : services_(services), prefix_(storage::prefix_of(resource.store_id)), limits_(limits) {}

  /// Follows the store until `stop`. Only for stores that complete inline.
  Status start();
  void stop();
  std::size_t known() const;

 private:
  struct Written {
    storage::Key key;
    storage::Revision revision = 0;
    std::chrono::system_clock::time_point at;
  };

  void look();
  void note(const storage::Key& key, storage::Revision revision);
  void forget_stale();
  void remove_due();
  void arm();

  const Services& services_;
  const storage::Prefix prefix_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::deque<Written> queue_;  ///< In the order they were written; an older entry of a key written again is stale.
  std::unordered_map<std::string, storage::Revision> newest_;  ///< By key: its newest write.
  std::unique_ptr<storage::Watch> watch_;
  std::unique_ptr<Environment::Timer> timer_;
  bool armed_ = false;
  bool stopped_ = false;
};

}  // namespace troupe::api
