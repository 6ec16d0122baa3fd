#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <utility>

#include "cli/doctor.hpp"
#include "runtime/cgroup.hpp"
#include "runtime/fd.hpp"
#include "runtime/launcher.hpp"
#include "runtime/process_info.hpp"
#include "runtime/seccomp.hpp"
#include "runtime/user_namespace.hpp"

namespace troupe::cli {
namespace {

using runtime::Cgroups;
using runtime::Fd;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 21;

std::string first_line(const std::string& path) {
  const std::string text = runtime::read_file(path).value_or("");
  return text.substr(0, text.find('\n'));
}

/// What a system call answers in a child of ours: 0 or its errno.
int errno_in_child(const std::function<int()>& call) {
  const pid_t child = fork();
  if (child == 0) _exit(call() == 0 ? 0 : errno);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return EAGAIN;
  return WIFEXITED(status) ? WEXITSTATUS(status) : EFAULT;
}

void add_cgroups(std::vector<Finding>& out) {
  const Cgroups groups = Cgroups::find();
  const std::array<std::pair<const char*, const char*>, 3> limits = {
      {{"memory", "resources.limits.memory, OOMKilled"},
       {"cpu", "resources.limits.cpu and requests.cpu as weight"},
       {"pids", "a limit of processes for each pod"}}};
  for (const auto& [controller, meaning] : limits) {
    const std::string obstacle = groups.obstacle(controller);
    const std::string version = groups.version() == Cgroups::Version::kV1 ? "version 1, " : "version 2, ";
    if (obstacle.empty()) {
      out.push_back({"control groups", std::string(controller) + " limits", Verdict::kOk,
                     version + groups.folder(controller), std::string("enforced: ") + meaning});
    } else {
      out.push_back({"control groups", std::string(controller) + " limits", Verdict::kMissing, obstacle,
                     std::string("not enforced, and said in an Event: ") + meaning});
    }
  }
}

void add_namespaces(std::vector<Finding>& out) {
  const runtime::Namespaces can = runtime::find_namespaces();
  struct One {
    const char* name;
    bool made;
    const char* meaning;
  };
  const std::array<One, 4> kinds = {{{"mount namespaces", can.mounts, "volumes, subPath, readOnlyRootFilesystem"},
                                     {"PID namespaces", can.pids, "a pod that sees only its own processes"},
                                     {"IPC namespaces", can.mounts, "hostIPC: false"},
                                     {"UTS namespaces", can.mounts, "a host name for each pod"}}};
  for (const One& kind : kinds) {
    Finding finding{"namespaces", kind.name, Verdict::kOk, "can be made", kind.meaning};
    if (kind.made && can.by_users) {
      finding.verdict = Verdict::kLimited;
      finding.value = "in a user namespace: no other users there, and no program gets a user's rights by its file";
    } else if (!kind.made) {
      finding.verdict = Verdict::kMissing;
      finding.value = can.obstacle;
    }
    out.push_back(std::move(finding));
  }
  const int error = errno_in_child([] { return unshare(CLONE_NEWUSER); });
  out.push_back({"namespaces", "user namespaces", error == 0 ? Verdict::kOk : Verdict::kMissing,
                 error == 0 ? "can be made" : std::strerror(error), "the others without root"});
}

std::string status_field(const std::string& name) {
  const std::string text = runtime::read_file("/proc/self/status").value_or("");
  const std::size_t at = text.find("\n" + name + ":\t");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 3;
  return text.substr(from, text.find('\n', from) - from);
}

void add_privileges(std::vector<Finding>& out) {
  const unsigned long long held = std::strtoull(status_field("CapEff").c_str(), nullptr, 16);
  struct One {
    const char* name;
    unsigned bit;
    const char* meaning;
  };
  const std::array<One, 6> wanted = {{{"CAP_SYS_ADMIN", 21, "namespaces and mounts"},
                                      {"CAP_SETUID", 7, "runAsUser"},
                                      {"CAP_SETGID", 6, "runAsGroup, supplementalGroups, fsGroup"},
                                      {"CAP_SETPCAP", 8, "capabilities.drop and add"},
                                      {"CAP_SYS_NICE", 23, "real-time priorities, a better niceness"},
                                      {"CAP_KILL", 5, "ending workloads of other users"}}};
  for (const One& one : wanted) {
    const bool there = ((held >> one.bit) & 1u) != 0;
    out.push_back(
        {"privileges", one.name, there ? Verdict::kOk : Verdict::kMissing, there ? "held" : "not held", one.meaning});
  }
  const bool privileges = status_field("NoNewPrivs") != "1";
  out.push_back({"privileges", "no_new_privs", Verdict::kOk, privileges ? "off here, can be set" : "set here",
                 "allowPrivilegeEscalation: false"});
  const runtime::FilterSupport filters = runtime::find_filter_support(runtime::find_namespaces());
  Finding seccomp{"privileges", "seccomp", Verdict::kOk, "filters can be set; here: mode " + status_field("Seccomp"),
                  "seccompProfile"};
  if (!filters.obstacle.empty()) {
    seccomp.verdict = Verdict::kMissing;
    seccomp.value = filters.obstacle;
  } else if (!filters.obstacle_as_itself.empty()) {
    seccomp.verdict = Verdict::kLimited;
    seccomp.value = filters.obstacle_as_itself;
  }
  out.push_back(std::move(seccomp));
}

void add_tuning(std::vector<Finding>& out) {
  TuningFacts facts;
  facts.isolated_cpus = first_line("/sys/devices/system/cpu/isolated");
  facts.governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  facts.transparent_pages = first_line("/sys/kernel/mm/transparent_hugepage/enabled");
  facts.overcommit = first_line("/proc/sys/vm/overcommit_memory");
  facts.realtime_runtime = first_line("/proc/sys/kernel/sched_rt_runtime_us");
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) facts.cpus = static_cast<unsigned>(CPU_COUNT(&set));
  for (Finding& one : judge_tuning(facts)) out.push_back(std::move(one));
}

/// The median of some rounds in microseconds; negative when one fails.
double median_micros(const std::function<bool()>& round) {
  std::array<double, kRounds> samples{};
  for (double& sample : samples) {
    const auto begin = Clock::now();
    if (!round()) return -1;
    sample = std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
  }
  std::sort(samples.begin(), samples.end());
  return samples[kRounds / 2];
}

double sync_micros(const std::string& folder) {
  std::string path = folder + "/troupe-doctor-XXXXXX";
  const Fd file(mkostemp(path.data(), O_CLOEXEC));
  if (!file) return -1;
  unlink(path.c_str());
  // As the log does: within space that is written already.
  const std::string block(256 * 1024, '\0');
  if (pwrite(file.get(), block.data(), block.size(), 0) < 0 || fdatasync(file.get()) != 0) return -1;
  off_t at = 0;
  return median_micros([&] {
    at += 4096;
    return pwrite(file.get(), block.data(), 4096, at) == 4096 && fdatasync(file.get()) == 0;
  });
}

double start_micros() {
  runtime::Launcher launcher;
  runtime::LaunchPlan plan;
  plan.argv = {"/bin/true"};
  return median_micros([&] {
    auto started = launcher.launch(plan);
    return started && waitpid(started->pid, nullptr, 0) == started->pid;
  });
}

void add_costs(std::vector<Finding>& out, const std::string& data_dir) {
  std::error_code error;
  const bool given = !data_dir.empty() && std::filesystem::is_directory(data_dir, error);
  const std::string folder = given ? data_dir : std::filesystem::temp_directory_path(error).string();
  out.push_back(
      judge_cost("fdatasync in " + folder, sync_micros(folder), 1000, 5000, "each acknowledged write waits for one"));
  out.push_back(judge_cost("process start", start_micros(), 2000, 10000, "the least a restarted container takes"));
}

}  // namespace

std::vector<Finding> examine(const DoctorOptions& options) {
  std::vector<Finding> out;
  add_cgroups(out);
  add_namespaces(out);
  add_privileges(out);
  add_tuning(out);
  add_costs(out, options.data_dir);
  return out;
}

}  // namespace troupe::cli
