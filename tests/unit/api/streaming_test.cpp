#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/streaming/port_forward.hpp"
#include "api/streaming/remote_command.hpp"
#include "net/spdy.hpp"
#include "net/upgrade.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

namespace spdy = net::spdy;

/// A client's connection that was switched; it reads as the test says.
class Wire final : public net::ResponseWriter, public net::UpgradableWriter {
 public:
  void respond(net::HttpResponse) override { finished = true; }
  void start(net::HttpResponse) override {}
  bool write(net::SharedBytes bytes) override {
    sent += bytes->size();
    text += *bytes;
    return reads;
  }
  void finish() override { finished = true; }
  void abort() override { aborted = true; }
  std::size_t buffered() const override { return 0; }
  void on_drain(std::function<void()> drained) override { drained_ = std::move(drained); }
  void on_close(std::function<void()> closed) override { closed_ = std::move(closed); }
  void upgrade(net::HttpResponse, std::shared_ptr<net::ByteSink> sink) override { sink_ = std::move(sink); }
  void pause_reading(bool now) override { paused = now; }

  void says(std::string_view bytes) { sink_->received(bytes); }
  void leave() {
    sink_.reset();
    drained_ = nullptr;
    if (const auto closed = std::exchange(closed_, nullptr)) closed();
  }

  bool reads = true;
  std::size_t sent = 0;
  std::string text;
  bool finished = false;
  bool aborted = false;
  bool paused = false;

 private:
  std::shared_ptr<net::ByteSink> sink_;
  std::function<void()> drained_;
  std::function<void()> closed_;
};

/// Gives `says` to each read, and takes what is written when the test says.
class Pipe final : public net::ByteStream {
 public:
  explicit Pipe(std::string says = {}) : says_(std::move(says)) {}
  void read(std::function<void(std::string)> got) override {
    if (!says_.empty()) got(says_);
  }
  void write(std::string bytes, std::function<void(bool)> written) override {
    size += bytes.size();
    written_ = std::move(written);
  }
  void end_writes() override {}
  void close() override { closed = true; }
  bool take() {
    const auto written = std::exchange(written_, nullptr);
    if (written) written(true);
    return written != nullptr;
  }

  std::size_t size = 0;
  bool closed = false;

 private:
  std::string says_;
  std::function<void(bool)> written_;
};

class Node final : public NodeStreams {
 public:
  void exec(NodeCommand, Opened, Ended) override {}
  void attach(NodeCommand, Opened, Ended) override {}
  void dial(const std::string&, std::uint16_t, Opened opened) override {
    pipes.push_back(std::make_shared<Pipe>());
    Connected connected;
    connected.input = pipes.back();
    opened(connected);
  }
  void usage(std::function<void(Result<NodeUsage>)>) override {}

  std::vector<std::shared_ptr<Pipe>> pipes;
};

class StreamingTest : public ::testing::Test {
 protected:
  std::shared_ptr<Call> call() {
    static const schema::TypeTable kTypes = schema::TypeTable::built_in().value();
    services_ = std::make_unique<Services>(Services{api.store, kTypes, api.routes, api.environment});
    auto made = std::make_shared<Call>(*services_);
    made->writer = wire;
    return made;
  }
  static net::Headers stream(const std::string& type, int request) {
    net::Headers headers;
    headers.add("streamtype", type);
    headers.add("port", "80");
    headers.add("requestid", std::to_string(request));
    return headers;
  }

  testing::FrontFixture api;
  std::shared_ptr<Wire> wire = std::make_shared<Wire>();
  std::unique_ptr<Services> services_;
};

