#pragma once

#include <optional>
#include <string_view>

namespace troupe::pod {

/// The number of "SIGUSR1", "SIGRTMIN+3", "SIGRTMAX-1"… as `stopSignal` names it; nothing for other words.
std::optional<int> signal_number(std::string_view name);

}  // namespace troupe::pod
