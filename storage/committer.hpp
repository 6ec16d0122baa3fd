#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
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

/// The single writer: takes what waits, decides each batch against the newest state, logs the whole group with one
/// sync, publishes, answers. Nothing is shown or answered with success before its sync.
class Committer {
 public:
  struct Hooks {
    /// A group is durable and visible; its events, or none with `skipped` when nobody watches.
    std::function<void(std::vector<RawEvent> events, bool skipped, Revision last)> published;
    std::function<bool()> watched;
  };

  Committer(StoreCore& core, Hooks hooks) : core_(core), hooks_(std::move(hooks)) {}
  ~Committer() { stop(); }
  void start();
  void stop();
  /// Any thread. kBusy, kUnavailable at once; everything else on the committer's thread.
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

  void run();
  void wait_for_room();
  void work(std::vector<Waiting>& group);
  void prefetch(const std::vector<Waiting>& group, std::size_t i);
  Result<Committed> decide(Batch& batch);
  Result<Committed> write(std::vector<Step>& steps, bool erases_only);
  Result<Base> base_of(std::string_view key);
  Status load(Base& base, std::string_view key);
  bool far(const Base& base) const;
  Status copy_forward(Step& step, bool erases_only);
  Status make_room(std::size_t frame_bytes, bool erases_only);
  Status roll(bool erases_only);
  Status finish_group();
  void answer_all();

  StoreCore& core_;
  Hooks hooks_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  std::size_t queued_bytes_ = 0;
  bool stop_ = false;
  bool stopped_ = false;
  std::thread thread_;

  // Only the committer's thread: the group that is being built.
  VersionTable group_;
  Tallies deltas_;
  std::vector<RawEvent> events_;
  bool collect_events_ = false;
  std::vector<Answer> answers_;
};

}  // namespace troupe::storage
