#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace troupe {

/// What went wrong, grouped by what the caller can do about it. The numbers are written to disk and sent between
/// nodes: append, never renumber.
enum class ErrorCode : std::uint16_t {
  // Retry: the same call may succeed later.
  kBusy = 1,         ///< A queue or limit is full; try again after a pause.
  kTimeout = 2,      ///< The deadline passed; the effect is unknown.
  kConflict = 3,     ///< A condition of a write did not hold: read again, then retry.
  kUnavailable = 4,  ///< The other side is not running (yet, or any more).

  // Reconnect: the session or cursor is gone; start again from current state.
  kDisconnected = 20,    ///< The link or the actor behind it ended.
  kCompacted = 21,       ///< The revision is older than what is retained: list again.
  kFutureRevision = 22,  ///< The revision does not exist yet.

  // Fix the input: the same call will fail again.
  kInvalidArgument = 40,  ///< A value is malformed or out of range; the message says where.
  kNotFound = 41,
  kAlreadyExists = 42,
  kTooLarge = 43,  ///< Over a documented limit.
  kUnsupported = 44,

  // Give up: somebody has to look.
  kCorrupt = 60,     ///< Stored bytes fail their checksum or structure.
  kIo = 61,          ///< The operating system refused a read or write; the message has the errno text.
  kNoSpace = 62,     ///< The disk is full. Deletes still work.
  kPermission = 63,  ///< The process may not do that.
  kInternal = 64,    ///< A bug: an invariant of ours does not hold.
};

/// What the caller can do about an error.
enum class Remedy : std::uint8_t { kRetry, kReconnect, kFixInput, kGiveUp };

Remedy remedy(ErrorCode code);
std::string_view to_string(ErrorCode code);

/// An error as a value: the callee gives code and reason, each caller may add its context in front.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  Error(ErrorCode c, std::string m) : code(c), message(std::move(m)) {}

  /// "open /var/lib/troupe: permission denied": `what` is put before the message.
  Error with_context(std::string_view what) const;

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error(code, std::move(message)));
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// Reads errno-style numbers: "No space left on device (ENOSPC)" with the fitting code.
Error errno_error(int number, std::string_view what);

}  // namespace troupe