TEST_F(StreamingTest, AClientThatPingsAndReadsNothingIsCutOff) {
  for (const bool reads : {true, false}) {
    wire = std::make_shared<Wire>();
    wire->reads = reads;
    const auto serial = std::make_shared<Serial>();
    int gone = 0;
    const auto link = ClientLink::open(wire, {}, ClientLink::Form::kMessages, serial, {{}, [&gone] { ++gone; }});
    std::string pings;
    for (int i = 0; i < 10000; ++i) pings.append("\x89\x84\0\0\0\0abcd", 10);
    for (int i = 0; i < 20; ++i) wire->says(pings);
    EXPECT_EQ(wire->aborted, !reads);
    EXPECT_EQ(gone, reads ? 0 : 1);
    EXPECT_LE(wire->sent, reads ? 1'200'000U : 1'048'600U);
    wire->leave();
  }
}

TEST_F(StreamingTest, AForwardWhoseClientResetsAndReadsNothingIsCutOff) {
  Node node;
  run_port_forward(call(), {}, ClientLink::Form::kBytes, node, {"uid", "p"});
  wire->reads = false;
  spdy::Writer client;
  std::uint32_t id = 1;
  for (int i = 0; i < 200'000 && !wire->aborted; ++i, id += 2) wire->says(client.open(id, {}));
  EXPECT_TRUE(wire->aborted);
  EXPECT_LE(wire->sent, 1'048'700U);
  wire->leave();
}

TEST_F(StreamingTest, ForwardedConnectionsTogetherHoldABoundedAmount) {
  Node node;
  run_port_forward(call(), {}, ClientLink::Form::kBytes, node, {"uid", "p"});
  spdy::Writer client;
  constexpr std::uint32_t kPairs = 40;
  for (std::uint32_t i = 0; i < kPairs; ++i) {
    wire->says(client.open(4 * i + 1, stream("error", static_cast<int>(i))));
    wire->says(client.open(4 * i + 3, stream("data", static_cast<int>(i))));
  }
  ASSERT_EQ(node.pipes.size(), kPairs);
  const std::string piece(64 * 1024, 'x');
  std::size_t said = 0;
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < kPairs && !wire->paused; ++i) {
      wire->says(spdy::Writer::data(4 * i + 3, piece, false));
      said += piece.size();
    }
  }
  EXPECT_TRUE(wire->paused) << said << " bytes are held";
  EXPECT_LE(said, 5U * 1024 * 1024);
  for (bool more = true; more;) {
    more = false;
    for (const auto& pipe : node.pipes) more = pipe->take() || more;
  }
  EXPECT_FALSE(wire->paused);
  std::size_t taken = 0;
  for (const auto& pipe : node.pipes) taken += pipe->size;
  EXPECT_EQ(taken, said);
  wire->leave();
  EXPECT_TRUE(node.pipes.front()->closed);
}

TEST_F(StreamingTest, AClientThatOpensNoStreamsIsLeftAfterAWhile) {
  const auto serial = std::make_shared<Serial>();
  bool ready = false;
  serial->run([&] {
    open_spdy_channels(wire, {}, serial, api.environment, {Channel::kStatus, Channel::kOutput}, [&] { ready = true; });
  });
  spdy::Writer client;
  net::Headers headers;
  headers.add("streamtype", "error");
  wire->says(client.open(1, headers));
  EXPECT_FALSE(wire->finished);
  api.environment.fire();
  EXPECT_TRUE(wire->finished);
  EXPECT_FALSE(ready);
  wire->leave();
}

/// A client that takes nothing.
class FullChannels final : public CommandChannels {
 public:
  void listen(Events events) override { events_ = std::move(events); }
  void when_ready(std::function<void()> ready) override { ready(); }
  bool write(Channel, std::string_view) override { return false; }
  void on_drain(std::function<void()>) override {}
  void pause_input(bool) override {}
  void finish(const std::string& text) override { status = text; }

  std::string status;

 private:
  Events events_;
};

