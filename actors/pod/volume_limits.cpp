#include "actors/pod/volume_limits.hpp"

#include <sys/stat.h>

#include <system_error>

#include "actors/pod/volumes.hpp"
#include "schema/codec/quantity.hpp"

namespace troupe::pod {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBlock = 512;  // of st_blocks, whatever the file system's are

/// What a file takes on the disk.
std::uint64_t bytes_of(const fs::path& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * kBlock : 0;
}

}  // namespace

std::optional<std::uint64_t> size_limit(const VolumeSpec& volume) {
  if (volume.size_limit.empty()) return std::nullopt;
  const auto read = schema::Quantity::parse(volume.size_limit);
  if (!read) return std::nullopt;
  const auto bytes = read->value();
  return bytes > 0 ? std::optional(static_cast<std::uint64_t>(bytes)) : std::nullopt;
}

VolumeLimits::VolumeLimits(const PodSpec& spec, std::string_view root, bool on_node) {
  for (const VolumeSpec& volume : spec.volumes) {
    const auto limit = size_limit(volume);
    if (volume.kind != VolumeSpec::Kind::kEmptyDir || !limit || (volume.in_memory && on_node)) continue;
    volumes_.push_back({volume.name, volumes_folder(root, spec.uid) + "/" + volume.name, volume.size_limit, *limit});
  }
}

bool VolumeLimits::step(std::size_t entries) {
  std::error_code error;
  while (at_ < volumes_.size()) {
    const Limited& volume = volumes_[at_];
    if (!walking_) {
      bytes_ = 0;
      walk_ = fs::recursive_directory_iterator(volume.folder, fs::directory_options::skip_permission_denied, error);
      walking_ = true;
    }
    for (; !error && walk_ != fs::recursive_directory_iterator(); walk_.increment(error)) {
      if (entries-- == 0) return false;
      bytes_ += bytes_of(walk_->path());
      if (bytes_ > volume.limit) break;
    }
    judge(volume);
    walking_ = false;
    ++at_;
  }
  at_ = 0;
  return true;
}

void VolumeLimits::judge(const Limited& volume) {
  if (bytes_ <= volume.limit || exceeded_) return;
  exceeded_ = "Usage of EmptyDir volume \"" + volume.name + "\" exceeds the limit \"" + volume.limit_text + "\". ";
}

}  // namespace troupe::pod
