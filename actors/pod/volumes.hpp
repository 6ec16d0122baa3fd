#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/pod/environment.hpp"
#include "base/result.hpp"
#include "runtime/runtime.hpp"

/// A pod's volumes as folders of the node: ROOT/volumes/UID/NAME. They outlive containers and kernels, not the pod.
namespace troupe::pod {

/// The ConfigMaps and Secrets that the container's variables and volumes come from.
std::vector<std::pair<EnvVar::Source, std::string>> all_references(const PodSpec& spec, const ContainerSpec& container);

/// The files of one volume as they should be, path and content. kNotFound, kInvalidArgument, in Kubernetes' words.
struct VolumeFile {
  std::string path;
  std::string content;
  std::uint32_t mode = 0644;

  friend bool operator==(const VolumeFile&, const VolumeFile&) = default;
};
Result<std::vector<VolumeFile>> volume_files(const PodSpec& spec, const ContainerSpec& container,
                                             const VolumeSpec& volume, const PodFacts& facts);

/// Makes and fills the folders of all volumes that the container mounts and sets `wanted.mounts`; its environment is
/// for subPathExpr. A subPath is made and checked by who mounts it. Files are replaced all at once (the link ..data),
/// and only where they differ. Without `may_mount` only a mount whose path is the volume's own folder works. The
/// error's message is what the Event FailedMount shows.
Status mount_volumes(const PodSpec& spec, std::size_t container, const PodFacts& facts, std::string_view root,
                     bool may_mount, runtime::ContainerSpec& wanted);

/// The container mounts a volume whose files follow objects or the pod itself.
bool has_changing_files(const PodSpec& spec, const ContainerSpec& container);

/// Shows the present content in those volumes. A mount with a subPath keeps what it had, as in Kubernetes.
Status refresh_volumes(const PodSpec& spec, std::size_t container, const PodFacts& facts, std::string_view root);

/// Where they are, a folder each.
std::string volumes_folder(std::string_view root, const std::string& uid);

/// Removes all of a pod's volumes. Best effort.
void remove_volumes(std::string_view root, const std::string& uid);

}  // namespace troupe::pod
