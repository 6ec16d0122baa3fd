#pragma once

#include <string>

#include "base/result.hpp"

namespace troupe::cli {

/// What the Troupe of a data directory answers to GET `path`, asked as its administrator. kUnavailable: none has run
/// there, or it does not answer. kPermission: its certificates may not be read.
Result<std::string> ask(const std::string& data_dir, const std::string& path);

}  // namespace troupe::cli
