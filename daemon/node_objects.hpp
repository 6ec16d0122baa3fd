#pragma once

#include "actors/pod/outside.hpp"
#include "daemon/objects.hpp"

namespace troupe::daemon {

/// ConfigMaps, Secrets and Services for the node half's pods, from this process' store.
class StoreObjectSource final : public pod::ObjectSource {
 public:
  /// Must outlive it.
  explicit StoreObjectSource(Objects& objects) : objects_(objects) {}

  void data(pod::EnvVar::Source kind, std::string ns, std::string name,
            std::function<void(Result<pod::ObjectData>)> done) override;
  void services(std::string ns, std::function<void(Result<std::vector<pod::ServiceFacts>>)> done) override;

 private:
  void list_services(const std::string& ns, const std::string& only,
                     std::function<void(Result<std::vector<pod::ServiceFacts>>)> done);

  Objects& objects_;
};

}  // namespace troupe::daemon
