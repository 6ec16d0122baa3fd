#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>

#include <chrono>
#include <future>
#include <string>

#include "runtime/commands.hpp"
#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

/// A command as its caller holds it: our ends of its streams, and its end.
struct Opened {
  Fd input;
  Fd output;
  Fd error;
  std::shared_ptr<RunningCommand> running;
  std::shared_ptr<std::optional<Result<int>>> exit_code = std::make_shared<std::optional<Result<int>>>();
};

std::string read_all(const Fd& fd) {
  std::string text;
  char buffer[4096];
  for (;;) {
    pollfd query{fd.get(), POLLIN, 0};
    if (poll(&query, 1, 30'000) != 1) return text + " (no end came)";
    const ssize_t size = read(fd.get(), buffer, sizeof(buffer));
    if (size <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(size));
  }
}

class CommandTest : public KeeperTest {
 protected:
  static void make_pipe(Fd& reading, Fd& writing) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    reading.reset(ends[0]);
    writing.reset(ends[1]);
  }

  Result<Opened> open(CommandSpec wanted, const std::shared_ptr<CommandStreams>& streams, Opened mine = {}) {
    Recorder& recorder = *recorder_;
    auto end = mine.exit_code;
    auto started = ask<std::shared_ptr<RunningCommand>>([&](Callback<std::shared_ptr<RunningCommand>> done) {
      runtime_->open_command(std::move(wanted), streams, std::move(done),
                             [end, &recorder](Result<int> code) { recorder.change([&] { *end = std::move(code); }); });
    });
    if (!started) return fail(started.error());
    mine.running = std::move(*started);
    return mine;
  }

  Result<Opened> open(const std::string& container, std::vector<std::string> argv) {
    Opened mine;
    auto streams = std::make_shared<CommandStreams>();
    make_pipe(streams->input, mine.input);
    make_pipe(mine.output, streams->output);
    make_pipe(mine.error, streams->error);
    return open({container, std::move(argv), false}, streams, std::move(mine));
  }

  int end_of(const Opened& command) {
    EXPECT_TRUE(recorder_->wait([&] { return command.exit_code->has_value(); }));
    return command.exit_code->has_value() && **command.exit_code ? ***command.exit_code : -1;
  }
};

TEST_F(CommandTest, ACommandSpeaksOnStreamsOfItsOwn) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "exec sleep 100000");
  container.environment.push_back({"WORD", "of the container"});
  ASSERT_TRUE(run(std::move(container)));
  auto command = open("c1", {"/bin/sh", "-c", "cat; echo $WORD >&2; exit 7"});
  ASSERT_TRUE(command) << command.error().message;
  ASSERT_EQ(write(command->input.get(), "hello", 5), 5);
  command->input.reset();
  EXPECT_EQ(read_all(command->output), "hello");
  EXPECT_EQ(read_all(command->error), "of the container\n");
  EXPECT_EQ(end_of(*command), 7);
}

TEST_F(CommandTest, ACommandThatIsDroppedIsKilled) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "exec sleep 100000"));
  auto command = open("c1", {"/bin/sh", "-c", "sleep 100000 & echo $! $$; wait"});
  ASSERT_TRUE(command);
  char text[64] = {};
  ASSERT_GT(read(command->output.get(), text, sizeof(text) - 1), 0);
  pid_t child = 0;
  pid_t shell = 0;
  ASSERT_EQ(std::sscanf(text, "%d %d", &child, &shell), 2);
  command->running.reset();
  EXPECT_TRUE(is_gone(shell));
  EXPECT_TRUE(is_gone(child));
  EXPECT_EQ(read_all(command->output), "");
}

TEST_F(CommandTest, CommandsEndWithTheKernelThatReadThem) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "exec sleep 100000"));
  auto command = open("c1", {"/bin/sh", "-c", "echo $$; exec sleep 100000"});
  ASSERT_TRUE(command);
  char text[64] = {};
  ASSERT_GT(read(command->output.get(), text, sizeof(text) - 1), 0);
  runtime_.reset();  // its connection ends
  EXPECT_TRUE(is_gone(std::stoi(text)));
}

