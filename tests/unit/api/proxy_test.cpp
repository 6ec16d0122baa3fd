#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/streaming/node_streams.hpp"
#include "api/streaming/proxy_rules.hpp"
#include "net/upgrade.hpp"
#include "tests/unit/api/front_fixture.hpp"

/// The proxy subresources, with simulated ports of pods.
namespace troupe::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A port of a pod, which says what the test says.
class Port final : public net::ByteStream {
 public:
  void read(std::function<void(std::string)> got) override {
    got_ = std::move(got);
    give();
  }
  void write(std::string bytes, std::function<void(bool)> written) override {
    received += bytes;
    if (takes) return written(true);
    written_ = std::move(written);
  }
  void end_writes() override {}
  void close() override {
    closed = true;
    if (const auto got = std::exchange(got_, nullptr)) got({});
  }
  void says(std::string bytes) {
    said_ += bytes;
    give();
  }
  void ends() {
    ended_ = true;
    give();
  }
  bool is_read() const { return got_ != nullptr; }
  void take() {
    if (const auto written = std::exchange(written_, nullptr)) written(true);
  }

  std::string received;
  bool takes = true;
  bool closed = false;

 private:
  void give() {
    if (!got_ || (said_.empty() && !ended_)) return;
    std::exchange(got_, nullptr)(std::exchange(said_, {}));
  }
  std::function<void(std::string)> got_;
  std::function<void(bool)> written_;
  std::string said_;
  bool ended_ = false;
};

class Node final : public NodeStreams {
 public:
  void exec(NodeCommand, Opened, Ended) override {}
  void attach(NodeCommand, Opened, Ended) override {}
  void dial(const std::string& pod_uid, std::uint16_t number, Opened opened) override {
    asked.emplace_back(pod_uid, number);
    if (refuses) return opened(fail(ErrorCode::kUnavailable, "connection refused"));
    port = std::make_shared<Port>();
    Connected connected;
    connected.input = port;
    opened(connected);
  }
  void usage(std::function<void(Result<NodeUsage>)>) override {}

  std::vector<std::pair<std::string, std::uint16_t>> asked;
  std::shared_ptr<Port> port;
  bool refuses = false;
};

/// A client whose connection can be switched.
class Client final : public net::ResponseWriter, public net::UpgradableWriter {
 public:
  void respond(net::HttpResponse response) override {
    head = std::move(response);
    body = head.body;
    whole = true;
    end();
  }
  void start(net::HttpResponse response) override {
    head = std::move(response);
    started = true;
  }
  bool write(net::SharedBytes bytes) override {
    body += *bytes;
    return reads;
  }
  void finish() override { end(); }
  void abort() override {
    aborted = true;
    end();
  }
  std::size_t buffered() const override { return 0; }
  void on_drain(std::function<void()> drained) override { drained_ = std::move(drained); }
  void on_close(std::function<void()> closed) override { closed_ = std::move(closed); }
  void upgrade(net::HttpResponse response, std::shared_ptr<net::ByteSink> to) override {
    head = std::move(response);
    sink = std::move(to);
  }
  void pause_reading(bool now) override { paused = now; }
  void drain() {
    if (const auto drained = std::exchange(drained_, nullptr)) drained();
  }
  void leave() {
    sink.reset();
    drained_ = nullptr;
    if (const auto closed = std::exchange(closed_, nullptr)) closed();
  }

  net::HttpResponse head;
  std::string body;
  std::shared_ptr<net::ByteSink> sink;
  bool reads = true;
  bool started = false;
  bool whole = false;
  bool done = false;
  bool aborted = false;
  bool paused = false;

 private:
  void end() {
    done = true;
    sink.reset();
    closed_ = nullptr;
  }

  std::function<void()> drained_;
  std::function<void()> closed_;
};

/// A request's body that comes when the test says.
class Incoming final : public net::RequestBody {
 public:
  explicit Incoming(std::optional<std::uint64_t> size) : size_(size) {}
  std::optional<std::uint64_t> length() const override { return size_; }
  void read(std::function<void(std::string)> got) override { got_ = std::move(got); }
  bool is_read() const { return got_ != nullptr; }
  void comes(std::string bytes) { std::exchange(got_, nullptr)(std::move(bytes)); }

 private:
  std::optional<std::uint64_t> size_;
  std::function<void(std::string)> got_;
};

const std::string kPods = "/api/v1/namespaces/default/pods";
const std::string kServices = "/api/v1/namespaces/default/services";
constexpr const char* kMerge = "application/merge-patch+json";

