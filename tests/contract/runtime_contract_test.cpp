#include "tests/contract/runtime_contract.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <queue>

#include "runtime/fake_runtime.hpp"

namespace troupe::runtime::test {
namespace {

class RealRuntime final : public RuntimeUnderTest {
 public:
  RealRuntime()
      : keeper_({TROUPE_KEEPER_PATH, "--data-dir=" + folder_.path() + "/data", "--stop-grace-ms=1"}),
        runtime_({folder_.path() + "/data/keeper.sock", {}}) {
    mkfifo((folder_.path() + "/ready").c_str(), 0600);
  }

  ~RealRuntime() override { EXPECT_EQ(keeper_.end(SIGTERM).exit_code, 0); }

  Runtime& runtime() override { return runtime_; }
  Recorder& recorder() override { return recorder_; }
  bool wait(const std::function<bool()>& ready) override { return recorder_.wait(ready); }
  std::vector<std::string> exits_with(int code) override { return {"/bin/sh", "-c", "exit " + std::to_string(code)}; }
  std::vector<std::string> runs_forever() override { return {"/bin/sleep", "100000"}; }
  std::vector<std::string> missing_program() override { return {"/no/such/program"}; }
  std::vector<std::string> ignores_term() override {
    return {"/bin/sh", "-c", "trap '' TERM; echo x > " + folder_.path() + "/ready; exec sleep 100000"};
  }
  void wait_until_it_ignores_term() override {
    const Fd fd(open((folder_.path() + "/ready").c_str(), O_RDONLY | O_CLOEXEC));
    char byte = 0;
    ASSERT_EQ(read(fd.get(), &byte, 1), 1);
  }
  std::string log_path() override { return folder_.path() + "/logs/main/0.log"; }

 private:
  TestFolder folder_;
  TestProcess keeper_;
  Recorder recorder_;
  ProcessRuntime runtime_;
};

class SimulatedRuntime final : public RuntimeUnderTest {
 public:
  SimulatedRuntime()
      : runtime_({[this] { return now_; },
                  [this](std::chrono::nanoseconds delay, std::function<void()> action) {
                    timers_.emplace(now_ + delay, std::move(action));
                  }},
                 [](const ContainerSpec& spec) { return program(spec); }) {}

  Runtime& runtime() override { return runtime_; }
  Recorder& recorder() override { return recorder_; }
  bool wait(const std::function<bool()>& ready) override {
    while (!ready()) {
      if (timers_.empty()) return false;
      auto next = timers_.extract(timers_.begin());
      now_ = next.key();
      next.mapped()();
    }
    return true;
  }
  std::vector<std::string> exits_with(int code) override { return {"exit", std::to_string(code)}; }
  std::vector<std::string> runs_forever() override { return {"run"}; }
  std::vector<std::string> missing_program() override { return {"missing"}; }
  std::vector<std::string> ignores_term() override { return {"stubborn"}; }
  void wait_until_it_ignores_term() override {}
  std::string log_path() override { return "/logs/0.log"; }

 private:
  static FakeProgram program(const ContainerSpec& spec) {
    FakeProgram program;
    if (spec.argv[0] == "exit") {
      program.exit_after = std::chrono::milliseconds(1);
      program.exit_code = std::stoi(spec.argv[1]);
    }
    if (spec.argv[0] == "missing") {
      program.start_error = Error(ErrorCode::kNotFound, "exec \"missing\": No such file or directory");
    }
    program.ignores_term = spec.argv[0] == "stubborn";
    return program;
  }

  WallTime now_{std::chrono::seconds(1'800'000'000)};
  std::multimap<WallTime, std::function<void()>> timers_;
  Recorder recorder_;
  FakeRuntime runtime_;
};

INSTANTIATE_TEST_SUITE_P(Runtimes, RuntimeContract,
                         testing::Values(RuntimeFactory{"Process", [] { return std::make_unique<RealRuntime>(); }},
                                         RuntimeFactory{"Fake", [] { return std::make_unique<SimulatedRuntime>(); }}),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace troupe::runtime::test