TEST_F(StreamingTest, ACommandThatEndedWaitsForItsReaderForMinutesNotForEver) {
  const auto channels = std::make_shared<FullChannels>();
  Connected connected;
  connected.output = std::make_shared<Pipe>("text");
  connected.held = std::make_shared<int>(0);
  run_remote_command(call(), channels, std::make_shared<Serial>(), {"sh"},
                     [&](const NodeStreams::Opened& opened, const NodeStreams::Ended& ended) {
                       opened(connected);
                       ended(0);
                     });
  int seconds = 0;
  for (; seconds < 1000 && channels->status.empty(); ++seconds) api.environment.fire();
  EXPECT_NE(channels->status.find("Success"), std::string::npos) << channels->status;
  EXPECT_GT(seconds, 200);
}

/// A client that takes everything.
class OpenChannels final : public CommandChannels {
 public:
  void listen(Events) override {}
  void when_ready(std::function<void()> ready) override { ready(); }
  bool write(Channel, std::string_view bytes) override {
    output += bytes;
    return true;
  }
  void on_drain(std::function<void()>) override {}
  void pause_input(bool) override {}
  void finish(const std::string& text) override { status = text; }

  std::string output;
  std::string status;
};

/// An output with one piece; then it ends when the test says.
class OnePiece final : public net::ByteStream {
 public:
  void read(std::function<void(std::string)> got) override {
    if (!std::exchange(given_, true)) return got("piece");
    waiting_ = std::move(got);
  }
  void write(std::string, std::function<void(bool)>) override {}
  void end_writes() override {}
  void close() override {}
  void end() {
    if (const auto waiting = std::exchange(waiting_, nullptr)) waiting("");
  }

 private:
  bool given_ = false;
  std::function<void(std::string)> waiting_;
};

/// Attaches, ends the output and tells `how`, in the order that `output_first` says; the Status and what came before.
std::string attached_until(const std::shared_ptr<Call>& call, const Result<int>& how, bool output_first) {
  const auto channels = std::make_shared<OpenChannels>();
  const auto output = std::make_shared<OnePiece>();
  Connected connected;
  connected.output = output;
  connected.held = std::make_shared<int>(0);
  NodeStreams::Ended end;
  run_remote_command(call, channels, std::make_shared<Serial>(), {},
                     [&](const NodeStreams::Opened& opened, const NodeStreams::Ended& ended) {
                       end = ended;
                       opened(connected);
                     });
  if (output_first) output->end();
  end(how);
  if (!output_first) {
    EXPECT_EQ(channels->status, "") << "what was written before is shown first";
    output->end();
  }
  return channels->output + " " + channels->status;
}

TEST_F(StreamingTest, WhoIsAttachedIsToldWhetherHeSawTheEnd) {
  const Error behind(ErrorCode::kBusy, "cut off");
  for (const bool output_first : {false, true}) {
    EXPECT_EQ(attached_until(call(), 0, output_first), R"(piece {"metadata":{},"status":"Success"})");
    const std::string cut = attached_until(call(), fail(behind), output_first);
    EXPECT_NE(cut.find(R"("status":"Failure")"), std::string::npos) << cut;
    EXPECT_NE(cut.find("error attaching to container: cut off"), std::string::npos) << cut;
  }
}

/// An output with some pieces and an end, all there from the beginning.
class Pieces final : public net::ByteStream {
 public:
  explicit Pieces(std::deque<std::string> pieces) : pieces_(std::move(pieces)) {}
  void read(std::function<void(std::string)> got) override {
    ++reads;
    if (pieces_.empty()) return got("");
    const std::string piece = std::exchange(pieces_.front(), {});
    pieces_.pop_front();
    got(piece);
  }
  void write(std::string, std::function<void(bool)>) override {}
  void end_writes() override {}
  void close() override { closed = true; }

  int reads = 0;
  bool closed = false;

 private:
  std::deque<std::string> pieces_;
};

