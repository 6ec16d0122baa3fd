#include <gmock/gmock.h>

#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/value.hpp"
#include "schema/codec/yaml.hpp"

namespace troupe::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const TypeTable& table() {
  static const TypeTable built = TypeTable::built_in().value();
  return built;
}

/// The error of decoding `json` as a kind of core/v1 or apps/v1; "" when there is none.
std::string error_of(std::string_view json, Strictness strictness = Strictness::kStrict,
                     std::string_view kind = "Pod") {
  const Type* type = table().find(kind == "Pod" || kind == "ConfigMap" ? "" : "apps", "v1", kind);
  StoredBuilder stored;
  Diagnostics diagnostics(strictness);
  const Status status = JsonDecoder().decode(json, *type, stored, diagnostics);
  return status ? "" : status.error().message;
}

TEST(Errors, NameTheUnknownFieldByItsPath) {
  EXPECT_EQ(error_of(R"({"spec":{"template":{"spec":{"containers":[{"name":"c","imge":"x"}]}}}})", Strictness::kStrict,
                     "Deployment"),
            R"(unknown field "spec.template.spec.containers[0].imge")");
}

TEST(Errors, NameFieldsThatStandTwice) {
  EXPECT_EQ(error_of(R"({"metadata":{"name":"a","name":"b"}})"), R"(duplicate field "metadata.name")");
  EXPECT_EQ(error_of(R"({"metadata":{"labels":{"a.b/c":"1","a.b/c":"2"}}})"),
            R"(duplicate field "metadata.labels[a.b/c]")");
}

TEST(Errors, AreWarningsOrNothingInTheOtherModes) {
  const std::string json = R"({"spec":{"imge":1,"nodeName":"a","nodeName":"b"}})";
  EXPECT_EQ(error_of(json, Strictness::kIgnore), "");
  StoredBuilder stored;
  Diagnostics diagnostics(Strictness::kWarn);
  const Type& pod = *table().find("", "v1", "Pod");
  ASSERT_TRUE(JsonDecoder().decode(json, pod, stored, diagnostics));
  EXPECT_THAT(diagnostics.warnings(),
              ElementsAre(R"(unknown field "spec.imge")", R"(duplicate field "spec.nodeName")"));
  EXPECT_EQ(Value(pod, StructView::root(stored.words())).find("spec.nodeName").as_text(), "b");
}

TEST(Errors, SayWhatWasExpected) {
  EXPECT_EQ(error_of(R"({"spec":{"hostNetwork":"yes"}})"), "spec.hostNetwork: expected boolean, got string");
  EXPECT_EQ(error_of(R"({"spec":{"priority":"1"}})"), "spec.priority: expected integer, got string");
  EXPECT_THAT(error_of(R"({"spec":{"priority":1.0}})"),
              HasSubstr("spec.priority: expected integer, got a number with"));
  EXPECT_EQ(error_of(R"({"spec":{"priority":2147483648}})"), "spec.priority: 2147483648 is beyond 32 bits");
  EXPECT_THAT(error_of(R"({"spec":{"activeDeadlineSeconds":9223372036854775808}})"), HasSubstr("beyond 64 bits"));
  EXPECT_EQ(error_of(R"({"spec":[]})"), "spec: expected object, got list");
  EXPECT_EQ(error_of(R"({"spec":{"containers":{}}})"), "spec.containers: expected list, got object");
  EXPECT_EQ(error_of(R"({"metadata":{"labels":{"a":1}}})"), "metadata.labels.a: expected string, got integer");
  EXPECT_THAT(error_of(R"({"metadata":{"creationTimestamp":"today"}})"),
              HasSubstr("metadata.creationTimestamp: \"today\""));
  EXPECT_THAT(error_of(R"({"spec":{"overhead":{"cpu":"1x"}}})"), HasSubstr("spec.overhead.cpu: \"1x\" is no quantity"));
  EXPECT_EQ(error_of(R"({"binaryData":{"a":"?"}})", Strictness::kStrict, "ConfigMap"),
            "binaryData.a: expected base64 text");
  EXPECT_EQ(error_of(R"({"kind":1})"), "kind: expected string, got integer");
  EXPECT_EQ(error_of("[]"), "expected object, got list");
}

