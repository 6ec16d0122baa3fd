#include "actors/pod/signals.hpp"

#include <charconv>
#include <csignal>
#include <system_error>
#include <utility>

namespace troupe::pod {
namespace {

constexpr std::pair<std::string_view, int> kSignals[] = {
    {"SIGABRT", SIGABRT},     {"SIGALRM", SIGALRM},  {"SIGBUS", SIGBUS},   {"SIGCHLD", SIGCHLD},
    {"SIGCLD", SIGCHLD},      {"SIGCONT", SIGCONT},  {"SIGFPE", SIGFPE},   {"SIGHUP", SIGHUP},
    {"SIGILL", SIGILL},       {"SIGINT", SIGINT},    {"SIGIO", SIGIO},     {"SIGIOT", SIGIOT},
    {"SIGKILL", SIGKILL},     {"SIGPIPE", SIGPIPE},  {"SIGPOLL", SIGPOLL}, {"SIGPROF", SIGPROF},
    {"SIGPWR", SIGPWR},       {"SIGQUIT", SIGQUIT},  {"SIGSEGV", SIGSEGV}, {"SIGSTKFLT", SIGSTKFLT},
    {"SIGSTOP", SIGSTOP},     {"SIGSYS", SIGSYS},    {"SIGTERM", SIGTERM}, {"SIGTRAP", SIGTRAP},
    {"SIGTSTP", SIGTSTP},     {"SIGTTIN", SIGTTIN},  {"SIGTTOU", SIGTTOU}, {"SIGURG", SIGURG},
    {"SIGUSR1", SIGUSR1},     {"SIGUSR2", SIGUSR2},  {"SIGXCPU", SIGXCPU}, {"SIGXFSZ", SIGXFSZ},
    {"SIGVTALRM", SIGVTALRM}, {"SIGWINCH", SIGWINCH}};

/// Those of the system; the C library keeps the first two for itself.
constexpr int kFirstRealTime = 34;
constexpr int kLastRealTime = 64;

std::optional<int> offset(std::string_view text, char sign) {
  if (text.empty()) return 0;
  int value = 0;
  if (text.front() != sign) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int> signal_number(std::string_view name) {
  for (const auto& [known, number] : kSignals) {
    if (known == name) return number;
  }
  constexpr std::string_view kMin = "SIGRTMIN";
  constexpr std::string_view kMax = "SIGRTMAX";
  const bool from_min = name.starts_with(kMin);
  if (!from_min && !name.starts_with(kMax)) return std::nullopt;
  const auto by = offset(name.substr(kMin.size()), from_min ? '+' : '-');
  if (!by || *by > kLastRealTime - kFirstRealTime) return std::nullopt;
  return from_min ? kFirstRealTime + *by : kLastRealTime - *by;
}

}  // namespace troupe::pod
