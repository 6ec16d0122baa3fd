#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "storage/callback.hpp"
#include "storage/keyspace.hpp"
#include "storage/record.hpp"

namespace troupe::storage {

/// In a request: the newest revision at the moment the store looks.
inline constexpr Revision kNow = 0;

// ---- Reading ------------------------------------------------------------------------------------------------

struct GetResult {
  Revision revision = 0;         ///< The revision that was read at.
  std::optional<Record> record;  ///< Empty when the key does not exist at that revision.
};

struct ListRequest {
  Prefix prefix;
  /// Start behind this key (exclusive): the `last` of the previous page. Empty: from the beginning.
  Key after;
  /// kNow for the first page, then the first page's `revision` for all further ones: they show one state.
  Revision at = kNow;
  /// Objects a page, at least 1.
  std::size_t limit = 500;
};

struct ListEnd {
  Revision revision = 0;  ///< The page shows exactly the state at this revision.
  Key last;               ///< The last key that was visited; give it as `after` of the next page.
  bool more = false;      ///< There is at least one more object behind `last`.
};

/// Called for each object, in key order. Key and record are lent for this call only. False ends the page early
/// (for example at a byte budget): the object was taken, `last` names it.
using Visit = Callback<bool(std::string_view key, const RecordView& record)>;
using GetDone = Callback<void(Result<GetResult>)>;
using ListDone = Callback<void(Result<ListEnd>)>;

// ---- Writing ------------------------------------------------------------------------------------------------

inline constexpr std::size_t kMaxOperations = 128;
/// All payloads of a batch together, in bytes.
inline constexpr std::size_t kMaxBatchBytes = 16u << 20;

struct Condition {
  enum class Kind : std::uint8_t { kNone, kAbsent, kAtRevision };
  Kind kind = Kind::kNone;
  Revision revision = 0;

  static Condition none() { return {}; }
  /// The key must not exist; otherwise the batch fails with kAlreadyExists.
  static Condition absent() { return {Kind::kAbsent, 0}; }
  /// The key's newest version must be this one; otherwise (also when it does not exist) kConflict.
  static Condition at(Revision revision) { return {Kind::kAtRevision, revision}; }
};

struct Operation {
  enum class Kind : std::uint8_t { kPut, kErase, kCheck };
  Kind kind = Kind::kCheck;
  Key key;
  Condition condition;
  Record record;  ///< kPut: solely owned by this operation; the store stamps its revisions.
};

/// All or nothing, under one revision. At most kMaxOperations operations, each on another key.
class Batch {
 public:
  Batch& put(Key key, Record record, Condition condition = Condition::none()) {
    operations.push_back({Operation::Kind::kPut, std::move(key), condition, std::move(record)});
    return *this;
  }
  /// Erasing a key that does not exist changes nothing (unless a condition says otherwise).
  Batch& erase(Key key, Condition condition = Condition::none()) {
    operations.push_back({Operation::Kind::kErase, std::move(key), condition, {}});
    return *this;
  }
  /// Only a condition, no write: for example that a namespace still exists.
  Batch& check(Key key, Condition condition) {
    operations.push_back({Operation::Kind::kCheck, std::move(key), condition, {}});
    return *this;
  }

