#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include "storage/log.hpp"
#include "storage/log_store.hpp"
#include "storage/state.hpp"
#include "storage/tail.hpp"
#include "storage/version_cache.hpp"
#include "storage/watch_hub.hpp"

namespace troupe::storage {

/// 16 MiB that are given back when the disk is full, so that erasing and compaction still find room.
class Ballast {
 public:
  Ballast(std::string dir, std::uint64_t bytes, std::shared_ptr<Disk> disk)
      : dir_(std::move(dir)), bytes_(bytes), disk_(std::move(disk)) {}
  /// Lays it down when there is room for it four times over.
  void lay();
  void give_back();

 private:
  std::string path() const { return dir_ + "/ballast"; }
  std::string dir_;
  std::uint64_t bytes_;
  std::shared_ptr<Disk> disk_;
  std::mutex mutex_;
  bool laid_ = false;
};

/// What the threads of one log store share. Each part says itself which thread may do what.
struct StoreCore {
  LogStoreOptions options;
  std::unique_ptr<State> state;
  std::unique_ptr<Log> log;
  Tail tail;
  std::unique_ptr<VersionCache> cache;
  std::unique_ptr<Ballast> ballast;
  std::atomic<Revision> compacted{0};
  std::atomic<bool> state_full{false};  ///< LMDB found no room.
  std::atomic<bool> log_full{false};    ///< No segment could be made.
  std::atomic<bool> dead{false};

  void die(const Error& error) {
    if (!dead.exchange(true)) options.fatal(error);
  }
  /// Raises `compacted`; it never goes back.
  void compact_to(Revision revision) {
    Revision now = compacted.load();
    while (now < revision && !compacted.compare_exchange_weak(now, revision)) {
    }
  }
};

/// Reads at any retained revision; on the caller's thread.
class History final : public EventHistory {
 public:
  explicit History(StoreCore& core) : core_(core) {}
  Result<GetResult> get(const Key& key, Revision at);
  Result<ListEnd> list(ListRequest& request, Visit& visit);
  Result<Revision> resolve(Revision at) const;
  Result<Revision> replay(const Prefix& prefix, Revision after, Revision until, std::size_t max,
                          std::vector<EventPtr>& out) override;
  /// The living object before an event whose operation names `previous`; empty: there was none.
  Result<Record> before(Position previous, ReadBuffer& buffer);

 private:
  /// Walks back from the version at `position` to the one that was newest at `at`. Empty: there was none.
  Result<Record> version_at(Position position, Revision at, ReadBuffer& buffer);
  Result<Revision> newest_of(std::string_view key, Version& version);
  Status still_retained(Revision at) const;
  Result<bool> list_chunk(ListRequest& request, Visit& visit, ListEnd& end, std::size_t& left, ReadBuffer& buffer);
  StoreCore& core_;
};

}  // namespace troupe::storage
