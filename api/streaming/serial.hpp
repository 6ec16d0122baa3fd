#pragma once

#include "net/serial.hpp"

namespace troupe::api {

using net::Serial;

}  // namespace troupe::api
