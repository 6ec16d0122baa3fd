#include "actors/node/machine.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace troupe::node {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string read_line(const std::string& path) {
  std::string text = read_text(path);
  return text.substr(0, text.find('\n'));
}

/// The first IPv4 address of an interface that is up and not loopback; else the first such IPv6 one.
std::string first_address() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return {};
  std::string v4;
  std::string v6;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (one->ifa_addr->sa_family == AF_INET && v4.empty()) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(static_cast<const void*>(one->ifa_addr));
      if (inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size()) != nullptr) v4 = text.data();
    } else if (one->ifa_addr->sa_family == AF_INET6 && v6.empty()) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(static_cast<const void*>(one->ifa_addr));
      if (IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr)) continue;
      if (inet_ntop(AF_INET6, &address->sin6_addr, text.data(), text.size()) != nullptr) v6 = text.data();
    }
  }
  freeifaddrs(all);
  return v4.empty() ? v6 : v4;
}

std::uint32_t usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::uint32_t>(CPU_COUNT(&set));
}

}  // namespace

std::string go_architecture(const std::string& machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  return machine;
}

std::string os_image(const std::string& os_release) {
  constexpr std::string_view kName = "PRETTY_NAME=";
  std::istringstream lines(os_release);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kName)) continue;
    std::string value = line.substr(kName.size());
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return "linux";
}

std::string node_name(const std::string& hostname) {
  std::string out;
  for (const char c : hostname) {
    const auto u = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(u) != 0 || c == '.';
    out += plain ? static_cast<char>(std::tolower(u)) : '-';
  }
  while (!out.empty() && (out.back() == '-' || out.back() == '.')) out.pop_back();
  const auto first = out.find_first_not_of("-.");
  out.erase(0, first == std::string::npos ? out.size() : first);
  return out.empty() ? "localhost" : out;
}

Machine probe_machine(const std::string& data_dir) {
  Machine machine;
  utsname names{};
  if (uname(&names) == 0) {
    machine.hostname = names.nodename;
    machine.kernel_version = names.release;
    machine.architecture = go_architecture(names.machine);
  }
  machine.cpus = usable_cpus();
  struct sysinfo info {};
  if (sysinfo(&info) == 0) machine.memory_bytes = static_cast<std::uint64_t>(info.totalram) * info.mem_unit;
  struct statvfs disk {};
  if (statvfs(data_dir.c_str(), &disk) == 0) {
    machine.storage_bytes = static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize;
  }
  machine.machine_id = read_line("/etc/machine-id");
  machine.boot_id = read_line("/proc/sys/kernel/random/boot_id");
  machine.os_image = os_image(read_text("/etc/os-release"));
  machine.address = first_address();
  return machine;
}

Pressures read_pressures(const std::string& data_dir) {
  constexpr std::uint64_t kLeastMemory = 100ULL << 10U;  // kB
  Pressures out;
  std::istringstream memory(read_text("/proc/meminfo"));
  for (std::string word; memory >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == "MemAvailable:" && memory >> kilobytes) out.memory = kilobytes < kLeastMemory;
  }
  struct statvfs disk {};
  if (statvfs(data_dir.c_str(), &disk) == 0) {
    out.disk = disk.f_bavail < disk.f_blocks / 10 || (disk.f_files > 0 && disk.f_favail < disk.f_files / 20);
  }
  // "0.00 0.01 0.05 2/345 6789": running and all tasks.
  const std::string load = read_line("/proc/loadavg");
  const auto slash = load.find('/');
  const std::uint64_t most = std::strtoull(read_line("/proc/sys/kernel/pid_max").c_str(), nullptr, 10);
  if (slash != std::string::npos && most > 0) {
    out.pids = std::strtoull(load.c_str() + slash + 1, nullptr, 10) > most - most / 10;
  }
  return out;
}

std::vector<NodeCondition> node_conditions(bool runtime_attached, const Pressures& pressures) {
  std::vector<NodeCondition> out;
  const auto add = [&](const char* type, bool pressed, const char* good, const char* bad, const std::string& what) {
    out.push_back({type, pressed, pressed ? bad : good, "kubelet has " + what});
  };
  add("MemoryPressure", pressures.memory, "KubeletHasSufficientMemory", "KubeletHasInsufficientMemory",
      pressures.memory ? "insufficient memory available" : "sufficient memory available");
  add("DiskPressure", pressures.disk, "KubeletHasNoDiskPressure", "KubeletHasDiskPressure",
      pressures.disk ? "disk pressure" : "no disk pressure");
  add("PIDPressure", pressures.pids, "KubeletHasSufficientPID", "KubeletHasInsufficientPID",
      pressures.pids ? "insufficient PID available" : "sufficient PID available");
  if (runtime_attached) {
    out.push_back({"Ready", true, "KubeletReady", "kubelet is posting ready status"});
  } else {
    out.push_back({"Ready", false, "KubeletNotReady", "container runtime is down"});
  }
  return out;
}

}  // namespace troupe::node