class ProxyTest : public ::testing::Test {
 protected:
  ProxyTest() : api(options()) {
    const auto made = api.ask("POST", kPods,
                              R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[)"
                              R"({"name":"c","image":"none","ports":[{"containerPort":8080}]}]}})");
    EXPECT_EQ(made.status, 201) << made.body;
    uid = testing::at(made.body, "metadata.uid");
    EXPECT_EQ(api.ask("PATCH", kPods + "/web/status", R"({"status":{"podIP":"10.1.2.3"}})", kMerge).status, 200);
  }
  FrontOptions options() {
    FrontOptions out;
    out.streams = &node;
    return out;
  }
  std::shared_ptr<Client> ask(std::string method, std::string target, std::string body = {},
                              std::vector<std::pair<std::string, std::string>> headers = {},
                              std::shared_ptr<net::RequestBody> incoming = nullptr) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.incoming = std::move(incoming);
    request.remote_address = "192.0.2.7:4711";
    request.headers.add("Host", "cluster:6443");
    for (auto& [name, value] : headers) request.headers.add(std::move(name), std::move(value));
    auto master = std::make_shared<net::ClientCertificate>();
    master->common_name = "admin";
    master->organizations = {"system:masters"};
    request.certificate = std::move(master);
    auto client = std::make_shared<Client>();
    api.front->handle(std::move(request), client);
    api.run();
    return client;
  }
  std::string message(const Client& client) { return testing::at(client.body, "message"); }

  Node node;
  testing::FrontFixture api;
  std::string uid;
};

TEST_F(ProxyTest, ARequestGoesToThePodsPortAndItsAnswerComesBack) {
  const auto client = ask("GET", kPods + "/web:8081/proxy/a%20b//c?x=1&watch=true", "",
                          {{"Accept", "image/png"}, {"User-Agent", "test"}});
  ASSERT_EQ(node.asked.size(), 1U) << client->body;
  EXPECT_EQ(node.asked.front(), std::make_pair(uid, std::uint16_t{8081}));
  EXPECT_THAT(node.port->received, StartsWith("GET /a%20b//c?x=1&watch=true HTTP/1.1\r\nHost: cluster:6443\r\n"));
  EXPECT_THAT(node.port->received, HasSubstr("\r\nAccept: image/png\r\n"));
  EXPECT_THAT(node.port->received, HasSubstr("\r\nUser-Agent: test\r\n"));
  EXPECT_THAT(node.port->received, HasSubstr("\r\nConnection: close\r\n\r\n"));
  node.port->says("HTTP/1.1 418 Teapot\r\nContent-Type: text/plain\r\nServer: me\r\nContent-Length: 5\r\n\r\nhe");
  EXPECT_FALSE(client->done);
  node.port->says("llo");
  ASSERT_TRUE(client->whole);
  EXPECT_EQ(client->head.status, 418);
  EXPECT_EQ(client->body, "hello");
  EXPECT_EQ(*client->head.headers.find("server"), "me");
  EXPECT_EQ(client->head.headers.find("content-length"), nullptr) << "the session says it";
  EXPECT_TRUE(node.port->closed);
}

TEST_F(ProxyTest, EveryMethodGoesWithItsBody) {
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"}) {
    const std::string word = method;
    const bool has_body = word != "GET" && word != "HEAD" && word != "OPTIONS";
    const auto client = ask(method, kPods + "/web/proxy/x", has_body ? "text" : "");
    EXPECT_EQ(node.asked.back().second, 8080) << "the first port that the pod names";
    EXPECT_THAT(node.port->received, StartsWith(word + " /x HTTP/1.1\r\n"));
    EXPECT_THAT(node.port->received, HasSubstr(has_body ? "Content-Length: 4\r\n" : "\r\n\r\n"));
    EXPECT_EQ(node.port->received.ends_with("\r\n\r\ntext"), has_body) << node.port->received;
    node.port->says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(client->done) << method;
    EXPECT_EQ(client->head.status, 200) << method;
  }
  EXPECT_EQ(ask("TRACE", kPods + "/web/proxy/x")->head.status, 405);
}

