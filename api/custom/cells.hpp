#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "api/custom/version.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api::custom {

/// One cell of a Table as JSON: what the column's path leads to, null where it leads nowhere.
void append_cell(std::string& out, const Version& version, std::size_t column, const schema::Node& object,
                 std::chrono::system_clock::time_point now);

}  // namespace troupe::api::custom
