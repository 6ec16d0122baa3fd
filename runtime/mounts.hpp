#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/mirrors.hpp"
#include "runtime/runtime.hpp"

namespace troupe::runtime {

/// Opens `path` below the folder `base` (O_PATH) and makes what is missing on the way: folders with `mode` less the
/// umask, the last part an empty file unless it `is_folder`. With `beneath`, neither ".." nor a link leads out of
/// `base` (EXDEV), however the tree changes meanwhile. -1 and errno on failure. System calls only: fit for a child on
/// its parent's memory.
int make_path(int base, const char* path, bool is_folder, mode_t mode, bool beneath);

/// One mount of a child, in its order: prepared by the parent, carried out by the child.
struct MountStep {
  std::string source;
  std::string inside;  ///< Below the source.
  std::string target;  ///< Below the root, or below the target of `cover`: no slash in front.
  std::string place;   ///< The whole target, for messages.
  int cover = -1;      ///< The step whose mount lies over this target; -1: none, the root.
  bool read_only = false;
  bool optional = false;  ///< What was there before, kept writable; left out where it is not.
  bool proc = false;      ///< A new procfs: the source is nothing.
  int tree = -1;          ///< The child's: a copy of the mounts at the source, attached nowhere yet.
};

/// Sorts by depth: what lies inside of another volume is mounted after it. With `read_only_root`, /proc and /dev come
/// first, to keep what they may; with `own_proc`, /proc is a new one that shows the child's PID namespace.
std::vector<MountStep> mount_steps(const std::vector<Mount>& mounts, bool read_only_root, bool own_proc = false);

/// What the step mounts is a folder, or is not there and will be made as one; else a file.
bool mounts_folder(const MountStep& step);

/// For who may not write everywhere: the folders in which places for these mounts cannot be made.
std::vector<Mirror> mirrors_for(const std::vector<MountStep>& steps);

enum class MountStage : std::uint8_t { kPrivate, kSource, kMirror, kReadOnlyRoot, kTarget };

/// In the child, which has a mount namespace of its own: all sources are opened before anything covers them or becomes
/// read-only. False with errno; `stage` and `step`, or which mirror, say where it failed. System calls only.
bool make_mounts(std::vector<MountStep>& steps, std::vector<Mirror>& mirrors, bool read_only_root, MountStage& stage,
                 int& step);

}  // namespace troupe::runtime
