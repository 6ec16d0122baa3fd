#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"
#include "daemon/objects.hpp"

namespace troupe::daemon {

/// What the process knows about itself.
struct StatusFacts {
  std::string version;
  std::string address;  ///< "127.0.0.1:6443"
  std::chrono::system_clock::time_point started;
};

/// One screen about this kernel as JSON, which `troupe status` asks for at "/troupe/status": version, address, uptime,
/// nodes, pods by phase, restarts, the store's sizes. Reads all pods and nodes, on the caller's thread. The store's
/// errors.
Result<std::string> status_page(const Objects& objects, const StatusFacts& facts,
                                std::chrono::system_clock::time_point now);

}  // namespace troupe::daemon
