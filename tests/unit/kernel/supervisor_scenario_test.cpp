// Scenarios: reading them, and running them through the kernel.
#include <gtest/gtest.h>

#include "kernel/scenario_run.hpp"
#include "tests/otp/generate.hpp"

namespace troupe::kernel {
namespace {

std::string error_of(std::string_view text) {
  auto result = parse_scenario(text);
  return result ? "" : result.error().message;
}

std::string run(std::string_view text, std::uint64_t seed = 1) {
  auto scenario = parse_scenario(text);
  if (!scenario) return scenario.error().message;
  std::string out;
  auto status = run_scenario(*scenario, seed, [&](std::string_view line) { out += std::string(line) + "\n"; });
  return status ? out : status.error().message;
}

TEST(Scenario, RunsAndTellsEachEventAsALineOfJson) {
  EXPECT_EQ(
      run(R"({"tree": {"children": [{"id": "a"}]},
                    "steps": [{"do": "exit", "child": "root/a", "reason": "error: boom"}]})"),
      "{\"step\":0,\"event\":\"start\",\"child\":\"root/a\"}\n"
      "{\"step\":0,\"event\":\"start\",\"child\":\"root\"}\n"
      "{\"step\":1,\"event\":\"exit\",\"child\":\"root/a\",\"reason\":\"error: boom\"}\n"
      "{\"step\":1,\"event\":\"report\",\"kind\":\"child_terminated\",\"child\":\"root/a\",\"reason\":\"error: "
      "boom\"}\n"
      "{\"step\":1,\"event\":\"start\",\"child\":\"root/a\"}\n"
      "{\"step\":2,\"event\":\"children\",\"supervisor\":\"root\",\"children\":[[\"a\",\"running\",\"worker\"]]}\n");
}

TEST(Scenario, ASupervisorThatCannotRestartItsChildInitTakesItsParentAlong) {
  const std::string out = run(R"({"tree": {"intensity": 0, "children": [
        {"id": "s", "supervisor": {"intensity": 1, "children": [{"id": "a", "starts": ["ok", "error: no", "error: no"]}]}}]},
      "steps": [{"do": "exit", "child": "root/s/a", "reason": "killed"}]})");
  EXPECT_NE(out.find(R"({"step":1,"event":"exit","child":"root/s","reason":"shutdown"})"), std::string::npos) << out;
  EXPECT_NE(out.find(R"({"step":1,"event":"exit","child":"root","reason":"shutdown"})"), std::string::npos) << out;
}

TEST(Scenario, TheSameScenarioGivesTheSameEventsWhateverTheSeed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string text = to_json(testing::generate_scenario(seed));
    const std::string first = run(text, 1);
    EXPECT_EQ(run(text, 1), first) << "seed " << seed;
    EXPECT_EQ(run(text, 99), first) << "seed " << seed << ": " << text;
  }
}

TEST(Scenario, WhatIsWrittenIsReadBackTheSame) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const std::string text = to_json(testing::generate_scenario(seed));
    auto parsed = parse_scenario(text);
    ASSERT_TRUE(parsed) << "seed " << seed << ": " << parsed.error().message;
    EXPECT_EQ(to_json(*parsed), text) << "seed " << seed;
  }
}

TEST(Scenario, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(error_of("{\"tree\": {\"children\": [\n  {\"id\": \"a\", \"restart\": \"allways\"}]}}"),
            "2:26: 'restart' must be one of permanent, transient, temporary");
  EXPECT_EQ(error_of("{\"steps\": []}"), "1:1: a scenario needs 'tree', the root supervisor");
  EXPECT_EQ(error_of("{\"tree\": {\"children\": [{\"id\": \"a\"},\n{\"id\": \"a\"}]}}"),
            "1:10: child 'a': another child has the same id");
  EXPECT_EQ(error_of("{\"tree\": {},\n\"steps\": [{\"do\": \"jump\"}]}"), "2:18: no step is called 'jump'");
  EXPECT_EQ(error_of("{\"tree\": {\"period\": 0}}"), "1:21: 'period' must be a whole number from 1 to 1000000000");
  EXPECT_EQ(
      error_of("{\"tree\": {\"childs\": []}}"),
      "1:11: 'childs' is not known in a supervisor; there are: strategy, intensity, period, auto_shutdown, children");
}

TEST(Scenario, TextThatIsNoJsonIsRefusedWithItsPlace) {
  for (const char* text : {"", "[", "{\"tree\": {\"children\": [}", "\"text\"", "{\"tree\": 1}", "{\"tree\": [1,2]}",
                           "{\"tree\": {\"children\": {\"id\": 1}}}", "\xff\xfe", "{\"tree\": {\"intensity\": -1}}"}) {
    EXPECT_NE(error_of(text), "") << text;
  }
}

TEST(Scenario, AnyCutOrChangedTextIsReadOrRefusedButNeverBreaks) {
  const std::string text = to_json(testing::generate_scenario(7));
  for (std::size_t i = 0; i < text.size(); i += 7) {
    (void)parse_scenario(std::string_view(text).substr(0, i));
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 7)));
    (void)parse_scenario(changed);
  }
}

TEST(Scenario, NestingAndSizeAreBounded) {
  std::string deep = "{\"tree\":";
  for (int i = 0; i < 40; ++i) deep += "{\"children\":[{\"id\":\"s\",\"supervisor\":";
  deep += "{}";
  for (int i = 0; i < 40; ++i) deep += "}]}";
  deep += "}";
  EXPECT_NE(error_of(deep).find("too many levels"), std::string::npos) << error_of(deep);
  EXPECT_NE(error_of(std::string(5 << 20, ' ')), "");
  EXPECT_NE(error_of(std::string(100'000, '[')), "");
}

TEST(Scenario, ABurstHoldsOnlyWhatDoesNotWaitForItsSupervisor) {
  EXPECT_NE(error_of(R"({"tree": {"children": [{"id": "a"}]},
      "steps": [{"do": "burst", "supervisor": "root", "steps": [{"do": "stop"}]}]})"),
            "");
}

}  // namespace
}  // namespace troupe::kernel
