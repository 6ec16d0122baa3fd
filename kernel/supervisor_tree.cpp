// How a supervisor answers for the tree below it.
#include "kernel/supervisor.hpp"

namespace troupe::kernel {

/// Collects the answers of the child supervisors; replies when the last one is in.
struct Supervisor::TreeAnswer {
  TreeNode node;
  Promise promise;
  std::size_t waiting = 0;

  void settle() {
    if (waiting == 0) promise.fulfil(make_local<TreeNode>(std::move(node)));
  }
};

TreeNode Supervisor::own_node(const TreeQuery& query) const {
  TreeNode node;
  node.name = name();
  node.type = ChildType::kSupervisor;
  node.strategy = spec_->flags.strategy;
  node.mailbox = self().mailbox_depth();
  for (const ChildInfo& info : core_->children()) {
    if (node.children.size() >= query.max_children) {
      ++node.omitted;
      continue;
    }
    TreeNode child;
    const Living* living = living_.find(info.instance);
    child.name = living != nullptr ? living->actor.name() : name() + "/" + info.id;
    child.type = info.type;
    child.state = info.state;
    child.restarts = info.restarts;
    if (living != nullptr) child.mailbox = living->actor.mailbox_depth();
    if (info.last_reason.kind != ExitReason::Kind::kNormal || info.restarts > 0) {
      child.last_reason = describe(info.last_reason);
    }
    node.children.push_back(std::move(child));
  }
  return node;
}

void Supervisor::answer_tree(const TreeQuery& query, Promise promise) {
  auto answer = std::make_shared<TreeAnswer>();
  answer->node = own_node(query);
  answer->promise = std::move(promise);
  const auto infos = core_->children();
  answer->waiting = 1;  // this function itself, so that nothing settles before all are asked
  for (std::size_t i = 0; i < answer->node.children.size(); ++i) {
    const Living* living = living_.find(infos[i].instance);
    if (infos[i].type != ChildType::kSupervisor || living == nullptr) continue;
    ++answer->waiting;
    TreeQuery below = query;
    below.patience = query.patience * 3 / 4;  // theirs ends before ours, so that a part of the tree is no gap
    ask<Local<TreeNode>>(living->actor, make_local<TreeQuery>(below), query.patience,
                         [answer, i](Result<Local<TreeNode>> result) {
                           TreeNode& mine = answer->node.children[i];
                           if (result) {
                             mine.strategy = (*result)->strategy;
                             mine.children = (*result)->children;
                             mine.omitted = (*result)->omitted;
                           } else {
                             mine.note = "no answer";
                           }
                           --answer->waiting;
                           answer->settle();
                         });
  }
  --answer->waiting;
  answer->settle();
}

}  // namespace troupe::kernel
