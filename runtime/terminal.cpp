#include "runtime/terminal.hpp"

#include <fcntl.h>
#include <pty.h>

#include <cerrno>

namespace troupe::runtime {

Result<Terminal> open_terminal(int flags) {
  Terminal out;
  out.ours.reset(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | flags));
  char name[64] = {};
  if (!out.ours || grantpt(out.ours.get()) != 0 || unlockpt(out.ours.get()) != 0 ||
      ptsname_r(out.ours.get(), name, sizeof(name)) != 0) {
    return fail(errno_error(errno, "open a terminal"));
  }
  out.path = name;
  for (Fd* end : {&out.input, &out.output, &out.error}) {
    end->reset(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!*end) return fail(errno_error(errno, "open " + out.path));
  }
  return out;
}

}  // namespace troupe::runtime
