#include "cli/down.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;

TEST(Down, NamesThreeOfThoseItWaitsFor) {
  EXPECT_EQ(waiting_line({"default/web/main"}, 3s), "waiting for default/web/main: 3 s");
  EXPECT_EQ(waiting_line({"a/1/c", "a/2/c", "a/3/c"}, 1s), "waiting for a/1/c, a/2/c, a/3/c: 1 s");
  EXPECT_EQ(waiting_line({"a/1/c", "a/2/c", "a/3/c", "a/4/c", "a/5/c"}, 10s),
            "waiting for a/1/c, a/2/c, a/3/c and 2 more: 10 s");
  EXPECT_EQ(waiting_line({}, 1s), "waiting for Troupe itself: 1 s");
}

TEST(Down, SaysSoWhereNoTroupeRuns) {
  std::ostringstream err;
  EXPECT_EQ(run_down({"/no/such/folder", 1s}, err), 1);
  EXPECT_EQ(err.str(), "troupe down: no Troupe runs in /no/such/folder\n");
}

}  // namespace
}  // namespace troupe::cli
