// What a start and a death cost through the keeper, beside what the machine takes for the same without it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "bench/arguments.hpp"
#include "runtime/launcher.hpp"
#include "runtime/process_info.hpp"
#include "runtime/process_runtime.hpp"

namespace troupe::runtime {
namespace {

using Clock = std::chrono::steady_clock;
using Samples = std::vector<double>;

constexpr int kStarts = 500;
constexpr int kMany = 1000;

double micros(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

double quantile(Samples samples, double q) {
  std::sort(samples.begin(), samples.end());
  return samples[std::min(samples.size() - 1, static_cast<std::size_t>(q * static_cast<double>(samples.size())))];
}

void print(const char* name, const Samples& samples, const char* target, double floor_p50) {
  std::printf("{\"figure\": \"%s\", \"p50_us\": %.0f, \"p99_us\": %.0f, \"target\": \"%s\", \"floor_p50_us\": %.0f}\n",
              name, quantile(samples, 0.5), quantile(samples, 0.99), target, floor_p50);
}

class Listener final : public RuntimeListener {
 public:
  void on_attached(Inventory inventory) override {
    note([&] { held = inventory.containers.size(), ++attached; });
  }
  void on_detached(Error) override {}
  void on_exit(ContainerExit exit) override {
    const Clock::time_point now = Clock::now();
    note([&] { exits[exit.container_id] = now; });
  }
  template <class Action>
  void note(Action action) {
    {
      const std::lock_guard lock(mutex);
      action();
    }
    changed.notify_all();
  }
  template <class Ready>
  void wait(Ready ready) {
    std::unique_lock lock(mutex);
    if (changed.wait_for(lock, std::chrono::seconds(60), ready)) return;
    std::fprintf(stderr, "nothing happened for 60 s\n");
    std::exit(1);
  }

  std::mutex mutex;
  std::condition_variable changed;
  int attached = 0;
  std::size_t held = 0;
  std::map<std::string, Clock::time_point> exits;
  std::map<std::string, pid_t> started;
  std::map<std::string, Clock::time_point> started_at;
};

ContainerSpec spec(const std::string& folder, const std::string& id, bool stays) {
  ContainerSpec result;
  result.id = id;
  result.sandbox_id = "box";
  result.name = "main";
  result.argv = {BENCH_PROGRAM};
  if (stays) result.argv.emplace_back("stay");
  result.environment = {{"PATH", "/usr/bin:/bin"}};
  result.log.path = folder + "/logs/" + id + ".log";
  return result;
}

void create_and_start(ProcessRuntime& runtime, Listener& listener, ContainerSpec container) {
  const std::string id = container.id;
  runtime.create_container(std::move(container), [](Status) {});
  runtime.start_container(id, [id, &listener](Result<StartInfo> started) {
    const Clock::time_point now = Clock::now();
    if (!started) {
      std::fprintf(stderr, "%s\n", started.error().message.c_str());
      std::exit(1);
    }
    listener.note([&] { listener.started[id] = started->pid, listener.started_at[id] = now; });
  });
}

Samples floor_of_vfork() {
  Samples samples;
  char* argv[] = {const_cast<char*>(BENCH_PROGRAM), nullptr};
  char* environment[] = {nullptr};
  for (int i = 0; i < kStarts; ++i) {
    const Clock::time_point begin = Clock::now();
    const pid_t pid = vfork();
    if (pid == 0) {
      execve(BENCH_PROGRAM, argv, environment);
      _exit(127);
    }
    waitpid(pid, nullptr, 0);
    samples.push_back(micros(Clock::now() - begin));
  }
  return samples;
}

void bench_starts(ProcessRuntime& runtime, Listener& listener, const std::string& folder, double floor) {
  Samples to_started;
  Samples to_exit;
  for (int i = 0; i < kStarts; ++i) {
    const std::string id = "s" + std::to_string(i);
    const Clock::time_point begin = Clock::now();
    create_and_start(runtime, listener, spec(folder, id, false));
    listener.wait([&] { return listener.exits.contains(id) && listener.started_at.contains(id); });
    to_started.push_back(micros(listener.started_at[id] - begin));
    to_exit.push_back(micros(listener.exits[id] - begin));
    runtime.remove_container(id, [](Status) {});
  }
  print("create + start -> running", to_started, "pod POST -> Running p50 <= 5 ms", floor);
  print("create + start -> exit callback", to_exit, "", floor);
}

std::map<std::string, long> memory_of(pid_t pid) {
  std::map<std::string, long> result;
  std::istringstream lines(read_file("/proc/" + std::to_string(pid) + "/smaps_rollup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) result[line.substr(0, colon)] = std::atol(line.c_str() + colon + 1);
  }
  return result;
}

void bench_many(ProcessRuntime& runtime, Listener& listener, const std::string& folder, pid_t keeper, double floor) {
  const auto before = memory_of(keeper);
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < kMany; ++i) create_and_start(runtime, listener, spec(folder, "m" + std::to_string(i), true));
  listener.wait([&] { return listener.started.size() == kStarts + kMany; });
  const double seconds = micros(Clock::now() - begin) / 1e6;
  std::printf("{\"figure\": \"%d starts at once\", \"rate_per_s\": %.0f, \"target\": \"600 pods/s\"}\n", kMany,
              kMany / seconds);
  const auto after = memory_of(keeper);
  std::printf(
      "{\"figure\": \"keeper's memory\", \"idle_anonymous_kB\": %ld, \"idle_rss_kB\": %ld, \"anonymous_with_%d_kB\": "
      "%ld, "
      "\"kB_a_child\": %.2f, \"target\": \"2048 kB + 1.5 kB a child\"}\n",
      before.at("Anonymous"), before.at("Rss"), kMany, after.at("Anonymous"),
      static_cast<double>(after.at("Anonymous") - before.at("Anonymous")) / kMany);
  Samples deaths;
  for (int i = 0; i < kMany; i += 5) {
    const std::string id = "m" + std::to_string(i);
    const Clock::time_point killed = Clock::now();
    kill(listener.started[id], SIGKILL);
    listener.wait([&] { return listener.exits.contains(id); });
    deaths.push_back(micros(listener.exits[id] - killed));
  }
  print("kill -9 -> exit callback, of 1000", deaths, "seen in a watch p50 <= 2 ms", floor);
}

void bench_attach(const std::string& socket) {
  Samples samples;
  for (int i = 0; i < 20; ++i) {
    Listener listener;
    const Clock::time_point begin = Clock::now();
    ProcessRuntime runtime({socket, {}});
    runtime.start(listener);
    listener.wait([&] { return listener.attached == 1; });
    samples.push_back(micros(Clock::now() - begin));
  }
  print("new kernel -> inventory of 1000", samples, "its API answers within 200 ms", 0);
}

int run(const char* run_folder) {
  std::string pattern = (std::filesystem::temp_directory_path() / "troupe-bench-XXXXXX").string();
  const std::string folder = mkdtemp(pattern.data());
  const std::string socket = folder + "/data/keeper.sock";
  const Samples floor = floor_of_vfork();
  print("machine: vfork + exec + wait", floor, "", quantile(floor, 0.5));

  LaunchPlan plan;
  plan.argv = {TROUPE_KEEPER_PATH, "--data-dir=" + folder + "/data", "--stop-grace-ms=1"};
  if (run_folder != nullptr) plan.argv.push_back(std::string("--run-dir=") + run_folder);
  Launcher launcher;
  Result<Launched> keeper = launcher.launch(plan);
  if (!keeper) {
    std::fprintf(stderr, "%s\n", keeper.error().message.c_str());
    return 1;
  }
  Listener listener;
  {
    ProcessRuntime runtime({socket, {}});
    runtime.start(listener);
    listener.wait([&] { return listener.attached == 1; });
    runtime.create_sandbox({"box", "default", "web-0", "uid"}, [](Status) {});
    bench_starts(runtime, listener, folder, quantile(floor, 0.5));
    bench_many(runtime, listener, folder, keeper->pid, quantile(floor, 0.5));
  }
  bench_attach(socket);
  const Clock::time_point begin = Clock::now();
  kill(keeper->pid, SIGTERM);
  waitpid(keeper->pid, nullptr, 0);
  std::printf("{\"figure\": \"SIGTERM -> 800 workloads stopped, keeper gone\", \"ms\": %.0f}\n",
              micros(Clock::now() - begin) / 1e3);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace troupe::runtime

int main(int argc, char** argv) {
  troupe::bench::Arguments arguments(argc, argv, "runtime_bench [FOLDER for the keeper's state]");
  const std::string folder = arguments.empty() ? "" : arguments.word();
  arguments.done();
  return troupe::runtime::run(folder.empty() ? nullptr : folder.c_str());
}
