#include "net/http.hpp"

#include <gmock/gmock.h>

#include "net/http1_parser.hpp"

namespace troupe::net {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Headers, NamesCompareWithoutCaseAndRepeatedFieldsAreJoined) {
  Headers headers;
  headers.add("Accept", "a/b");
  headers.add("ACCEPT", "c/d");
  EXPECT_EQ(*headers.find("accept"), "a/b");
  EXPECT_EQ(headers.joined("accept"), "a/b, c/d");
  headers.set("aCCept", "x");
  EXPECT_EQ(headers.fields().size(), 1U);
  EXPECT_EQ(headers.find("host"), nullptr);
}

TEST(Query, PairsAreDecodedAndMalformedEncodingsAreRefused) {
  std::vector<std::pair<std::string, std::string>> pairs;
  ASSERT_TRUE(parse_query("fieldSelector=a%3Db%2Cc&watch&x=1+2&&y=", pairs));
  EXPECT_THAT(pairs, ElementsAre(Pair("fieldSelector", "a=b,c"), Pair("watch", ""), Pair("x", "1 2"), Pair("y", "")));
  EXPECT_FALSE(parse_query("a=%4", pairs));
  EXPECT_FALSE(parse_query("a=%zz", pairs));
}

Http1Parser::State feed_all(Http1Parser& parser, std::string_view text, std::size_t step) {
  // As the session does it: what is not consumed is given again, with more behind it.
  std::string waiting;
  auto state = Http1Parser::State::kNeedMore;
  for (std::size_t at = 0; at < text.size(); at += step) {
    waiting.append(text.substr(at, step));
    std::size_t used = 0;
    state = parser.feed(waiting, used);
    waiting.erase(0, used);
    if (state == Http1Parser::State::kComplete || state == Http1Parser::State::kRefused) return state;
  }
  return state;
}

TEST(Http1Parser, ReadsARequestHoweverItIsCut) {
  const std::string text =
      "POST /api/v1/pods?x=1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    Http1Parser parser({});
    ASSERT_EQ(feed_all(parser, text, step), Http1Parser::State::kComplete) << "step " << step;
    const HttpRequest request = parser.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/api/v1/pods?x=1");
    EXPECT_EQ(request.body, "abcdefg");
    EXPECT_EQ(*request.headers.find("content-type"), "application/json");
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(Http1Parser, TakesPipelinedRequestsOneByOne) {
  const std::string one = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string all = one + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n";
  Http1Parser parser({});
  std::size_t used = 0;
  ASSERT_EQ(parser.feed(all, used), Http1Parser::State::kComplete);
  EXPECT_EQ(used, one.size());
  EXPECT_EQ(parser.take().target, "/a");
  ASSERT_EQ(parser.feed(std::string_view(all).substr(used), used), Http1Parser::State::kComplete);
  EXPECT_EQ(parser.take().target, "/b");
}

struct Refused {
  const char* name;
  const char* text;
  int status;

  friend void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }
};

class RefusedRequests : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedRequests, SayWhy) {
  Http1Parser parser({.header_bytes = 256, .body_bytes = 16});
  EXPECT_EQ(feed_all(parser, GetParam().text, 7), Http1Parser::State::kRefused);
  EXPECT_EQ(parser.refusal_status(), GetParam().status);
  EXPECT_FALSE(parser.refusal_reason().empty());
}

const std::string& long_header() {
  static const std::string kText = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(400, 'x') + "\r\n\r\n";
  return kText;
}

INSTANTIATE_TEST_SUITE_P(
    Malformed, RefusedRequests,
    ::testing::Values(
        Refused{"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        Refused{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        Refused{"no text", "\x16\x03\x01\x02\x01 nonsense\r\n\r\n", 400},
        Refused{"a version that is not spoken", "GET / HTTP/3.1\r\nHost: a\r\n\r\n", 400},
        Refused{"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Refused{"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab", 400},
        Refused{"a length and chunks",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Refused{"a length that is no number", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400},
        Refused{"a body over the limit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\n\r\n", 413},
        Refused{"a chunk over the limit", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n",
                413},
        Refused{"a chunk without a length", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                400},
        Refused{"a header over the limit", long_header().c_str(), 431}));

TEST(Http1Parser, ReportsAnExpectedContinueOnce) {
  Http1Parser parser({});
  std::size_t used = 0;
  const std::string head = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(parser.feed(head, used), Http1Parser::State::kExpectContinue);
  EXPECT_EQ(used, head.size());
  EXPECT_EQ(parser.feed("a", used), Http1Parser::State::kNeedMore);
  EXPECT_EQ(parser.feed("b", used), Http1Parser::State::kComplete);
}

}  // namespace
}  // namespace troupe::net
