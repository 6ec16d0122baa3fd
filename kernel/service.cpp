#include "kernel/service.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "kernel/system.hpp"

namespace troupe::kernel {
namespace {

struct ServiceStarted {
  Status status;
};
struct ServiceBroken {
  Error error;
};
struct ServiceStopped {};

/// How a start stands: its answer may come when the actor that asked was killed.
enum class Start : std::uint8_t { kPending, kUp, kFailed, kAbandoned };

class ServiceActor final : public Actor {
 public:
  explicit ServiceActor(Service& service) : service_(service) {}

 protected:
  Status init() override {
    defer_start();
    service_.start(
        [to = self(), at = &system(), state = start_, &service = service_](Status status) {
          Start expected = Start::kPending;
          if (state->compare_exchange_strong(expected, status ? Start::kUp : Start::kFailed)) {
            at->send(to, make_local<ServiceStarted>(std::move(status)));
          } else if (status) {
            service.stop([] {});
          }
        },
        [to = self(), at = &system()](Error error) { at->send(to, make_local<ServiceBroken>(std::move(error))); });
    return {};
  }

  bool receive(Envelope& envelope) override {
    return match(
        envelope, [this](const Local<ServiceStarted>& message) { started(message->status); },
        [this](const Local<ServiceBroken>& message) {
          if (up_ && !reason_) end_with(ExitReason::error(text(message->error)));
        },
        [this](const Local<ServiceStopped>&) {
          if (reason_) quit(*reason_);
        });
  }

  // Asked while it starts: what was begun is finished, then stopped.
  void on_exit_request(const ExitRequest& request) override {
    if (reason_) return;
    if (up_) return end_with(request.reason);
    reason_ = request.reason;
  }

  void terminate(const ExitReason&) override {
    Start pending = Start::kPending;
    const bool came_up = !start_->compare_exchange_strong(pending, Start::kAbandoned) && pending == Start::kUp;
    if (came_up && !told_to_stop_) service_.stop([] {});
  }

 private:
  static std::string text(const Error& error) { return std::string(to_string(error.code)) + ": " + error.message; }

  void started(const Status& status) {
    if (!status) return quit(reason_ ? *reason_ : ExitReason::error(text(status.error())));
    up_ = true;
    if (reason_) return end_with(*reason_);
    start_done();
  }

  void end_with(ExitReason reason) {
    reason_ = std::move(reason);
    told_to_stop_ = true;
    service_.stop([to = self(), at = &system()] { at->send(to, make_local<ServiceStopped>()); });
  }

  Service& service_;
  std::shared_ptr<std::atomic<Start>> start_ = std::make_shared<std::atomic<Start>>(Start::kPending);
  bool up_ = false;
  bool told_to_stop_ = false;
  std::optional<ExitReason> reason_;  ///< What it ends with when it has stopped.
};

}  // namespace

Child service(std::string id, Service& service) {
  return worker(std::move(id), ActorFactory([&service]() -> std::unique_ptr<Actor> {
                  return std::make_unique<ServiceActor>(service);
                }))
      .spawn_with([](const std::any&) {
        SpawnOptions options;
        options.type = "service";
        return options;
      });
}

}  // namespace troupe::kernel
