#include <gtest/gtest.h>

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

}  // namespace
}  // namespace troupe::api
