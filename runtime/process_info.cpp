#include "runtime/process_info.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

namespace troupe::runtime {
namespace {

constexpr auto kPidfd = static_cast<idtype_t>(P_PIDFD);

/// The kernel's pidfd_info (Linux 6.13; exit code since 6.15), which Debian 12's headers do not have yet.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup;
  std::uint32_t ids[11];
  std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr std::uint64_t kPidfdInfoExit = 8;

template <class Number>
Number parse_number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

ExitStatus from_wait_status(int status) {
  if (WIFSIGNALED(status)) return {128 + WTERMSIG(status), WTERMSIG(status), false};
  return {WEXITSTATUS(status), 0, false};
}

ExitStatus ask_kernel(int pidfd) {
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  const unsigned long request = _IOWR(0xFF, 11, PidfdInfo);
  if (ioctl(pidfd, request, &info) == 0 && (info.mask & kPidfdInfoExit) != 0) return from_wait_status(info.exit_code);
  return {137, 0, true};
}

std::vector<pid_t> parse_pids(std::string_view text) {
  std::vector<pid_t> result;
  while (!text.empty()) {
    const std::size_t space = text.find_first_of(" \n");
    if (space != 0) result.push_back(parse_number<pid_t>(text.substr(0, space)));
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  }
  return result;
}

std::vector<pid_t> numbered_entries(const char* path) {
  std::vector<pid_t> result;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path), closedir);
  if (!folder) return result;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name(entry->d_name);
    if (name.find_first_not_of("0123456789") == std::string_view::npos) result.push_back(parse_number<pid_t>(name));
  }
  return result;
}

}  // namespace

ProcessStat parse_stat(std::string_view line) {
  // Behind the name, from field 3 on: the parent is 4, the session 6, its times 14 to 17, the start 22, the pages 24.
  constexpr std::size_t kParent = 1, kSession = 3, kTimes = 11, kTimesEnd = 15, kStart = 19, kPages = 21;
  ProcessStat stat;
  const std::size_t name_end = line.rfind(')');  // the name may hold anything, ')' too
  if (name_end == std::string_view::npos || name_end + 2 >= line.size()) return stat;
  std::string_view rest = line.substr(name_end + 2);
  std::array<std::uint64_t, kPages + 1> fields{};
  std::size_t count = 0;
  while (count < fields.size() && !rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    fields.at(count++) = parse_number<std::uint64_t>(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (count <= kStart) return stat;
  stat.pid = parse_number<pid_t>(line);
  stat.parent = static_cast<pid_t>(fields[kParent]);
  stat.session = static_cast<pid_t>(fields[kSession]);
  stat.start_ticks = fields[kStart];
  for (std::size_t i = kTimes; i < kTimesEnd; ++i) stat.cpu_ticks += fields.at(i);
  stat.resident_pages = fields[kPages];
  return stat;
}

ProcessStat read_stat(pid_t pid) {
  return parse_stat(read_file("/proc/" + std::to_string(pid) + "/stat").value_or(""));
}

std::string boot_id() {
  std::string id = read_file("/proc/sys/kernel/random/boot_id").value_or("");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

Fd open_process(pid_t pid, std::uint64_t start_ticks) {
  if (pid <= 0 || start_ticks == 0) return Fd();
  Fd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  // In this order: whatever the pid names after the open is what the descriptor names, or has ended since.
  if (fd && read_stat(pid).start_ticks != start_ticks) fd.reset();
  return fd;
}

Reaped peek_exit(int pidfd) {
  siginfo_t info{};
  if (waitid(kPidfd, static_cast<id_t>(pidfd), &info, WEXITED | WNOWAIT | WNOHANG) == 0) {
    return info.si_pid != 0 ? Reaped::kChildExited : Reaped::kRunning;
  }
  pollfd query{pidfd, POLLIN, 0};
  return poll(&query, 1, 0) == 1 ? Reaped::kOtherExited : Reaped::kRunning;
}

ExitStatus reap(int pidfd) {
  siginfo_t info{};
  if (waitid(kPidfd, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) {
    return ask_kernel(pidfd);
  }
  if (info.si_code == CLD_EXITED) return {info.si_status, 0, false};
  return {128 + info.si_status, info.si_status, false};
}

ExitStatus reap_ending(int pidfd) {
  siginfo_t info{};
  while (waitid(kPidfd, static_cast<id_t>(pidfd), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  return reap(pidfd);
}

std::vector<pid_t> own_children() {
  std::vector<pid_t> result;
  for (const pid_t thread : numbered_entries("/proc/self/task")) {  // a child belongs to the thread that started it
    const std::string path = "/proc/self/task/" + std::to_string(thread) + "/children";
    for (const pid_t child : parse_pids(read_file(path).value_or(""))) result.push_back(child);
  }
  return result;
}

std::vector<pid_t> all_processes() { return numbered_entries("/proc"); }

void set_if_absent(std::vector<std::string>& environment, std::string_view variable) {
  const std::string_view start = variable.substr(0, variable.find('=') + 1);
  for (const std::string& each : environment) {
    if (each.starts_with(start)) return;
  }
  environment.emplace_back(variable);
}

std::string home_of(std::string_view passwd, uid_t user) {
  constexpr std::size_t kUser = 2;
  constexpr std::size_t kHome = 5;
  const std::string wanted = std::to_string(user);
  while (!passwd.empty()) {
    std::string_view line = passwd.substr(0, passwd.find('\n'));
    passwd.remove_prefix(std::min(passwd.size(), line.size() + 1));
    std::string_view fields[kHome + 1];
    std::size_t count = 0;
    for (; count <= kHome && line.data() != nullptr; ++count) {
      const std::size_t end = line.find(':');
      fields[count] = line.substr(0, end);
      line = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
    }
    if (count > kHome && fields[kUser] == wanted && fields[kHome].starts_with('/')) return std::string(fields[kHome]);
  }
  return "/";
}

std::optional<std::string> container_marker(pid_t pid) {
  const std::optional<std::string> text = read_file("/proc/" + std::to_string(pid) + "/environ");
  if (!text) return "";
  if (text->empty()) return std::nullopt;
  std::string_view rest = *text;
  while (!rest.empty() && !rest.starts_with(kContainerMarker)) {
    rest.remove_prefix(std::min(rest.find('\0'), rest.size() - 1) + 1);
  }
  if (rest.empty()) return "";
  rest.remove_prefix(kContainerMarker.size());
  return std::string(rest.substr(0, rest.find('\0')));
}

std::optional<std::string> read_file(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t size = read(fd.get(), buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::nullopt;
    if (size == 0) return text;
    text.append(buffer, static_cast<std::size_t>(size));
  }
}

}  // namespace troupe::runtime
