#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "runtime/seccomp.hpp"
#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

/// A container that may make no folder: it is told that the disk is full, which no privilege is the reason of.
class KeeperSeccompTest : public KeeperTest {
 protected:
  ContainerSpec without_folders(const std::string& id, const std::string& script) {
    CallProfile profile;
    profile.rules.push_back({{"mkdir", "mkdirat"}, {CallAction::kErrno, ENOSPC}});
    ContainerSpec container = spec(id, script);
    auto made = compile_profile(profile);
    EXPECT_TRUE(made) << made.error().message;
    if (made) container.confinement.filter = std::move(*made);
    container.confinement.no_new_privileges = true;  // else it needs privileges
    return container;
  }
  std::string try_command() const { return "mkdir " + path("made") + " 2>&1 | grep -o 'No space left'"; }
  std::string beside(const std::string& id) {
    const ExecSpec wanted{id, {"/bin/sh", "-c", try_command()}, kPatience, 4096};
    const auto result = ask<ExecResult>([&](Callback<ExecResult> done) { runtime_->exec(wanted, std::move(done)); });
    return result ? result->output : "error: " + result.error().message;
  }
};

TEST_F(KeeperSeccompTest, AContainersCallsAreFiltered) {
  start_keeper();
  connect();
  ASSERT_TRUE(run(without_folders("c1", try_command() + " && exit 7")));
  EXPECT_EQ(exit_of("c1").exit_code, 7) << log("c1");
  EXPECT_NE(log("c1").find("No space left"), std::string::npos) << log("c1");
  ASSERT_TRUE(run("c2", "mkdir " + path("made") + " && exit 8"));
  EXPECT_EQ(exit_of("c2").exit_code, 8) << "another one's are not";
}

TEST_F(KeeperSeccompTest, ACommandBesideItIsFilteredToo) {
  start_keeper();
  connect();
  ASSERT_TRUE(run(without_folders("c1", "exec sleep 100000")));
  EXPECT_EQ(beside("c1"), "No space left\n");
}

TEST_F(KeeperSeccompTest, ACommandIsFilteredThatANewKeeperStarts) {
  connect(keeper_command());
  ASSERT_TRUE(run(without_folders("c1", "exec sleep 100000")));
  kill(own_children().at(0), SIGKILL);
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_EQ(beside("c1"), "No space left\n");
}

}  // namespace
}  // namespace troupe::runtime::test
