#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime::test {

std::string contents(const std::string& path);
/// Waits for something that nobody announces.
bool becomes_true(const std::function<bool()>& condition);
bool is_gone(pid_t pid);

/// A FIFO by which a workload talks to the test, in lines.
class Pipe {
 public:
  explicit Pipe(std::string path);
  const std::string& path() const { return path_; }
  std::string line();
  void write_line(const std::string& text);

 private:
  std::string path_;
  Fd fd_;
};

/// A keeper with a client, both real; the keeper must end cleanly.
class KeeperTest : public testing::Test {
 protected:
  KeeperTest();
  ~KeeperTest() override;

  std::string data() const;
  std::string path(const std::string& name) const;
  std::string log_path(const std::string& id) const;
  std::string log(const std::string& id) const;

  std::vector<std::string> keeper_command(const std::vector<std::string>& more = {}) const;
  void start_keeper(const std::vector<std::string>& more = {});
  /// A new client with a recorder of its own: a kernel that was started again.
  void connect(std::vector<std::string> command = {});
  void TearDown() override;

  template <class T>
  Result<T> ask(const std::function<void(Callback<T>)>& call) {
    auto answer = std::make_shared<std::optional<Result<T>>>();
    Recorder& recorder = *recorder_;
    call([answer, &recorder](Result<T> result) { recorder.change([&] { *answer = std::move(result); }); });
    if (!recorder.wait([&] { return answer->has_value(); })) return fail(ErrorCode::kTimeout, "no answer");
    return **answer;
  }
  ContainerSpec spec(const std::string& id, const std::string& script) const;
  Result<StartInfo> run(ContainerSpec container);
  Result<StartInfo> run(const std::string& id, const std::string& script);
  Inventory list();
  /// The exit as the inventory or the listener tells it.
  ContainerExit exit_of(const std::string& id);

  TestFolder folder_;
  std::unique_ptr<TestProcess> keeper_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<ProcessRuntime> runtime_;
};

}  // namespace troupe::runtime::test
