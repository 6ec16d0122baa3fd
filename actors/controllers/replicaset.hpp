#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/controllers/ports.hpp"

namespace troupe::controllers {

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A label selector; an empty one selects everything.
struct Selector {
  struct Requirement {
    std::string key;
    std::string op;  ///< In, NotIn, Exists, DoesNotExist.
    std::vector<std::string> values;
  };
  Labels match_labels;
  std::vector<Requirement> requirements;

  bool matches(const Labels& labels) const;
};

/// A pod in the ReplicaSet's namespace, as far as its count goes.
struct PodView {
  std::string name;
  std::string uid;
  Labels labels;
  std::string controller_uid;  ///< Of the owner reference with `controller: true`; empty: nobody's.
  std::string node_name;
  std::string phase;
  bool deleting = false;
  std::optional<Time> ready_since;  ///< Set while the pod is ready.
  Time created;
  std::int32_t restarts = 0;
  std::int64_t deletion_cost = 0;
};

struct ReplicaSetView {
  std::string uid;
  std::int64_t generation = 0;
  std::int32_t replicas = 1;
  std::chrono::seconds min_ready{0};
  Selector selector;
  Labels template_labels;
  bool deleting = false;
};

struct ReplicaSetStatus {
  std::int32_t replicas = 0;
  std::int32_t fully_labeled = 0;
  std::int32_t ready = 0;
  std::int32_t available = 0;
  std::int64_t observed_generation = 0;
  std::string failure_reason = {};  ///< FailedCreate, FailedDelete; empty: all went well.
  std::string failure_message = {};

  friend bool operator==(const ReplicaSetStatus&, const ReplicaSetStatus&) = default;
};

/// What to do for a ReplicaSet now.
struct ReplicaSetPlan {
  std::int32_t create = 0;           ///< New pods.
  std::vector<std::string> remove;   ///< Names of pods to delete, the least missed first.
  std::vector<std::string> adopt;    ///< Names of pods to take as own.
  std::vector<std::string> release;  ///< Names of own pods that the selector left.
  ReplicaSetStatus status;
  std::optional<Time> wake_at;  ///< When a ready pod becomes available.
};

/// At most this many pods are created or removed in one step.
inline constexpr std::int32_t kBurst = 500;

/// `expected`: pods that were asked for and are not seen yet; `removing`: own pods whose deletion was asked for and is
/// not seen yet. Both keep a late feed from making things twice.
ReplicaSetPlan reconcile(const ReplicaSetView& set, const std::vector<PodView>& pods, std::int32_t expected,
                         std::int32_t removing, Time now);

}  // namespace troupe::controllers
