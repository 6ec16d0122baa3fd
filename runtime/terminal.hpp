#pragma once

#include <string>

#include "base/result.hpp"
#include "runtime/fd.hpp"

namespace troupe::runtime {

/// A new terminal: the side that commands it, and the one that a program has as its streams, three times open.
struct Terminal {
  Fd ours;
  Fd input;
  Fd output;
  Fd error;
  std::string path;  ///< "/dev/pts/4"
};

/// `flags` are more of open(2) for our side: O_NONBLOCK.
Result<Terminal> open_terminal(int flags = 0);

}  // namespace troupe::runtime
