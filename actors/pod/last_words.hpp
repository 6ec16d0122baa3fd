#pragma once

#include <string>
#include <string_view>

namespace troupe::pod {

/// The text with what is no UTF-8, and NUL, replaced by U+FFFD: statuses and events are JSON.
std::string valid_utf8(std::string_view text);

/// The end of a log in the CRI format, without times and streams: at most 80 lines and 2048 bytes, as Kubernetes takes
/// for terminationMessagePolicy FallbackToLogsOnError. Empty when there is none. Reads at most 64 KiB.
std::string log_tail(const std::string& path);

}  // namespace troupe::pod
