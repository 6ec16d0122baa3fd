#include "daemon/port_news.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "actors/controllers/ports.hpp"
#include "kernel/registry.hpp"

namespace troupe::daemon {

void PortNews::wait(const std::string& actor, std::set<std::string> pods) {
  bool known = false;
  {
    const std::scoped_lock lock(mutex_);
    known = std::any_of(pods.begin(), pods.end(), [this](const auto& pod) { return network_.has_ports(pod); });
    if (pods.empty()) {
      waiting_.erase(actor);
    } else {
      waiting_.insert_or_assign(actor, std::move(pods));
    }
  }
  if (known) system_.registry().send(actor, kernel::make_local<controllers::Poke>());
}

void PortNews::came(const std::string& pod) {
  std::vector<std::string> actors;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [actor, pods] : waiting_) {
      if (pods.contains(pod)) actors.push_back(actor);
    }
  }
  for (const auto& actor : actors) system_.registry().send(actor, kernel::make_local<controllers::Poke>());
}

}  // namespace troupe::daemon