TEST_F(ProxyTest, ABodyGoesOnAsThePodTakesIt) {
  const auto body = std::make_shared<Incoming>(12);
  const auto client = ask("PUT", kPods + "/web/proxy/x", "", {}, body);
  EXPECT_THAT(node.port->received, HasSubstr("\r\nContent-Length: 12\r\n"));
  EXPECT_TRUE(node.port->received.ends_with("\r\n\r\n"));
  ASSERT_TRUE(body->is_read());
  node.port->takes = false;
  body->comes("first ");
  EXPECT_TRUE(node.port->received.ends_with("\r\n\r\nfirst "));
  EXPECT_FALSE(body->is_read()) << "the pod has not taken what there is";
  node.port->takes = true;
  node.port->take();
  ASSERT_TRUE(body->is_read());
  body->comes("second");
  body->comes("");
  EXPECT_TRUE(node.port->received.ends_with("\r\n\r\nfirst second"));
  EXPECT_FALSE(body->is_read());
  node.port->says("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(client->head.status, 204);
}

TEST_F(ProxyTest, ABodyOfUnknownLengthGoesInChunks) {
  const auto body = std::make_shared<Incoming>(std::nullopt);
  const auto client = ask("PATCH", kPods + "/web/proxy/x", "", {{"Transfer-Encoding", "chunked"}}, body);
  EXPECT_THAT(node.port->received, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_THAT(node.port->received, Not(HasSubstr("Content-Length")));
  body->comes("twelve bytes");
  body->comes("");
  const std::string sent = node.port->received;
  EXPECT_TRUE(sent.ends_with("\r\n\r\nc\r\ntwelve bytes\r\n0\r\n\r\n")) << sent;
  client->leave();
  const auto at_once = ask("PATCH", kPods + "/web/proxy/x", "twelve bytes", {{"Transfer-Encoding", "chunked"}});
  EXPECT_EQ(node.port->received, sent) << "however fast it came";
  at_once->leave();
}

TEST_F(ProxyTest, APodMayAnswerBeforeItHasReadAll) {
  const auto body = std::make_shared<Incoming>(1'000'000);
  const auto client = ask("PUT", kPods + "/web/proxy/x", "", {}, body);
  node.port->says("HTTP/1.1 413 Too much\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(client->done);
  EXPECT_EQ(client->head.status, 413);
  ASSERT_TRUE(body->is_read());
  body->comes("late");
  EXPECT_THAT(node.port->received, Not(HasSubstr("late")));
}

TEST_F(ProxyTest, OnlyBodiesForPodsServicesAndNodesAreStreamed) {
  const std::pair<const char*, bool> cases[] = {
      {"/api/v1/namespaces/default/pods/web/proxy/x?a=1", true},
      {"/api/v1/namespaces/default/services/web:80/proxy", true},
      {"/api/v1/nodes/n:9100/proxy/", true},
      {"/api/v1/namespaces/default/pods", false},
      {"/api/v1/namespaces/default/pods/proxy", false},
      {"/api/v1/namespaces/default/configmaps/web/proxy/x", false},
      {"/proxy", false},
      {"/api/v1/nodes/n/proxy/%", false},
      {"nonsense/proxy", false},
  };
  for (const auto& [target, streams] : cases) EXPECT_EQ(api.front->streams_body("POST", target), streams) << target;
}

TEST_F(ProxyTest, WithHttpsThePodIsSpokenToByTls) {
  const auto client = ask("GET", kPods + "/https:web:8443/proxy/x");
  ASSERT_EQ(node.asked.size(), 1U) << client->body;
  EXPECT_EQ(node.asked.front(), std::make_pair(uid, std::uint16_t{8443}));
  EXPECT_THAT(node.port->received, StartsWith(std::string("\x16\x03", 2))) << "a client's hello";
  EXPECT_THAT(node.port->received, Not(HasSubstr("GET")));
  node.port->says("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(client->head.status, 503);
  EXPECT_EQ(message(*client), "error trying to reach service: tls: first record does not look like a TLS handshake");
  EXPECT_TRUE(node.port->closed);
  const auto silent = ask("GET", kPods + "/https:web:8443/proxy/x");
  api.environment.fire();
  EXPECT_EQ(silent->head.status, 503);
  EXPECT_EQ(message(*silent), "error trying to reach service: net/http: TLS handshake timeout");
  EXPECT_TRUE(node.port->closed);
  const auto gone = ask("GET", kPods + "/https:web:8443/proxy/x");
  gone->leave();
  EXPECT_TRUE(node.port->closed);
}

TEST_F(ProxyTest, WhatBelongsToOneConnectionStaysOnIt) {
  const auto client = ask("GET", kPods + "/web/proxy/p/", "",
                          {{"Connection", "keep-alive, X-Mine"},
                           {"Keep-Alive", "5"},
                           {"X-Mine", "1"},
                           {"TE", "trailers"},
                           {"Proxy-Authorization", "x"},
                           {"Transfer-Encoding", "chunked"},
                           {"X-Forwarded-For", "198.51.100.1"},
                           {"X-Forwarded-Proto", "gopher"},
                           {"X-Kept", "2"}});
  const std::string& sent = node.port->received;
  for (const char* gone : {"Keep-Alive", "X-Mine", "Proxy-Authorization", "Transfer-Encoding", "gopher"}) {
    EXPECT_THAT(sent, Not(HasSubstr(gone)));
  }
  EXPECT_THAT(sent, HasSubstr("\r\nX-Kept: 2\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nX-Forwarded-For: 198.51.100.1, 192.0.2.7\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nX-Forwarded-Uri: " + kPods + "/web/proxy/p/\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nX-Forwarded-Host: cluster:6443\r\nX-Forwarded-Proto: https\r\n"));
  node.port->says(
      "HTTP/1.1 200 OK\r\nConnection: X-Own\r\nX-Own: 1\r\nKeep-Alive: 3\r\nDate: today\r\n"
      "Access-Control-Allow-Origin: *\r\nX-Kept: 3\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(client->done);
  ASSERT_EQ(client->head.headers.fields().size(), 1U);
  EXPECT_EQ(client->head.headers.fields().front().first, "X-Kept");
}

TEST_F(ProxyTest, TheCallersCredentialsStayHere) {
  net::HttpRequest request;
  request.method = "GET";
  request.target = kPods + "/web/proxy/";
  request.headers.add("Host", "h");
  request.headers.add("Authorization", "Bearer secret");
  const auto info = parse_request(request.method, request.target);
  ASSERT_TRUE(info.has_value());
  EXPECT_THAT(proxied_head(request, *info), Not(HasSubstr("secret")));
}

TEST_F(ProxyTest, ALongAnswerComesAsItIsMadeAndAsFastAsItIsRead) {
  const auto client = ask("GET", kPods + "/web/proxy/log");
  node.port->says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
  EXPECT_TRUE(client->started);
  EXPECT_EQ(client->body, "first");
  client->reads = false;
  node.port->says("6\r\nsecond\r\n");
  EXPECT_EQ(client->body, "firstsecond");
  EXPECT_FALSE(node.port->is_read()) << "the client takes no more";
  client->reads = true;
  client->drain();
  EXPECT_TRUE(node.port->is_read());
  node.port->says("0\r\n\r\n");
  EXPECT_TRUE(client->done);
  EXPECT_TRUE(node.port->closed);
}

TEST_F(ProxyTest, AnAnswerThatEndsWithItsConnectionIsWholeAndOneThatIsCutIsNot) {
  const auto open_end = ask("GET", kPods + "/web/proxy/");
  node.port->says("HTTP/1.0 200 OK\r\n\r\nall");
  node.port->ends();
  EXPECT_TRUE(open_end->done);
  EXPECT_EQ(open_end->body, "all");
  const auto cut = ask("GET", kPods + "/web/proxy/");
  node.port->says("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\npart");
  node.port->ends();
  EXPECT_TRUE(cut->aborted);
  const auto cut_early = ask("GET", kPods + "/web/proxy/");
  node.port->says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart");
  node.port->ends();
  EXPECT_EQ(cut_early->head.status, 503);
  EXPECT_EQ(message(*cut_early), "error trying to reach service: unexpected EOF");
}

TEST_F(ProxyTest, WhatCannotBeReachedIsToldInKubernetesWords) {
  struct Case {
    std::string target;
    int status;
    std::string message;
  };
  node.refuses = true;
  const Case cases[] = {
      {kPods + "/web:9/proxy/", 503, "error trying to reach service: dial tcp 10.1.2.3:9: connect: connection refused"},
      {kPods + "/none:9/proxy/", 404, "pods \"none\" not found"},
      {kPods + "/ftp:web:9/proxy/", 400, "invalid pod request \"ftp:web:9\""},
      {kPods + "/a:b:c:d/proxy/", 400, "invalid pod request \"a:b:c:d\""},
      {kPods + "/web:70000/proxy/", 503, "error trying to reach service: dial tcp: address 70000: invalid port"},
      {kPods + "/web:http/proxy/", 503, "error trying to reach service: dial tcp: lookup tcp/http: unknown port"},
      {kServices + "/none/proxy/", 404, "endpoints \"none\" not found"},
      {kServices + "/:80/proxy/", 400, "invalid service request \":80\""},
      {"/api/v1/nodes/none/proxy/", 404, "nodes \"none\" not found"},
  };
  for (const Case& each : cases) {
    const auto client = ask("GET", each.target);
    ASSERT_TRUE(client->done) << each.target;
    EXPECT_EQ(client->head.status, each.status) << each.target;
    EXPECT_EQ(message(*client), each.message) << each.target;
  }
  node.refuses = false;
  const auto silent = ask("GET", kPods + "/web/proxy/");
  node.port->ends();
  EXPECT_EQ(message(*silent), "error trying to reach service: EOF");
  const auto other = ask("GET", kPods + "/web/proxy/");
  node.port->says("SSH-2.0-x\r\n");
  EXPECT_EQ(other->head.status, 503);
  EXPECT_THAT(message(*other), StartsWith("error trying to reach service: malformed HTTP response"));
  EXPECT_TRUE(node.port->closed);
}

TEST_F(ProxyTest, APodWithoutAnAddressIsNotAllowed) {
  ASSERT_EQ(api.ask("POST", kPods,
                    R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"new"},"spec":{"containers":[)"
                    R"({"name":"c","image":"none"}]}})")
                .status,
            201);
  const auto client = ask("GET", kPods + "/new/proxy/");
  EXPECT_EQ(client->head.status, 400);
  EXPECT_EQ(message(*client), "address not allowed");
  EXPECT_TRUE(node.asked.empty());
}

TEST_F(ProxyTest, AServiceIsReachedByOneOfItsPodsThatAreReady) {
  ASSERT_EQ(api.ask("POST", kServices,
                    R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[)"
                    R"({"name":"http","port":80,"targetPort":8080},{"name":"other","port":81}]}})")
                .status,
            201);
  const std::string endpoints = "/api/v1/namespaces/default/endpoints";
  ASSERT_EQ(api.ask("POST", endpoints, R"({"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"s"}})").status,
            201);
  const auto none = ask("GET", kServices + "/s:http/proxy/");
  EXPECT_EQ(none->head.status, 503);
  EXPECT_EQ(message(*none), "no endpoints available for service \"s\"");
  const std::string subsets =
      R"({"subsets":[{"addresses":[{"ip":"10.1.2.9"},{"ip":"10.1.2.3","targetRef":{"kind":"Pod","name":"web","uid":")" +
      uid +
      R"("}}],"notReadyAddresses":[{"ip":"10.1.2.4","targetRef":{"kind":"Pod","name":"x","uid":"x"}}],)"
      R"("ports":[{"name":"http","port":20003}]}]})";
  ASSERT_EQ(api.ask("PATCH", endpoints + "/s", subsets, kMerge).status, 200);
  for (const char* id : {"s:http", "s:80", "http:s:http"}) {
    node.asked.clear();
    const auto client = ask("GET", kServices + "/" + id + "/proxy/");
    ASSERT_EQ(node.asked.size(), 1U) << id << client->body;
    EXPECT_EQ(node.asked.front(), std::make_pair(uid, std::uint16_t{20003})) << "only pods are reached";
    client->leave();
    EXPECT_TRUE(node.port->closed);
  }
  EXPECT_EQ(message(*ask("GET", kServices + "/s:82/proxy/")), "no service port 82 found for service \"s\"");
  EXPECT_EQ(message(*ask("GET", kServices + "/s/proxy/")), "no endpoints available for service \"s\"")
      << "no port without a name";
  EXPECT_EQ(message(*ask("GET", kServices + "/s:other/proxy/")), "no endpoints available for service \"s\"");
}

