#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/msg.hpp"
#include "kernel/types.hpp"

namespace troupe::kernel {

/// Counts of durations by power of two: bucket i holds those under 2^i microseconds, the last one all others.
struct DurationHistogram {
  static constexpr std::size_t kBuckets = 22;

  std::array<std::atomic<std::uint64_t>, kBuckets> buckets{};

  void add(Duration duration);
  std::uint64_t count() const;
  /// Upper bound of the bucket in which the quantile (0..1) lies; zero when empty.
  Duration quantile(double q) const;
};

/// What is counted for one actor type. Handler times are real mode's: virtual time does not pass in a handler.
struct TypeMetrics {
  explicit TypeMetrics(std::string_view n) : name(n) {}

  std::string name;
  std::atomic<std::uint64_t> started{0};
  std::atomic<std::uint64_t> ended{0};
  std::atomic<std::uint64_t> failed{0};    ///< Ended with an error.
  std::atomic<std::uint64_t> restarts{0};  ///< Counted by supervisors.
  std::atomic<std::uint64_t> messages{0};
  std::atomic<std::uint64_t> slow_handlers{0};
  std::atomic<std::uint32_t> deepest_mailbox{0};
  DurationHistogram handler_time;
};

enum class Undelivered : std::uint8_t {
  kDead,        ///< The receiver had ended.
  kFull,        ///< Its mailbox was full.
  kUnexpected,  ///< It did not know the message.
};

/// Counters of one system. Any thread.
class Metrics {
 public:
  /// The entry of a type, made at its first use; lives as long as this object.
  TypeMetrics& of_type(std::string_view name);
  /// All types, by name.
  std::vector<const TypeMetrics*> types() const;

  /// Counts `alike` messages that nobody handled. Answers the count of this kind and type.
  std::uint64_t count_undelivered(Undelivered kind, const MessageType* type, std::uint64_t alike = 1);
  std::uint64_t undelivered(Undelivered kind) const;
  /// By the message type's name.
  std::map<std::string, std::uint64_t> undelivered_by_type(Undelivered kind) const;

  /// Prometheus' text form.
  std::string to_text() const;

 private:
  mutable std::mutex mutex_;
  std::atomic<TypeMetrics*> last_{nullptr};  // what was asked for last: many actors of one type start in a row
  std::map<std::string, TypeMetrics, std::less<>> types_;
  std::array<std::map<const MessageType*, std::uint64_t>, 3> undelivered_;
};

std::string_view to_string(Undelivered kind);

}  // namespace troupe::kernel
