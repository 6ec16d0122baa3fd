#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/controllers/api_port.hpp"
#include "actors/controllers/object_feed.hpp"
#include "kernel/supervisor.hpp"

namespace troupe::controllers {

/// What is left in a namespace that is being deleted.
struct Remaining {
  std::map<std::string, std::size_t> resources;   ///< "pods." (resource, dot, group) → objects.
  std::map<std::string, std::size_t> finalizers;  ///< Finalizer → objects.
  std::string failure;                            ///< Why something could not be deleted; empty: all could be asked.
};

struct NamespaceCondition {
  std::string type;
  bool is_true = false;
  std::string reason;
  std::string message;
};

/// The conditions that a namespace shows while it goes away, as Kubernetes words them.
std::vector<NamespaceCondition> conditions_of(const Remaining& remaining);

/// Its API object (JSON) with these conditions, `now` (RFC 3339) as the transition time of those that changed; empty
/// when it shows them already, or cannot be read.
std::string with_conditions(const std::string& object, const std::vector<NamespaceCondition>& conditions,
                            const std::string& now);

/// Its API object without the finalizer "kubernetes" in its spec; empty when it has none.
std::string without_kubernetes_finalizer(const std::string& object);

/// The namespace controller as a child of a supervisor: empties namespaces that are being deleted, pods first (as
/// Kubernetes since 1.34, so that network policies outlive the pods that they guard), then everything else; then takes
/// the finalizer "kubernetes" away. Feed and API must outlive the System.
kernel::ChildSpec namespace_controller_child(ObjectFeed& feed, ApiPort& api);

}  // namespace troupe::controllers
