#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "api/call.hpp"

namespace troupe::api {

/// Removes Events (the API kind) when nobody has written them for their time to live, the oldest ones when there are
/// too many, and those of a namespace that is gone. A start gives those it finds a whole time to live. Any thread.
class EventExpiry : public std::enable_shared_from_this<EventExpiry> {
 public:
  struct Limits {
    std::chrono::milliseconds time_to_live = std::chrono::hours(1);  ///< kube-apiserver's --event-ttl.
    std::size_t max_events = 20'000;
  };

  /// `services` outlives it; `events` is the stored resource of Events, `namespaces` that of namespaces.
  EventExpiry(const Services& services, const Resource& events, const Resource& namespaces, Limits limits)
      : services_(services),
        events_(events.store_id),
        prefix_(storage::prefix_of(events.store_id)),
        namespaces_prefix_(storage::prefix_of(namespaces.store_id)),
        limits_(limits) {}

  /// Follows the store until `stop`. Only for stores that complete inline.
  Status start();
  void stop();
  std::size_t known() const;
  /// Writes that wait for their time; a bounded part of them has been made stale by later ones.
  std::size_t noted() const;

 private:
  struct Written {
    storage::Key key;
    storage::Revision revision = 0;
    std::chrono::system_clock::time_point at;
  };

  Status follow(const storage::Prefix& prefix, storage::Revision after, std::unique_ptr<storage::Watch>& watch);
  void look();
  void look_at_namespaces();
  void remove_all_of(std::string_view name_space);
  void note(const storage::Key& key, storage::Revision revision);
  void forget_stale();
  void remove_due();
  void arm();

  const Services& services_;
  const storage::ResourceId events_;
  const storage::Prefix prefix_;
  const storage::Prefix namespaces_prefix_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::deque<Written> queue_;  ///< In the order they were written; an older entry of a key written again is stale.
  std::unordered_map<std::string, storage::Revision> newest_;  ///< By key: its newest write.
  std::unique_ptr<storage::Watch> watch_;
  std::unique_ptr<storage::Watch> namespaces_;  ///< Deletions of namespaces.
  std::unique_ptr<Environment::Timer> timer_;
  bool armed_ = false;
  bool stopped_ = false;
};

}  // namespace troupe::api
