#pragma once

#include "daemon/objects.hpp"
#include "kernel/supervision_tree.hpp"

namespace troupe::daemon {

/// Shows below a pod's actor ("pod UID" in the tree) what the stored pod tells: its name as a note, and each container
/// as a child: its state, its restarts, why it ended last and its last words. A pod that does not read: nothing.
void show_pod(SegmentView pod, kernel::TreeNode& actor);

/// The same for every pod's actor of a tree. Reads all pods, on the caller's thread; what the store refuses is not
/// shown.
void show_pods(const Objects& objects, kernel::TreeNode& tree);

}  // namespace troupe::daemon
