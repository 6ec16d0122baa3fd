#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::scheduler {

/// Amounts by resource: cpu in thousandths, everything else in whole units.
using Amounts = std::map<std::string, std::int64_t>;

struct Taint {
  std::string key;
  std::string value;
  std::string effect;  ///< NoSchedule, PreferNoSchedule, NoExecute.

  friend bool operator==(const Taint&, const Taint&) = default;
};

struct Toleration {
  std::string key;  ///< Empty with Exists: every taint.
  bool exists = false;
  std::string value;
  std::string effect;  ///< Empty: every effect.

  friend bool operator==(const Toleration&, const Toleration&) = default;
};

/// One requirement on a label or, in `fields`, on metadata.name.
struct Requirement {
  std::string key;
  std::string op;  ///< In, NotIn, Exists, DoesNotExist, Gt, Lt.
  std::vector<std::string> values;

  friend bool operator==(const Requirement&, const Requirement&) = default;
};

/// All of its requirements must hold; a term without any holds nowhere.
struct NodeTerm {
  std::vector<Requirement> expressions;
  std::vector<Requirement> fields;

  friend bool operator==(const NodeTerm&, const NodeTerm&) = default;
};

struct HostPort {
  std::int32_t port = 0;
  std::string protocol;
  std::string ip;  ///< Empty: all addresses.

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// A pod as far as placing it goes.
struct PodInfo {
  std::string ns;
  std::string name;
  std::string uid;
  std::string node_name;  ///< Empty: not placed.
  std::string scheduler_name;
  std::int32_t priority = 0;
  std::int64_t created = 0;  ///< Seconds since 1970.
  bool finished = false;     ///< Succeeded or Failed: it takes no room.
  bool deleting = false;
  bool gated = false;  ///< schedulingGates are left.
  Amounts requests;
  std::vector<HostPort> ports;
  std::map<std::string, std::string> selector;
  /// Required node affinity: one of the terms must hold; absent: everywhere.
  std::optional<std::vector<NodeTerm>> affinity;
  std::vector<Toleration> tolerations;

  friend bool operator==(const PodInfo&, const PodInfo&) = default;
};

struct NodeInfo {
  std::string name;
  std::map<std::string, std::string> labels;
  bool unschedulable = false;
  bool ready = false;
  std::vector<Taint> taints;
  Amounts allocatable;  ///< With "pods": how many.

  friend bool operator==(const NodeInfo&, const NodeInfo&) = default;
};

}  // namespace troupe::scheduler
