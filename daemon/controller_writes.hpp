#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "actors/controllers/api_port.hpp"
#include "actors/controllers/ports.hpp"
#include "daemon/events.hpp"
#include "daemon/object_cache.hpp"
#include "daemon/objects.hpp"
#include "kernel/system.hpp"

namespace troupe::daemon {

/// The controllers' writes: creations and deletions through the API, as a client's; changes of what is there straight
/// into the store, under the condition that nobody wrote in between.
class ControllerWrites final : public controllers::Writes {
 public:
  /// All must outlive the System. `post` as in Objects.
  ControllerWrites(kernel::System& system, Objects& objects, EventRecorder& events, ObjectCache& cache,
                   controllers::ApiPort& api, Objects::Post post);
  ~ControllerWrites() override;
  /// From now on nothing is tried again, and answers are dropped.
  void close();

  void create(const std::string& actor, const controllers::ObjectName& name, controllers::Segment object,
              Done done) override;
  void update(const std::string& actor, const controllers::ObjectName& name, const std::string& uid, Change change,
              Done done) override;
  void remove(const std::string& actor, const controllers::ObjectName& name, const std::string& uid,
              Done done) override;
  bool settled(const std::string& actor) const override;
  void record(controllers::EventReport event) override;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace troupe::daemon