  std::vector<Operation> operations;
};

struct Committed {
  /// The batch's revision. A batch that changed nothing takes no revision: the current one is given.
  Revision revision = 0;
  bool changed = false;
};
using CommitDone = Callback<void(Result<Committed>)>;

/// What every store checks before it looks at its state: sizes, doubles, records present. kInvalidArgument, kTooLarge.
Status validate(const Batch& batch);

// ---- Watching -----------------------------------------------------------------------------------------------

struct Event {
  Revision revision = 0;
  Key key;
  Record old;      ///< Empty: the object was created.
  Record current;  ///< Empty: the object was deleted.
};

struct WatchRequest {
  Prefix prefix;
  /// The first event has a revision above this one. kNow: only what happens from now on.
  Revision after = kNow;
  /// A watcher that leaves more than this waiting is cut (kDisconnected) and may come back with its last revision.
  std::size_t max_events = 10'000;
  std::size_t max_bytes = 32u << 20;
};

/// One watcher. Events come in order of revision, without a gap; events of one batch in the order of its operations.
/// Destroying it ends the watch; after the destructor returned, `ready` is not called any more. A watch must be
/// destroyed before its store.
class Watch {
 public:
  virtual ~Watch() = default;
  /// Takes what is there, at most about `max` events (never half a batch). Empty: nothing now, `ready` will be called.
  /// Never waits for a write. One thread at a time. Errors are final: kCompacted (the revision is no longer retained:
  /// list again), kDisconnected (cut because it was too slow, or the store stopped: come back with revision()).
  virtual Result<std::vector<std::shared_ptr<const Event>>> take(std::size_t max) = 0;
  /// All events up to and with this revision were taken: what a bookmark may say, and where to resume.
  virtual Revision revision() const = 0;
};

/// Called when take() has something new after it came back empty, and once for the end; on the store's thread.
/// It must be short: usually it posts to the watcher's executor. It must not destroy its watch or call take().
using Ready = Callback<void()>;

// ---- The port -----------------------------------------------------------------------------------------------

struct StoreStats {
  Revision revision = 0;          ///< Newest durable revision.
  Revision compacted = 0;         ///< Reads and watches below this fail with kCompacted.
  std::uint64_t objects = 0;      ///< Living objects.
  std::uint64_t bytes = 0;        ///< Their stored bytes: headers and padded payloads.
  std::uint64_t log_bytes = 0;    ///< Disk space of the log; 0 for stores without one.
  std::uint64_t state_bytes = 0;  ///< Disk space of the current state.
  std::uint64_t pending = 0;      ///< Objects that are in the log but not yet in the state.
  std::uint64_t watchers = 0;
};

/// Kubernetes' objects, by key, with history. Asynchronous, so that it fits a store in another process (etcd) too:
/// nothing is promised about when a completion comes, except that it comes exactly once, also when the store stops
/// (kUnavailable).
///
/// Threads: every function may be called from any thread. A store inside this process calls `visit` and `done` of get
/// and list on the caller's thread, before the call returns (completes_inline()). `done` of commit and compact comes
/// on the store's own thread (a simulated store: through the executor it was given): it must be short and must not
/// wait; usually it posts to the caller's executor.
///
/// Nobody is ever shown a revision that is not durable.
class Store {
 public:
  virtual ~Store() = default;

  /// kCompacted, kFutureRevision: `at` is not between stats().compacted and the newest revision. kCorrupt, kIo.
  virtual void get(const Key& key, Revision at, GetDone done) = 0;
  /// Errors as get; kInvalidArgument for a limit of 0.
  virtual void list(ListRequest request, Visit visit, ListDone done) = 0;
  /// kAlreadyExists, kConflict: a condition did not hold, nothing was written; the message names the key.
  /// kInvalidArgument, kTooLarge: see validate. kBusy: the write queue is full, try again. kNoSpace: the disk is
  /// full; batches that only erase still work. kUnavailable: the store stopped, the effect is unknown.
  virtual void commit(Batch batch, CommitDone done) = 0;
  /// kCompacted, kFutureRevision as get.
  virtual Result<std::unique_ptr<Watch>> watch(WatchRequest request, Ready ready) = 0;
  /// Gives up what only revisions below `revision` need. Reads at `revision` itself still work. Lower than before:
  /// nothing happens. kFutureRevision.
  virtual void compact(Revision revision, Callback<void(Status)> done) = 0;

  /// Newest durable revision: what kNow means.
  virtual Revision revision() const = 0;
  virtual StoreStats stats() const = 0;
  /// Living objects under a prefix, now. Cheap for a whole resource, walks the keys otherwise.
  virtual Result<std::uint64_t> count(const Prefix& prefix) const = 0;
  virtual bool completes_inline() const = 0;
};

// ---- For stores that complete inline ----------------------------------------------------------------------------

/// get on the caller's thread. Only for stores with completes_inline().
Result<GetResult> get_now(Store& store, const Key& key, Revision at = kNow);
/// list on the caller's thread. Only for stores with completes_inline().
Result<ListEnd> list_now(Store& store, ListRequest request, Visit visit);
/// Waits for the answer: for tools and tests, never on an event loop.
Result<Committed> commit_and_wait(Store& store, Batch batch);
Status compact_and_wait(Store& store, Revision revision);

}  // namespace troupe::storage
