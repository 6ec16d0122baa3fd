#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "kernel/system.hpp"
#include "net/pod_network.hpp"

namespace troupe::daemon {

/// Wakes the controllers' actors that wait until the real ports of pods are known. Any thread.
class PortNews {
 public:
  /// Both must outlive it.
  PortNews(kernel::System& system, const net::PodNetwork& network) : system_(system), network_(network) {}

  /// From now on the actor of this registry key waits for these pods (by uid) and no others: it gets a Poke when the
  /// ports of one of them get known, or are already.
  void wait(const std::string& actor, std::set<std::string> pods);
  /// The ports of a pod are known.
  void came(const std::string& pod);

 private:
  kernel::System& system_;
  const net::PodNetwork& network_;
  std::mutex mutex_;
  std::map<std::string, std::set<std::string>> waiting_;  ///< Pods by actor; no actor without any.
};

}  // namespace troupe::daemon
