#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <thread>

#include "net/https_server.hpp"
#include "net/pki.hpp"
#include "net/tls_client.hpp"

/// The client's side of TLS, with real sockets.
namespace troupe::net {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Answers with what it got.
class Echo final : public HttpHandler {
 public:
  void handle(HttpRequest request, std::shared_ptr<ResponseWriter> writer) override {
    HttpResponse response;
    response.body = request.body;
    writer->respond(std::move(response));
  }
  HttpResponse refusal(int status, std::string_view) const override {
    HttpResponse response;
    response.status = status;
    return response;
  }
};

template <class T>
T wait_for(std::future<T>& future) {
  if (future.wait_for(20s) != std::future_status::ready) throw std::runtime_error("nothing came");
  return future.get();
}

class TlsClientStreamTest : public ::testing::Test {
 protected:
  TlsClientStreamTest() : work_(io_.get_executor()), acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io_.run(); });
  }
  ~TlsClientStreamTest() override {
    work_.reset();
    io_.stop();
    for (auto& thread : threads_) thread.join();
  }
  TlsClientStreamTest(const TlsClientStreamTest&) = delete;
  TlsClientStreamTest& operator=(const TlsClientStreamTest&) = delete;

  void serve() {
    const auto now = std::chrono::system_clock::now();
    const auto authority = make_authority("nobody knows it", now).value();
    CertificateRequest request;
    request.common_name = "another name";
    request.names = {"elsewhere.example"};
    request.for_server = true;
    request.now = now;
    const auto pair = issue(authority, request).value();
    TlsIdentity identity;
    identity.certificate_chain = pair.certificate;
    identity.private_key = pair.key;
    server_ = HttpsServer::make(io_, TlsContext::for_server(identity).value(), {}, handler_);
    ASSERT_TRUE(server_->start());
  }
  void stop() {
    std::promise<void> stopped;
    auto future = stopped.get_future();
    server_->stop(2s, [&stopped] { stopped.set_value(); });
    ASSERT_EQ(future.wait_for(20s), std::future_status::ready);
    server_.reset();
  }

  std::shared_ptr<TlsClientStream> connect(std::uint16_t port) {
    std::promise<Result<std::shared_ptr<ByteStream>>> promise;
    auto future = promise.get_future();
    dial(io_, "127.0.0.1", port, [&promise](Result<std::shared_ptr<ByteStream>> got) { promise.set_value(got); });
    return make_tls_client_stream(wait_for(future).value());
  }
  std::future<Status> handshake(TlsClientStream& stream) {
    auto promise = std::make_shared<std::promise<Status>>();
    stream.handshake([promise](Status done) { promise->set_value(std::move(done)); });
    return promise->get_future();
  }
  std::future<bool> write(ByteStream& stream, std::string bytes) {
    auto promise = std::make_shared<std::promise<bool>>();
    stream.write(std::move(bytes), [promise](bool good) { promise->set_value(good); });
    return promise->get_future();
  }
  std::string read(ByteStream& stream) {
    auto promise = std::make_shared<std::promise<std::string>>();
    auto future = promise->get_future();
    stream.read([promise](std::string bytes) { promise->set_value(std::move(bytes)); });
    return wait_for(future);
  }
  std::string fault_against(const std::string& says) {
    const auto stream = connect(acceptor_.local_endpoint().port());
    auto shaken = handshake(*stream);
    asio::ip::tcp::socket other = acceptor_.accept();
    std::string hello(1, '\0');
    asio::read(other, asio::buffer(hello));
    if (!says.empty()) asio::write(other, asio::buffer(says));
    other.shutdown(asio::ip::tcp::socket::shutdown_send);
    const Status done = wait_for(shaken);
    stream->close();
    return done ? "" : done.error().message;
  }

  asio::io_context io_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<std::thread> threads_;
  Echo handler_;
  std::unique_ptr<HttpsServer> server_;
};

TEST_F(TlsClientStreamTest, SpeaksWithAServerWhoseCertificateNobodyKnows) {
  serve();
  const auto stream = connect(server_->port());
  auto shaken = handshake(*stream);
  ASSERT_TRUE(wait_for(shaken));
  const std::string body(2'000'000, 'x');
  auto written =
      write(*stream, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2000000\r\n\r\n" + body);
  std::string all;
  for (std::string piece = read(*stream); !piece.empty(); piece = read(*stream)) all += piece;
  EXPECT_TRUE(wait_for(written));
  EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n")) << all.substr(0, 100);
  EXPECT_TRUE(all.ends_with("\r\n\r\n" + body));
  stream->close();
  stop();
}

TEST_F(TlsClientStreamTest, SaysWhatIsWrongWithTheOtherSide) {
  EXPECT_EQ(fault_against("HTTP/1.1 400 Bad Request\r\n\r\n"), "tls: first record does not look like a TLS handshake");
  EXPECT_EQ(fault_against(""), "EOF");
  EXPECT_EQ(fault_against(std::string("\x15\x03\x03\x00\x02\x02\x28", 7)).find("tls: "), 0U);
}

TEST_F(TlsClientStreamTest, ClosingEndsWhatIsUnderWay) {
  const auto stream = connect(acceptor_.local_endpoint().port());
  auto shaken = handshake(*stream);  // with somebody who says nothing
  stream->close();
  EXPECT_FALSE(wait_for(shaken));
  EXPECT_EQ(read(*stream), "");
  auto written = write(*stream, "x");
  EXPECT_FALSE(wait_for(written));
}

}  // namespace
}  // namespace troupe::net
