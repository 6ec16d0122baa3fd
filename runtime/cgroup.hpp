#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "runtime/runtime.hpp"

namespace troupe::runtime {

/// The control groups below which this process may make its own, version 1 or 2.
class Cgroups {
 public:
  enum class Version : std::uint8_t { kNone, kV1, kV2 };

  /// Looks at the mounts and this process' own groups. `proc` and `root` are put before "/self/mountinfo" and before
  /// mount points, for tests.
  static Cgroups find(const std::string& proc = "/proc", const std::string& root = {});

  Version version() const { return version_; }
  /// The folder of this process' own group for "cpu", "memory" or "pids"; empty where there is none.
  const std::string& folder(std::string_view controller) const;
  /// Whether groups can be made there: tries it; with version 2, whether the controller can be given to them.
  bool writable(std::string_view controller) const;
  /// Why not, for people; empty when they can.
  std::string obstacle(std::string_view controller) const;

  /// Makes the group `name` (with the bounds) in a folder `parent` of every controller that the bounds need; answers
  /// the files to which a process writes its pid to enter. Version 2 wants no processes in a group with groups: those
  /// of Troupe move into one called troupe-keeper, and where others are it is refused. kUnsupported, kPermission: the
  /// message says which limit.
  Result<std::vector<std::string>> make(const std::string& parent, const std::string& name,
                                        const ResourceBounds& bounds) const;
  /// How many processes of the group were killed for its memory limit.
  std::uint64_t oom_kills(const std::string& parent, const std::string& name) const;
  /// Kills what is in the group.
  void kill_all(const std::string& parent, const std::string& name) const;
  /// Removes the group, and a parent without groups. False: a process is in it still.
  bool remove(const std::string& parent, const std::string& name) const;
  /// The groups in `parent`.
  std::vector<std::string> names(const std::string& parent) const;

 private:
  Status make_v1(const std::string& group, const std::string& controller, const ResourceBounds& bounds) const;
  Status make_v2(const std::string& group, const ResourceBounds& bounds) const;

  /// Those of the controllers, each once.
  std::vector<std::string> folders() const;

  Version version_ = Version::kNone;
  std::string proc_;
  std::string cpu_;
  std::string memory_;
  std::string pids_;
};

}  // namespace troupe::runtime
