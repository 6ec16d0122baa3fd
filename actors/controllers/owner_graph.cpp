#include "actors/controllers/owner_graph.hpp"

#include <algorithm>
#include <utility>

namespace troupe::controllers {
namespace {

constexpr std::string_view kForeground = "foregroundDeletion";
constexpr std::string_view kOrphan = "orphan";
/// Objects looked at to find a circle of waiting.
constexpr std::size_t kMaxCircle = 1000;

std::string key_of(const Identity& identity) {
  return std::to_string(identity.resource) + '/' + identity.ns + '/' + identity.name + '/' + identity.uid;
}

}  // namespace

Identity identity_of(const ObjectMeta& object) { return {object.resource, object.ns, object.name, object.uid}; }

std::optional<Identity> resolve(const Catalogue& catalogue, const ObjectMeta& object, const OwnerLink& owner) {
  const auto resource = catalogue.find_kind(owner.api_version, owner.kind);
  if (!resource) return std::nullopt;
  const bool namespaced = catalogue[*resource].namespaced;
  if (namespaced && object.ns.empty()) return std::nullopt;
  return Identity{*resource, namespaced ? object.ns : std::string(), owner.name, owner.uid};
}

void OwnerGraph::clear() {
  ids_.clear();
  nodes_.clear();
  queue_.clear();
}

OwnerGraph::Id OwnerGraph::node_of(const Identity& identity) {
  const auto [found, is_new] = ids_.try_emplace(key_of(identity), next_);
  if (is_new) {
    nodes_[next_].identity = identity;
    enqueue(next_++);
  }
  return found->second;
}

void OwnerGraph::see(const ObjectMeta& object) {
  const bool foreground = object.deleting && object.has_finalizer(kForeground);
  const bool orphan = object.deleting && object.has_finalizer(kOrphan);
  const auto known = ids_.find(key_of(identity_of(object)));
  if (known == ids_.end() && object.owners.empty() && !foreground && !orphan) return;
  const bool is_new = known == ids_.end();
  const Id id = is_new ? node_of(identity_of(object)) : known->second;
  const bool changed = relink(id, object);
  Node& node = nodes_.at(id);
  const bool starts = (foreground && !node.foreground) || (orphan && !node.orphan);
  node.observed = true;
  node.foreground = foreground;
  node.orphan = orphan;
  if (starts) enqueue_dependents(node);
  if (is_new || changed || starts) enqueue(id);
  drop_if_unused(id);
}

void OwnerGraph::lose(const Identity& object) {
  const auto found = ids_.find(key_of(object));
  if (found == ids_.end()) return;
  const Id id = found->second;
  Node& node = nodes_.at(id);
  const auto owners = std::exchange(node.owners, {});
  disconnect(id, owners);
  enqueue_dependents(node);
  node.observed = node.foreground = node.orphan = false;
  for (const Edge& edge : owners) drop_if_unused(edge.owner);
  drop_if_unused(id);  // not while objects name it: looking at them may fail, and is to be done again
}

/// The edges to the owners that the object names; true when they changed.
bool OwnerGraph::relink(Id id, const ObjectMeta& object) {
  std::vector<Edge> edges;
  for (const OwnerLink& owner : object.owners) {
    const auto identity = resolve(catalogue_, object, owner);
    if (!identity) continue;
    const Id to = node_of(*identity);
    if (to != id) edges.push_back({to, owner.block_owner_deletion});
  }
  if (edges == nodes_.at(id).owners) return false;
  const auto old = std::exchange(nodes_.at(id).owners, edges);
  disconnect(id, old);
  for (const Edge& edge : edges) {
    Node& owner = nodes_.at(edge.owner);
    if (owner.dependents.insert(id).second && edge.blocks) ++owner.blocking;
  }
  for (const Edge& edge : old) drop_if_unused(edge.owner);
  return true;
}

/// Takes edges away; owners that wait for their dependents are looked at again.
void OwnerGraph::disconnect(Id id, const std::vector<Edge>& edges) {
  for (const Edge& edge : edges) {
    Node& owner = nodes_.at(edge.owner);
    if (owner.dependents.erase(id) == 0) continue;
    if (edge.blocks) --owner.blocking;
    if (owner.foreground || owner.orphan) enqueue(edge.owner);
  }
}

/// A node without edges says nothing, unless it waits for its dependents.
void OwnerGraph::drop_if_unused(Id id) {
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) return;
  const Node& node = found->second;
  if (!node.owners.empty() || !node.dependents.empty() || node.foreground || node.orphan || node.taken) return;
  ids_.erase(key_of(node.identity));
  nodes_.erase(id);
}