TEST_F(CommandTest, ATerminalIsTheCommandsOwn) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "exec sleep 100000"));
  Opened mine;
  auto streams = std::make_shared<CommandStreams>();
  int master = -1;
  int slave = -1;
  const winsize size{40, 120, 0, 0};
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, &size), 0);
  mine.output.reset(master);
  streams->input.reset(slave);
  streams->output.reset(fcntl(slave, F_DUPFD_CLOEXEC, 0));
  streams->error.reset(fcntl(slave, F_DUPFD_CLOEXEC, 0));
  // A shell that counts looks for signals between any two commands; one that waits in `read` misses what came just
  // before.
  const std::string script = "trap 'exit 3' INT; echo $TERM; stty size < /dev/tty; while :; do :; done";
  auto command = open({"c1", {"/bin/sh", "-c", script}, true}, streams, std::move(mine));
  ASSERT_TRUE(command) << command.error().message;
  std::string seen;
  char buffer[256];
  while (seen.find("40 120") == std::string::npos) {
    pollfd query{command->output.get(), POLLIN, 0};
    ASSERT_EQ(poll(&query, 1, 30'000), 1) << seen;
    const ssize_t got = read(command->output.get(), buffer, sizeof(buffer));
    ASSERT_GT(got, 0) << seen;
    seen.append(buffer, static_cast<std::size_t>(got));
  }
  EXPECT_TRUE(seen.starts_with("xterm\r\n")) << seen;
  ASSERT_EQ(write(command->output.get(), "\x03", 1), 1);
  EXPECT_EQ(end_of(*command), 3);
}

TEST_F(CommandTest, ACommandNeverRunsWithoutTheMountsOfItsContainer) {
  if (geteuid() != 0) GTEST_SKIP() << "mount namespaces need root";
  start_keeper();
  connect();
  std::filesystem::create_directory(path("volume"));
  std::filesystem::create_directory(path("seen"));
  for (int i = 0; i < 5; ++i) {
    const std::string id = "c" + std::to_string(i);
    ContainerSpec container = spec(id, "exec sleep 100000");
    container.mounts = {{path("volume"), path("seen"), false}};
    const auto started = run(std::move(container));
    ASSERT_TRUE(started) << started.error().message;
    // The keeper stands still while the process ends, so it may take the command before it hears of the end.
    kill(keeper_->pid(), SIGSTOP);
    kill(started->pid, SIGKILL);
    ASSERT_TRUE(becomes_true(
        [&] { return contents("/proc/" + std::to_string(started->pid) + "/stat").find(") Z") != std::string::npos; }));
    auto answer = std::make_shared<std::optional<Result<ExecResult>>>();
    Recorder& recorder = *recorder_;
    runtime_->exec({id, {"/usr/bin/touch", path("seen/here")}, kPatience, 16},
                   [answer, &recorder](auto result) { recorder.change([&] { *answer = std::move(result); }); });
    kill(keeper_->pid(), SIGCONT);
    ASSERT_TRUE(recorder.wait([&] { return answer->has_value(); }));
    EXPECT_EQ((*answer)->error().code, ErrorCode::kConflict);
  }
  EXPECT_TRUE(std::filesystem::is_empty(path("seen"))) << "it ran outside";
}

TEST_F(CommandTest, WhatCannotBeRunIsToldWithTheReason) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "exec sleep 100000"));
  EXPECT_EQ(open("c1", {"no-such-program"}).error().message,
            "exec \"no-such-program\": executable file not found in $PATH");
  EXPECT_EQ(open("c1", {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(open("c2", {"/bin/true"}).error().code, ErrorCode::kNotFound);
}

/// An attachment with our end of the container's stdout.
struct Onlooking {
  std::shared_ptr<AttachedContainer> attached;
  Fd output;

  std::string read_until(const std::string& end) const {
    std::string text;
    while (text.find(end) == std::string::npos) {
      pollfd query{output.get(), POLLIN, 0};
      char byte = 0;
      if (poll(&query, 1, 30'000) != 1 || read(output.get(), &byte, 1) != 1) return text + " (nothing came)";
      text += byte;
    }
    return text;
  }
};

class AttachTest : public CommandTest {
 protected:
  Result<Onlooking> attach(
      const std::string& id, bool input, const CommandRunner::Ended& ended = [](const Result<int>&) {}) {
    Onlooking mine;
    auto streams = std::make_shared<CommandStreams>();
    make_pipe(mine.output, streams->output);
    auto attached = ask<std::shared_ptr<AttachedContainer>>(
        [&](Callback<std::shared_ptr<AttachedContainer>> done) { runtime_->attach(id, input, streams, done, ended); });
    if (!attached) return fail(attached.error());
    mine.attached = std::move(*attached);
    return mine;
  }
};

TEST_F(AttachTest, ABoundedNumberLooksOn) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "exec sleep 100000"));
  std::vector<Onlooking> all;
  all.reserve(16);
  for (int i = 0; i < 16; ++i) {
    auto one = attach("c1", false);
    ASSERT_TRUE(one) << one.error().message;
    all.push_back(std::move(*one));
  }
  EXPECT_EQ(attach("c1", false).error().code, ErrorCode::kBusy);
  all.clear();
  // The keeper hears of it by the connection, in its order.
  EXPECT_TRUE(attach("c1", false));
}

TEST_F(AttachTest, InputGoesInAndOutputComesOutAndIntoTheLog) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "while read x; do echo got $x; [ $x = end ] && exit 0; done");
  container.input = true;
  ASSERT_TRUE(run(std::move(container)));
  auto one = attach("c1", true);
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_EQ(write(one->attached->input.get(), "a\n", 2), 2);
  EXPECT_EQ(one->read_until("\n"), "got a\n");
  one->attached.reset();
  auto two = attach("c1", true);
  ASSERT_TRUE(two) << "a second one may follow: the input has not ended";
  ASSERT_EQ(write(two->attached->input.get(), "end\n", 4), 4);
  EXPECT_EQ(two->read_until("\n"), "got end\n");
  EXPECT_EQ(exit_of("c1").exit_code, 0);
  EXPECT_EQ(two->read_until("\n"), " (nothing came)") << "the output ends with the container";
  EXPECT_NE(log("c1").find("got a"), std::string::npos);
  EXPECT_EQ(attach("c1", false).error().code, ErrorCode::kConflict);
}

