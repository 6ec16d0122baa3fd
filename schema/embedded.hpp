#pragma once

#include <cstddef>
#include <span>

namespace troupe::schema {

/// The description of schema/*.capnp as `capnp compile -o-` gives it, aligned to 8 bytes, in the program's read-only
/// part.
std::span<const std::byte> embedded_api_schema();

}  // namespace troupe::schema
