#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "kernel/actor.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {

/// Lets the kernel's own tests start actors without a supervisor.
struct KernelTestAccess {
  static SupervisorKey key() { return {}; }
};

namespace test {

class Scripted;

/// What a scripted actor does; what is not set does the default.
struct Script {
  std::function<Status(Scripted&)> init;
  std::function<bool(Scripted&, Envelope&)> receive;
  std::function<void(Scripted&, const ExitRequest&)> on_exit_request;
  std::function<void(Scripted&, const Down&)> on_down;
  std::function<void(Scripted&, const ChildStarted&)> on_child_started;
  std::function<void(Scripted&, const ChildExited&)> on_child_exited;
  std::function<void(Scripted&, const ExitReason&)> terminate;
};

/// An actor made of functions, with what actors can do made public.
class Scripted final : public Actor {
 public:
  explicit Scripted(Script script) : script_(std::move(script)) {}

  using Actor::after;
  using Actor::ask;
  using Actor::cancel;
  using Actor::defer_start;
  using Actor::demonitor;
  using Actor::id;
  using Actor::ignore_start;
  using Actor::monitor;
  using Actor::name;
  using Actor::now;
  using Actor::parent;
  using Actor::passivate;
  using Actor::quit;
  using Actor::random;
  using Actor::request;
  using Actor::self;
  using Actor::send;
  using Actor::send_exit;
  using Actor::start_done;
  using Actor::system;
  using Actor::trace;
  ActorRef spawn(Script script, SpawnOptions options = {}) {
    return Actor::spawn(KernelTestAccess::key(), factory(std::move(script)), std::move(options));
  }
  static ActorFactory factory(Script script) {
    return [script = std::move(script)] { return std::make_unique<Scripted>(script); };
  }

 protected:
  Status init() override { return script_.init ? script_.init(*this) : Status(); }
  bool receive(Envelope& envelope) override { return script_.receive && script_.receive(*this, envelope); }
  void on_exit_request(const ExitRequest& request) override {
    script_.on_exit_request ? script_.on_exit_request(*this, request) : quit(request.reason);
  }
  void on_down(const Down& down) override {
    if (script_.on_down) script_.on_down(*this, down);
  }
  void on_child_started(const ChildStarted& started) override {
    if (script_.on_child_started) script_.on_child_started(*this, started);
  }
  void on_child_exited(const ChildExited& exited) override {
    if (script_.on_child_exited) script_.on_child_exited(*this, exited);
  }
  void terminate(const ExitReason& reason) override {
    if (script_.terminate) script_.terminate(*this, reason);
  }

 private:
  Script script_;
};

/// Starts a scripted actor with no parent.
inline ActorRef start(System& system, Script script, SpawnOptions options = {}) {
  return system.start_root(KernelTestAccess::key(), Scripted::factory(std::move(script)), std::move(options));
}

/// Runs a function on its turn: how a test gets an actor to do something.
struct Call {
  std::function<void(Scripted&)> run;
};
inline AnyMsg call(std::function<void(Scripted&)> run) { return make_local<Call>(std::move(run)); }
inline bool run_call(Scripted& self, Envelope& envelope) {
  return match(envelope, [&](const Local<Call>& c) { c->run(self); });
}
/// Does nothing but what `call` says.
inline Script puppet() {
  Script script;
  script.receive = run_call;
  return script;
}

}  // namespace test
}  // namespace troupe::kernel
