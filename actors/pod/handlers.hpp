#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "actors/pod/pod_actor.hpp"
#include "actors/pod/probe.hpp"

namespace troupe::pod {

/// What a probe's or hook's action came to.
struct HandlerAnswer {
  ProbeAnswer answer = ProbeAnswer::kUnknown;
  std::string message;  ///< As the kubelet words it: output, or why it failed.
};

/// What a gRPC health check's answer means; `address` is "HOST:PORT".
HandlerAnswer judge_grpc(const GrpcAnswer& answer, const std::string& address, std::chrono::milliseconds timeout);

/// Runs an action for the container's newest run. `done` is called once, on any thread. Not for kSleep.
void run_handler(const PodDeps& deps, const PodSpec& spec, const PodState& state, std::size_t container,
                 const Handler& handler, std::chrono::milliseconds timeout, std::function<void(HandlerAnswer)> done);

}  // namespace troupe::pod
