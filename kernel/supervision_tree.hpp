#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernel/supervisor_core.hpp"

namespace troupe::kernel {

/// One actor in a snapshot of the supervision tree.
struct TreeNode {
  std::string name = {};
  ChildType type = ChildType::kWorker;
  ChildState state = ChildState::kRunning;
  Strategy strategy = Strategy::kOneForOne;  ///< Of a supervisor.
  std::uint32_t restarts = 0;
  std::size_t mailbox = 0;       ///< Data messages that wait.
  std::string last_reason = {};  ///< Of its last end, with the chain behind it; empty when it never ended.
  std::vector<TreeNode> children = {};
  std::size_t omitted = 0;  ///< Children left out of this snapshot, over its limit.
  std::string note = {};    ///< "no answer" for a supervisor that did not answer in time.
};

/// The tree as text, one actor a line:
///
///     root (one_for_one)
///     ├── store
///     └── controllers (rest_for_one), 2 restarts, last: error: boom
///         └── web, restarting, mailbox 3
std::string render_tree(const TreeNode& root);

}  // namespace troupe::kernel
