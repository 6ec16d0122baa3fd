#pragma once

#include <string>
#include <vector>

namespace troupe::runtime {

/// A folder of the node in which a place for a mount is missing and may not be made. In the child's own mounts a folder
/// in memory takes its place, with all that is in it now, and the missing place besides; nothing else may be made
/// there.
struct Mirror {
  struct Entry {
    std::string name;
    unsigned char type = 0;  ///< DT_* of <dirent.h>.
  };
  std::string folder;  ///< Absolute, no link in it.
  std::vector<Entry> entries;
  int copy = -1;  ///< The child's: the folder in memory.
};

/// The folders that stand in the way of mounts at these targets, the less deep first. A target that is there, or whose
/// folder we may write, needs none. A folder with more than some thousand entries is left out: then its mount fails.
std::vector<Mirror> mirrors_for(const std::vector<std::string>& targets);

/// In the child, which has a mount namespace of its own. False with errno; `at` says which. System calls only.
bool make_mirrors(std::vector<Mirror>& mirrors, int& at);
/// After the missing places have been made: makes the folders in memory read-only.
bool seal_mirrors(const std::vector<Mirror>& mirrors, int& at);

}  // namespace troupe::runtime
