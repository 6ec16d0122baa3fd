#pragma once

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

#include "runtime/user_namespace.hpp"

namespace troupe::runtime::test {

inline constexpr unsigned kNobody = 65534;

/// Runs `use` on a thread that is no root: nobody, when we are root. Its identity is nobody else's.
inline void as_a_user(const std::function<void()>& use) {
  std::thread([&use] {
    if (geteuid() == 0) {
      syscall(SYS_setgroups, 0, nullptr);
      syscall(SYS_setresgid, kNobody, kNobody, kNobody);
      syscall(SYS_setresuid, kNobody, kNobody, kNobody);
      prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // else what is in /proc/self is root's
    }
    use();
  }).join();
}

/// What an ordinary user may do here.
inline Namespaces namespaces_of_a_user() {
  Namespaces found;
  as_a_user([&found] { found = find_namespaces(); });
  return found;
}

}  // namespace troupe::runtime::test
