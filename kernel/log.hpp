#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "kernel/types.hpp"

namespace troupe::kernel {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };
enum class LogFormat : std::uint8_t {
  kText,  ///< "2026-01-01T00:00:00.000Z warn kernel: message key=value trace=…"
  kJson,  ///< {"time":"…","level":"warn","component":"kernel","message":"…","key":"value","trace":"…"}
};

struct LogField {
  std::string_view key;
  std::string value;
};

struct LogOptions {
  LogFormat format = LogFormat::kText;
  LogLevel level = LogLevel::kInfo;
  /// Empty: standard error. Otherwise appended to this file.
  std::string file;
};

/// Lines of text or JSON. Any thread. A line is written in one piece.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual bool enabled(LogLevel level) const = 0;
  virtual void log(LogLevel level, std::string_view component, std::string_view message,
                   const std::vector<LogField>& fields, TraceId trace) = 0;

  void debug(std::string_view component, std::string_view message, const std::vector<LogField>& fields = {},
             TraceId trace = {});
  void info(std::string_view component, std::string_view message, const std::vector<LogField>& fields = {},
            TraceId trace = {});
  void warn(std::string_view component, std::string_view message, const std::vector<LogField>& fields = {},
            TraceId trace = {});
  void error(std::string_view component, std::string_view message, const std::vector<LogField>& fields = {},
             TraceId trace = {});
};

/// A file that cannot be opened is an error.
Result<std::unique_ptr<Logger>> make_logger(const LogOptions& options);
/// Drops everything.
std::unique_ptr<Logger> make_null_logger();
/// Appends lines to `out`, without a time; for tests.
std::unique_ptr<Logger> make_string_logger(std::string* out, LogFormat format = LogFormat::kText,
                                           LogLevel level = LogLevel::kDebug);

/// Lets a key through once in `period`, and counts what it held back. Any thread. Remembers at most `max_keys` keys:
/// further ones share one entry.
class RateLimit {
 public:
  explicit RateLimit(Duration period = std::chrono::minutes(1), std::size_t max_keys = 1024)
      : period_(period), max_keys_(max_keys) {}

  struct Verdict {
    bool allowed = false;
    std::uint64_t held_back = 0;  ///< Since the last one that was let through.
  };
  /// `alike`: how many lines it stands for.
  Verdict ask(std::string_view key, TimePoint now, std::uint64_t alike = 1);

 private:
  struct Entry {
    TimePoint last;
    std::uint64_t held_back = 0;
  };
  Duration period_;
  std::size_t max_keys_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace troupe::kernel
