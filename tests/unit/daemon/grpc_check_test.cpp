#include "daemon/grpc_check.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <random>
#include <thread>
#include <vector>

#include "actors/pod/handlers.hpp"
#include "daemon/grpc_call.hpp"

namespace troupe::daemon {
namespace {

using namespace std::chrono_literals;
using Kind = pod::GrpcAnswer::Kind;
using Fields = std::vector<std::pair<std::string, std::string>>;

/// gRPC's frame around a HealthCheckResponse with this status.
std::string response(char serving) { return std::string("\0\0\0\0\2\x08", 6) + serving; }

/// What the server answers to the one request.
struct Behaviour {
  Fields headers = {{":status", "200"}, {"content-type", "application/grpc"}};
  std::string body = response(1);
  Fields trailers = {{"grpc-status", "0"}};
  bool answers = true;
};

std::vector<nghttp2_nv> to_nv(Fields& fields) {
  std::vector<nghttp2_nv> out;
  out.reserve(fields.size());
  for (auto& [name, value] : fields) {
    out.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                   name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return out;
}

/// The server's side of a connection, made of nghttp2: bytes in, bytes out.
class Server {
 public:
  explicit Server(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Server() { nghttp2_session_del(session_); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void receive(std::string_view bytes) {
    nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::string take_output() {
    std::string out;
    for (;;) {
      const std::uint8_t* data = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_, &data);
      if (size <= 0) return out;
      out.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    }
  }

  Fields request_headers;
  std::string request_body;

 private:
  static int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    static_cast<Server*>(user)->request_headers.emplace_back(std::string(name, name + name_size),
                                                             std::string(value, value + value_size));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data, std::size_t size,
                     void* user) {
    static_cast<Server*>(user)->request_body.append(data, data + size);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Server*>(user);
    const bool ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (ended && self.behaviour_.answers) self.answer(frame->hd.stream_id);
    return 0;
  }
  static ssize_t read_body(nghttp2_session* session, std::int32_t stream, std::uint8_t* buffer, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& self = *static_cast<Server*>(source->ptr);
    const std::size_t size = std::min(room, self.behaviour_.body.size() - self.sent_);
    std::copy_n(self.behaviour_.body.data() + self.sent_, size, buffer);
    self.sent_ += size;
    if (self.sent_ < self.behaviour_.body.size()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (self.behaviour_.trailers.empty()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const auto trailers = to_nv(self.behaviour_.trailers);
    nghttp2_submit_trailer(session, stream, trailers.data(), trailers.size());
    return static_cast<ssize_t>(size);
  }
  void answer(std::int32_t stream) {
    const auto headers = to_nv(behaviour_.headers);
    nghttp2_data_provider body{};
    body.source.ptr = this;
    body.read_callback = read_body;
    const bool more = !behaviour_.body.empty() || !behaviour_.trailers.empty();
    nghttp2_submit_response(session_, stream, headers.data(), headers.size(), more ? &body : nullptr);
  }

  nghttp2_session* session_ = nullptr;
  Behaviour behaviour_;
  std::size_t sent_ = 0;
};

/// Carries bytes to and fro until the call has its answer or nothing moves any more.
void pump(GrpcCall& call, Server& server) {
  for (int round = 0; round < 1000 && !call.answer(); ++round) {
    const std::string there = call.take_output();
    server.receive(there);
    const std::string back = server.take_output();
    if (there.empty() && back.empty()) return;
    call.receive(back);
  }
}

pod::HandlerAnswer judged(Behaviour behaviour, const std::string& service = {}) {
  GrpcCall call({"10.0.0.5", 80, service});
  Server server(std::move(behaviour));
  pump(call, server);
  if (!call.answer()) return {pod::ProbeAnswer::kUnknown, "no answer"};
  return pod::judge_grpc(*call.answer(), "10.0.0.5:80", 1s);
}

Behaviour refusing(std::string code, std::string message) {
  Behaviour out;
  out.headers.insert(out.headers.end(), {{"grpc-status", std::move(code)}, {"grpc-message", std::move(message)}});
  out.body.clear();
  out.trailers.clear();
  return out;
}

TEST(GrpcCall, AsksForTheServiceAsGrpcDoes) {
  GrpcCall call({"10.0.0.5", 80, "web"});
  Server server({});
  pump(call, server);
  ASSERT_TRUE(call.answer());
  EXPECT_EQ(*call.answer(), (pod::GrpcAnswer{Kind::kReplied, 0, "", 1}));
  EXPECT_EQ(server.request_body, std::string("\0\0\0\0\5\x0A\3web", 10));
  const auto& headers = server.request_headers;
  for (const auto& [name, value] : Fields{{":method", "POST"},
                                          {":path", "/grpc.health.v1.Health/Check"},
                                          {":authority", "10.0.0.5:80"},
                                          {"content-type", "application/grpc"},
                                          {"te", "trailers"}}) {
    EXPECT_NE(std::find(headers.begin(), headers.end(), std::pair(name, value)), headers.end()) << name;
  }
}

TEST(GrpcCall, WhatAServerSaysIsToldInTheKubeletsWords) {
  EXPECT_EQ(judged({}).answer, pod::ProbeAnswer::kSuccess);
  Behaviour sick;
  sick.body = response(2);
  EXPECT_EQ(judged(sick).answer, pod::ProbeAnswer::kFailure);
  EXPECT_EQ(judged(sick).message, "service unhealthy (responded with \"NOT_SERVING\")");
  sick.body = std::string(5, '\0');
  EXPECT_EQ(judged(sick).message, "service unhealthy (responded with \"UNKNOWN\")");
  sick.body = response(9);
  EXPECT_EQ(judged(sick).message, "service unhealthy (responded with \"9\")");
  EXPECT_EQ(judged(refusing("5", "unknown%20service"), "no").message,
            "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service");
  EXPECT_EQ(judged(refusing("12", "unknown service grpc.health.v1.Health")).message,
            "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service "
            "grpc.health.v1.Health");
  EXPECT_EQ(judged(refusing("4", "")).message, "timeout: health rpc did not complete within 1s");
  EXPECT_EQ(judged(refusing("99", "?")).message, "error: health rpc probe failed: rpc error: code = Code(99) desc = ?");
}

TEST(GrpcCall, AnAnswerThatIsNoGrpcIsAFailureWithItsReason) {
  Behaviour page;
  page.headers = {{":status", "404"}, {"content-type", "text/html"}};
  page.body = "<html>";
  page.trailers.clear();
  EXPECT_EQ(judged(page).message,
            "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unexpected HTTP "
            "status code received from server: 404; transport: received unexpected content-type \"text/html\"");
  page.headers[0].second = "200";
  EXPECT_EQ(judged(page).message,
            "error: health rpc probe failed: rpc error: code = Unknown desc = unexpected HTTP status code received "
            "from server: 200; transport: received unexpected content-type \"text/html\"");
  Behaviour cut;
  cut.trailers.clear();
  EXPECT_NE(judged(cut).message.find("code = Internal"), std::string::npos) << judged(cut).message;
  Behaviour malformed;
  malformed.body = std::string("\0\0\0\0\2\x08\xFF", 7);
  EXPECT_NE(judged(malformed).message.find("failed to unmarshal"), std::string::npos);
  malformed.body = std::string("\0\0\0\0\x09\x08\1", 7);
  EXPECT_NE(judged(malformed).message.find("unexpected EOF"), std::string::npos);
  malformed.body = std::string("\1\0\0\0\2\x08\1", 7);
  EXPECT_NE(judged(malformed).message.find("compressed"), std::string::npos);
}

TEST(GrpcCall, TooMuchOfAnAnswerEndsIt) {
  Behaviour endless;
  endless.body = std::string(4'000'000, 'x');
  const auto answer = judged(endless);
  EXPECT_EQ(answer.answer, pod::ProbeAnswer::kFailure) << answer.message;
  Behaviour large;
  large.body = std::string(20'000, 'x');
  EXPECT_NE(judged(large).message.find("ResourceExhausted"), std::string::npos) << judged(large).message;
  EXPECT_LT(judged(refusing("13", std::string(10'000, 'm'))).message.size(), 1200U);
}

TEST(GrpcCall, AServerThatSpeaksSomethingElseIsNotConnected) {
  GrpcCall call({"10.0.0.5", 80, ""});
  call.receive("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(call.answer());
  EXPECT_EQ(call.answer()->kind, Kind::kNotConnected);
  EXPECT_TRUE(pod::judge_grpc(*call.answer(), "10.0.0.5:80", 1s)
                  .message.starts_with("error: failed to connect service at \"10.0.0.5:80\": connection error"));
}

/// Good conversations with bytes changed, cut and repeated: always an answer or none, never a fault.
TEST(GrpcCall, MalformedBytesNeverHarm) {
  std::string good;
  {
    GrpcCall call({"h", 1, "s"});
    Server server({});
    for (int i = 0; i < 5; ++i) {
      server.receive(call.take_output());
      const std::string back = server.take_output();
      good += back;
      call.receive(back);
    }
    ASSERT_TRUE(call.answer());
  }
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    std::mt19937_64 random(seed);
    std::string bytes = good;
    for (std::uint64_t i = random() % 4; i > 0; --i) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(1 + random() % bytes.size());
    if (random() % 4 == 0) bytes.insert(random() % bytes.size(), bytes.substr(random() % bytes.size(), 40));
    GrpcCall call({"h", 1, "s"});
    call.take_output();
    for (std::size_t at = 0; at < bytes.size() && !call.answer();) {
      const std::size_t size = 1 + random() % 40;
      call.receive(std::string_view(bytes).substr(at, size));
      at += size;
      call.take_output();
    }
    if (!call.answer()) call.closed("EOF");
    ASSERT_TRUE(call.answer()) << "seed " << seed;
  }
}

/// A listening socket on a free port, with a thread that serves one connection.
class Listener {
 public:
  enum class Mode : std::uint8_t { kServe, kSilent, kRefuse };

  Listener(Mode mode, Behaviour behaviour) {
    listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listening_, reinterpret_cast<sockaddr*>(&address), size), 0);
    getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (mode == Mode::kRefuse) return;
    EXPECT_EQ(listen(listening_, 1), 0);
    thread_ = std::thread([this, mode, behaviour = std::move(behaviour)] { serve(mode, behaviour); });
  }
  ~Listener() {
    shutdown(listening_, SHUT_RDWR);  // a client whose time was over before it connected never comes
    if (thread_.joinable()) thread_.join();
    close(listening_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  /// Until the client hangs up.
  void serve(Mode mode, const Behaviour& behaviour) const {
    const int fd = accept(listening_, nullptr, nullptr);
    if (fd < 0) return;
    Server server(behaviour);
    std::array<char, 4096> buffer{};
    for (;;) {
      const std::string out = mode == Mode::kServe ? server.take_output() : std::string();
      if (!out.empty() && send(fd, out.data(), out.size(), MSG_NOSIGNAL) < 0) break;
      const ssize_t size = read(fd, buffer.data(), buffer.size());
      if (size <= 0) break;
      server.receive({buffer.data(), static_cast<std::size_t>(size)});
    }
    close(fd);
  }

  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

pod::GrpcAnswer ask(Listener::Mode mode, Behaviour behaviour, std::chrono::milliseconds timeout) {
  const Listener listener(mode, std::move(behaviour));
  boost::asio::io_context io;
  std::vector<pod::GrpcAnswer> answers;
  check_grpc(io, {"127.0.0.1", listener.port(), "web"}, timeout,
             [&](pod::GrpcAnswer answer) { answers.push_back(std::move(answer)); });
  io.run();
  EXPECT_EQ(answers.size(), 1U);
  return answers.empty() ? pod::GrpcAnswer() : answers.front();
}

TEST(GrpcCheck, AsksARealServer) {
  EXPECT_EQ(ask(Listener::Mode::kServe, {}, 30s), (pod::GrpcAnswer{Kind::kReplied, 0, "", 1}));
  Behaviour sick;
  sick.body = response(2);
  EXPECT_EQ(ask(Listener::Mode::kServe, sick, 30s), (pod::GrpcAnswer{Kind::kReplied, 0, "", 2}));
}

TEST(GrpcCheck, AServerThatHangsIsTimedOutWhereverItHangs) {
  EXPECT_EQ(ask(Listener::Mode::kSilent, {}, 30ms).kind, Kind::kConnectTimeout);
  Behaviour mute;
  mute.answers = false;
  // Connected is who has the server's first frame, which may take its time on a busy machine.
  auto kind = Kind::kConnectTimeout;
  for (auto timeout = 100ms; kind == Kind::kConnectTimeout && timeout < 60s; timeout *= 2) {
    kind = ask(Listener::Mode::kServe, mute, timeout).kind;
  }
  EXPECT_EQ(kind, Kind::kCallTimeout);
}

TEST(GrpcCheck, NobodyListeningIsToldAtOnce) {
  const auto answer = ask(Listener::Mode::kRefuse, {}, 30s);
  EXPECT_EQ(answer.kind, Kind::kNotConnected);
  EXPECT_TRUE(answer.message.starts_with("transport: Error while dialing: dial tcp 127.0.0.1:")) << answer.message;
  EXPECT_TRUE(answer.message.ends_with("connect: connection refused")) << answer.message;
}

}  // namespace
}  // namespace troupe::daemon
