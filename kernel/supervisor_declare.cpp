// How children are declared: the builder behind `worker(...)` and `supervisor(...)`.
#include "kernel/supervisor.hpp"

namespace troupe::kernel {

Child& Child::restart(Restart value) {
  spec_.restart = value;
  return *this;
}

Child& Child::significant(bool value) {
  spec_.significant = value;
  return *this;
}

Child& Child::shutdown(Shutdown value) {
  spec_.shutdown = value;
  return *this;
}

Child& Child::spawn_with(SpawnOptions options) {
  factory_->options = [options = std::move(options)](const std::any&) { return options; };
  return *this;
}

Child& Child::spawn_with(std::function<SpawnOptions(const std::any&)> options) {
  factory_->options = std::move(options);
  return *this;
}

Child& Child::made_by(std::function<std::unique_ptr<Actor>(const std::any&)> make) {
  factory_->make = std::move(make);
  return *this;
}

Child& Child::supervises(SupervisorSpec spec) {
  spec_.type = ChildType::kSupervisor;
  factory_->supervisor = std::make_shared<const SupervisorSpec>(std::move(spec));
  return *this;
}

/// Copies the factory: a child that is changed afterwards does not change specs that were made from it.
Child::operator ChildSpec() const {
  ChildSpec spec = spec_;
  spec.start = std::make_shared<const ActorChildFactory>(*factory_);
  return spec;
}

Child worker(std::string id, ActorFactory make) {
  return std::move(Child(std::move(id)).made_by([make = std::move(make)](const std::any&) { return make(); }));
}

Child supervisor(std::string id, SupervisorSpec spec) {
  if (spec.name.empty()) spec.name = id;
  return std::move(Child(std::move(id)).supervises(std::move(spec)));
}

}  // namespace troupe::kernel
