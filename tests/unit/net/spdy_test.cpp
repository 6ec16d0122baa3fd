#include "net/spdy.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace troupe::net::spdy {
namespace {

Headers stream_headers(const std::string& type, const std::string& port) {
  Headers headers;
  headers.add("streamtype", type);
  headers.add("port", port);
  return headers;
}

struct Seen {
  std::string all;
  Reader::Events events{[this](std::uint32_t stream, const Headers& headers, bool last) {
                          all += "open " + std::to_string(stream) + (last ? " last" : "");
                          for (const auto& [name, value] : headers.fields())
                            all.append(" ").append(name).append("=").append(value);
                          all += ";";
                        },
                        [this](std::uint32_t stream, std::string_view bytes, bool last) {
                          if (!bytes.empty()) all += "data " + std::to_string(stream) + " " + std::string(bytes) + ";";
                          if (last) all += "last " + std::to_string(stream) + ";";
                        },
                        [this](std::uint32_t stream) { all += "reset " + std::to_string(stream) + ";"; },
                        [this](std::uint32_t id) { all += "ping " + std::to_string(id) + ";"; },
                        [this] { all += "away;"; }};
};

TEST(Spdy, ItsDictionaryIsTheProtocols) {
  const std::string& words = dictionary();
  EXPECT_EQ(words.size(), 1423U);
  EXPECT_EQ(adler32(1, reinterpret_cast<const Bytef*>(words.data()), static_cast<uInt>(words.size())), 0xe3c6a7c2U);
}

TEST(Spdy, ReadsWhatAClientSends) {
  Writer client;
  std::string bytes = client.open(1, stream_headers("error", "80"));
  bytes += client.open(3, stream_headers("data", "80"));
  bytes += Writer::data(3, "hello", false) + Writer::ping(1) + Writer::data(3, "", true);
  bytes += Writer::reset(1, ResetStatus::kCancel) + Writer::go_away(0);
  Seen seen;
  Reader reader;
  EXPECT_TRUE(reader.feed(bytes, seen.events)) << reader.fault();
  EXPECT_EQ(seen.all,
            "open 1 streamtype=error port=80;open 3 streamtype=data port=80;data 3 hello;ping 1;last 3;reset 1;away;");
}

TEST(Spdy, DataComesAsItArrivesAndHeadsInAnyPieces) {
  Writer client;
  const std::string bytes = client.open(1, stream_headers("data", "1")) + Writer::data(1, "abc", true);
  Seen seen;
  Reader reader;
  for (const char byte : bytes) EXPECT_TRUE(reader.feed(std::string_view(&byte, 1), seen.events));
  EXPECT_EQ(seen.all, "open 1 streamtype=data port=1;data 1 a;data 1 b;data 1 c;last 1;");
}

TEST(Spdy, RefusesMalformedFrames) {
  Writer client;
  const std::string good = client.open(1, stream_headers("data", "1"));
  std::string other_version = good;
  other_version[1] = 2;
  std::string even = Writer().open(2, {});
  std::string huge = good.substr(0, 5) + "\xff\xff\xff";
  std::string broken = good;
  broken[20] = static_cast<char>(broken[20] ^ 0x55);
  const std::string cases[] = {other_version,
                               even,
                               huge,
                               broken,
                               Writer::data(0, "x", false),
                               std::string("\x80\3\0\6\0\0\0\2xy", 10),
                               std::string("\x80\3\0\1\0\0\0\4xyzt", 12)};
  for (const std::string& one : cases) {
    Seen seen;
    Reader reader;
    EXPECT_FALSE(reader.feed(one, seen.events));
    EXPECT_NE(reader.fault(), "");
    EXPECT_FALSE(reader.feed(good, seen.events)) << "nothing is read after a fault";
    EXPECT_EQ(seen.all, "");
  }
}

TEST(Spdy, ABlockThatUnpacksToTooMuchIsRefused) {
  Headers headers;
  headers.add("name", std::string(300'000, 'x'));
  Seen seen;
  Reader reader;
  EXPECT_FALSE(reader.feed(Writer().open(1, headers), seen.events));
  EXPECT_EQ(seen.all, "");
}

TEST(Spdy, UnknownControlFramesArePassedOver) {
  Seen seen;
  Reader reader;
  EXPECT_TRUE(reader.feed(std::string("\x80\3\0\x4d\0\0\0\3abc", 11) + Writer::ping(7), seen.events));
  EXPECT_EQ(seen.all, "ping 7;");
}

TEST(Spdy, SurvivesNoise) {
  Writer client;
  std::string good = client.open(1, stream_headers("data", "80")) + Writer::data(1, "hello", false);
  good += client.open(3, stream_headers("error", "80"));
  good += Writer::ping(1);
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = good;
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    Seen seen;
    Reader reader;
    reader.feed(bytes, seen.events);
    EXPECT_LT(seen.all.size(), 1000U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::net::spdy
