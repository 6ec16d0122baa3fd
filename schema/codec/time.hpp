#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace troupe::schema {

/// An instant as RFC 3339 writes it: seconds since 1970 UTC (may be negative) and 0 to 999,999,999 nanoseconds.
struct Instant {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
};

/// Years 0 to 9999, which is all RFC 3339 can write, and Go's zero time (1 January of year 1), which stands for "none".
inline constexpr std::int64_t kMinTimeSeconds = -62'167'219'200;
inline constexpr std::int64_t kMaxTimeSeconds = 253'402'300'799;
inline constexpr std::int64_t kGoZeroTimeSeconds = -62'135'596'800;

/// "2006-01-02T15:04:05Z", any fraction, any offset. kInvalidArgument when it is none.
Result<Instant> parse_time(std::string_view text);
/// Seconds → "2006-01-02T15:04:05Z". The year must be 0 to 9999.
void append_time(std::string& out, std::int64_t seconds);
/// Microseconds → "2006-01-02T15:04:05.000000Z".
void append_micro_time(std::string& out, std::int64_t micros);

/// The same into memory of at least 32 bytes; returns the end.
char* write_time(char* to, std::int64_t seconds);
char* write_micro_time(char* to, std::int64_t micros);

/// Go's form: "1h30m", "1.5s", "300ms", "-2us", "0" → nanoseconds.
Result<std::int64_t> parse_duration(std::string_view text);
/// Nanoseconds → "1h30m0s", "1.5s", "300ms", "0s".
void append_duration(std::string& out, std::int64_t nanos);

}  // namespace troupe::schema
