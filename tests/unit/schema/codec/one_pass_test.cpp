#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "schema/codec/json.hpp"
#include "tests/unit/schema/codec/object_maker.hpp"

namespace troupe::schema {
namespace {

const TypeTable& table() {
  static const TypeTable built = TypeTable::built_in().value();
  return built;
}

std::string to_json(const Type& type, const StoredBuilder& stored) {
  ByteBuffer out;
  encode_json(type, StructView::root(stored.words()), {}, out);
  return std::string(out.view());
}

/// The text decoded in one pass and by way of a Document, which simdjson's tree makes: both refuse it or give the same.
void expect_same_both_ways(const Type& type, const std::string& text) {
  static JsonDecoder decoder;
  // Exactly as long as its text, so that a look behind the end is seen.
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  std::copy(text.begin(), text.end(), exact.get());
  Document document;
  Diagnostics strict(Strictness::kStrict);
  const Status parsed = decoder.parse(text, document, strict);
  if (strict.has_errors()) return;  // keys that stand twice: a tree has only the last
  StoredBuilder direct;
  Diagnostics found;
  const Status decoded = decoder.decode({exact.get(), text.size()}, type, direct, found);
  if (!parsed) {
    EXPECT_FALSE(decoded) << text;
    return;
  }
  StoredBuilder roundabout;
  Diagnostics also_found;
  const Status expected = decode_node(document.root(), type, Limits{}, roundabout, also_found);
  ASSERT_EQ(decoded.has_value(), expected.has_value())
      << text << '\n'
      << (decoded ? "" : decoded.error().message) << (expected ? "" : expected.error().message);
  if (decoded) {
    EXPECT_EQ(to_json(type, direct), to_json(type, roundabout)) << text;
  } else {
    EXPECT_EQ(decoded.error().message, expected.error().message) << text;
  }
}

TEST(OnePass, RefusesWhatIsNotWellFormed) {
  const Type& pod = *table().find("", "v1", "Pod");
  for (const char* text : {"{",
                           "}",
                           "{}{}",
                           "{}}",
                           "{]",
                           "{\"spec\":{}",
                           "{\"spec\"}",
                           "{\"spec\":}",
                           "{\"spec\":{}}}",
                           "{,}",
                           "{\"spec\":{},}",
                           "{\"kind\":\"Pod\"\"x\"}",
                           "{\"kind\":\"Pod\"x}",
                           "{\"kind\":\"Pod\" true}",
                           "{\"spec\":{\"priority\":01}}",
                           "{\"spec\":{\"priority\":1 2}}",
                           "{\"spec\":{\"priority\":-}}",
                           "{\"spec\":{\"priority\":1\"a\"}}",
                           "{\"spec\":{\"hostPID\":tru}}",
                           "{\"spec\":{\"hostPID\":truex}}",
                           "{\"spec\":{\"hostPID\":true\"x\"}}",
                           "{\"spec\":{\"priority\":nul}}",
                           "{\"spec\":{\"containers\":[{},]}}",
                           "{\"spec\":{\"containers\":[{} {}]}}",
                           "{\"spec\":{\"containers\":[{}}}",
                           "{\"spec\":{\"containers\":{]}}",
                           "{\"spec\":{\"containers\":[}]}}",
                           "{\"metadata\":{\"labels\":{\"a\":}}}",
                           "{\"metadata\":{\"labels\":{\"a\"}}}",
                           "{\"metadata\":{\"labels\":{\"a\":tru,\"a\":\"b\"}}}",
                           "{\"metadata\":{\"name\":\"\\x\"}}",
                           "{\"kind\":\"\\x\"}",
                           "{\"what\":tru}",
                           "{\"what\":[1 2]}",
                           "{\"spec\":{\"containers\":[[[[["}) {
    JsonDecoder decoder;
    StoredBuilder stored;
    Diagnostics ignored;
    const Status status = decoder.decode(text, pod, stored, ignored);
    ASSERT_FALSE(status) << text;
    EXPECT_THAT(status.error().message, testing::HasSubstr("no valid JSON")) << text;
  }
}

TEST(OnePass, ReadsWhiteSpaceEscapesNumbersAndNulls) {
  const Type& pod = *table().find("", "v1", "Pod");
  for (const char* text :
       {" { \"kind\" : \"Pod\" , \"spec\" : { \"containers\" : [ { \"name\" : \"a\" } , { } ] } }\n",
        " { \"spec\" : { \"priority\" : -5 } }\n",
        "{\"metadata\":{\"name\":\"a\\n\\u00e9\\ud83d\\ude00b\",\"labels\":{\"b\\u0061\":\"\\\"\",\"a\":\"x\"}}}",
        "{\"spec\":{\"containers\":[null,{\"name\":\"a\"},null]}}", "{\"spec\":{\"containers\":[],\"volumes\":null}}",
        "{\"metadata\":{\"labels\":{\"z\":\"1\",\"a\":null,\"m\":\"\"}},\"spec\":{\"nodeName\":\"n\"}}",
        "{\"metadata\":{\"managedFields\":[{\"fieldsV1\":{\"f:a\":{\".\":{},\"x\":[1,-2.5e3,true,null,\"\\\\\"]}}}]}}",
        "{\"spec\":{\"overhead\":{\"memory\":1024,\"cpu\":1.5,\"b\":1e3}}}", "{\"spec\":{\"priority\":-0}}",
        "{\"spec\":{\"priority\":1.0}}", "{\"spec\":{\"priority\":123456789012345678901234567890}}",
        "{\"spec\":{\"terminationGracePeriodSeconds\":9223372036854775807}}",
        "{\"spec\":{\"terminationGracePeriodSeconds\":9223372036854775808}}", "{\"spec\":[]}", "{\"spec\":\"x\"}"}) {
    expect_same_both_ways(pod, text);
  }
}

TEST(OnePass, ReadsTextsOfEveryLength) {
  const Type& pod = *table().find("", "v1", "Pod");
  for (std::size_t size = 0; size < 80; ++size) {
    const std::string text(size, 'x');
    expect_same_both_ways(pod, R"({"metadata":{"name":")" + text + R"("}})");
    expect_same_both_ways(pod,
                          R"({"metadata":{"name":")" + text + R"(","labels":{")" + text + R"(":")" + text + R"("}}})");
    expect_same_both_ways(pod, R"({"spec":{"containers":[{"command":[")" + text + R"(",")" + text + R"("]}]}})");
  }
}

TEST(OnePass, ReadsEscapesBeforeBetweenAndBehindPlainTextsAndInUnsortedMaps) {
  const Type& pod = *table().find("", "v1", "Pod");
  for (const char* text :
       {R"({"metadata":{"name":"a\tb","namespace":"plain","labels":{"z":"1","a\u0062":"\"2\"","c":"3"},"uid":"u"}})",
        R"({"metadata":{"labels":{"a":"1","b":"\n","c":"3"},"annotations":{"y":"plain","x":"\\"},"name":"n\/m"}})",
        R"({"metadata":{"annotations":{"last":"{\"a\":[1,2]}"},"name":"n"},"spec":{"nodeName":"b\u00e9"}})",
        R"({"metadata":{"labels":{"b":"1","a":"2"}},"spec":{"nodeSelector":{"d":"\t","c":"4"},"nodeName":"n\r"}})",
        R"({"metadata":{"labels":{"b\n":"1","b\t":"2","b":"3"}, "name" : "x\ny" , "uid":"\u0041"} })"}) {
    expect_same_both_ways(pod, text);
  }
}

