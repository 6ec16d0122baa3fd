#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/node/ports.hpp"
#include "base/result.hpp"

namespace troupe::node {

/// What this machine is, read once at start.
struct Machine {
  std::string hostname;
  std::string address;  ///< Its first address that is not loopback; empty when it has none.
  std::uint32_t cpus = 1;
  std::uint64_t memory_bytes = 0;
  std::uint64_t storage_bytes = 0;  ///< Of the file system that holds the data directory.
  std::string machine_id;
  std::string boot_id;
  std::string kernel_version;
  std::string os_image;
  std::string architecture;
};

/// Looks at the machine; `data_dir` must exist. What cannot be read stays empty.
Machine probe_machine(const std::string& data_dir);

/// What this machine is short of, as the kubelet's default thresholds say.
struct Pressures {
  bool memory = false;  ///< Less than 100 MiB available.
  bool disk = false;    ///< Less than a tenth of the data directory's file system free, or of its inodes a twentieth.
  bool pids = false;    ///< Less than a tenth of all process ids free.

  friend bool operator==(const Pressures&, const Pressures&) = default;
};
Pressures read_pressures(const std::string& data_dir);

/// The node's conditions: Ready follows the runtime.
std::vector<NodeCondition> node_conditions(bool runtime_attached, const Pressures& pressures = {});

/// "amd64" for "x86_64", "arm64" for "aarch64"; others as they are.
std::string go_architecture(const std::string& machine);

/// PRETTY_NAME of an os-release file's text; "linux" without one.
std::string os_image(const std::string& os_release);

/// A host name as a Node's name: lower case, what is not allowed becomes '-'; "localhost" when nothing is left.
std::string node_name(const std::string& hostname);

}  // namespace troupe::node
