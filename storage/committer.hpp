#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/store_core.hpp"

namespace troupe::storage {

/// What one commit did, for watchers. The old record is fetched only when somebody wants it.
struct RawEvent {
  Revision revision = 0;
  std::string key;
  Record current;  ///< Empty: deleted.
  Record old;      ///< Empty: none, or to be read from the log at `old_position`.
  Position old_position = 0;
};

/// Takes what waits, decides each batch against the newest state, logs the whole group with one sync, publishes,
/// answers. Nothing is shown or answered with success before its sync.
///
/// Two threads do this in turns: while one has the disk, and then publishes and answers its group, the other one
/// decides the next group on top of it, for as long as the disk is busy. One decides at a time, one has the disk at a
/// time, and groups are published and answered one by one, in the order in which they were decided.
class Committer {
 public:
  struct Hooks {
    /// A group is durable and visible; its events, or none with `skipped` when nobody watches. One call at a time.
    std::function<void(std::vector<RawEvent> events, bool skipped, Revision last)> published;
    std::function<bool()> watched;
  };

  Committer(StoreCore& core, Hooks hooks) : core_(core), hooks_(std::move(hooks)) {}
  ~Committer() { stop(); }
  void start();
  void stop();
  /// Any thread. kBusy, kUnavailable at once; everything else on one of the committer's threads, one at a time.
  void submit(Batch batch, CommitDone done);
  /// LMDB caught up: writers that waited for room go on.
  void room();

 private:
  struct Waiting {
    Batch batch;
    CommitDone done;
    std::size_t bytes = 0;
  };
  struct Answer {
    CommitDone done;
    Result<Committed> result;
  };
  /// The newest version of a key, as the next batch sees it. No header: the key never was, or nobody can tell.
  struct Base {
    std::optional<RecordHeader> header;
    Record record;
    Position position = 0;
    Position previous = 0;
    bool living() const { return header && !header->deleted(); }
    std::uint32_t living_bytes() const {
      return living() ? static_cast<std::uint32_t>(sizeof(RecordHeader) + padded(header->size)) : 0;
    }
  };
  struct Step {
    Operation* operation = nullptr;
    Base base;
    Record next;
  };

  /// Batches that share a sync.
  struct Group {
    std::shared_ptr<VersionTable> versions = std::make_shared<VersionTable>();
    Tallies deltas;
    std::vector<RawEvent> events;
    bool collect_events = false;
    std::vector<Answer> answers;
    std::size_t bytes = 0;
    LogPoint point;
    std::optional<Log::Sealed> sealed;  ///< Nothing: no batch of it changed anything.
    std::uint64_t turn = 0;
    Status outcome;
  };

  void run();
  void undo_if_failed();
  Group open_group();
  void fill(Group& group, std::unique_lock<std::mutex>& lock);
  bool may_take(const Group& group) const;
  std::vector<Waiting> take(Group& group);
  void decide_all(Group& group, std::vector<Waiting>& some);
  void prefetch(const std::vector<Waiting>& group, std::size_t i);
  Result<Committed> decide(Group& group, Batch& batch);
  Result<Committed> write(Group& group, std::vector<Step>& steps, bool erases_only);
  void log_step(Group& group, Step& step, Revision revision);
  Result<Base> base_of(const Group& group, std::string_view key);
  Status load(Base& base, std::string_view key);
  bool far(const Base& base) const;
  Status copy_forward(Group& group, Step& step, bool erases_only);
  Status make_room(Group& group, std::size_t frame_bytes, bool erases_only);
  Status roll(bool erases_only);
  Status finish_part(Group& group);
  void close(Group& group);
  void complete(Group& group, std::unique_lock<std::mutex>& lock);
  void publish(Group& group);

  StoreCore& core_;
  Hooks hooks_;

  std::mutex mutex_;
  std::condition_variable idle_;       ///< Whoever decides next: there is something, and nobody decides.
  std::condition_variable decider_;    ///< Whoever decides: there is more, the disk is free, or there is room.
  std::condition_variable published_;  ///< Whoever publishes: the group before is out.
  std::deque<Waiting> queue_;
  std::size_t queued_bytes_ = 0;
  bool stop_ = false;
  bool stopped_ = false;
  bool deciding_ = false;
  bool disk_busy_ = false;
  std::uint64_t closed_turn_ = 0;
  std::uint64_t published_turn_ = 0;
  /// Decided and not yet published: newer than everything that can be found elsewhere.
  std::shared_ptr<const VersionTable> in_flight_;
  /// An error: the newest write found no room, and what was decided on top of it never was.
  Status last_write_;
  std::thread threads_[2];

  std::shared_ptr<const VersionTable> below_;  ///< Only whoever decides: in_flight_ as its group was opened.
};

}  // namespace troupe::storage
