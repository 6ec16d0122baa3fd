#include "base/result.hpp"

#include <cerrno>
#include <cstring>

namespace troupe {

Remedy remedy(ErrorCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  if (number < 20) return Remedy::kRetry;
  if (number < 40) return Remedy::kReconnect;
  if (number < 60) return Remedy::kFixInput;
  return Remedy::kGiveUp;
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBusy:
      return "Busy";
    case ErrorCode::kTimeout:
      return "Timeout";
    case ErrorCode::kConflict:
      return "Conflict";
    case ErrorCode::kUnavailable:
      return "Unavailable";
    case ErrorCode::kDisconnected:
      return "Disconnected";
    case ErrorCode::kCompacted:
      return "Compacted";
    case ErrorCode::kFutureRevision:
      return "FutureRevision";
    case ErrorCode::kInvalidArgument:
      return "InvalidArgument";
    case ErrorCode::kNotFound:
      return "NotFound";
    case ErrorCode::kAlreadyExists:
      return "AlreadyExists";
    case ErrorCode::kTooLarge:
      return "TooLarge";
    case ErrorCode::kUnsupported:
      return "Unsupported";
    case ErrorCode::kCorrupt:
      return "Corrupt";
    case ErrorCode::kIo:
      return "Io";
    case ErrorCode::kNoSpace:
      return "NoSpace";
    case ErrorCode::kPermission:
      return "Permission";
    case ErrorCode::kInternal:
      return "Internal";
  }
  return "Unknown";
}

Error Error::with_context(std::string_view what) const {
  std::string text;
  text.reserve(what.size() + 2 + message.size());
  text.append(what).append(": ").append(message);
  return Error(code, std::move(text));
}

Error errno_error(int number, std::string_view what) {
  ErrorCode code = ErrorCode::kIo;
  if (number == ENOSPC || number == EDQUOT) code = ErrorCode::kNoSpace;
  if (number == EACCES || number == EPERM || number == EROFS) code = ErrorCode::kPermission;
  if (number == ENOENT) code = ErrorCode::kNotFound;
  if (number == EAGAIN || number == EBUSY) code = ErrorCode::kBusy;
  std::string text(what);
  text.append(": ").append(std::strerror(number));  // NOLINT(concurrency-mt-unsafe): glibc's is thread-safe
  return Error(code, std::move(text));
}

}  // namespace troupe
