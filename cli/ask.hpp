#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"

namespace troupe::cli {

/// What the Troupe of a data directory answers to GET `path`, asked as its administrator. kUnavailable: none has run
/// there, or it does not answer. kTimeout: it said nothing for as long as `patience`. kPermission: its certificates may
/// not be read.
Result<std::string> ask(const std::string& data_dir, const std::string& path,
                        std::chrono::seconds patience = std::chrono::seconds(10));

}  // namespace troupe::cli