void OwnerGraph::enqueue_dependents(const Node& node) {
  for (const Id dependent : node.dependents) enqueue(dependent);
}

void OwnerGraph::enqueue(Id id) {
  const auto found = nodes_.find(id);
  if (found == nodes_.end() || found->second.queued) return;
  if (found->second.taken) {
    found->second.again = true;
    return;
  }
  found->second.queued = true;
  queue_.push_back(id);
}

std::optional<OwnerGraph::Id> OwnerGraph::take() {
  while (!queue_.empty()) {
    const Id id = queue_.front();
    queue_.pop_front();
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) continue;
    found->second.queued = false;
    found->second.taken = true;
    return id;
  }
  return std::nullopt;
}

void OwnerGraph::release(Id id) {
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) return;
  found->second.taken = false;
  if (std::exchange(found->second.again, false)) return enqueue(id);
  drop_if_unused(id);
}

bool OwnerGraph::waits_for_itself(Id id) const {
  std::set<Id> visited;
  std::vector<Id> open{id};
  while (!open.empty() && visited.size() < kMaxCircle) {
    const Node& node = nodes_.at(open.back());
    open.pop_back();
    for (const Id dependent : node.dependents) {
      if (dependent == id) return true;
      if (nodes_.at(dependent).foreground && visited.insert(dependent).second) open.push_back(dependent);
    }
  }
  return false;
}

namespace {

/// Of an object that is not being deleted.
GarbageDecision decide_living(const ObjectMeta& object, const std::vector<OwnerState>& owners,
                              const DependentsView& dependents) {
  GarbageDecision decision;
  std::size_t solid = 0;
  std::size_t waiting = 0;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const OwnerState& owner = owners[i];
    if (owner.kind == OwnerState::Kind::kUnknown) return {};
    if (owner.kind == OwnerState::Kind::kSolid) ++solid;
    if (owner.kind == OwnerState::Kind::kWaiting) ++waiting;
    if (owner.kind != OwnerState::Kind::kSolid || owner.orphans) decision.uids.push_back(object.owners[i].uid);
  }
  if (solid != 0) {
    if (!decision.uids.empty()) decision.kind = GarbageDecision::Kind::kDropOwners;
    return decision;
  }
  decision.uids.clear();
  decision.kind = GarbageDecision::Kind::kDelete;
  if (waiting != 0 && dependents.count != 0) {
    decision.propagation = "Foreground";
    if (dependents.circle) decision.kind = GarbageDecision::Kind::kUnblockAndDelete;
  } else if (object.has_finalizer(kOrphan)) {
    decision.propagation = "Orphan";
  } else {
    decision.propagation = object.has_finalizer(kForeground) ? "Foreground" : "Background";
  }
  return decision;
}

}  // namespace

GarbageDecision decide_garbage(const ObjectMeta& object, const std::vector<OwnerState>& owners,
                               const DependentsView& dependents) {
  GarbageDecision decision;
  if (!object.deleting) {
    if (object.owners.empty()) return {};
    return decide_living(object, owners, dependents);
  }
  const auto finish = [&](std::string_view finalizer) {
    decision.kind = GarbageDecision::Kind::kRemoveFinalizer;
    decision.finalizer = finalizer;
    return decision;
  };
  if (object.has_finalizer(kOrphan) && dependents.count == 0) return finish(kOrphan);
  if (object.has_finalizer(kForeground) && dependents.blocking == 0) return finish(kForeground);
  if (object.has_finalizer(kForeground) && dependents.circle) {
    decision.kind = GarbageDecision::Kind::kUnblock;
    return decision;
  }
  // Being deleted, and still the dependent of one that lets its dependents go free: it must not be waited for.
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (owners[i].orphans) decision.uids.push_back(object.owners[i].uid);
  }
  if (!decision.uids.empty()) decision.kind = GarbageDecision::Kind::kDropOwners;
  return decision;
}

}  // namespace troupe::controllers