TEST_F(AttachTest, InputOnceEndsWithTheFirstAttachment) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "cat; exit 4");
  container.input = container.input_once = true;
  ASSERT_TRUE(run(std::move(container)));
  auto one = attach("c1", true);
  ASSERT_TRUE(one);
  ASSERT_EQ(write(one->attached->input.get(), "last\n", 5), 5);
  EXPECT_EQ(one->read_until("\n"), "last\n");
  one->attached.reset();
  EXPECT_EQ(exit_of("c1").exit_code, 4);
}

TEST_F(AttachTest, InputOnceEndsWhenItsWriterClosesItWhileHeStillLooksOn) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "cat; echo the end");
  container.input = container.input_once = true;
  ASSERT_TRUE(run(std::move(container)));
  auto one = attach("c1", true);
  ASSERT_TRUE(one);
  ASSERT_EQ(write(one->attached->input.get(), "last\n", 5), 5);
  EXPECT_EQ(one->read_until("\n"), "last\n");
  one->attached->input.reset();
  EXPECT_EQ(one->read_until("end\n"), "the end\n");
  EXPECT_EQ(exit_of("c1").exit_code, 0);
}

TEST_F(AttachTest, AKeeperServesOthersWhenATerminalEndsThatSomebodyHolds) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "read x; exit 3");
  container.input = container.terminal = true;
  ASSERT_TRUE(run(std::move(container)));
  auto one = attach("c1", true);
  ASSERT_TRUE(one);
  ASSERT_EQ(write(one->attached->input.get(), "x\r", 2), 2);
  EXPECT_EQ(exit_of("c1").exit_code, 3);
  ASSERT_TRUE(one->attached->input) << "the terminal is still held here";
  EXPECT_TRUE(run(spec("c2", "exit 4")));
  EXPECT_EQ(exit_of("c2").exit_code, 4);
}

TEST_F(AttachTest, ATerminalContainerTalksToWhoAttaches) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "read x; test -t 0 && echo a terminal, $TERM, says $x; exec sleep 100000");
  container.input = container.terminal = true;
  ASSERT_TRUE(run(std::move(container)));
  auto one = attach("c1", true);
  ASSERT_TRUE(one);
  ASSERT_EQ(write(one->attached->input.get(), "hi\r", 3), 3);
  EXPECT_NE(one->read_until("says hi").find("a terminal, xterm,"), std::string::npos);
}

TEST_F(AttachTest, AnOnlookerWhoDoesNotReadIsCutOffAndHoldsNobodyUp) {
  start_keeper();
  connect();
  Pipe go(path("go"));
  ASSERT_TRUE(run("c1", "read x < " + go.path() + "; head -c 5000000 /dev/zero; exit 6"));
  std::promise<Result<int>> promise;
  auto ended = promise.get_future();
  auto one = attach("c1", false, [&promise](Result<int> how) { promise.set_value(std::move(how)); });
  ASSERT_TRUE(one);
  go.write_line("go");
  EXPECT_EQ(exit_of("c1").exit_code, 6);
  ASSERT_EQ(ended.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  const Result<int> how = ended.get();
  ASSERT_FALSE(how) << "he did not see the end";
  EXPECT_EQ(how.error().code, ErrorCode::kBusy);
  EXPECT_NE(how.error().message.find("cut off"), std::string::npos) << how.error().message;
}

TEST_F(AttachTest, AnOnlookerIsToldTheContainersEnd) {
  start_keeper();
  connect();
  Pipe go(path("go"));
  ASSERT_TRUE(run("c1", "read x < " + go.path() + "; echo the end; exit 6"));
  std::promise<Result<int>> promise;
  auto ended = promise.get_future();
  auto one = attach("c1", false, [&promise](Result<int> how) { promise.set_value(std::move(how)); });
  ASSERT_TRUE(one);
  go.write_line("go");
  ASSERT_EQ(ended.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_EQ(ended.get(), Result<int>(0));
  EXPECT_EQ(one->read_until("end\n"), "the end\n");
}

TEST_F(AttachTest, WithoutStdinThereIsNoInput) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "exec sleep 100000"));
  auto one = attach("c1", true);
  ASSERT_TRUE(one);
  EXPECT_FALSE(one->attached->input);
}

}  // namespace
}  // namespace troupe::runtime::test
