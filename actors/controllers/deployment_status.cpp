#include <algorithm>
#include <limits>
#include <utility>

#include "actors/controllers/deployment_plan_internal.hpp"

namespace troupe::controllers {

bool DeploymentPlanner::has_deadline() const {
  return d_.progress_deadline && *d_.progress_deadline != std::numeric_limits<std::int32_t>::max();
}

bool DeploymentPlanner::complete(const DeploymentStatus& status) const {
  return status.updated == d_.replicas && status.replicas == d_.replicas && status.available == d_.replicas &&
         status.observed_generation >= d_.generation;
}

const DeploymentCondition* DeploymentPlanner::condition(const std::string& type) const {
  for (const auto& one : plan_.status.conditions) {
    if (one.type == type) return &one;
  }
  return nullptr;
}

void DeploymentPlanner::drop(const std::string& type) {
  std::erase_if(plan_.status.conditions, [&](const auto& one) { return one.type == type; });
}

/// One with the same status and reason stays as it is.
void DeploymentPlanner::set(DeploymentCondition next) {
  next.updated = next.transitioned = now_;
  if (const auto* current = condition(next.type); current != nullptr) {
    if (current->status == next.status && current->reason == next.reason) return;
    if (current->status == next.status) next.transitioned = current->transitioned;
  }
  drop(next.type);
  plan_.status.conditions.push_back(std::move(next));
}

void DeploymentPlanner::check_paused() {
  if (!has_deadline()) return;
  const auto* progressing = condition("Progressing");
  if (progressing != nullptr && progressing->reason == "ProgressDeadlineExceeded") return;
  const bool says_paused = progressing != nullptr && progressing->reason == "DeploymentPaused";
  if (d_.paused && !says_paused) {
    set({"Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", 0, 0});
  } else if (!d_.paused && says_paused) {
    set({"Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", 0, 0});
  }
}

void DeploymentPlanner::count() {
  DeploymentStatus& status = plan_.status;
  status.observed_generation = d_.generation;
  status.replicas = status.ready = status.available = 0;
  for (const auto* set : all()) {
    status.replicas += set->shown;
    status.ready += set->ready;
    status.available += set->available;
  }
  status.updated = new_ != nullptr ? new_->shown : 0;
  status.unavailable = std::max(0, asked(all()) - status.available);
  if (status.available >= d_.replicas - unavailable()) {
    set({"Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", 0, 0});
  } else {
    set({"Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", 0, 0});
  }
}

void DeploymentPlanner::progress() {
  if (!has_deadline()) return drop("Progressing");
  const DeploymentStatus& before = d_.status;
  const DeploymentStatus& status = plan_.status;
  const auto* current = condition("Progressing");
  if (current != nullptr && current->reason == "NewReplicaSetAvailable" && status.replicas == status.updated) return;
  const std::string subject = new_ != nullptr ? "ReplicaSet \"" + new_->name + "\"" : "Deployment \"" + d_.name + "\"";
  const bool moved = status.updated > before.updated ||
                     status.replicas - status.updated < before.replicas - before.updated ||
                     status.ready > before.ready || status.available > before.available;
  if (complete(status)) {
    return set({"Progressing", "True", "NewReplicaSetAvailable", subject + " has successfully progressed.", 0, 0});
  }
  if (moved) {
    DeploymentCondition next{"Progressing", "True", "ReplicaSetUpdated", subject + " is progressing.", now_, now_};
    if (current != nullptr && current->status == "True") next.transitioned = current->transitioned;
    drop("Progressing");
    plan_.status.conditions.push_back(std::move(next));
  } else if (current != nullptr && current->reason != "NewReplicaSetAvailable" &&
             (current->reason == "ProgressDeadlineExceeded" ||
              now_ > current->updated + std::int64_t{*d_.progress_deadline})) {
    return set({"Progressing", "False", "ProgressDeadlineExceeded", subject + " has timed out progressing.", 0, 0});
  }
  current = condition("Progressing");
  if (current != nullptr) plan_.wake_at = current->updated + *d_.progress_deadline + 1;
}

void DeploymentPlanner::report_failures() {
  const RevisionView* failing = new_ != nullptr && new_->failing ? new_ : nullptr;
  for (const auto* set : old_) {
    if (failing == nullptr && set->failing) failing = set;
  }
  if (failing == nullptr) return drop("ReplicaFailure");
  set({"ReplicaFailure", "True", failing->failure_reason, failing->failure_message, 0, 0});
}

void DeploymentPlanner::sync_status(bool rollout) {
  count();
  if (!rollout) return;
  progress();
  report_failures();
}

}  // namespace troupe::controllers