TEST(Errors, AreCollectedUpToABound) {
  std::string json = R"({"spec":{)";
  for (int i = 0; i < 100; ++i) json += "\"x" + std::to_string(i) + "\":0,";
  json.back() = '}';
  EXPECT_THAT(error_of(json + "}"), HasSubstr(" and 68 more"));
}

TEST(Errors, SayWhereTheTextIsNoJson) {
  EXPECT_EQ(error_of("{\n  \"a\": tru\n}"), "no valid JSON: line 2, column 8: expected a value");
  EXPECT_THAT(error_of("{\"a\":1"), HasSubstr("the text ends inside an object"));
  EXPECT_THAT(error_of(""), HasSubstr("the text is empty"));
  EXPECT_THAT(error_of("{} {}"), HasSubstr("text after the end"));
  EXPECT_THAT(error_of("{\"a\":\"\x01\"}"), HasSubstr("control character"));
}

TEST(Limits, BoundDepthBytesAndNodes) {
  std::string deep;
  for (int i = 0; i < 400; ++i) deep += "[";
  Document document;
  Diagnostics diagnostics;
  EXPECT_EQ(JsonDecoder().parse(deep + std::string(400, ']'), document, diagnostics).error().code,
            ErrorCode::kTooLarge);
  EXPECT_EQ(
      JsonDecoder().parse(std::string(100000, '[') + std::string(100000, ']'), document, diagnostics).error().code,
      ErrorCode::kTooLarge);
  Limits small;
  small.max_bytes = 10;
  EXPECT_EQ(JsonDecoder(small).parse(R"({"a":"0123456789"})", document, diagnostics).error().code,
            ErrorCode::kTooLarge);
  Limits few;
  few.max_nodes = 3;
  Document bounded(few);
  EXPECT_EQ(JsonDecoder().parse("[1,2,3,4,5]", bounded, diagnostics).error().code, ErrorCode::kTooLarge);
  // A list of empty containers is short as text and long as structs.
  std::string wide = R"({"spec":{"containers":[)";
  for (int i = 0; i < 30000; ++i) wide += "{},";
  wide.back() = ']';
  StoredBuilder tiny(1 << 16);
  EXPECT_EQ(JsonDecoder().decode(wide + "}}", *table().find("", "v1", "Pod"), tiny, diagnostics).error().code,
            ErrorCode::kTooLarge);
}

TEST(Repair, ReadsWhatGoReads) {
  Document document;
  Diagnostics diagnostics;
  JsonDecoder decoder;
  ASSERT_TRUE(
      decoder.parse("{\"a\":\"x\xff\",\"b\":\"\\ud800\",\"c\":123456789012345678901234567890}", document, diagnostics));
  EXPECT_EQ(document.root().find("a")->as_string(), "x\xef\xbf\xbd");
  EXPECT_EQ(document.root().find("b")->as_string(), "\xef\xbf\xbd");
  EXPECT_EQ(document.root().find("c")->as_double(), 123456789012345678901234567890.0);
}

std::string protobuf_error(std::string_view bytes) {
  StoredBuilder stored;
  Diagnostics diagnostics;
  const Status status = decode_protobuf(bytes, *table().find("", "v1", "Pod"), Limits{}, stored, diagnostics);
  return status ? "" : status.error().message;
}

