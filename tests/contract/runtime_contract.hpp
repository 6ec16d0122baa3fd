#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime::test {

/// An implementation of the port under the contract, with programs that it can run.
class RuntimeUnderTest {
 public:
  virtual ~RuntimeUnderTest() = default;
  virtual Runtime& runtime() = 0;
  virtual Recorder& recorder() = 0;
  /// Lets things happen until `ready`; false when it never comes.
  virtual bool wait(const std::function<bool()>& ready) = 0;

  virtual std::vector<std::string> exits_with(int code) = 0;
  virtual std::vector<std::string> runs_forever() = 0;
  virtual std::vector<std::string> missing_program() = 0;
  /// Ignores SIGTERM. Before a test signals it, it waits until the program does.
  virtual std::vector<std::string> ignores_term() = 0;
  virtual void wait_until_it_ignores_term() = 0;
  virtual std::string log_path() = 0;
};

struct RuntimeFactory {
  std::string name;
  std::function<std::unique_ptr<RuntimeUnderTest>()> make;
};

class RuntimeContract : public testing::TestWithParam<RuntimeFactory> {
 protected:
  void SetUp() override {
    subject_ = GetParam().make();
    subject_->runtime().start(subject_->recorder());
    ASSERT_TRUE(subject_->wait([&] { return subject_->recorder().attaches == 1; }));
  }

  Runtime& runtime() { return subject_->runtime(); }
  Recorder& recorder() { return subject_->recorder(); }

  /// Makes a call and waits for its answer.
  template <class T>
  Result<T> ask(const std::function<void(Callback<T>)>& call) {
    auto answer = std::make_shared<std::optional<Result<T>>>();
    Recorder& recorder_ref = recorder();
    call([answer, &recorder_ref](Result<T> result) { recorder_ref.change([&] { *answer = std::move(result); }); });
    if (!subject_->wait([&] { return answer->has_value(); })) return fail(ErrorCode::kTimeout, "no answer");
    return **answer;
  }
  ContainerSpec spec(const std::string& id, std::vector<std::string> argv) {
    ContainerSpec result;
    result.id = id;
    result.sandbox_id = "box";
    result.name = "main";
    result.attempt = 2;
    result.argv = std::move(argv);
    result.log.path = subject_->log_path();
    return result;
  }
  Status sandbox(const std::string& id) {
    return ask<void>([&](Done done) { runtime().create_sandbox({id, "default", "web-0", "uid-1"}, done); });
  }
  Status create(const std::string& id, std::vector<std::string> argv) {
    return ask<void>([&](Done done) { runtime().create_container(spec(id, std::move(argv)), done); });
  }
  Result<StartInfo> start(const std::string& id) {
    return ask<StartInfo>([&](Callback<StartInfo> done) { runtime().start_container(id, done); });
  }
  Status stop(const std::string& id, int signal, std::chrono::milliseconds grace) {
    return ask<void>([&](Done done) { runtime().stop_container(id, signal, grace, done); });
  }
  Status remove(const std::string& id) {
    return ask<void>([&](Done done) { runtime().remove_container(id, done); });
  }
  Status remove_sandbox(const std::string& id) {
    return ask<void>([&](Done done) { runtime().remove_sandbox(id, done); });
  }
  Inventory list() {
    return ask<Inventory>([&](Callback<Inventory> done) { runtime().list(done); }).value();
  }
  ContainerExit exit_of(const std::string& id) {
    if (!subject_->wait([&] { return recorder().exits.contains(id); })) {
      ADD_FAILURE() << "no exit of " << id;
      return {};
    }
    const std::lock_guard lock(recorder().mutex);
    return recorder().exits[id].front();
  }

  std::unique_ptr<RuntimeUnderTest> subject_;
};

template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

TEST_P(RuntimeContract, RunsAContainerAndReportsItsExitCodeAndTimes) {
  ASSERT_TRUE(sandbox("box"));
  ASSERT_TRUE(create("c1", subject_->exits_with(7)));
  const Result<StartInfo> started = start("c1");
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_GT(started->pid, 0);
  EXPECT_GT(started->start_ticks, 0u);
  const ContainerExit exit = exit_of("c1");
  EXPECT_EQ(exit.exit_code, 7);
  EXPECT_EQ(exit.signal, 0);
  EXPECT_FALSE(exit.status_lost);
  EXPECT_EQ(exit.sandbox_id, "box");
  EXPECT_EQ(exit.started_at, started->started_at);
  EXPECT_GE(exit.finished_at, exit.started_at);
}

TEST_P(RuntimeContract, ListsWhatItHoldsInOrderOfCreation) {
  ASSERT_TRUE(sandbox("box"));
  ASSERT_TRUE(create("z", subject_->runs_forever()));
  ASSERT_TRUE(create("a", subject_->runs_forever()));
  const Result<StartInfo> started = start("z");
  ASSERT_TRUE(started);
  const Inventory held = list();
  ASSERT_EQ(held.sandboxes.size(), 1u);
  EXPECT_EQ(held.sandboxes[0].pod_name, "web-0");
  ASSERT_EQ(held.containers.size(), 2u);
  EXPECT_EQ(held.containers[0].id, "z");
  EXPECT_EQ(held.containers[0].state, ContainerState::kRunning);
  EXPECT_EQ(held.containers[0].start.pid, started->pid);
  EXPECT_EQ(held.containers[0].start.start_ticks, started->start_ticks);
  EXPECT_EQ(held.containers[0].attempt, 2u);
  EXPECT_EQ(held.containers[1].state, ContainerState::kCreated);
}

