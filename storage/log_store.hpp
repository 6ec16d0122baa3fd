#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "storage/disk.hpp"
#include "storage/paced_sync.hpp"
#include "storage/store.hpp"

namespace troupe::storage {

struct LogStoreOptions {
  std::string dir;

  std::uint64_t segment_bytes = 64u << 20;  ///< Of a new store; an existing one keeps its own.
  std::size_t segments_ahead = 4;           ///< Segments kept ready, at least 2.
  /// An object whose version before lies more than this many segments back is copied into the log before it is
  /// changed, so that history never leads further back. At least 1.
  std::size_t link_segments = 8;

  std::size_t retain_segments = 16;                                 ///< Compaction by size: history in the log (1 GiB).
  std::chrono::milliseconds retain_age = std::chrono::minutes(10);  ///< Compaction by age, in whole segments.

  // When LMDB follows: as soon as `follow_records` keys wait, otherwise `follow_linger` after the first one; never
  // twice within `follow_interval`.
  std::size_t follow_records = 8192;
  std::chrono::milliseconds follow_interval{250};
  std::chrono::milliseconds follow_linger{1000};
  Pacing pacing;
  // While more than `burst_rate` bytes a second are logged LMDB waits, until it lacks `burst_bytes` of the log: that
  // much is to be replayed after a crash.
  double burst_rate = 32.0 * (1 << 20);
  std::size_t burst_bytes = 64u << 20;
  std::size_t tail_bytes = 512u << 20;  ///< Above this much waiting for LMDB, writers wait.

  /// Newest versions kept in memory for get and for the writer; 0: none. Filled by use.
  std::size_t cache_bytes = 256u << 20;

  std::size_t queue_batches = 4096;         ///< Above this, commit answers kBusy.
  std::size_t queue_bytes = 64u << 20;      ///< Likewise.
  std::uint64_t ballast_bytes = 16u << 20;  ///< Given back when the disk is full; 0: none.
  std::uint64_t map_bytes = 1ull << 40;     ///< LMDB's map: address space only.

  std::shared_ptr<Disk> disk;            ///< Empty: the real one.
  std::function<std::int64_t()> now_ms;  ///< Unix time in milliseconds. Empty: the real clock.
  /// A sync failed or the log is damaged: the process must end, since nothing is known about what is on disk. Called
  /// once, on one of the store's threads; the store answers nothing with success any more. Empty: says why and aborts.
  std::function<void(const Error&)> fatal;
};

/// The store on disk: an append-only log acknowledges, LMDB follows as the current state, readers see the log's tail
/// through an overlay. Layout: keyspace.hpp, log_format.hpp. Why: docs/adr/0001-store-layout.md.
///
/// Threads, all its own: one evaluates and logs, one lets LMDB follow, one feeds watchers, one keeps segments ready.
class LogStore final : public Store {
 public:
  /// Opens or creates, and replays what LMDB lacks; no thread runs yet. kUnavailable: another process has it open.
  /// kPermission, kNoSpace, kCorrupt, kIo: the message says what and where.
  static Result<std::unique_ptr<LogStore>> open(LogStoreOptions options);
  /// stop(), if nobody did.
  ~LogStore() override;

  /// Starts the threads. Until then commits wait in the queue.
  void start();
  /// Answers what waits, lets LMDB catch up, ends the watches and joins the threads. Later commits: kUnavailable.
  void stop();

  void get(const Key& key, Revision at, GetDone done) override;
  void list(ListRequest request, Visit visit, ListDone done) override;
  void commit(Batch batch, CommitDone done) override;
  Result<std::unique_ptr<Watch>> watch(WatchRequest request, Ready ready) override;
  void compact(Revision revision, Callback<void(Status)> done) override;
  Revision revision() const override;
  StoreStats stats() const override;
  Result<std::uint64_t> count(const Prefix& prefix) const override;
  bool completes_inline() const override { return true; }

  /// True while the disk is too full for anything but erasing.
  bool full() const;
  /// Lets LMDB catch up with everything that is durable now, and waits for it: for tests and tools.
  Status settle();
  /// What the map got: less than asked where address space is limited.
  std::uint64_t map_bytes() const;

 private:
  struct Parts;
  explicit LogStore(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::storage
