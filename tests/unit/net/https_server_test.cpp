#include "net/https_server.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "net/pki.hpp"
#include "net/upgrade.hpp"
#include "tests/unit/net/tls_client.hpp"

namespace troupe::net {
namespace {

using namespace std::chrono_literals;
using testing::TlsClient;

/// /echo answers with what it got; other paths keep their writer for the test.
class TestHandler final : public HttpHandler {
 public:
  void handle(HttpRequest request, std::shared_ptr<ResponseWriter> writer) override {
    if (request.target == "/drop") return;
    if (request.target == "/throw") throw std::runtime_error("thrown");
    if (request.target.starts_with("/echo")) {
      HttpResponse response;
      const std::string who = request.certificate ? request.certificate->common_name : "nobody";
      response.body = request.method + " " + request.target + " " + who + " " + request.body;
      writer->respond(std::move(response));
      return;
    }
    const std::lock_guard lock(mutex_);
    kept_[request.target] = std::move(writer);
    const std::string target = request.target;
    if (target.starts_with("/stream")) streamed_[target] = std::move(request);
    changed_.notify_all();
  }

  bool streams_body(std::string_view, std::string_view target) const override { return target.starts_with("/stream"); }

  /// Of a target that was waited for.
  HttpRequest streamed(const std::string& target) {
    const std::lock_guard lock(mutex_);
    return streamed_.at(target);
  }

  HttpResponse refusal(int status, std::string_view reason) const override {
    HttpResponse response;
    response.status = status;
    response.body = "refused: " + std::string(reason);
    return response;
  }

  std::shared_ptr<ResponseWriter> wait_for(const std::string& target) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return kept_.contains(target); });
    auto writer = kept_.at(target);
    kept_.erase(target);
    return writer;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<ResponseWriter>> kept_;
  std::map<std::string, HttpRequest> streamed_;
};

class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

class HttpsServerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto now = std::chrono::system_clock::now();
    pki_ = new Pki;
    pki_->authority = make_authority("test", now).value();
    CertificateRequest server;
    server.common_name = "server";
    server.names = default_server_names("");
    server.for_server = true;
    server.now = now;
    pki_->server = issue(pki_->authority, server).value();
    CertificateRequest admin;
    admin.common_name = "admin";
    admin.now = now;
    pki_->admin = issue(pki_->authority, admin).value();
  }
  static void TearDownTestSuite() { delete pki_; }

  void SetUp() override { start({}); }

  void start(HttpsServerOptions options) {
    options.linger_timeout = 50ms;
    stop();
    TlsIdentity identity;
    identity.certificate_chain = pki_->server.certificate;
    identity.private_key = pki_->server.key;
    identity.client_authorities = pki_->authority.certificate;
    auto tls = TlsContext::for_server(identity);
    ASSERT_TRUE(tls) << tls.error().message;
    io_ = std::make_unique<boost::asio::io_context>();
    work_.emplace(io_->get_executor());
    server_ = HttpsServer::make(*io_, *tls, options, handler_);
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message;
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io_->run(); });
  }

  void stop() {
    if (!server_) return;
    Gate gate;
    server_->stop(2s, [&gate] { gate.open(); });
    EXPECT_TRUE(gate.wait()) << server_->connections() << " connections are still open";
    work_.reset();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    server_.reset();
    io_.reset();
  }

  void TearDown() override { stop(); }

  TlsClient client() { return TlsClient(server_->port(), pki_->authority.certificate); }

  static Pki* pki_;
  TestHandler handler_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::unique_ptr<HttpsServer> server_;
  std::vector<std::thread> threads_;
};

Pki* HttpsServerTest::pki_ = nullptr;

TEST_F(HttpsServerTest, AnswersSeveralRequestsOnOneConnection) {
  auto https = client();
  for (int i = 0; i < 3; ++i) {
    https.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi");
    const std::string answer = https.read_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("POST /echo nobody hi")) << answer;
  }
}

TEST_F(HttpsServerTest, AnswersPipelinedRequestsInTheirOrder) {
  auto https = client();
  std::string all;
  for (int i = 0; i < 200; ++i) all += "GET /echo/" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  https.send(all);
  for (int i = 0; i < 200; ++i) {
    EXPECT_NE(https.read_answer().find("/echo/" + std::to_string(i) + " "), std::string::npos);
  }
}

TEST_F(HttpsServerTest, PipelinedRequestsWaitForAnAnswerThatComesLater) {
  auto https = client();
  https.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  auto writer = handler_.wait_for("/later");
  HttpResponse response;
  response.body = "late";
  writer->respond(std::move(response));
  EXPECT_TRUE(https.read_answer().ends_with("late"));
  EXPECT_NE(https.read_answer().find("GET /echo"), std::string::npos);
}

