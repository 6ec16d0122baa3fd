#include "net/websocket.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe::net::websocket {
namespace {

std::string client_frame(unsigned first, std::string_view payload, std::string_view mask = "abcd") {
  std::string out(1, static_cast<char>(first));
  if (payload.size() <= 125) {
    out.push_back(static_cast<char>(0x80U | payload.size()));
  } else {
    const bool is_long = payload.size() > 0xFFFF;
    out.push_back(static_cast<char>(0x80U | (is_long ? 127U : 126U)));
    for (int i = (is_long ? 8 : 2) - 1; i >= 0; --i) {
      out.push_back(static_cast<char>((static_cast<std::uint64_t>(payload.size()) >> (8 * i)) & 0xFFU));
    }
  }
  out.append(mask);
  for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

constexpr unsigned kFinal = 0x80;
constexpr unsigned kBin = 2;

struct Seen {
  std::string all;
  Reader::Events events{[this](std::string_view text) { all += "message:" + std::string(text) + ";"; },
                        [this](std::string_view text) { all += "ping:" + std::string(text) + ";"; },
                        [this](std::uint16_t code) { all += "close:" + std::to_string(code) + ";"; },
                        [this](std::string_view text) { all += "pong:" + std::string(text) + ";"; }};
};

HttpRequest opening() {
  HttpRequest request;
  request.method = "GET";
  request.headers.add("Connection", "keep-alive, Upgrade");
  request.headers.add("Upgrade", "websocket");
  request.headers.add("Sec-WebSocket-Version", "13");
  request.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  request.headers.add("Sec-WebSocket-Protocol", "v5.channel.k8s.io, v4.channel.k8s.io");
  return request;
}

TEST(WebSocket, AnswersAHandshakeAsTheStandardsExample) {
  HttpRequest request = opening();
  EXPECT_TRUE(is_upgrade(request));
  EXPECT_EQ(offered_protocols(request), (std::vector<std::string>{"v5.channel.k8s.io", "v4.channel.k8s.io"}));
  const auto head = handshake(request, "v5.channel.k8s.io");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 101);
  EXPECT_EQ(*head->headers.find("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(*head->headers.find("sec-websocket-protocol"), "v5.channel.k8s.io");
  request.headers.set("sec-websocket-version", "8");
  EXPECT_FALSE(handshake(request, ""));
  EXPECT_FALSE(is_upgrade(HttpRequest()));
}

TEST(WebSocket, PutsMessagesTogetherWhateverThePieces) {
  const std::string big(70'000, 'x');
  std::string bytes = client_frame(kFinal | kBin, "one") + client_frame(kBin, "tw") + client_frame(kFinal | 9, "p") +
                      client_frame(kFinal | 10, "q") + client_frame(kFinal, "o") +
                      client_frame(kFinal | kBin, std::string(300, 'y')) + client_frame(kFinal | kBin, big) +
                      client_frame(kFinal | kBin, "") + client_frame(kFinal | 8, std::string("\x03\xe8", 2)) +
                      client_frame(kFinal | kBin, "after");
  const std::string expected = "message:one;ping:p;pong:q;message:two;message:" + std::string(300, 'y') +
                               ";message:" + big + ";message:;close:1000;";
  std::mt19937 random(1);
  for (const std::size_t most : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, bytes.size()}) {
    Seen seen;
    Reader reader(100'000);
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = std::min(bytes.size() - at, 1 + random() % most);
      EXPECT_TRUE(reader.feed(std::string_view(bytes).substr(at, size), seen.events));
      at += size;
    }
    EXPECT_EQ(seen.all, expected);
  }
}

TEST(WebSocket, RefusesWhatTheStandardForbids) {
  struct Case {
    const char* what;
    std::string bytes;
    std::uint16_t code;
  };
  const Case cases[] = {
      {"no mask", frame(Opcode::kBinary, "x"), kProtocolError},
      {"a reserved bit", client_frame(0xC2, "x"), kProtocolError},
      {"an unknown kind", client_frame(kFinal | 3, "x"), kProtocolError},
      {"a ping in pieces", client_frame(9, "x"), kProtocolError},
      {"a long ping", client_frame(kFinal | 9, std::string(126, 'x')), kProtocolError},
      {"a continuation of nothing", client_frame(kFinal, "x"), kProtocolError},
      {"a message inside another", client_frame(kBin, "x") + client_frame(kFinal | kBin, "y"), kProtocolError},
      {"half a code", client_frame(kFinal | 8, "x"), kProtocolError},
      {"too large", client_frame(kFinal | kBin, std::string(2000, 'x')), kMessageTooBig},
      {"too large in pieces", client_frame(kBin, std::string(900, 'x')) + client_frame(kFinal, std::string(900, 'x')),
       kMessageTooBig},
      {"a size of 2^63", std::string("\x82\xff\x80\0\0\0\0\0\0\0abcd", 14), kMessageTooBig},
  };
  for (const Case& one : cases) {
    Seen seen;
    Reader reader(1000);
    EXPECT_FALSE(reader.feed(one.bytes, seen.events)) << one.what;
    EXPECT_EQ(reader.fault_code(), one.code) << one.what;
    EXPECT_FALSE(reader.feed(client_frame(kFinal | kBin, "more"), seen.events)) << one.what;
    EXPECT_EQ(seen.all, "") << one.what;
  }
}

TEST(WebSocket, FramesOfOursHaveTheShortestHead) {
  EXPECT_EQ(frame(Opcode::kBinary, "a", "b"),
            "\x82\x02"
            "ab");
  EXPECT_EQ(frame(Opcode::kPong, ""), std::string("\x8a\0", 2));
  EXPECT_EQ(frame(Opcode::kBinary, std::string(126, 'x')).substr(0, 4), std::string("\x82\x7e\0\x7e", 4));
  EXPECT_EQ(frame(Opcode::kBinary, std::string(65'536, 'x')).substr(0, 10),
            std::string("\x82\x7f\0\0\0\0\0\1\0\0", 10));
  EXPECT_EQ(close_frame(1002, std::string(500, 'x')).size(), 2U + 125U);
}

TEST(WebSocket, SurvivesNoise) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::string bytes(400, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    Seen seen;
    Reader reader(1000);
    for (std::size_t at = 0; at < bytes.size(); at += 13)
      reader.feed(std::string_view(bytes).substr(at, 13), seen.events);
    EXPECT_LT(seen.all.size(), 3000U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::net::websocket
