#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "storage/store_core.hpp"

namespace troupe::storage {

/// Lets LMDB follow the log in few, large, durable transactions; compacts; gives old segments back.
class Follower {
 public:
  Follower(StoreCore& core, std::function<void()> room) : core_(core), room_(std::move(room)) {}
  ~Follower() { stop(); }
  void start();
  /// Lets LMDB catch up first.
  void stop();
  /// By the committer, behind each group.
  void more();
  void compact(Revision revision, Callback<void(Status)> done);
  /// Calls back once everything that is durable now is in LMDB.
  void settle(Callback<void(Status)> done);

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  bool wait_for_work();
  bool burst(Position from, Clock::time_point since) const;
  /// `last`: the committer has ended, so nothing follows in the log.
  void step(bool last);
  void auto_compact();
  Status apply(const State::Change& change, bool hurry);
  int rest_percent() const;

  StoreCore& core_;
  std::function<void()> room_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Callback<void(Status)>> waiting_;
  bool urgent_ = false;
  bool stop_ = false;
  bool sleeping_ = false;
  Clock::time_point last_step_{};
  std::thread thread_;
};

}  // namespace troupe::storage
