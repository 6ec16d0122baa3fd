#pragma once

#include <string>

#include "base/result.hpp"
#include "runtime/fd.hpp"

namespace troupe::runtime {

/// Which namespaces a process of ours may give its children on this machine.
struct Namespaces {
  bool mounts = false;     ///< Mount, UTS and IPC namespaces.
  bool pids = false;       ///< PID namespaces, with a /proc that shows them.
  bool by_users = false;   ///< Only inside of a user namespace: on the node itself it may mount nothing.
  std::string obstacle{};  ///< Why something above is missing; empty: nothing is.

  /// Whether it may mount on the node itself.
  bool on_node() const { return mounts && !by_users; }
};

/// Tries it, with children that make the namespaces and run nothing in them: a few milliseconds.
Namespaces find_namespaces();

/// Whether this process makes namespaces only inside of a user namespace: it is not root and has no CAP_SYS_ADMIN.
bool needs_user_namespace();

/// A user namespace that knows this process' user and group, as themselves, and nobody else. Who runs as that user
/// outside of it may enter it and has all capabilities there, until an exec. It lives as long as a descriptor of it or
/// a process in it does.
Result<Fd> make_user_namespace();

/// The user namespace right below ours in which a process is; an empty descriptor when it is in ours. One that it has
/// made itself inside of that does not count.
Fd foreign_user_namespace(pid_t pid);

}  // namespace troupe::runtime
