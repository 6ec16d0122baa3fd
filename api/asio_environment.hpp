#pragma once

#include <memory>

#include "api/environment.hpp"

namespace boost::asio {
class io_context;
}

namespace troupe::api {

/// The real world: the io_context's threads and timers, the system's clock and entropy. `io` outlives it.
std::unique_ptr<Environment> make_asio_environment(boost::asio::io_context& io);

}  // namespace troupe::api
