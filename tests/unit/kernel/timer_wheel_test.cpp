#include "kernel/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "kernel/random.hpp"

namespace troupe::kernel::test {
namespace {

using std::chrono::milliseconds;

TimePoint at(std::int64_t millis) { return TimePoint(milliseconds(millis)); }

TEST(TimerWheel, FiresWhenItsTimeHasComeAndNotBefore) {
  TimerWheel wheel(at(0));
  wheel.set(at(5), {ActorRef(), 1});
  std::vector<TimerWheel::Payload> due;
  wheel.advance(at(4), due);
  EXPECT_TRUE(due.empty());
  wheel.advance(at(5), due);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].token, 1U);
  EXPECT_FALSE(wheel.next());
}

TEST(TimerWheel, ATimeInThePastFiresAtTheNextTick) {
  TimerWheel wheel(at(1000));
  wheel.set(at(3), {ActorRef(), 1});
  EXPECT_EQ(*wheel.next(), at(1001));
}

TEST(TimerWheel, AHandleIsGoodOnce) {
  TimerWheel wheel(at(0));
  const auto first = wheel.set(at(5), {ActorRef(), 1});
  EXPECT_TRUE(wheel.cancel(first));
  EXPECT_FALSE(wheel.cancel(first));
  const auto second = wheel.set(at(5), {ActorRef(), 2});  // the same node
  EXPECT_FALSE(wheel.cancel(first));
  EXPECT_TRUE(wheel.cancel(second));
  EXPECT_EQ(wheel.size(), 0U);
}

// A model that is obviously right: all timers in a map by (due tick, order of setting).
TEST(TimerWheel, DoesWhatASortedMapDoes) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::int64_t now = static_cast<std::int64_t>(random.below(std::uint64_t{1} << (1 + random.below(40))));
    TimerWheel wheel(at(now));
    std::map<std::pair<std::int64_t, std::uint64_t>, TimerWheel::Id> model;
    std::uint64_t token = 0;
    for (int step = 0; step < 300; ++step) {
      const auto what = random.below(10);
      if (what < 5) {
        const std::int64_t when = now + static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(42)));
        ++token;
        model[{std::max(when, now + 1), token}] = wheel.set(at(when), {ActorRef(), token});
      } else if (what < 7 && !model.empty()) {
        auto chosen = std::next(model.begin(), static_cast<std::ptrdiff_t>(random.below(model.size())));
        EXPECT_TRUE(wheel.cancel(chosen->second));
        model.erase(chosen);
      } else {
        // Sometimes exactly to what the wheel says, sometimes past it.
        if (const auto next = wheel.next(); next && random.below(2) == 0) {
          now = std::chrono::duration_cast<milliseconds>(next->time_since_epoch()).count();
          ASSERT_FALSE(model.empty());
          EXPECT_LE(now, model.begin()->first.first);
        } else {
          now += static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(35)));
        }
        std::vector<TimerWheel::Payload> due;
        wheel.advance(at(now), due);
        for (const auto& payload : due) {
          ASSERT_FALSE(model.empty());
          EXPECT_EQ(payload.token, model.begin()->first.second);
          EXPECT_LE(model.begin()->first.first, now);
          model.erase(model.begin());
        }
        EXPECT_TRUE(model.empty() || model.begin()->first.first > now);
      }
      ASSERT_EQ(wheel.size(), model.size());
    }
  }
}

}  // namespace
}  // namespace troupe::kernel::test