/// The fixture's environment with a clock that goes on as the test says, and what was last waited for.
class Clock final : public Environment {
 public:
  explicit Clock(testing::StillEnvironment& still) : still_(still) {}
  void post(std::function<void()> job) override { still_.post(std::move(job)); }
  std::unique_ptr<Timer> after(std::chrono::milliseconds delay, std::function<void()> job) override {
    last_delay = delay;
    return still_.after(delay, std::move(job));
  }
  std::chrono::system_clock::time_point now() override { return still_.now() + passed; }
  std::uint64_t random() override { return still_.random(); }

  std::chrono::milliseconds passed{0};
  std::chrono::milliseconds last_delay{0};

 private:
  testing::StillEnvironment& still_;
};

/// A command over WebSocket whose output and error are there at once.
class WebSocketCommandTest : public StreamingTest {
 protected:
  void start(const std::function<void(NodeStreams::Opened, NodeStreams::Ended)>& open) {
    const auto serial = std::make_shared<Serial>();
    const auto made = call();
    serial->run([&] {
      auto channels = open_websocket_channels(wire, {}, 5, serial, clock, Channel::kOutput);
      run_remote_command(made, std::move(channels), serial, {"sh"}, open);
    });
  }
  void start() {
    start([this](const NodeStreams::Opened& opened, NodeStreams::Ended ended) {
      Connected connected;
      connected.output = output;
      connected.error = error;
      connected.held = std::exchange(held, nullptr);
      end = std::move(ended);
      opened(connected);
    });
  }
  /// What was sent since it was last asked, a word a frame: "ping", "close", or the channel and its bytes.
  std::string sent() {
    std::string out;
    for (std::string_view text = wire->text; !text.empty();) {
      const auto byte = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
      const std::size_t head = byte(1) == 126 ? 4 : 2;
      const std::size_t size = head == 4 ? 256U * byte(2) + byte(3) : byte(1);
      const std::string payload(text.substr(head, size));
      const unsigned opcode = byte(0) & 0x0FU;
      if (!out.empty()) out += ' ';
      if (opcode == 2) out += std::to_string(payload.front()) + ":" + payload.substr(1);
      if (opcode != 2) out += opcode == 9 ? "ping" : "close";
      text.remove_prefix(head + size);
    }
    wire->text.clear();
    return out;
  }
  void pong() { wire->says(std::string_view("\x8a\x80\0\0\0\0", 6)); }
  void types(std::string_view message) {
    std::string frame("\x82", 1);
    frame.push_back(static_cast<char>(0x80U | message.size()));
    wire->says(frame.append(4, '\0').append(message));
  }

  Clock clock{api.environment};
  std::shared_ptr<Pieces> output = std::make_shared<Pieces>(std::deque<std::string>{"one", "two"});
  std::shared_ptr<Pieces> error = std::make_shared<Pieces>(std::deque<std::string>{});
  std::shared_ptr<void> held = std::make_shared<int>(0);
  NodeStreams::Ended end;
};

constexpr char kAll[] = R"(1: 1:one 1:two 3:{"metadata":{},"status":"Success"} close)";

TEST_F(WebSocketCommandTest, ItsOutputWaitsInItsPipeForTheClientsFirstMessage) {
  const std::vector<std::string_view> messages{
      {"\4{\"Width\":80,\"Height\":24}", 25}, {"\0ls\n", 4}, {"\377\0", 2}, ""};
  for (const std::string_view message : messages) {
    wire = std::make_shared<Wire>();
    output = std::make_shared<Pieces>(std::deque<std::string>{"one", "two"});
    held = std::make_shared<int>(0);
    const std::weak_ptr<void> command = held;
    start();
    EXPECT_EQ(sent(), "ping");
    EXPECT_EQ(output->reads, 0);
    EXPECT_FALSE(command.expired());
    types(message);
    EXPECT_EQ(sent(), "1: 1:one 1:two");
    end(0);
    EXPECT_EQ(sent(), R"(3:{"metadata":{},"status":"Success"} close)");
    EXPECT_TRUE(command.expired());
    wire->leave();
  }
}