TEST_F(ProxyTest, ANodesPortIsReachedWhereSomePodListens) {
  ASSERT_EQ(api.ask("POST", "/api/v1/nodes", R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}})").status,
            201);
  ASSERT_EQ(api.ask("PATCH", "/api/v1/nodes/n/status",
                    R"({"status":{"addresses":[{"type":"Hostname","address":"n"},)"
                    R"({"type":"InternalIP","address":"10.0.0.5"}]}})",
                    kMerge)
                .status,
            200);
  const auto client = ask("GET", "/api/v1/nodes/n:9100/proxy/metrics");
  ASSERT_EQ(node.asked.size(), 1U) << client->body;
  EXPECT_EQ(node.asked.front(), std::make_pair(std::string(), std::uint16_t{9100}));
  EXPECT_THAT(node.port->received, StartsWith("GET /metrics HTTP/1.1\r\n"));
  client->leave();
  EXPECT_EQ(message(*ask("GET", "/api/v1/nodes/n/proxy/pods")),
            "error trying to reach service: dial tcp 10.0.0.5:10250: connect: connection refused");
}

TEST_F(ProxyTest, APathWithoutASlashIsMovedToOneWithIt) {
  const auto client = ask("GET", kPods + "/web:80/proxy?x=1");
  EXPECT_EQ(client->head.status, 301);
  EXPECT_EQ(*client->head.headers.find("location"), kPods + "/web:80/proxy/?x=1");
  EXPECT_TRUE(node.asked.empty());
  const auto posted = ask("POST", kPods + "/web:80/proxy");
  EXPECT_THAT(node.port->received, StartsWith("POST / HTTP/1.1\r\n"));
  posted->leave();
}

