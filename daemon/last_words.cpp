#include "daemon/last_words.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>

#include "kernel/running.hpp"

namespace troupe::daemon {
namespace {

constexpr std::size_t kPage = 4096;
constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

/// The one thing a signal handler can reach.
char* page = nullptr;

/// Appends to the page; system calls and memory only.
class Words {
 public:
  void add(std::string_view text) {
    for (const char c : text) {
      if (used_ + 1 < kPage) page[used_++] = c;
    }
  }
  /// As 16 hexadecimal digits.
  void add_half(std::uint64_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (unsigned shift = 64; shift > 0; shift -= 4) add(kDigits.substr((value >> (shift - 4)) & 15, 1));
  }
  void add_place() {
    const kernel::Running& running = kernel::running_here();
    if (running.actor == nullptr) return add("; no actor was at work in this thread");
    add("; actor \"");
    add(running.actor);
    add("\" handled ");
    add(running.message.empty() ? std::string_view("a control message") : running.message);
    if (!running.trace) return;
    add(", trace ");
    add_half(running.trace.high);
    add_half(running.trace.low);
  }

 private:
  std::size_t used_ = 0;
};

void on_crash(int number, siginfo_t* info, void*) {
  if (page[0] == '\0') {  // std::terminate has told already
    Words words;
    words.add(number == SIGSEGV   ? "invalid memory reference"
              : number == SIGBUS  ? "bus error"
              : number == SIGILL  ? "illegal instruction"
              : number == SIGFPE  ? "arithmetic error"
              : number == SIGABRT ? "abort"
                                  : "signal");
    if ((number == SIGSEGV || number == SIGBUS) && info->si_code > 0) {  // else somebody sent it
      words.add(" at 0x");
      words.add_half(reinterpret_cast<std::uintptr_t>(info->si_addr));
    }
    words.add_place();
  }
  // SA_RESETHAND: the default action is back, and the same fault, or this, ends the process.
  raise(number);
}

[[noreturn]] void on_terminate() {
  Words words;
  words.add("uncaught exception");
  if (const std::exception_ptr exception = std::current_exception()) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& e) {
      words.add(": ");
      words.add(e.what());
    } catch (...) {
      words.add(" that is no std::exception");
    }
  }
  words.add_place();
  abort();
}

}  // namespace

void keep_last_words(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  void* mapped = MAP_FAILED;
  if (ftruncate(fd, kPage) == 0) mapped = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped == MAP_FAILED) return;
  page = static_cast<char*>(mapped);
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND) | SA_NODEFER | SA_ONSTACK;
  for (const int number : kSignals) sigaction(number, &action, nullptr);
  std::set_terminate(on_terminate);
}

}  // namespace troupe::daemon
