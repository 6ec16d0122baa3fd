#include "daemon/pod_ports.hpp"

#include <gtest/gtest.h>

namespace troupe::daemon {
namespace {

using namespace std::chrono_literals;

TEST(PodPortMemory, RecallsWhatWasFoundForASecond) {
  PodPortMemory memory;
  const PodPortMemory::Clock::time_point start;
  EXPECT_EQ(memory.recall("a", 80, start), std::nullopt);
  memory.keep("a", 80, "127.0.0.1", start);
  EXPECT_EQ(memory.recall("a", 80, start + 999ms), "127.0.0.1");
  EXPECT_EQ(memory.recall("a", 81, start), std::nullopt);
  EXPECT_EQ(memory.recall("b", 80, start), std::nullopt);
  EXPECT_EQ(memory.recall("a", 80, start + 1s), std::nullopt);
  memory.keep("a", 80, "::1", start + 2s);
  EXPECT_EQ(memory.recall("a", 80, start + 2s), "::1");
}

TEST(PodPortMemory, IsBounded) {
  PodPortMemory memory;
  const PodPortMemory::Clock::time_point start;
  for (std::size_t i = 0; i <= PodPortMemory::kMost; ++i) memory.keep(std::to_string(i), 80, "127.0.0.1", start);
  EXPECT_EQ(memory.recall("0", 80, start), std::nullopt) << "all are forgotten at once: they are found again";
  EXPECT_EQ(memory.recall(std::to_string(PodPortMemory::kMost), 80, start), "127.0.0.1");
}

}  // namespace
}  // namespace troupe::daemon
