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
        Refused{"a coding that is not known", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nabc", 501},
        Refused{"a coding below chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        Refused{"two codings",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
        Refused{"a header over the limit", long_header().c_str(), 431}));

TEST(Http1Parser, ATargetWithItsServersNameIsOneWithout) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://a/api?x=/y", "/api?x=/y"}, {"http://a:80", "/"}, {"/https://a/b", "/https://a/b"}, {"*", "*"}};
  for (const auto& [sent, target] : cases) {
    Http1Parser parser({});
    ASSERT_EQ(feed_all(parser, "GET " + std::string(sent) + " HTTP/1.1\r\nHost: a\r\n\r\n", 100),
              Http1Parser::State::kComplete);
    EXPECT_EQ(parser.take().target, target);
  }
}

TEST(Http1Parser, ABodyThatIsStreamedComesInPiecesHoweverItIsCut) {
  const std::string head = "PUT /big HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string text = head + "14\r\n01234567890123456789\r\n3;x=y\r\nefg\r\n0\r\nT: 1\r\n\r\nGET / HTTP/1.1\r\n";
  const auto streams = [](std::string_view method, std::string_view target) {
    return method == "PUT" && target == "/big";
  };
  for (std::size_t step = 1; step <= text.size(); ++step) {
    Http1Parser parser({.header_bytes = 256, .body_bytes = 16}, streams);
    std::string waiting;
    std::string body;
    bool has_head = false;
    auto state = Http1Parser::State::kNeedMore;
    for (std::size_t at = 0; at < text.size() && state != Http1Parser::State::kComplete; at += step) {
      waiting.append(text.substr(at, step));
      for (std::size_t used = 1; used != 0 && state != Http1Parser::State::kComplete; waiting.erase(0, used)) {
        state = parser.feed(waiting, used);
        ASSERT_NE(state, Http1Parser::State::kRefused) << parser.refusal_reason();
        if (state == Http1Parser::State::kHead) {
          has_head = true;
          const HttpRequest request = parser.take();
          EXPECT_EQ(request.target, "/big");
          EXPECT_EQ(request.body, "");
          EXPECT_FALSE(parser.body_length().has_value());
        }
        body += parser.take_body();
      }
    }
    ASSERT_EQ(state, Http1Parser::State::kComplete) << "step " << step;
    EXPECT_TRUE(has_head);
    EXPECT_EQ(body, "01234567890123456789efg") << "longer than the limit of others";
    EXPECT_FALSE(parser.started()) << "ready for the next request";
    EXPECT_TRUE(std::string("GET / HTTP/1.1\r\n").starts_with(waiting)) << waiting;
  }
}

TEST(Http1Parser, APromiseOfGigabytesReservesNothing) {
  Http1Parser parser({}, [](std::string_view, std::string_view) { return true; });
  std::size_t used = 0;
  const std::string text = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000000000000\r\n\r\nab";
  ASSERT_EQ(parser.feed(text, used), Http1Parser::State::kHead);
  parser.take();
  EXPECT_EQ(parser.body_length(), 9'000'000'000'000'000U);
  EXPECT_EQ(parser.feed("ab", used), Http1Parser::State::kNeedMore);
  const std::string body = parser.take_body();
  EXPECT_EQ(body, "ab");
  EXPECT_LE(body.capacity(), 4U * 1024 * 1024 + 64);
}

TEST(Http1Parser, OfALineThatNeverEndsLittleIsKept) {
  for (const char* start : {"1;", "0\r\nTrailer: "}) {
    Http1Parser parser({.header_bytes = 256, .body_bytes = 16});
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(feed_all(parser, head + start + std::string(1000, 'a'), 10), Http1Parser::State::kRefused) << start;
    EXPECT_EQ(parser.refusal_status(), 400);
  }
}

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
