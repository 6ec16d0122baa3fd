#pragma once

#include <memory>

#include "api/call.hpp"
#include "api/streaming/node_streams.hpp"
#include "api/streaming/proxy_rules.hpp"

namespace troupe::api {

/// Sends the request to the target's port by HTTP/1.1, on a connection of its own, and its answer to the client: as it
/// comes, as fast as the client takes it. When the pod switches the protocol, the two connections are joined. Lives
/// until the end of the answer or of either side.
void run_proxy(const std::shared_ptr<Call>& call, NodeStreams& node, ProxyTarget target);

/// `error trying to reach service: WHY`
ApiError unreachable(const std::string& why);

}  // namespace troupe::api
