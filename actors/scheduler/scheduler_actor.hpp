#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "actors/scheduler/model.hpp"
#include "base/result.hpp"
#include "kernel/supervisor.hpp"

namespace troupe::scheduler {

inline constexpr std::string_view kSchedulerKey = "scheduler";
inline constexpr std::string_view kSchedulerName = "default-scheduler";

// The scheduler's messages; plain structs, inside one process.

/// feed → scheduler: a pod or node is there or has changed. No answer.
struct PodSeen {
  std::shared_ptr<const PodInfo> pod;
};
struct NodeSeen {
  std::shared_ptr<const NodeInfo> node;
};
/// feed → scheduler: its object is gone. No answer.
struct PodLost {
  std::string uid;
};
struct NodeLost {
  std::string name;
};
/// feed → scheduler: everything that exists has been sent; nothing is placed before. No answer.
struct FeedSynced {};

/// Called once, on any thread. kNotFound, kConflict: the pod is gone or placed already: the feed will tell.
using Done = std::function<void(Status)>;

/// What the scheduler does to the world.
class Binder {
 public:
  virtual ~Binder() = default;
  /// The scheduler is up (again): send it everything, then news.
  virtual void attach(kernel::ActorRef scheduler) = 0;
  /// Sets spec.nodeName and the condition PodScheduled, if the pod has this uid and no node.
  virtual void bind(const PodInfo& pod, std::string node, Done done) = 0;
  /// Sets the condition PodScheduled to False (Unschedulable) and records a FailedScheduling event. Best effort.
  virtual void report_unschedulable(const PodInfo& pod, std::string message) = 0;
};

/// The scheduler as a child of a supervisor. `binder` must outlive the System.
kernel::ChildSpec scheduler_child(Binder& binder);

}  // namespace troupe::scheduler
