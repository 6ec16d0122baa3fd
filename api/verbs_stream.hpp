#pragma once

#include "api/streaming/node_streams.hpp"
#include "api/verbs.hpp"

/// Verbs that reach the node where a pod runs.
namespace troupe::api {

/// pods/NAME/exec: the connection becomes the streams of a command beside the container's process.
void exec_in_pod(const CallPtr& call, NodeStreams& node);

/// pods/NAME/attach: the connection becomes the streams of the container's own process.
void attach_to_pod(const CallPtr& call, NodeStreams& node);

/// pods/NAME/portforward: the connection becomes many, to ports of the pod.
void forward_ports(const CallPtr& call, NodeStreams& node);

/// NAME/proxy/PATH of pods, services and nodes: the request goes to a port of a pod's, and its answer comes back.
void proxy(const CallPtr& call, NodeStreams& node);

/// nodes and pods of metrics.k8s.io.
void read_metrics(const CallPtr& call, NodeStreams& node);

}  // namespace troupe::api
