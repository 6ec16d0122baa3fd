#include "tests/unit/runtime/keeper_fixture.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <utility>

namespace troupe::runtime::test {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool becomes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    sched_yield();
  }
  return true;
}

bool is_gone(pid_t pid) {
  return becomes_true([pid] { return kill(pid, 0) != 0; });
}

Pipe::Pipe(std::string path) : path_(std::move(path)) {
  mkfifo(path_.c_str(), 0600);
  fd_ = Fd(open(path_.c_str(), O_RDWR | O_CLOEXEC));
}

std::string Pipe::line() {
  std::string text;
  for (;;) {
    pollfd query{fd_.get(), POLLIN, 0};
    char byte = 0;
    if (poll(&query, 1, 30'000) != 1 || read(fd_.get(), &byte, 1) != 1) return text + " (nothing came)";
    if (byte == '\n') return text;
    text += byte;
  }
}

void Pipe::write_line(const std::string& text) {
  const std::string line = text + "\n";
  EXPECT_EQ(write(fd_.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
}

KeeperTest::KeeperTest() = default;
KeeperTest::~KeeperTest() = default;

std::string KeeperTest::data() const { return folder_.path() + "/data"; }
std::string KeeperTest::path(const std::string& name) const { return folder_.path() + "/" + name; }
std::string KeeperTest::log_path(const std::string& id) const { return path("logs/" + id + ".log"); }
std::string KeeperTest::log(const std::string& id) const { return contents(log_path(id)); }

std::vector<std::string> KeeperTest::keeper_command(const std::vector<std::string>& more) const {
  std::vector<std::string> argv{TROUPE_KEEPER_PATH, "--data-dir=" + data()};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

void KeeperTest::start_keeper(const std::vector<std::string>& more) {
  keeper_ = std::make_unique<TestProcess>(keeper_command(more));
}

void KeeperTest::connect(std::vector<std::string> command) {
  runtime_.reset();
  recorder_ = std::make_unique<Recorder>();
  runtime_ = std::make_unique<ProcessRuntime>(ProcessRuntime::Options{data() + "/keeper.sock", std::move(command)});
  runtime_->start(*recorder_);
  ASSERT_TRUE(recorder_->attached(1));
}

void KeeperTest::TearDown() {
  runtime_.reset();
  if (keeper_) {
    EXPECT_EQ(keeper_->end(SIGTERM).exit_code, 0);
  }
  for (const pid_t child : own_children()) {  // a keeper that the client has started
    kill(child, SIGTERM);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(child), &info, WEXITED);
    EXPECT_EQ(info.si_status, 0);
  }
}

ContainerSpec KeeperTest::spec(const std::string& id, const std::string& script) const {
  ContainerSpec result;
  result.id = id;
  result.sandbox_id = "box";
  result.name = id;
  result.argv = {"/bin/sh", "-c", script};
  result.environment = {{"PATH", "/usr/bin:/bin"}};
  result.log.path = log_path(id);
  return result;
}

Result<StartInfo> KeeperTest::run(ContainerSpec container) {
  runtime_->create_sandbox({container.sandbox_id, "default", "web-0", "uid-1"}, [](Status) {});
  const std::string id = container.id;
  const Status created =
      ask<void>([&](Done done) { runtime_->create_container(std::move(container), std::move(done)); });
  if (!created) return fail(created.error());
  return ask<StartInfo>([&](Callback<StartInfo> done) { runtime_->start_container(id, std::move(done)); });
}

Result<StartInfo> KeeperTest::run(const std::string& id, const std::string& script) { return run(spec(id, script)); }

Inventory KeeperTest::list() {
  return ask<Inventory>([&](Callback<Inventory> done) { runtime_->list(std::move(done)); }).value();
}

ContainerExit KeeperTest::exit_of(const std::string& id) {
  for (const ContainerInfo& container : list().containers) {
    if (container.id == id && container.exit) return *container.exit;
  }
  std::optional<ContainerExit> exit = recorder_->exit_of(id);
  if (!exit) ADD_FAILURE() << "no exit of " << id;
  return exit.value_or(ContainerExit{});
}

}  // namespace troupe::runtime::test
