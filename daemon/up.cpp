#include "daemon/up.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace troupe::daemon {
namespace {

namespace fs = std::filesystem;

int fail_with(const Error& error) {
  std::fprintf(stderr, "troupe up: %s\n", error.message.c_str());
  return 1;
}

Status prepare_data_dir(std::string& path) {
  if (path.empty()) return fail(ErrorCode::kInvalidArgument, "no data directory: give --data-dir");
  std::error_code error;
  path = fs::absolute(path, error).lexically_normal().string();
  fs::create_directories(path, error);
  if (error) return fail(errno_error(error.value(), "make the data directory " + path));
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return fail(errno_error(errno, "use the data directory " + path));
  }
  return {};
}

Result<std::string> own_path() {
  std::error_code error;
  auto path = fs::read_symlink("/proc/self/exe", error);
  if (error) return fail(errno_error(error.value(), "find this program by /proc/self/exe"));
  return path.string();
}

/// Installed, both programs are in one folder; in a build tree the keeper is in its own.
Result<std::string> find_keeper(const std::string& troupe) {
  if (const char* named = std::getenv("TROUPE_KEEPER"); named != nullptr && *named != '\0') return std::string(named);
  const fs::path folder = fs::path(troupe).parent_path();
  for (const fs::path& candidate : {folder / "troupe-keeper", folder.parent_path() / "runtime" / "troupe-keeper",
                                    folder.parent_path() / "libexec" / "troupe" / "troupe-keeper"}) {
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  return fail(ErrorCode::kNotFound, "no troupe-keeper beside " + troupe + ": install it there, or set TROUPE_KEEPER");
}

/// A folder in memory for the keeper's state, which a reboot voids anyway: on a disk its many small files cost more
/// than the processes. The data directory names it, so the next start finds it. Empty: in the data directory.
std::string run_folder(const std::string& data_dir) {
  struct stat status {};
  struct statfs kind {};
  constexpr const char* kMemory = "/dev/shm";
  if (stat(data_dir.c_str(), &status) != 0 || statfs(kMemory, &kind) != 0 || kind.f_type != TMPFS_MAGIC) return {};
  if (fs::exists(data_dir + "/run")) return {};  // an earlier start chose so
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "/troupe-%u-%llx-%llx", unsigned{geteuid()},
                static_cast<unsigned long long>(status.st_dev), static_cast<unsigned long long>(status.st_ino));
  const std::string path = std::string(kMemory) + name.data();
  struct stat made {};
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return {};
  // Anybody may make names there: only a folder of our own, which nobody else can enter, will do.
  const bool ours =
      lstat(path.c_str(), &made) == 0 && S_ISDIR(made.st_mode) && made.st_uid == geteuid() && (made.st_mode & 077) == 0;
  return ours ? path : std::string();
}

}  // namespace

std::vector<std::string> kernel_command(const KernelOptions& options, const std::string& troupe) {
  std::vector<std::string> command = {troupe,       "kernel",
                                      "--data-dir", options.data_dir,
                                      "--listen",   options.listen_address + ":" + std::to_string(options.port)};
  const auto add = [&](const char* flag, const std::string& value) {
    if (value.empty()) return;
    command.emplace_back(flag);
    command.push_back(value);
  };
  add("--kubeconfig", options.kubeconfig);
  add("--token-file", options.token_file);
  add("--service-cluster-ip-range", options.service_range);
  add("--service-node-port-range", options.node_port_range);
  add("--node-name", options.node_name);
  add("--max-pods", std::to_string(options.max_pods));
  if (options.threads != 0) add("--threads", std::to_string(options.threads));
  if (options.log_json) add("--log-format", "json");
  if (options.verbosity != 0) add("-v", std::to_string(options.verbosity));
  if (options.memory_store) command.emplace_back("--memory-store");
  return command;
}

int run_up(UpOptions options) {
  if (auto status = prepare_data_dir(options.kernel.data_dir); !status) return fail_with(status.error());
  if (options.troupe.empty()) {
    auto path = own_path();
    if (!path) return fail_with(path.error());
    options.troupe = std::move(*path);
  }
  if (options.keeper.empty()) {
    auto path = find_keeper(options.troupe);
    if (!path) return fail_with(path.error());
    options.keeper = std::move(*path);
  }
  std::vector<std::string> words = {options.keeper, "--data-dir=" + options.kernel.data_dir};
  words.emplace_back("--must-attach");
  if (const std::string run = run_folder(options.kernel.data_dir); !run.empty()) words.push_back("--run-dir=" + run);
  if (options.keep_workloads) words.emplace_back("--keep-workloads");
  words.emplace_back("--");
  for (auto& word : kernel_command(options.kernel, options.troupe)) words.push_back(std::move(word));
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(options.keeper.c_str(), argv.data());
  return fail_with(errno_error(errno, "run " + options.keeper));
}

}  // namespace troupe::daemon
