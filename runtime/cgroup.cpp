#include "runtime/cgroup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include "runtime/fd.hpp"
#include "runtime/process_info.hpp"

namespace troupe::runtime {
namespace {

constexpr std::array<std::string_view, 3> kControllers = {"cpu", "memory", "pids"};
constexpr const char* kOwnGroup = "troupe-keeper";  // of keeper and kernel, with version 2
constexpr int kMostDepth = 32;
constexpr std::uint64_t kPeriodMicros = 100'000;
constexpr std::uint64_t kLeastQuotaMicros = 1'000;

struct MountPoint {
  std::string root;  // of the hierarchy, what the mount shows
  std::string path;
};

bool has_word(const std::string& list, std::string_view word, char separator) {
  std::istringstream words(list);
  for (std::string one; std::getline(words, one, separator);) {
    if (one == word) return true;
  }
  return false;
}

/// Group paths by controller; "" is version 2's.
std::map<std::string, std::string> own_groups(const std::string& proc) {
  std::map<std::string, std::string> out;
  std::istringstream lines(read_file(proc + "/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (names.empty()) out[""] = path;
    for (const auto controller : kControllers) {
      if (has_word(names, controller, ',')) out[std::string(controller)] = path;
    }
  }
  return out;
}

/// Mounts by controller; "" is version 2's.
std::map<std::string, MountPoint> mounts(const std::string& proc) {
  std::map<std::string, MountPoint> out;
  std::istringstream lines(read_file(proc + "/self/mountinfo").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream left(line.substr(0, dash));
    std::istringstream right(line.substr(dash + 3));
    std::string skipped;
    MountPoint point;
    std::string kind;
    std::string options;
    left >> skipped >> skipped >> skipped >> point.root >> point.path;
    right >> kind >> skipped >> options;
    if (kind == "cgroup2") out[""] = point;
    if (kind != "cgroup") continue;
    for (const auto controller : kControllers) {
      if (has_word(options, controller, ',')) out[std::string(controller)] = point;
    }
  }
  return out;
}

/// Where a group's folder is; a group outside of what the mount shows counts as the mount's root.
std::string folder_of(const MountPoint& mount, const std::string& group) {
  std::string inside = group;
  if (mount.root != "/") inside = inside.starts_with(mount.root) ? inside.substr(mount.root.size()) : "";
  if (inside == "/") inside.clear();
  return mount.path + inside;
}

Status put(const std::string& path, const std::string& text) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return fail(errno_error(errno, "open " + path));
  if (write(fd.get(), text.data(), text.size()) < 0)
    return fail(errno_error(errno, "write \"" + text + "\" to " + path));
  return {};
}

Status make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return fail(errno_error(errno, "make the group " + path));
  return {};
}

std::uint64_t quota_of(std::uint64_t millis) { return std::max(kLeastQuotaMicros, millis * kPeriodMicros / 1000); }

/// From shares (2 to 262144) to version 2's weight (1 to 10000), as the kubelet does.
std::uint64_t weight_of(std::uint64_t shares) {
  const std::uint64_t from = std::clamp<std::uint64_t>(shares, 2, 262'144);
  return 1 + (from - 2) * 9999 / 262'142;
}

std::vector<std::string> needed(const ResourceBounds& bounds) {
  std::vector<std::string> out;
  if (bounds.cpu_millis || bounds.cpu_shares) out.emplace_back("cpu");
  if (bounds.memory_bytes) out.emplace_back("memory");
  if (bounds.pids) out.emplace_back("pids");
  return out;
}

std::uint64_t counter(const std::string& path, std::string_view name) {
  std::istringstream words(read_file(path).value_or(""));
  std::string key;
  std::uint64_t value = 0;
  while (words >> key >> value) {
    if (key == name) return value;
  }
  return 0;
}

std::vector<std::string> processes_of(const std::string& group) {
  std::istringstream words(read_file(group + "/cgroup.procs").value_or(""));
  return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
}

/// "+cpu +memory" of what the folder's groups need and are not given yet.
std::string to_give(const std::string& folder, const std::vector<std::string>& needed) {
  const std::string given = read_file(folder + "/cgroup.subtree_control").value_or("");
  std::string out;
  for (const std::string& controller : needed) {
    if (!has_word(given.substr(0, given.find('\n')), controller, ' ')) out += (out.empty() ? "+" : " +") + controller;
  }
  return out;
}

/// Version 2 gives controllers to groups without processes of their own, but for the root of all.
bool must_be_empty(const std::string& folder) { return access((folder + "/cgroup.type").c_str(), F_OK) == 0; }

/// The process or one that it descends from is of Troupe.
bool is_ours(const std::string& proc, std::string pid) {
  constexpr int kMostAncestors = 64;
  for (int i = 0; i < kMostAncestors && pid != "0"; ++i) {
    const std::string line = read_file(proc + "/" + pid + "/stat").value_or("");
    const std::size_t open = line.find('(');
    const std::size_t close = line.rfind(')');
    if (open == std::string::npos || close == std::string::npos) return i == 0;  // gone: nobody's
    if (line.substr(open + 1, close - open - 1).starts_with("troupe")) return true;
    std::istringstream behind(line.substr(close + 1));
    std::string state;
    if (!(behind >> state >> pid)) return false;
  }
  return false;
}

/// A process of others in the group, for which it is not ours to divide; empty when there is none.
std::string stranger_in(const std::string& proc, const std::string& folder) {
  for (const std::string& pid : processes_of(folder)) {
    if (!is_ours(proc, pid)) return pid;
  }
  return {};
}

std::string told_of(const std::string& pid, const std::string& folder) {
  return "process " + pid + " is in the control group " + folder +
         " as well: start Troupe in one of its own, as with systemd-run --scope -p Delegate=yes";
}

/// Moves the processes of Troupe into a group below theirs, where they are in the way.
Status make_room(const std::string& proc, const std::string& folder) {
  constexpr int kMostRounds = 3;  // one that was started meanwhile is there still
  const std::string own = folder + "/" + kOwnGroup;
  for (int round = 0; round < kMostRounds && !processes_of(folder).empty(); ++round) {
    if (const std::string pid = stranger_in(proc, folder); !pid.empty()) {
      return fail(ErrorCode::kPermission, told_of(pid, folder));
    }
    if (Status made = make_folder(own); !made) return made;
    for (const std::string& pid : processes_of(folder)) (void)put(own + "/cgroup.procs", pid);
  }
  return {};
}

Status give_controllers(const std::string& proc, const std::string& folder, const std::vector<std::string>& needed) {
  const std::string wanted = to_give(folder, needed);
  if (wanted.empty()) return {};
  if (must_be_empty(folder)) {
    if (Status made = make_room(proc, folder); !made) return made;
  }
  return put(folder + "/cgroup.subtree_control", wanted);
}

/// With the groups that a workload made in it, which must not have processes either.
bool remove_group(const std::string& group, int depth) {
  std::error_code error;
  std::vector<std::string> inside;
  for (const auto& entry : std::filesystem::directory_iterator(group, error)) {
    if (entry.is_directory(error)) inside.push_back(entry.path().string());
  }
  for (const std::string& one : inside) {
    if (depth == 0 || !remove_group(one, depth - 1)) return false;
  }
  return rmdir(group.c_str()) == 0 || errno != EBUSY;
}

/// A keeper that its kernel started is where the kernel is: one group deeper than the first.
std::string without_own_group(const std::string& folder) {
  const std::string end = std::string("/") + kOwnGroup;
  return folder.ends_with(end) ? folder.substr(0, folder.size() - end.size()) : folder;
}

}  // namespace

Cgroups Cgroups::find(const std::string& proc, const std::string& root) {
  const auto groups = own_groups(proc);
  const auto points = mounts(proc);
  const auto folder = [&](const std::string& controller) {
    const auto mount = points.find(controller);
    const auto group = groups.find(controller);
    return mount == points.end() || group == groups.end() ? std::string()
                                                          : root + folder_of(mount->second, group->second);
  };
  Cgroups out;
  out.proc_ = proc;
  out.cpu_ = folder("cpu");
  out.memory_ = folder("memory");
  out.pids_ = folder("pids");
  if (!out.cpu_.empty() || !out.memory_.empty() || !out.pids_.empty()) {
    out.version_ = Version::kV1;
    return out;
  }
  const std::string unified = without_own_group(folder(""));
  if (unified.empty()) return out;
  out.version_ = Version::kV2;
  const std::string offered = read_file(unified + "/cgroup.controllers").value_or("");
  std::string words = offered.substr(0, offered.find('\n'));
  if (has_word(words, "cpu", ' ')) out.cpu_ = unified;
  if (has_word(words, "memory", ' ')) out.memory_ = unified;
  if (has_word(words, "pids", ' ')) out.pids_ = unified;
  return out;
}

const std::string& Cgroups::folder(std::string_view controller) const {
  return controller == "cpu" ? cpu_ : controller == "memory" ? memory_ : pids_;
}

bool Cgroups::writable(std::string_view controller) const { return obstacle(controller).empty(); }

std::string Cgroups::obstacle(std::string_view controller) const {
  const std::string& own = folder(controller);
  const std::string name(controller);
  if (own.empty() && version_ == Version::kV2) return "the control group of Troupe is not given \"" + name + "\"";
  if (own.empty()) return "no control group of " + name + " is mounted";
  const std::string probe = own + "/troupe-probe-" + std::to_string(getpid());
  if (mkdir(probe.c_str(), 0755) != 0) return errno_error(errno, "make a group in " + own).message;
  rmdir(probe.c_str());
  if (version_ != Version::kV2 || to_give(own, {name}).empty() || !must_be_empty(own)) return {};
  const std::string pid = stranger_in(proc_, own);
  return pid.empty() ? pid : told_of(pid, own);
}

Status Cgroups::make_v1(const std::string& group, const std::string& controller, const ResourceBounds& bounds) const {
  if (controller == "memory") return put(group + "/memory.limit_in_bytes", std::to_string(*bounds.memory_bytes));
  if (controller == "pids") return put(group + "/pids.max", std::to_string(*bounds.pids));
  if (bounds.cpu_shares) {
    if (Status set = put(group + "/cpu.shares", std::to_string(*bounds.cpu_shares)); !set) return set;
  }
  if (!bounds.cpu_millis) return {};
  if (Status set = put(group + "/cpu.cfs_period_us", std::to_string(kPeriodMicros)); !set) return set;
  return put(group + "/cpu.cfs_quota_us", std::to_string(quota_of(*bounds.cpu_millis)));
}

Status Cgroups::make_v2(const std::string& group, const ResourceBounds& bounds) const {
  Status set;
  if (bounds.memory_bytes) set = put(group + "/memory.max", std::to_string(*bounds.memory_bytes));
  // A container over its limit ends whole, as the kubelet has it; kernels before 4.19 do not know it.
  if (bounds.memory_bytes) (void)put(group + "/memory.oom.group", "1");
  if (set && bounds.pids) set = put(group + "/pids.max", std::to_string(*bounds.pids));
  if (set && bounds.cpu_shares) set = put(group + "/cpu.weight", std::to_string(weight_of(*bounds.cpu_shares)));
  if (!set || !bounds.cpu_millis) return set;
  return put(group + "/cpu.max", std::to_string(quota_of(*bounds.cpu_millis)) + " " + std::to_string(kPeriodMicros));
}

Result<std::vector<std::string>> Cgroups::make(const std::string& parent, const std::string& name,
                                               const ResourceBounds& bounds) const {
  std::vector<std::string> entrances;
  std::string last;
  for (const std::string& controller : needed(bounds)) {
    const std::string& own = folder(controller);
    if (own.empty()) {
      return fail(ErrorCode::kUnsupported, "limit " + controller + ": this machine offers no control group for it");
    }
    const std::string above = own + "/" + parent;
    const std::string group = above + "/" + name;
    if (version_ == Version::kV2 && own == last) continue;  // one group for all
    last = own;
    Status made;
    if (version_ == Version::kV2) made = give_controllers(proc_, own, needed(bounds));
    if (made) made = make_folder(above);
    if (made && version_ == Version::kV2) made = give_controllers(proc_, above, needed(bounds));
    if (made) made = make_folder(group);
    if (made) made = version_ == Version::kV2 ? make_v2(group, bounds) : make_v1(group, controller, bounds);
    if (!made) return fail(made.error().with_context("limit " + controller));
    entrances.push_back(group + "/cgroup.procs");
  }
  return entrances;
}

std::uint64_t Cgroups::oom_kills(const std::string& parent, const std::string& name) const {
  if (memory_.empty()) return 0;
  const std::string group = memory_ + "/" + parent + "/" + name;
  return counter(group + (version_ == Version::kV2 ? "/memory.events" : "/memory.oom_control"), "oom_kill");
}

void Cgroups::kill_all(const std::string& parent, const std::string& name) const {
  for (const std::string& own : folders()) {
    const std::string group = own + "/" + parent + "/" + name;
    if (version_ == Version::kV2 && put(group + "/cgroup.kill", "1")) continue;
    for (const std::string& text : processes_of(group)) {
      pid_t pid = 0;
      std::from_chars(text.data(), text.data() + text.size(), pid);
      if (pid > 1 && pid != getpid()) kill(pid, SIGKILL);
    }
  }
}

bool Cgroups::remove(const std::string& parent, const std::string& name) const {
  bool gone = true;
  for (const std::string& own : folders()) {
    const std::string above = own + "/" + parent;
    gone = remove_group(above + "/" + name, kMostDepth) && gone;
    rmdir(above.c_str());
  }
  return gone;
}

std::vector<std::string> Cgroups::names(const std::string& parent) const {
  std::vector<std::string> out;
  for (const std::string& own : folders()) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(own + "/" + parent, error)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_directory(error) && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    }
  }
  return out;
}

std::vector<std::string> Cgroups::folders() const {
  std::vector<std::string> out;
  for (const std::string* own : {&cpu_, &memory_, &pids_}) {
    if (!own->empty() && std::find(out.begin(), out.end(), *own) == out.end()) out.push_back(*own);
  }
  return out;
}

}  // namespace troupe::runtime
