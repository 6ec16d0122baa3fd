#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/committer.hpp"
#include "storage/store_core.hpp"

namespace troupe::storage {

/// Turns published groups into events for the hub, on a thread of its own, so that many watchers do not delay answers.
/// When it falls behind it drops what waits and reads the log instead: its memory is bounded, its writers never wait.
class Feed {
 public:
  Feed(History& history, WatchHub& hub) : history_(history), hub_(hub) {}
  ~Feed() { stop(); }
  void start();
  /// Works off what waits first.
  void stop();
  /// By the committer's thread.
  void push(std::vector<RawEvent> events, bool skipped, Revision last);

 private:
  struct Group {
    std::vector<RawEvent> events;
    bool skipped = false;
    Revision last = 0;
  };
  void run();
  bool pass_over(Revision last);
  void deliver(Group& group);
  bool build(Group& group, std::vector<EventPtr>& out);

  History& history_;
  WatchHub& hub_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Group> queue_;
  std::size_t waiting_ = 0;
  bool stop_ = false;
  bool delivering_ = false;
  std::thread thread_;
};

}  // namespace troupe::storage
