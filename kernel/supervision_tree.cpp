#include "kernel/supervision_tree.hpp"

namespace troupe::kernel {

namespace {

std::string line_of(const TreeNode& node) {
  std::string text = node.name;
  if (node.type == ChildType::kSupervisor) text += " (" + std::string(to_string(node.strategy)) + ")";
  if (node.state == ChildState::kStopped) text += ", stopped";
  if (node.state == ChildState::kRestarting) text += ", restarting";
  if (node.restarts > 0) text += ", " + std::to_string(node.restarts) + (node.restarts == 1 ? " restart" : " restarts");
  if (node.mailbox > 0) text += ", mailbox " + std::to_string(node.mailbox);
  if (!node.last_reason.empty()) text += ", last: " + node.last_reason;
  if (!node.note.empty()) text += ", " + node.note;
  return text;
}

void render(const TreeNode& node, const std::string& indent, std::string& out) {
  const std::size_t lines = node.children.size() + (node.omitted > 0 ? 1 : 0);
  for (std::size_t i = 0; i < lines; ++i) {
    const bool last = i + 1 == lines;
    out += indent + (last ? "└── " : "├── ");
    if (i == node.children.size()) {
      out += "… " + std::to_string(node.omitted) + " more\n";
      continue;
    }
    out += line_of(node.children[i]) + "\n";
    render(node.children[i], indent + (last ? "    " : "│   "), out);
  }
}

}  // namespace

std::string render_tree(const TreeNode& root) {
  std::string out = line_of(root) + "\n";
  render(root, "", out);
  return out;
}

}  // namespace troupe::kernel
