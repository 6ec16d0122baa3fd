#include "tests/crash/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace troupe::storage::testing {

Child::Child(const std::string& dir, std::uint64_t seed, Revision last, const std::vector<std::string>& environment) {
  std::vector<std::string> variables = environment;
  if (!variables.empty()) {
    variables.push_back(std::string("LD_PRELOAD=") + TROUPE_DISK_RECORDER);
    variables.push_back("TROUPE_DISK_ROOT=" + dir);
    // The recorder comes before the sanitizer's library, which is right: it calls on into it.
    variables.push_back("ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0");
  }
  const std::string seed_text = std::to_string(seed), last_text = std::to_string(last);
  const char* arguments[] = {TROUPE_CRASH_WRITER, dir.c_str(), seed_text.c_str(), last_text.c_str(), nullptr};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(ends[1], 1);
    for (std::string& variable : variables) ::putenv(variable.data());
    ::execv(TROUPE_CRASH_WRITER, const_cast<char* const*>(arguments));
    ::_exit(126);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
}

Child::~Child() {
  if (pid_ > 0) kill_after(std::chrono::microseconds(0));
}

void Child::take(const char* bytes, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] != '\n') {
      line_ += bytes[i];
      continue;
    }
    const Revision revision = std::strtoull(line_.c_str(), nullptr, 10);
    ordered_ = ordered_ && (acknowledged_ == 0 || revision == acknowledged_ + 1);
    acknowledged_ = revision;
    line_.clear();
  }
}

void Child::kill_after(std::chrono::microseconds time) {
  if (pid_ <= 0) return;
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + time;
  bool open = true;
  bool alive = true;
  while (open) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - Clock::now()).count();
    if (alive && left <= 0) {
      ::kill(pid_, SIGKILL);
      alive = false;
    }
    const timespec wait{alive ? left / 1'000'000'000 : 10, alive ? left % 1'000'000'000 : 0};
    pollfd ready{pipe_, POLLIN, 0};
    if (::ppoll(&ready, 1, &wait, nullptr) <= 0) continue;
    char bytes[4096];
    const ssize_t n = ::read(pipe_, bytes, sizeof bytes);
    if (n <= 0)
      open = false;
    else
      take(bytes, static_cast<std::size_t>(n));
  }
  ::close(pipe_);
  ::waitpid(pid_, &status_, 0);
  pid_ = -1;
}

bool Child::killed() const { return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL; }
int Child::exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_); }

}  // namespace troupe::storage::testing
