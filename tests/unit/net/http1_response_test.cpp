#include "net/http1_response.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe::net {
namespace {

struct Read {
  bool good = true;
  bool complete = false;
  int status = 0;
  std::string body;
  std::string error;
};

/// The text in pieces of `size` bytes, then the connection's end.
Read read(std::string_view text, std::size_t size, bool of_head = false) {
  Http1ResponseReader reader(of_head);
  Read out;
  Status fed;
  for (; fed && !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    fed = reader.feed(text.substr(0, size), out.body);
  }
  out.complete = reader.complete();
  if (fed) fed = reader.end();
  out.good = fed.has_value();
  if (!fed) out.error = fed.error().message;
  out.status = reader.head().status;
  return out;
}

TEST(Http1Response, IsReadHoweverItIsCut) {
  struct Case {
    const char* text;
    const char* body;
    bool known_end;
  };
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true},
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", true},
      {"HTTP/1.0 200 OK\r\nX: y\r\n\r\nuntil the end", "until the end", false},
      {"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "ok", true},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:  2 \r\n\r\nok", "ok", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nT: u\r\n\r\n", "hello!",
       true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 99\r\n\r\n0a\r\n0123456789\r\n0\r\n\r\n",
       "0123456789", true},
  };
  for (const Case& each : cases) {
    for (const std::size_t size : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
      const Read got = read(each.text, size);
      EXPECT_TRUE(got.good) << each.text << got.error;
      EXPECT_EQ(got.status, 200) << each.text;
      EXPECT_EQ(got.body, each.body) << each.text << " by " << size;
      EXPECT_EQ(got.complete, each.known_end) << each.text;
    }
  }
}

TEST(Http1Response, HasNoBodyWhereThereIsNone) {
  EXPECT_TRUE(read("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 9, true).complete);
  EXPECT_TRUE(read("HTTP/1.1 204 No Content\r\n\r\n", 9).complete);
  EXPECT_TRUE(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 9).complete);
}

TEST(Http1Response, ThatSwitchesTheProtocolLeavesTheRest) {
  Http1ResponseReader reader(false);
  std::string body;
  ASSERT_TRUE(reader.feed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nfirst", body).has_value());
  ASSERT_TRUE(reader.complete());
  EXPECT_EQ(reader.head().status, 101);
  EXPECT_EQ(reader.take_rest(), "first");
  EXPECT_EQ(body, "");
}

TEST(Http1Response, IsRefusedWhenItIsNone) {
  const std::string long_line(70'000, 'x');
  const std::string cases[] = {
      "SSH-2.0-OpenSSH\r\n",
      "HTTP/2 200\r\n",
      "HTTP/1.1 2x0 OK\r\n",
      "HTTP/1.1 099 OK\r\n",
      "HTTP/1.1 2000 OK\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n",
      "HTTP/1.1 200 OK\r\nspace : y\r\n",
      "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n",
      "HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: c\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
      long_line,
      "HTTP/1.1 200 OK\r\nX: " + long_line,
  };
  for (const std::string& text : cases) {
    for (const std::size_t size : {1UL, 100'000UL}) EXPECT_FALSE(read(text, size).good) << text.substr(0, 100);
  }
}

TEST(Http1Response, ThatIsCutShortIsKnown) {
  EXPECT_EQ(read("", 1).error, "EOF");
  for (const char* text : {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    EXPECT_EQ(read(text, 4).error, "unexpected EOF") << text;
  }
}

}  // namespace
}  // namespace troupe::net