TEST_P(RuntimeContract, KeepsAnExitUntilTheContainerIsRemoved) {
  ASSERT_TRUE(sandbox("box"));
  ASSERT_TRUE(create("c1", subject_->exits_with(3)));
  ASSERT_TRUE(start("c1"));
  exit_of("c1");
  Inventory held = list();
  ASSERT_EQ(held.containers.size(), 1u);
  ASSERT_TRUE(held.containers[0].exit);
  EXPECT_EQ(held.containers[0].exit->exit_code, 3);
  ASSERT_TRUE(remove("c1"));
  EXPECT_TRUE(list().containers.empty());
}

TEST_P(RuntimeContract, AProgramThatIsMissingIsAnErrorAndTheContainerStaysCreated) {
  ASSERT_TRUE(sandbox("box"));
  ASSERT_TRUE(create("c1", subject_->missing_program()));
  const Result<StartInfo> started = start("c1");
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kNotFound);
  EXPECT_NE(started.error().message.find("No such file or directory"), std::string::npos) << started.error().message;
  EXPECT_EQ(list().containers.at(0).state, ContainerState::kCreated);
  EXPECT_TRUE(remove("c1"));
}

TEST_P(RuntimeContract, StopsWithTheSignalThatWasAsked) {
  ASSERT_TRUE(sandbox("box"));
  ASSERT_TRUE(create("c1", subject_->runs_forever()));
  ASSERT_TRUE(start("c1"));
  ASSERT_TRUE(stop("c1", SIGTERM, std::chrono::hours(1)));
  EXPECT_EQ(exit_of("c1").exit_code, 128 + SIGTERM);
  EXPECT_EQ(exit_of("c1").signal, SIGTERM);
}

TEST_P(RuntimeContract, KillsAfterTheGraceWhatIgnoresTheSignal) {
  ASSERT_TRUE(sandbox("box"));
  ASSERT_TRUE(create("c1", subject_->ignores_term()));
  ASSERT_TRUE(start("c1"));
  subject_->wait_until_it_ignores_term();
  ASSERT_TRUE(stop("c1", SIGTERM, std::chrono::milliseconds(20)));
  EXPECT_EQ(exit_of("c1").exit_code, 137);
  EXPECT_EQ(exit_of("c1").signal, SIGKILL);
}

TEST_P(RuntimeContract, StoppingWhatDoesNotRunIsNoError) {
  ASSERT_TRUE(sandbox("box"));
  ASSERT_TRUE(create("c1", subject_->exits_with(0)));
  EXPECT_TRUE(stop("c1", SIGTERM, std::chrono::milliseconds(1)));
  ASSERT_TRUE(start("c1"));
  exit_of("c1");
  EXPECT_TRUE(stop("c1", SIGKILL, std::chrono::milliseconds(1)));
  EXPECT_EQ(code_of(stop("c1", 99, std::chrono::milliseconds(1))), ErrorCode::kInvalidArgument);
}

TEST_P(RuntimeContract, RefusesWhatDoesNotFitTheState) {
  EXPECT_EQ(code_of(create("c1", subject_->runs_forever())), ErrorCode::kNotFound) << "no sandbox yet";
  ASSERT_TRUE(sandbox("box"));
  EXPECT_EQ(code_of(sandbox("box")), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(create("c1", subject_->runs_forever()));
  EXPECT_EQ(code_of(create("c1", subject_->runs_forever())), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(create("c2", {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(start("c3")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(stop("c3", SIGTERM, {})), ErrorCode::kNotFound);
  ASSERT_TRUE(start("c1"));
  EXPECT_EQ(code_of(start("c1")), ErrorCode::kConflict) << "a container runs once";
  EXPECT_EQ(code_of(remove("c1")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(remove_sandbox("box")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(remove_sandbox("none")), ErrorCode::kNotFound);
}

TEST_P(RuntimeContract, RemovingASandboxTakesItsContainersAlong) {
  ASSERT_TRUE(sandbox("box"));
  ASSERT_TRUE(create("c1", subject_->runs_forever()));
  ASSERT_TRUE(create("c2", subject_->runs_forever()));
  ASSERT_TRUE(start("c1"));
  ASSERT_TRUE(stop("c1", SIGKILL, {}));
  exit_of("c1");
  ASSERT_TRUE(remove_sandbox("box"));
  const Inventory held = list();
  EXPECT_TRUE(held.sandboxes.empty());
  EXPECT_TRUE(held.containers.empty());
}

TEST_P(RuntimeContract, AppliesCallsInTheirOrderWithoutWaitingForAnswers) {
  std::vector<std::string> answers;
  const auto note = [&](const std::string& what) {
    return [&, what](Status status) { recorder().change([&] { answers.push_back(what + (status ? "" : "!")); }); };
  };
  runtime().create_sandbox({"box", "default", "web-0", "uid-1"}, note("sandbox"));
  runtime().create_container(spec("c1", subject_->exits_with(0)), note("create"));
  runtime().start_container("c1", [&](Result<StartInfo> started) {
    recorder().change([&] { answers.push_back(started ? "start" : started.error().message); });
  });
  EXPECT_EQ(exit_of("c1").exit_code, 0);
  EXPECT_TRUE(subject_->wait([&] { return answers.size() == 3; }));
  EXPECT_EQ(answers, (std::vector<std::string>{"sandbox", "create", "start"}));
}

}  // namespace troupe::runtime::test
