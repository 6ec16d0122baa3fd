#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"

namespace troupe::cli {

/// What the Troupe of a data directory answers to GET `path`, asked as its administrator. kUnavailable: none has run
/// there, it does not answer, or it answers an error (whose message it is). kTimeout: it said nothing for as long as
/// `patience`. kPermission: its certificates may not be read.
Result<std::string> ask(const std::string& data_dir, const std::string& path,
                        std::chrono::seconds patience = std::chrono::seconds(10));

/// The same for a POST of `body`.
Result<std::string> order(const std::string& data_dir, const std::string& path, const std::string& body,
                          std::chrono::seconds patience = std::chrono::seconds(10));

}  // namespace troupe::cli
