#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/store.hpp"
#include "storage/watch_hub.hpp"

namespace troupe::storage {

struct MemoryStoreOptions {
  /// Where commits are worked off and their completions called, one after the other, in order: the simulation's
  /// scheduler. Empty: inside commit(), on the caller's thread.
  std::function<void(Callback<void()>)> post;
  /// Asked before each commit: an error refuses it (injected faults).
  std::function<std::optional<Error>(const Batch&)> refuse;
  /// Revisions that stay readable; older ones are compacted by themselves.
  std::uint64_t retained_revisions = 1'000'000;
  /// Revisions begin above this; those up to it are compacted from the start.
  Revision begin_after = 0;
};

/// The store's twin in memory, for simulation and tests: the same contract, no disk.
class MemoryStore final : public Store, private EventHistory {
 public:
  explicit MemoryStore(MemoryStoreOptions options = {});
  ~MemoryStore() override;

  void get(const Key& key, Revision at, GetDone done) override;
  void list(ListRequest request, Visit visit, ListDone done) override;
  void commit(Batch batch, CommitDone done) override;
  Result<std::unique_ptr<Watch>> watch(WatchRequest request, Ready ready) override;
  void compact(Revision revision, Callback<void(Status)> done) override;
  Revision revision() const override;
  StoreStats stats() const override;
  Result<std::uint64_t> count(const Prefix& prefix) const override;
  bool completes_inline() const override { return true; }

 private:
  /// Versions of one key, oldest first; a deletion is a version too, until it is compacted.
  using Versions = std::vector<Record>;
  struct Found {
    Key key;
    Record record;
  };

  Result<Revision> resolve(Revision at) const;
  Result<Committed> apply(Batch& batch);
  Status check(const Batch& batch) const;
  EventPtr write(Operation& operation, Revision revision);
  void forget_below(Revision revision);
  const Record* newest(std::string_view key) const;
  static const Record* at_revision(const Versions& versions, Revision at);
  void run_commit(Batch batch, CommitDone done);
  Result<Revision> replay(const Prefix& prefix, Revision after, Revision until, std::size_t max,
                          std::vector<EventPtr>& out) override;

  MemoryStoreOptions options_;
  WatchHub hub_;
  std::mutex commit_mutex_;  ///< One commit at a time, with its dispatch; taken before mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, Versions, std::less<>> objects_;
  std::deque<EventPtr> history_;
  Revision revision_ = 0;
  Revision compacted_ = 0;
  std::uint64_t living_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace troupe::storage
