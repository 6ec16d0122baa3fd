#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/fd.hpp"
#include "runtime/launcher.hpp"
#include "runtime/process_info.hpp"
#include "runtime/process_runtime.hpp"
#include "runtime/runtime.hpp"

extern char** environ;

namespace troupe::runtime::test {

inline constexpr std::chrono::seconds kPatience{30};  // only a failing test waits that long

/// Records what a runtime says, and wakes who waits for it.
class Recorder final : public RuntimeListener {
 public:
  void on_attached(Inventory inventory) override {
    change([&] {
      ++attaches;
      last_inventory = std::move(inventory);
    });
  }
  void on_detached(Error) override {
    change([&] { ++detaches; });
  }
  void on_exit(ContainerExit exit) override {
    change([&] { exits[exit.container_id].push_back(std::move(exit)); });
  }

  void change(const std::function<void()>& action) {
    {
      const std::lock_guard lock(mutex);
      action();
    }
    changed.notify_all();
  }

  /// Waits for events until `ready`, called under the lock, is true.
  bool wait(const std::function<bool()>& ready) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, ready);
  }
  bool attached(int times) {
    return wait([&] { return attaches >= times; });
  }
  std::optional<ContainerExit> exit_of(const std::string& id) {
    if (!wait([&] { return exits.contains(id); })) return std::nullopt;
    const std::lock_guard lock(mutex);
    return exits[id].front();
  }

  std::mutex mutex;
  std::condition_variable changed;
  int attaches = 0;
  int detaches = 0;
  Inventory last_inventory;
  std::map<std::string, std::vector<ContainerExit>> exits;
};

/// A folder of the test's own, gone afterwards.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "troupe-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A process that the test holds.
class TestProcess {
 public:
  explicit TestProcess(std::vector<std::string> argv) {
    LaunchPlan plan;
    plan.argv = std::move(argv);
    for (char** variable = environ; *variable != nullptr; ++variable) plan.environment.emplace_back(*variable);
    Launcher launcher;
    Result<Launched> launched = launcher.launch(plan);
    if (!launched) throw std::runtime_error(launched.error().message);
    process_ = std::move(*launched);
  }
  TestProcess(const TestProcess&) = delete;
  TestProcess& operator=(const TestProcess&) = delete;
  ~TestProcess() {
    if (process_.pidfd) end(SIGTERM);
  }

  pid_t pid() const { return process_.pid; }
  ExitStatus end(int signal) {
    kill(process_.pid, signal);
    return wait();
  }
  ExitStatus wait() {
    siginfo_t info{};
    waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process_.pidfd.get()), &info, WEXITED | WNOWAIT);
    const ExitStatus status = reap(process_.pidfd.get());
    process_.pidfd.reset();
    return status;
  }

 private:
  Launched process_;
};

}  // namespace troupe::runtime::test
