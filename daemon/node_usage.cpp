#include "daemon/node_usage.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/process_info.hpp"

namespace troupe::daemon {

namespace {

constexpr std::chrono::seconds kLeastWindow(1);
constexpr std::uint64_t kNanos = 1'000'000'000;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t from = text.find_first_not_of(" \n");
    if (from == std::string_view::npos) break;
    text.remove_prefix(from);
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

std::uint64_t ticks_to_nanos(std::uint64_t ticks) {
  static const auto kTicks = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return ticks * (kNanos / kTicks);
}

/// Processor time that the whole machine was not idle.
std::uint64_t machine_cpu() {
  const std::string text = runtime::read_file("/proc/stat").value_or("");
  const auto fields = words(std::string_view(text).substr(0, text.find('\n')));
  std::uint64_t ticks = 0;
  // cpu user nice system idle iowait irq softirq steal: guest times are in user already.
  for (std::size_t i = 1; i < fields.size() && i <= 8; ++i) ticks += i == 4 || i == 5 ? 0 : number(fields[i]);
  return ticks_to_nanos(ticks);
}

std::uint64_t machine_memory() {
  const std::string text = runtime::read_file("/proc/meminfo").value_or("");
  const auto value = [&](std::string_view name) {
    const std::size_t at = text.find(name);
    if (at == std::string::npos) return std::uint64_t{0};
    const auto fields = words(std::string_view(text).substr(at + name.size(), 40));
    return fields.empty() ? 0 : number(fields.front()) * 1024;
  };
  const std::uint64_t total = value("MemTotal:");
  return total - std::min(total, value("MemAvailable:"));
}

struct ProcessUse {
  std::uint64_t cpu_nanos = 0;
  std::uint64_t memory_bytes = 0;
};

ProcessUse use_of(pid_t pid) {
  const runtime::ProcessStat stat = runtime::read_stat(pid);
  static const auto kPage = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return {ticks_to_nanos(stat.cpu_ticks), stat.resident_pages * kPage};
}

/// By the container's run: its processes are known by the marker in their environment.
std::map<std::string, ProcessUse> use_by_run() {
  std::map<std::string, ProcessUse> out;
  for (const pid_t pid : runtime::all_processes()) {
    const std::string marker = runtime::container_marker(pid).value_or("");
    const std::size_t slash = marker.find('/');
    if (slash == std::string::npos) continue;
    const ProcessUse one = use_of(pid);
    ProcessUse& all = out[marker.substr(slash + 1)];
    all.cpu_nanos += one.cpu_nanos;
    all.memory_bytes += one.memory_bytes;
  }
  return out;
}

}  // namespace

UsageMeter::UsageMeter() : machine_{Clock::now(), machine_cpu()} {}

std::uint64_t UsageMeter::rate(Point& since, Clock::time_point now, std::uint64_t cpu_nanos) {
  const auto passed = std::max<std::int64_t>(std::chrono::nanoseconds(now - since.at).count(), 1'000'000);
  const std::uint64_t used = cpu_nanos - std::min(cpu_nanos, since.cpu_nanos);
  if (now - since.at >= kLeastWindow) since = {now, cpu_nanos};
  return static_cast<std::uint64_t>(static_cast<double>(used) * static_cast<double>(kNanos) /
                                    static_cast<double>(passed));
}

api::NodeUsage UsageMeter::measure(const runtime::Inventory& inventory) {
  const auto used = use_by_run();
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  const auto wall = std::chrono::system_clock::now();
  api::NodeUsage out;
  out.window = std::chrono::duration_cast<std::chrono::milliseconds>(now - machine_.at);
  out.nanocores = rate(machine_, now, machine_cpu());
  out.memory_bytes = machine_memory();
  std::map<std::string, const runtime::SandboxSpec*> pods;
  for (const auto& sandbox : inventory.sandboxes) pods.emplace(sandbox.id, &sandbox);
  std::map<std::string, Point> still;
  for (const auto& container : inventory.containers) {
    const auto pod = pods.find(container.sandbox_id);
    const auto use = used.find(container.id);
    if (container.state != runtime::ContainerState::kRunning || pod == pods.end() || use == used.end()) continue;
    const auto known = runs_.find(container.id);
    Point since = known != runs_.end() ? known->second : Point{now - (wall - container.start.started_at), 0};
    api::ContainerUsage one{pod->second->pod_namespace, pod->second->pod_name, container.name, 0,
                            use->second.memory_bytes};
    one.nanocores = rate(since, now, use->second.cpu_nanos);
    out.containers.push_back(std::move(one));
    still.emplace(container.id, since);
  }
  runs_ = std::move(still);
  return out;
}

}  // namespace troupe::daemon
