#pragma once

#include <string_view>

#include "kernel/types.hpp"

namespace troupe::kernel {

/// What an actor's thread is at: for a crash handler, so only pointers to what lives as long as the handler runs.
struct Running {
  const char* actor = nullptr;  ///< Its name; null: none runs.
  std::string_view message;     ///< The message's type; empty for control.
  TraceId trace{};
};

/// Of the calling thread. Safe in a signal handler.
const Running& running_here();

}  // namespace troupe::kernel