TEST_F(ProxyTest, ARedirectOfThePodStaysBehindTheProxy) {
  const auto client = ask("GET", kPods + "/web/proxy/a");
  node.port->says("HTTP/1.1 302 Found\r\nLocation: /b/?c\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client->head.status, 302);
  EXPECT_EQ(*client->head.headers.find("location"), kPods + "/web/proxy/b/?c");
}

const std::vector<std::pair<std::string, std::string>> kSwitch = {
    {"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Key", "k"}};

TEST_F(ProxyTest, AConnectionThatThePodSwitchesIsJoinedWithIt) {
  const auto client = ask("GET", kPods + "/web/proxy/ws?a=b", "", kSwitch);
  EXPECT_THAT(node.port->received, StartsWith("GET /ws?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(node.port->received, HasSubstr("\r\nSec-WebSocket-Key: k\r\n"));
  EXPECT_THAT(node.port->received, HasSubstr("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
  node.port->says(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: y\r\n\r\nearly");
  EXPECT_EQ(client->head.status, 101);
  EXPECT_EQ(*client->head.headers.find("upgrade"), "websocket");
  EXPECT_EQ(*client->head.headers.find("sec-websocket-accept"), "y");
  ASSERT_NE(client->sink, nullptr);
  EXPECT_EQ(client->body, "early");
  node.port->received.clear();
  client->sink->received("ping");
  EXPECT_EQ(node.port->received, "ping");
  node.port->says("pong");
  EXPECT_EQ(client->body, "earlypong");
  // A pod that takes nothing: its client is read no more.
  node.port->takes = false;
  for (int i = 0; i < 12; ++i) client->sink->received(std::string(64 * 1024, 'x'));
  EXPECT_TRUE(client->paused);
  node.port->take();
  EXPECT_FALSE(client->paused);
  node.port->takes = true;
  node.port->take();
  EXPECT_EQ(node.port->received.size(), 4 + 12U * 64 * 1024);
  node.port->ends();
  EXPECT_TRUE(client->done);
  EXPECT_TRUE(node.port->closed);
}

TEST_F(ProxyTest, ASwitchedConnectionEndsWithItsClient) {
  const auto client = ask("GET", kPods + "/web/proxy/ws", "", kSwitch);
  node.port->says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  client->leave();
  EXPECT_TRUE(node.port->closed);
}

TEST_F(ProxyTest, WhoWantsToSwitchIsToldThatNobodyIsThere) {
  node.refuses = true;
  const auto client = ask("GET", kPods + "/web:9/proxy/ws", "", kSwitch);
  EXPECT_EQ(client->head.status, 500);
  EXPECT_EQ(message(*client), "error dialing backend: dial tcp 10.1.2.3:9: connect: connection refused");
}

TEST_F(ProxyTest, APodThatDoesNotSwitchIsNotJoined) {
  const auto refused = ask("GET", kPods + "/web/proxy/ws", "", kSwitch);
  node.port->says("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_EQ(refused->head.status, 403);
  EXPECT_EQ(refused->body, "no");
  const auto answered = ask("GET", kPods + "/web/proxy/ws", "", kSwitch);
  node.port->says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_EQ(answered->head.status, 500);
  EXPECT_EQ(message(*answered), "invalid upgrade response: status code 200");
  const auto unasked = ask("GET", kPods + "/web/proxy/ws");
  node.port->says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(unasked->head.status, 503);
}

TEST_F(ProxyTest, AClientThatLeavesEndsTheConnectionToThePod) {
  const auto client = ask("GET", kPods + "/web/proxy/");
  EXPECT_FALSE(node.port->closed);
  client->leave();
  EXPECT_TRUE(node.port->closed);
}

}  // namespace
}  // namespace troupe::api
