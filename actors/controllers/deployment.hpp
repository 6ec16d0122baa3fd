#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/controllers/replicaset.hpp"

/// What a Deployment does with its ReplicaSets, one for each revision of its template, in Kubernetes' way.
namespace troupe::controllers {

inline constexpr const char* kRevisionAnnotation = "deployment.kubernetes.io/revision";
inline constexpr const char* kHistoryAnnotation = "deployment.kubernetes.io/revision-history";
inline constexpr const char* kDesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
inline constexpr const char* kMaxAnnotation = "deployment.kubernetes.io/max-replicas";
inline constexpr const char* kHashLabel = "pod-template-hash";

/// A number, or so many per cent of the replicas.
struct Share {
  std::int32_t value = 0;
  bool percent = false;

  std::int32_t of(std::int32_t replicas, bool round_up) const;
};

struct DeploymentCondition {
  std::string type;    ///< Progressing, Available, ReplicaFailure.
  std::string status;  ///< True, False, Unknown.
  std::string reason;
  std::string message;
  std::int64_t updated = 0;       ///< Seconds since 1970.
  std::int64_t transitioned = 0;  ///< Seconds since 1970.

  friend bool operator==(const DeploymentCondition&, const DeploymentCondition&) = default;
};

struct DeploymentStatus {
  std::int64_t observed_generation = 0;
  std::int32_t replicas = 0;
  std::int32_t updated = 0;
  std::int32_t ready = 0;
  std::int32_t available = 0;
  std::int32_t unavailable = 0;
  std::int32_t collisions = 0;
  std::vector<DeploymentCondition> conditions;

  friend bool operator==(const DeploymentStatus&, const DeploymentStatus&) = default;
};

struct DeploymentView {
  std::string name;
  std::string uid;
  std::int64_t generation = 0;
  bool deleting = false;
  bool paused = false;
  bool recreate = false;
  std::int32_t replicas = 1;
  Share max_surge{25, true};
  Share max_unavailable{25, true};
  std::int32_t min_ready = 0;
  std::optional<std::int32_t> history_limit;
  std::optional<std::int32_t> progress_deadline;  ///< Seconds; nothing or the largest number: none.
  Selector selector;
  std::string template_key;   ///< Equal for equal templates, without the hash label.
  std::string template_hash;  ///< Of the template and the count of collisions: names the ReplicaSet.
  Labels annotations;
  DeploymentStatus status;
};

/// A ReplicaSet of the Deployment.
struct RevisionView {
  std::string name;
  std::string uid;
  std::string controller_uid;
  Labels labels;
  Labels annotations;
  std::string template_key;
  std::int64_t created = 0;  ///< Seconds since 1970.
  std::int64_t generation = 0;
  bool deleting = false;
  std::int32_t replicas = 0;  ///< Asked for.
  std::int32_t min_ready = 0;
  std::int64_t observed_generation = 0;
  std::int32_t shown = 0;  ///< That there are, by its status.
  std::int32_t ready = 0;
  std::int32_t available = 0;
  bool failing = false;  ///< ReplicaFailure is True, with this
  std::string failure_reason;
  std::string failure_message;
};

struct NewRevision {
  std::string name;
  std::string hash;
  std::int32_t replicas = 0;
  Labels annotations;
  std::string event;  ///< ScalingReplicaSet, once it is made; empty: none.
};

/// What becomes of one ReplicaSet; what is not set stays.
struct RevisionChange {
  std::string name;
  std::string uid;
  std::optional<std::int32_t> replicas;
  std::optional<std::int32_t> min_ready;
  Labels annotations;  ///< To set.
  std::string event;   ///< ScalingReplicaSet, once it is made; empty: none.
};

/// What to do for a Deployment now. After it was done (all of it or a part), plan again.
struct DeploymentPlan {
  std::vector<std::string> adopt;    ///< Names of ReplicaSets.
  std::vector<std::string> release;  ///< Names of ReplicaSets.
  std::optional<NewRevision> create;
  std::vector<RevisionChange> change;
  std::vector<std::string> remove;      ///< Old ReplicaSets over the limit, by name.
  std::string revision;                 ///< The Deployment's annotation, when it has to change.
  DeploymentStatus status;              ///< With the conditions of now.
  std::optional<std::int64_t> wake_at;  ///< Seconds since 1970: when the progress deadline passes.
};

/// `sets`: every ReplicaSet of the namespace that the Deployment controls or might adopt. `old_pods`: pods of its old
/// ReplicaSets that have not ended yet (only Recreate asks). `now` in seconds since 1970.
DeploymentPlan plan_deployment(const DeploymentView& deployment, std::vector<RevisionView> sets, std::int32_t old_pods,
                               std::int64_t now);

}  // namespace troupe::controllers
