#pragma once

#include <string>

namespace troupe::daemon {

/// From now on a crash of this process (a signal such as SIGSEGV, std::terminate) leaves its reason, the actor, its
/// message and trace id in the file at `path`, whose pages outlive the process; then it goes on as it would have. Once
/// a process. What cannot be set up is left: a crash is told without words then.
void keep_last_words(const std::string& path);

}  // namespace troupe::daemon