TEST_F(WebSocketCommandTest, ASilentClientGetsItsOutputAPauseAfterItAnswered) {
  using std::chrono::milliseconds;
  for (const auto& [took, pause] : {std::pair(0, 20), {90, 90}, {4000, 250}, {-5000, 20}}) {
    wire = std::make_shared<Wire>();
    output = std::make_shared<Pieces>(std::deque<std::string>{"one", "two"});
    held = std::make_shared<int>(0);
    start();
    EXPECT_EQ(clock.last_delay, kAnswerTime);
    clock.passed += milliseconds(took);
    pong();
    EXPECT_EQ(sent(), "ping") << "the pong alone does not show that it has its streams";
    EXPECT_EQ(clock.last_delay, milliseconds(pause));
    pong();
    api.environment.fire();
    EXPECT_EQ(sent(), "1: 1:one 1:two");
    types({"\0ls\n", 4});
    EXPECT_EQ(sent(), "") << "it is told once that it is connected";
    wire->leave();
  }
}

TEST_F(WebSocketCommandTest, AClientThatAnswersNoPingGetsItsOutputAllTheSame) {
  start();
  end(0);
  EXPECT_EQ(sent(), "ping");
  api.environment.fire();
  EXPECT_EQ(sent(), kAll);
  wire->leave();
}

TEST_F(WebSocketCommandTest, ACommandThatEndsAtOnceGivesAllItsOutputAndThenItsStatus) {
  for (const bool silent : {false, true}) {
    wire = std::make_shared<Wire>();
    output = std::make_shared<Pieces>(std::deque<std::string>{"one", "two"});
    held = std::make_shared<int>(0);
    start();
    end(0);
    if (silent) pong();
    EXPECT_EQ(sent(), "ping");
    EXPECT_EQ(output->reads, 0);
    if (silent) api.environment.fire();
    if (!silent) types({"\0ls\n", 4});
    EXPECT_EQ(sent(), kAll);
    wire->leave();
  }
}

TEST_F(WebSocketCommandTest, WhyNothingWasStartedWaitsForTheClientToo) {
  start([](const NodeStreams::Opened& opened, const NodeStreams::Ended&) {
    opened(fail(ErrorCode::kNotFound, "no such program"));
  });
  EXPECT_EQ(sent(), "ping");
  pong();
  api.environment.fire();
  const std::string all = sent();
  EXPECT_TRUE(all.starts_with(R"(1: 3:{"metadata":{},"status":"Failure")")) << all;
  EXPECT_NE(all.find("no such program"), std::string::npos) << all;
  EXPECT_TRUE(all.ends_with(" close")) << all;
  wire->leave();
}

TEST_F(WebSocketCommandTest, AClientThatLeavesBeforeItIsReadyEndsItsCommand) {
  const std::weak_ptr<void> command = held;
  start();
  pong();
  wire->leave();
  EXPECT_TRUE(command.expired());
  EXPECT_TRUE(output->closed);
  api.environment.fire();
  EXPECT_EQ(sent(), "ping");
  EXPECT_EQ(output->reads, 0);
}

TEST_F(StreamingTest, AClientOfSpdyIsReadyWhenItHasOpenedItsStreams) {
  const auto serial = std::make_shared<Serial>();
  std::shared_ptr<CommandChannels> channels;
  bool ready = false;
  serial->run([&] {
    channels = open_spdy_channels(wire, {}, serial, api.environment, {Channel::kStatus, Channel::kOutput},
                                  [&] { channels->when_ready([&] { ready = true; }); });
  });
  spdy::Writer client;
  std::uint32_t id = 1;
  for (const char* type : {"error", "stdout"}) {
    EXPECT_FALSE(ready);
    net::Headers headers;
    headers.add("streamtype", type);
    wire->says(client.open(id, headers));
    id += 2;
  }
  EXPECT_TRUE(ready);
  wire->leave();
}

}  // namespace
}  // namespace troupe::api
