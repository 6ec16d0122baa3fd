#include "actors/controllers/replicaset.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::controllers {
namespace {

bool is_active(const PodView& pod) { return !pod.deleting && pod.phase != "Succeeded" && pod.phase != "Failed"; }

int phase_rank(const std::string& phase) { return phase == "Running" ? 2 : phase == "Unknown" ? 1 : 0; }

/// What is removed first sorts first: not placed, not running, not ready, cheap, ready for a short time, often
/// restarted, young.
auto removal_rank(const PodView& pod) {
  const auto ready_since = pod.ready_since.value_or(Time::max()).time_since_epoch().count();
  return std::make_tuple(!pod.node_name.empty(), phase_rank(pod.phase), pod.ready_since.has_value(), pod.deletion_cost,
                         -ready_since, -pod.restarts, -pod.created.time_since_epoch().count(), pod.name);
}

}  // namespace

bool Selector::matches(const Labels& labels) const {
  for (const auto& [key, value] : match_labels) {
    const auto found = labels.find(key);
    if (found == labels.end() || found->second != value) return false;
  }
  return std::all_of(requirements.begin(), requirements.end(), [&](const Requirement& one) {
    const auto found = labels.find(one.key);
    const bool there = found != labels.end();
    const bool listed = there && std::find(one.values.begin(), one.values.end(), found->second) != one.values.end();
    if (one.op == "In") return listed;
    if (one.op == "NotIn") return !listed;
    if (one.op == "Exists") return there;
    return one.op == "DoesNotExist" && !there;
  });
}

ReplicaSetPlan reconcile(const ReplicaSetView& set, const std::vector<PodView>& pods, std::int32_t expected,
                         std::int32_t removing, Time now) {
  ReplicaSetPlan plan;
  std::vector<const PodView*> own;
  for (const auto& pod : pods) {
    const bool selected = set.selector.matches(pod.labels);
    if (pod.controller_uid == set.uid) {
      if (selected) {
        if (is_active(pod)) own.push_back(&pod);
      } else if (!pod.deleting && !set.deleting) {
        plan.release.push_back(pod.name);
      }
    } else if (pod.controller_uid.empty() && selected && is_active(pod) && !set.deleting) {
      plan.adopt.push_back(pod.name);
      own.push_back(&pod);
    }
  }
  plan.status.replicas = static_cast<std::int32_t>(own.size());
  plan.status.observed_generation = set.generation;
  for (const PodView* pod : own) {
    const bool full = std::all_of(set.template_labels.begin(), set.template_labels.end(), [&](const auto& label) {
      const auto found = pod->labels.find(label.first);
      return found != pod->labels.end() && found->second == label.second;
    });
    plan.status.fully_labeled += full ? 1 : 0;
    if (!pod->ready_since) continue;
    ++plan.status.ready;
    const Time available_at = *pod->ready_since + set.min_ready;
    if (available_at <= now) {
      ++plan.status.available;
    } else if (!plan.wake_at || available_at < *plan.wake_at) {
      plan.wake_at = available_at;
    }
  }
  if (set.deleting) return plan;
  const std::int32_t surplus = plan.status.replicas + expected - removing - std::max(set.replicas, 0);
  if (surplus < 0) plan.create = std::min(-surplus, kBurst);
  // Nothing is removed while earlier wishes are under way: which pods are there is not known well enough.
  if (surplus <= 0 || expected > 0 || removing > 0) return plan;
  std::sort(own.begin(), own.end(), [](const auto* a, const auto* b) { return removal_rank(*a) < removal_rank(*b); });
  const auto count = static_cast<std::size_t>(std::min(surplus, kBurst));
  for (std::size_t i = 0; i < count; ++i) plan.remove.push_back(own[i]->name);
  return plan;
}

}  // namespace troupe::controllers
