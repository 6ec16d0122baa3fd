#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/pod/model.hpp"

namespace troupe::pod {

/// Bytes that an emptyDir may hold; nothing when it has no limit.
std::optional<std::uint64_t> size_limit(const VolumeSpec& volume);

/// Measures the emptyDirs of a pod that have a limit which the file system does not keep, a piece at a time: a folder
/// may hold a million files, and who measures has other work.
class VolumeLimits {
 public:
  /// `root` as in volumes.hpp.
  VolumeLimits(const PodSpec& spec, std::string_view root, bool on_node);

  /// Nothing to measure, ever.
  bool empty() const { return volumes_.empty(); }
  /// Looks at up to `entries` more files. True: the round is done, and the next call begins a new one.
  bool step(std::size_t entries);
  /// Set when a volume was found over its limit, in the kubelet's words.
  const std::optional<std::string>& exceeded() const { return exceeded_; }

 private:
  struct Limited {
    std::string name;
    std::string folder;
    std::string limit_text;
    std::uint64_t limit = 0;
  };
  void judge(const Limited& volume);

  std::vector<Limited> volumes_;
  std::size_t at_ = 0;
  std::filesystem::recursive_directory_iterator walk_;
  bool walking_ = false;
  std::uint64_t bytes_ = 0;
  std::optional<std::string> exceeded_;
};

}  // namespace troupe::pod