TEST(OnePass, FindsKeysThatAreLongerThanOneLookAndThoseThatBeginAlike) {
  const Type& pod = *table().find("", "v1", "Pod");
  for (const char* text :
       {R"({"spec":{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1}]}}}})",
        R"({"spec":{"terminationGracePeriodSeconds":30,"terminationGracePeriodSecond":31}})",
        R"({"spec":{"host":"a","hostname":"b","hostNetwork":true,"hostnam":"c"}})",
        R"({"spec":{"nodeName" :"a","nodeName2":"b"}})", R"({"spec":{"node\u004eame":"a"}})",
        R"({"status":{"podIP":"1","podIPs":[{"ip":"1"}],"hostIP":"2","hostIPs":[]}})"}) {
    expect_same_both_ways(pod, text);
  }
}

TEST(OnePass, RefusesAFieldThatStandsTwiceAsTheThoroughWayDoes) {
  const Type& pod = *table().find("", "v1", "Pod");
  for (const char* text :
       {R"({"spec":{"nodeName":"a","nodeName":"b"}})", R"({"spec":{"nodeName":"a","node\u004eame":"b"}})",
        R"({"spec":{"hostPID":true,"hostIPC":true,"hostPID":null}})"}) {
    JsonDecoder decoder;
    StoredBuilder stored;
    Diagnostics strict(Strictness::kStrict);
    const Status status = decoder.decode(text, pod, stored, strict);
    ASSERT_FALSE(status) << text;
    EXPECT_THAT(status.error().message, testing::HasSubstr("duplicate field \"spec.")) << text;
  }
}

TEST(OnePass, AgreesWithTheTreeOnDamagedObjectsOfEveryType) {
  constexpr std::uint64_t kSeed = 20260;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937_64 random(kSeed);
  constexpr std::string_view kPieces[] = {"{",  "}",   "[",  "]",  "\"", ":",  ",",  "null",  "true", "1",
                                          "-1", "1.5", "\\", "\n", " ",  "{}", "[]", "\"a\"", "\xff", "1e2"};
  for (std::size_t i = 0; i < table().types().size(); ++i) {
    const Type& type = *table().types()[i];
    const std::string whole = ObjectMaker(i).make(type, 3);
    if (whole.size() > 8000) continue;
    expect_same_both_ways(type, whole);
    for (int n = 0; n < 8; ++n) {
      std::string text = whole;
      for (std::uint64_t cuts = 1 + random() % 2; cuts > 0; --cuts) {
        if (text.empty()) text = "{";
        const std::size_t at = random() % text.size();
        if (random() % 2 == 0) text.erase(at, 1 + random() % 3);
        if (random() % 2 == 0) text.insert(std::min(at, text.size()), kPieces[random() % std::size(kPieces)]);
      }
      expect_same_both_ways(type, text);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace troupe::schema