TEST_F(HttpsServerTest, NamesTheVerifiedClientCertificate) {
  TlsClient https(server_->port(), pki_->authority.certificate, &pki_->admin);
  https.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(https.read_answer().ends_with("GET /echo admin "));
}

TEST_F(HttpsServerTest, ACertificateOfAStrangerIsNobody) {
  const auto now = std::chrono::system_clock::now();
  CertificateRequest request;
  request.common_name = "admin";
  request.now = now;
  const auto stranger = issue(make_authority("stranger", now).value(), request).value();
  TlsClient https(server_->port(), pki_->authority.certificate, &stranger);
  https.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(https.read_answer().ends_with("GET /echo nobody "));
}

TEST_F(HttpsServerTest, StreamsChunksAsTheyAreWritten) {
  auto https = client();
  https.send("GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
  auto writer = handler_.wait_for("/watch");
  writer->start({});
  writer->write(std::make_shared<const std::string>("first\n"));
  EXPECT_NE(https.read_until("first\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  writer->write(std::make_shared<const std::string>(100'000, 'x'));
  EXPECT_EQ(https.read_until("\r\n"), "186a0\r\n");
  EXPECT_EQ(https.read_until("\r\n").size(), 100'002U);
  writer->finish();
  EXPECT_EQ(https.read_until("0\r\n\r\n"), "0\r\n\r\n");
  https.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(https.read_answer().find("GET /echo"), std::string::npos);
}

TEST_F(HttpsServerTest, NoticesAClientThatLeavesItsStream) {
  Gate gone;
  std::shared_ptr<ResponseWriter> writer;
  {
    auto https = client();
    https.send("GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    writer = handler_.wait_for("/watch");
    writer->start({});
    writer->on_close([&gone] { gone.open(); });
  }
  EXPECT_TRUE(gone.wait());
}

TEST_F(HttpsServerTest, TellsWhenASlowClientHasRoomAgain) {
  auto https = client();
  https.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  auto writer = handler_.wait_for("/big");
  writer->start({});
  const auto piece = std::make_shared<const std::string>(64 * 1024, 'x');
  std::size_t pieces = 1;
  while (writer->write(piece) && pieces < 10'000) ++pieces;
  ASSERT_LT(pieces, 10'000U) << "the queue never filled";
  Gate drained;
  writer->on_drain([&drained] { drained.open(); });
  writer->write(std::make_shared<const std::string>("the end"));
  https.read_until("the end");
  EXPECT_TRUE(drained.wait());
  writer->finish();
}

TEST_F(HttpsServerTest, ARequestThatIsDroppedOrThrowsIsAnswered500) {
  auto https = client();
  for (const char* target : {"/drop", "/throw"}) {
    https.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(https.read_answer().starts_with("HTTP/1.1 500 ")) << target;
  }
}

TEST_F(HttpsServerTest, AMalformedRequestEndsItsOwnConnectionOnly) {
  auto neighbour = client();
  {
    auto https = client();
    https.send("BREW / COFFEE/1.1\r\n\r\n");
    const std::string answer = https.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
    EXPECT_NE(answer.find("refused: malformed"), std::string::npos);
  }
  neighbour.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(neighbour.read_answer().find("GET /echo"), std::string::npos);
}

TEST_F(HttpsServerTest, AClientThatSpeaksNoTlsIsToldSo) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket plain(io);
  plain.connect({boost::asio::ip::address_v4::loopback(), server_->port()});
  boost::asio::write(plain, boost::asio::buffer(std::string("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")));
  std::string answer;
  boost::system::error_code end;
  boost::asio::read(plain, boost::asio::dynamic_buffer(answer), end);
  EXPECT_TRUE(answer.starts_with("HTTP/1.0 400 Bad Request\r\n")) << end.message();
  EXPECT_NE(answer.find("Client sent an HTTP request to an HTTPS server."), std::string::npos);
}

TEST_F(HttpsServerTest, ABodyOverTheLimitIsRefusedBeforeItIsRead) {
  auto https = client();
  https.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
  EXPECT_TRUE(https.read_to_end().starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpsServerTest, ARequestThatDoesNotArriveInTimeIsRefused) {
  HttpsServerOptions options;
  options.request_timeout = 50ms;
  start(options);
  auto https = client();
  https.send("GET /echo HTTP/1.1\r\n");
  EXPECT_TRUE(https.read_to_end().starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpsServerTest, AnIdleConnectionIsClosed) {
  HttpsServerOptions options;
  options.idle_timeout = 50ms;
  start(options);
  auto https = client();
  EXPECT_EQ(https.read_to_end(), "");
}

TEST_F(HttpsServerTest, ConnectionsOverTheLimitWaitForTheirTurn) {
  HttpsServerOptions options;
  options.max_connections = 1;
  start(options);
  std::thread second;
  {
    auto first = client();
    second = std::thread([this] {
      auto https = client();
      https.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_NE(https.read_answer().find("GET /echo"), std::string::npos);
    });
    first.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(first.read_answer().find("GET /echo"), std::string::npos);
  }
  second.join();
}

TEST_F(HttpsServerTest, StopCompletesAnAnswerThatHasBegun) {
  auto https = client();
  https.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  auto writer = handler_.wait_for("/later");
  Gate stopped;
  server_->stop(20s, [&stopped] { stopped.open(); });
  HttpResponse response;
  response.body = "completed";
  writer->respond(std::move(response));
  writer.reset();
  EXPECT_TRUE(https.read_to_end().ends_with("completed"));
  EXPECT_TRUE(stopped.wait());
}

TEST_F(HttpsServerTest, AnAddressInUseIsAnErrorThatNamesIt) {
  HttpsServerOptions options;
  options.port = server_->port();
  TlsIdentity identity;
  identity.certificate_chain = pki_->server.certificate;
  identity.private_key = pki_->server.key;
  auto second = HttpsServer::make(*io_, TlsContext::for_server(identity).value(), options, handler_);
  const auto started = second->start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("127.0.0.1:" + std::to_string(options.port)), std::string::npos);
}

/// Keeps what an upgraded connection's client sends.
class TestSink final : public ByteSink {
 public:
  void received(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    all_.append(bytes);
    changed_.notify_all();
  }
  bool wait_for(std::string_view text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return all_ == text; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string all_;
};

HttpResponse switching() {
  HttpResponse head;
  head.status = 101;
  head.headers.add("Connection", "Upgrade");
  head.headers.add("Upgrade", "test");
  return head;
}

TEST_F(HttpsServerTest, AnUpgradedConnectionIsRawBytesBothWays) {
  TlsClient client = this->client();
  client.send("GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\nearly ");
  auto writer = handler_.wait_for("/up");
  auto sink = std::make_shared<TestSink>();
  upgradable(*writer)->upgrade(switching(), sink);
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_EQ(head.find("HTTP/1.1 101 Switching Protocols\r\n"), 0U) << head;
  EXPECT_EQ(head.find("Transfer-Encoding"), std::string::npos) << head;
  client.send("and GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(sink->wait_for("early and GET / HTTP/1.1\r\n\r\n"));
  writer->write(std::make_shared<const std::string>("not in chunks"));
  EXPECT_EQ(client.read_until("chunks"), "not in chunks");
  writer->finish();
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpsServerTest, AnUpgradedConnectionThatIsNotReadStillSeesItsClientLeave) {
  auto sink = std::make_shared<TestSink>();
  Gate gone;
  std::shared_ptr<ResponseWriter> writer;
  {
    TlsClient client = this->client();
    client.send("GET /up HTTP/1.1\r\nHost: x\r\n\r\n");
    writer = handler_.wait_for("/up");
    upgradable(*writer)->upgrade(switching(), sink);
    writer->on_close([&gone] { gone.open(); });
    client.read_until("\r\n\r\n");
    upgradable(*writer)->pause_reading(true);
    client.send("one");
    client.send("two");
  }
  EXPECT_TRUE(gone.wait());
}

/// Keeps nothing; tells of the first bytes.
class DrainSink final : public ByteSink {
 public:
  void received(std::string_view) override { begun.open(); }
  Gate begun;
};

TEST_F(HttpsServerTest, AClientThatSendsWithoutEndIsCutOffAllTheSame) {
  TlsClient client = this->client();
  client.send("GET /up HTTP/1.1\r\nHost: x\r\n\r\n");
  auto writer = handler_.wait_for("/up");
  auto sink = std::make_shared<DrainSink>();
  Gate gone;
  upgradable(*writer)->upgrade(switching(), sink);
  writer->on_close([&gone] { gone.open(); });
  client.read_until("\r\n\r\n");
  std::thread sender([&client] {
    sigset_t broken;  // what is written to a connection that was cut off
    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken, nullptr);
    const std::string much(1024 * 1024, 'x');
    for (int i = 0; i < 4000; ++i) client.send(much);
  });
  EXPECT_TRUE(sink->begun.wait());
  writer->abort();
  EXPECT_TRUE(gone.wait());
  sender.join();
}

TEST_F(HttpsServerTest, APausedSinkGetsTheRestWhenItWantsIt) {
  TlsClient client = this->client();
  client.send("GET /up HTTP/1.1\r\nHost: x\r\n\r\n");
  auto writer = handler_.wait_for("/up");
  auto sink = std::make_shared<TestSink>();
  upgradable(*writer)->upgrade(switching(), sink);
  client.read_until("\r\n\r\n");
  upgradable(*writer)->pause_reading(true);
  client.send("one ");
  upgradable(*writer)->pause_reading(false);
  client.send("two");
  EXPECT_TRUE(sink->wait_for("one two"));
  writer->finish();
}

/// What a body says next.
std::string next_of(RequestBody& body) {
  std::promise<std::string> promise;
  auto future = promise.get_future();
  body.read([&promise](std::string bytes) { promise.set_value(std::move(bytes)); });
  if (future.wait_for(20s) != std::future_status::ready) throw std::runtime_error("the body does not go on");
  return future.get();
}

HttpResponse said(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

TEST_F(HttpsServerTest, ABodyThatIsStreamedComesAsFastAsItIsReadAndMayBeLong) {
  HttpsServerOptions options;
  options.max_body_bytes = 1000;
  options.max_inbox_bytes = 4096;
  start(options);
  auto https = client();
  constexpr std::size_t kSize = 3'000'000;
  std::jthread sender([&https] {
    https.send("PUT /stream HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n");
    for (std::size_t sent = 0; sent < kSize; sent += 1000) https.send(std::string(1000, 'x'));
    https.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  });
  auto writer = handler_.wait_for("/stream");
  const HttpRequest request = handler_.streamed("/stream");
  ASSERT_NE(request.incoming, nullptr);
  EXPECT_EQ(request.incoming->length(), kSize);
  std::size_t got = 0;
  while (true) {
    const std::string piece = next_of(*request.incoming);
    if (piece.empty()) break;
    EXPECT_LE(piece.size(), 4096U + 16 * 1024);
    got += piece.size();
  }
  EXPECT_EQ(got, kSize);
  EXPECT_EQ(next_of(*request.incoming), "") << "its end stays its end";
  sender.join();
  writer->respond(said("taken"));
  EXPECT_TRUE(https.read_answer().ends_with("taken"));
  EXPECT_NE(https.read_answer().find("GET /echo"), std::string::npos) << "the connection is as good as before";
}

TEST_F(HttpsServerTest, AnswersBeforeTheEndOfAStreamedBodyAndEndsTheConnection) {
  auto https = client();
  https.send("PUT /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
  auto writer = handler_.wait_for("/stream");
  EXPECT_EQ(next_of(*handler_.streamed("/stream").incoming), "first");
  writer->respond(said("enough"));
  const std::string answer = https.read_to_end();
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("enough")) << answer;
}

TEST_F(HttpsServerTest, AShortBodyThatCameWithItsHeadIsWhole) {
  auto https = client();
  for (const char* target : {"/stream/1", "/stream/2"}) {
    https.send("PUT " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    auto writer = handler_.wait_for(target);
    HttpRequest request = handler_.streamed(target);
    if (request.incoming != nullptr) request.body = next_of(*request.incoming);  // it came in two pieces
    writer->respond(said(request.body));
    EXPECT_TRUE(https.read_answer().ends_with("\r\n\r\nhi"));
  }
}

TEST_F(HttpsServerTest, AStreamedBodyThatIsExpectedIsAskedForWhenItIsRead) {
  auto https = client();
  https.send("PUT /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  auto writer = handler_.wait_for("/stream");
  std::promise<std::string> promise;
  auto future = promise.get_future();
  handler_.streamed("/stream").incoming->read([&promise](std::string bytes) { promise.set_value(std::move(bytes)); });
  EXPECT_EQ(https.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  https.send("hi");
  ASSERT_EQ(future.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(future.get(), "hi");
  writer->respond(said("good"));
  EXPECT_TRUE(https.read_answer().ends_with("good"));

  https.send("PUT /stream2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  writer = handler_.wait_for("/stream2");
  writer->respond(said("refused unread"));
  EXPECT_TRUE(https.read_to_end().starts_with("HTTP/1.1 200 OK\r\n")) << "no 100 before it";
}

TEST_F(HttpsServerTest, AStreamedBodyThatBreaksEndsItsConnection) {
  Gate gone;
  auto https = client();
  https.send("PUT /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  auto writer = handler_.wait_for("/stream");
  writer->on_close([&gone] { gone.open(); });
  https.send("no number\r\n");
  EXPECT_TRUE(gone.wait());
  EXPECT_EQ(https.read_to_end(), "");
}

}  // namespace
}  // namespace troupe::net
