// A small supervised system with injected crashes, in deterministic mode: the seed decides everything.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "kernel/random.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {
namespace {

using namespace std::chrono_literals;

struct Rumour {};

constexpr int kGossips = 4;

std::string key_of(std::uint64_t number) { return "gossip/" + std::to_string(number); }

// Passes rumours on, at once or later, asks others, and crashes by chance: in a handler, in a timer, in init.
class Gossip final : public Actor {
 protected:
  Status init() override {
    if (random().below(40) == 0) throw std::runtime_error("injected in init");
    later();
    return {};
  }
  bool receive(Envelope& envelope) override {
    if (envelope.is_request()) {
      envelope.reply(make_local<Rumour>());
      return true;
    }
    const auto what = random().below(12);
    if (what == 0) throw std::runtime_error("injected");
    if (what == 1) quit(ExitReason::normal());
    if (what < 4) request(someone(), make_local<Rumour>(), 5ms, [](const Result<AnyMsg>&) {});
    if (what > 7) send(someone(), make_local<Rumour>());
    return true;
  }

 private:
  void later() {
    after(std::chrono::milliseconds(1 + random().below(10)), [this] {
      if (random().below(20) == 0) throw std::runtime_error("injected in a timer");
      send(someone(), make_local<Rumour>());
      later();
    });
  }
  std::string someone() { return key_of(random().below(kGossips)); }
};

Child gossip(std::uint64_t number) {
  SpawnOptions options;
  options.name = "gossip-" + std::to_string(number);
  options.key = key_of(number);
  return worker<Gossip>("g" + std::to_string(number)).spawn_with(std::move(options));
}

SupervisorSpec town() {
  SupervisorSpec street{.name = "street",
                        .flags = {.strategy = Strategy::kOneForAll, .intensity = 3, .period = 20ms},
                        .children = {gossip(0).transient(), gossip(1)}};
  return {.name = "town",
          .flags = {.strategy = Strategy::kRestForOne, .intensity = 20, .period = 50ms},
          .children = {gossip(2), supervisor("street", std::move(street)), gossip(3).shutdown(5ms)}};
}

std::string run(std::uint64_t seed) {
  SystemOptions options;
  options.seed = seed;
  options.record_events = true;
  System system(options);
  const auto root = Supervisor::start_root(system, town());
  if (!root) return root.error().message;
  system.run_for(40ms);
  system.stop(1s);
  return system.event_log();
}

TEST(SupervisedSystem, TheSameSeedGivesTheSameEventsByteForByte) {
  std::size_t different = 0;
  std::size_t crashed = 0;
  std::size_t escalated = 0;
  std::string previous;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const std::string log = run(seed);
    ASSERT_EQ(log, run(seed)) << "seed " << seed;
    if (log != previous) ++different;
    if (log.find("injected") != std::string::npos) ++crashed;
    if (log.find("ended shutdown") < log.find("40000 ")) ++escalated;
    previous = log;
  }
  EXPECT_GT(different, 990U);
  EXPECT_GT(crashed, 900U);
  EXPECT_GT(escalated, 10U);
}

}  // namespace
}  // namespace troupe::kernel
