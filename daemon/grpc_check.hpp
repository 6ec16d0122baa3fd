#pragma once

#include <chrono>
#include <functional>

#include "actors/pod/outside.hpp"

namespace boost::asio {
class io_context;
}

namespace troupe::daemon {

/// Connects, makes the call and closes. `done` is called once, on a thread of `io`, no later than the timeout.
void check_grpc(boost::asio::io_context& io, pod::GrpcCheck check, std::chrono::milliseconds timeout,
                std::function<void(pod::GrpcAnswer)> done);

}  // namespace troupe::daemon
