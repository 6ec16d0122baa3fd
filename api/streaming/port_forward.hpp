#pragma once

#include <memory>
#include <string>

#include "api/call.hpp"
#include "api/streaming/client_link.hpp"
#include "api/streaming/node_streams.hpp"

namespace troupe::api {

/// Whose ports are forwarded to.
struct ForwardTarget {
  std::string uid;
  std::string pod_name;
};

/// Switches the client's connection with the answer `head`; from then on each pair of its streams (data, error) is a
/// connection to a port of the pod. Lives until the client goes.
void run_port_forward(const std::shared_ptr<Call>& call, net::HttpResponse head, ClientLink::Form form,
                      NodeStreams& node, ForwardTarget target);

}  // namespace troupe::api
