#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "storage/record.hpp"

namespace troupe::storage::testing {

/// The writer, in a process of its own.
class Child {
 public:
  /// Starts crash_writer; `environment` has NAME=VALUE for the preloaded recorder, which is loaded when it is not
  /// empty.
  Child(const std::string& dir, std::uint64_t seed, Revision last, const std::vector<std::string>& environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Waits until it ends or the time is over, whichever is first, kills it in the second case, and reads all answers.
  void kill_after(std::chrono::microseconds time);
  void wait() { kill_after(std::chrono::seconds(60)); }

  bool killed() const;
  int exit_code() const;
  /// The newest revision that it was told is durable; 0: none.
  Revision acknowledged() const { return acknowledged_; }
  /// Answers came in order, without a gap.
  bool ordered() const { return ordered_; }

 private:
  void take(const char* bytes, std::size_t size);
  pid_t pid_ = -1;
  int pipe_ = -1;
  int status_ = 0;
  std::string line_;
  Revision acknowledged_ = 0;
  bool ordered_ = true;
};

}  // namespace troupe::storage::testing
