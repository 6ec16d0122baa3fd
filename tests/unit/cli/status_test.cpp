#include "cli/status.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace troupe::cli {
namespace {

constexpr const char* kPage =
    R"({"version":"0.1.0","address":"127.0.0.1:6443","uptimeMilliseconds":192001,)"
    R"("nodes":[{"name":"vm","ready":true,"schedulable":false}],)"
    R"("pods":{"total":3,"ready":2,"restarts":1,"phases":{"Pending":1,"Running":2}},)"
    R"("store":{"revision":123,"compactedRevision":0,"objects":45,"bytes":2048,"logBytes":67108864,"stateBytes":0,)"
    R"("watchers":1}})";

StatusAnswers both() {
  StatusAnswers answers;
  runtime::KeeperSummary keeper;
  keeper.pid = 7;
  keeper.uptime = std::chrono::milliseconds(90'061'000);
  keeper.memory_bytes = 5u << 20u;
  keeper.sandboxes = 3;
  keeper.running = 2;
  keeper.kernel_pid = 8;
  keeper.kernel_restarts = 1;
  keeper.kernel_last_reason = "signal 9";
  answers.keeper = keeper;
  answers.kernel = std::string(kPage);
  return answers;
}

TEST(Status, FitsOneScreen) {
  const auto text = status_text(both());
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text,
            "Troupe   0.1.0, https://127.0.0.1:6443, up 3 min 12 s\n"
            "Kernel   process 8, 1 restart, the last after: signal 9\n"
            "Keeper   process 7, up 1 d 1 h, 5.0 MiB; 3 pods, 2 running containers\n"
            "Nodes    vm Ready,SchedulingDisabled\n"
            "Pods     3: 1 Pending, 2 Running; 2 ready, 1 restart\n"
            "Store    revision 123, 45 objects of 2.0 KiB; on disk: log 64.0 MiB, state 0 B; 1 watcher\n");
}

TEST(Status, TellsOfTheKeeperWhileTheKernelIsAway) {
  StatusAnswers answers = both();
  answers.kernel = fail(ErrorCode::kUnavailable, "connect refused");
  const auto text = status_text(answers);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("Troupe   does not answer: connect refused\nKernel   process 8"), std::string::npos) << *text;
  EXPECT_NE(status_json(answers).find(R"("kernel":null,"problems":["kernel: connect refused"]})"), std::string::npos);
}

TEST(Status, GivesScriptsWhatBothSaid) {
  const std::string json = status_json(both());
  EXPECT_NE(json.find(R"({"keeper":{"pid":7,"uptimeMilliseconds":90061000,)"), std::string::npos) << json;
  EXPECT_NE(json.find(std::string(R"("kernelLastReason":"signal 9"},"kernel":)") + kPage), std::string::npos) << json;
}

TEST(Status, RefusesAnAnswerThatIsNoPage) {
  StatusAnswers answers = both();
  answers.kernel = std::string("<html>");
  EXPECT_EQ(status_text(answers).error().code, ErrorCode::kCorrupt);
}

TEST(Status, FailsWhereNothingRuns) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_status({"/nonexistent", false}, out, err), 1);
  EXPECT_EQ(err.str(), "troupe status: no Troupe runs in /nonexistent\n");
}

}  // namespace
}  // namespace troupe::cli