TEST(Protobuf, SkipsUnknownFieldsAndRefusesWhatIsMalformed) {
  EXPECT_EQ(protobuf_error(std::string_view("\xfa\x3f\x01x\x78\x05", 6)), "");
  EXPECT_THAT(protobuf_error(std::string_view("\x0b\x0c", 2)), HasSubstr("malformed"));         // a group
  EXPECT_THAT(protobuf_error(std::string_view("\x0a\x05\x0a", 3)), HasSubstr("malformed"));     // cut off
  EXPECT_THAT(protobuf_error(std::string_view("\x0a\x02\x0a\x09", 4)), HasSubstr("metadata"));  // cut off inside
  EXPECT_THAT(protobuf_error(std::string_view("\x08\x01", 2)), HasSubstr("metadata: protobuf wire type 0"));
  EXPECT_THAT(protobuf_error("\x0a\x03\x0a\x01\xff"), HasSubstr("metadata.name: the string is no UTF-8"));
  EXPECT_THAT(protobuf_error("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), HasSubstr("malformed"));
}

std::string yaml_error(std::string_view text, const Limits& limits = {}) {
  Document document(limits);
  Diagnostics diagnostics(Strictness::kStrict);
  YamlReader reader(text, limits);
  for (;;) {
    const auto more = reader.next(document, diagnostics);
    if (!more) return more.error().message;
    if (!*more) return "";
  }
}

TEST(Yaml, ReportsDuplicatesPlacesAndBombs) {
  EXPECT_EQ(yaml_error("a:\n  b: 1\n  b: 2\n"), R"(duplicate field "a.b")");
  EXPECT_THAT(yaml_error("a: [1, 2\nb: 3\n"), HasSubstr("line "));
  EXPECT_THAT(yaml_error("a: &x [*x]\n"), HasSubstr("anchor"));
  EXPECT_THAT(yaml_error("? [a]\n: b\n"), HasSubstr("as a key"));
  EXPECT_THAT(yaml_error("<<: 5\n"), HasSubstr("merge key"));
  EXPECT_THAT(yaml_error("a: .inf\n"), HasSubstr("JSON has no .inf"));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string base = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + base;
    for (int j = 0; j < 9; ++j) bomb += ", " + base;
    bomb += "]\n";
  }
  Limits limits;
  limits.max_alias_nodes = 10000;
  EXPECT_THAT(yaml_error(bomb, limits), HasSubstr("aliases add more than 10000"));
}

TEST(Yaml, EndsWhereAStrayMarkStartsNoValue) {
  EXPECT_THAT(yaml_error(", [\x1e [5, \"1"), HasSubstr("line 1, column"));
  EXPECT_EQ(yaml_error("---\n---\n---\n"), "");
}

TEST(Yaml, QuotesATextThatLooksLikeAMergeKey) {
  Document document;
  Diagnostics diagnostics;
  ASSERT_TRUE(YamlReader("\"<<\": 1\n").next(document, diagnostics).has_value());
  ByteBuffer text;
  encode_yaml(document.root(), text);
  EXPECT_EQ(text.view(), "\"<<\": 1\n");
}

TEST(Yaml, WritesKeysBeyondTheRangeOfAFloatAsInfinity) {
  Document document;
  Diagnostics diagnostics;
  ASSERT_TRUE(YamlReader("5555555555555555555555555555555555555555555: a\n").next(document, diagnostics).has_value());
  EXPECT_EQ(document.root().members()[0].key, ".inf");
}

TEST(Yaml, MergesMapsAndReadsSeveralDocuments) {
  const std::string text = "---\n# nothing\n---\nb: &b {x: 1, z: 2}\nc:\n  <<: *b\n  z: 3\n---\n- 1: a\n  true: b\n";
  YamlReader reader(text);
  Document document;
  Diagnostics diagnostics(Strictness::kStrict);
  ByteBuffer out;
  ASSERT_TRUE(reader.next(document, diagnostics).value());
  encode_json(document.root(), out);
  EXPECT_EQ(out.view(), R"({"b":{"x":1,"z":2},"c":{"x":1,"z":3}})");
  out.clear();
  ASSERT_TRUE(reader.next(document, diagnostics).value());
  encode_json(document.root(), out);
  EXPECT_EQ(out.view(), R"([{"1":"a","true":"b"}])");
  EXPECT_FALSE(reader.next(document, diagnostics).value());
}

TEST(Document, EditsInPlaceAndFindsInLargeObjects) {
  Document document;
  Node object = document.make_object().value();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(document.set(object, "k" + std::to_string(i), Node(std::int64_t{i})));
  ASSERT_TRUE(document.set(object, "k5", Node(true)));
  EXPECT_EQ(object.size(), 1000U);
  EXPECT_TRUE(object.find("k5")->as_bool());
  EXPECT_TRUE(document.erase(object, "k7"));
  EXPECT_FALSE(document.erase(object, "k7"));
  EXPECT_EQ(object.find("k7"), nullptr);
  EXPECT_EQ(object.find("k999")->as_int(), 999);
  EXPECT_EQ(object.members()[7].key, "k8");
  Node list = document.make_array().value();
  for (std::int64_t i = 0; i < 10; ++i) ASSERT_TRUE(document.append(list, Node(i)));
  ASSERT_TRUE(document.insert(list, 3, Node(std::int64_t{42})));
  document.erase_item(list, 0);
  ByteBuffer out;
  encode_json(list, out);
  EXPECT_EQ(out.view(), "[1,2,42,3,4,5,6,7,8,9]");
  EXPECT_FALSE(document.insert(list, 99, Node()));
  const Node copied = document.copy(object).value();
  EXPECT_TRUE(same_value(copied, object));
}

TEST(Value, ReadsStoredObjectsAndDocumentsAlike) {
  const std::string json =
      R"({"metadata":{"name":"p","labels":{"a.b/c":"d","x":"y"},"creationTimestamp":"2020-01-02T03:04:05Z"},)"
      R"("spec":{"containers":[{"name":"c","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1"}},)"
      R"("livenessProbe":{"httpGet":{"port":"web"}}}],"volumes":[{"name":"v","emptyDir":{}}],"priority":0}})";
  const Type& pod = *table().find("", "v1", "Pod");
  StoredBuilder stored;
  Diagnostics diagnostics(Strictness::kStrict);
  JsonDecoder decoder;
  ASSERT_TRUE(decoder.decode(json, pod, stored, diagnostics));
  Document document;
  ASSERT_TRUE(decoder.parse(json, document, diagnostics));
  for (const Value& root : {Value(pod, StructView::root(stored.words())), Value(document.root(), &pod)}) {
    EXPECT_EQ(root.find("metadata.name").as_text(), "p");
    EXPECT_EQ(root.find("metadata.labels[a.b/c]").as_text(), "d");
    EXPECT_EQ(root.find("metadata.labels").kind(), Value::Kind::kMap);
    EXPECT_EQ(root.find("metadata.labels").size(), 2U);
    EXPECT_EQ(root.find("metadata.creationTimestamp").text(), "2020-01-02T03:04:05Z");
    EXPECT_EQ(root.find("spec.containers[0].ports[0].containerPort").as_int(), 80);
    EXPECT_EQ(root.find("spec.containers[0].resources.limits.cpu").as_text(), "1");
    EXPECT_EQ(root.find("spec.containers[0].livenessProbe.httpGet.port").as_text(), "web");
    EXPECT_EQ(root.find("spec.containers[0]").type()->name, "core/v1.Container");
    EXPECT_TRUE(root.find("spec.volumes[0].emptyDir"));
    EXPECT_TRUE(root.find("spec.priority"));
    EXPECT_FALSE(root.find("spec.activeDeadlineSeconds"));
    EXPECT_FALSE(root.find("spec.containers[1]"));
    EXPECT_FALSE(root.find("spec.nonsense.deeper"));
    std::string labels;
    root.find("metadata.labels").for_each_member([&](std::string_view key, const Value& value) {
      labels.append(key).append("=").append(value.as_text()).append(",");
      return true;
    });
    EXPECT_EQ(labels, "a.b/c=d,x=y,");
  }
}

}  // namespace
}  // namespace troupe::schema
