#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/custom/definition_rules.hpp"
#include "api/custom/granted_names.hpp"
#include "api/custom/json_path.hpp"
#include "api/custom/pattern.hpp"
#include "api/custom/structural.hpp"
#include "api/object_codec.hpp"

namespace troupe::api::custom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Pattern, FindsWhatRe2Finds) {
  struct Case {
    const char* pattern;
    const char* text;
    bool found;
  };
  static constexpr Case kCases[] = {
      {R"(^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$)", "* * * * */5", true},
      {R"(^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$)", "* * * *", false},
      {"b", "abc", true},
      {"^b", "abc", false},
      {"^a.c$", "abc", true},
      {"^a.c$", "a\nc", false},
      {"(?s)^a.c$", "a\nc", true},
      {"^(?i)abc$", "aBC", true},
      {"^(?i:a)bc$", "ABC", false},
      {"^[^a-c]+$", "xyz", true},
      {"^[^a-c]+$", "xbz", false},
      {"^[]a]+$", "]a", true},
      {"^[a-]+$", "a-", true},
      {"^[[:alpha:]_]+$", "a_Z", true},
      {"^x{2,3}$", "x", false},
      {"^x{2,3}$", "xxx", true},
      {"^x{2,3}$", "xxxx", false},
      {"^x{,3}$", "x{,3}", true},
      {"^(a|b)*c?$", "abba", true},
      {R"(\bcat\b)", "a cat!", true},
      {R"(\bcat\b)", "concat", false},
      {R"(^\Qa.b\E$)", "a.b", true},
      {R"(^\Qa.b\E$)", "axb", false},
      {R"(^\x41\x{42}$)", "AB", true},
      {"^ä.ü$", "äöü", true},
      {"(?m)^b$", "a\nb\nc", true},
      {"", "", true},
      {"^$", "", true},
      {"^$", "a", false},
  };
  for (const Case& each : kCases) {
    const auto pattern = Pattern::compile(each.pattern);
    ASSERT_TRUE(pattern) << each.pattern << ": " << pattern.error().message;
    EXPECT_EQ(pattern->matches(each.text), each.found) << each.pattern << " in " << each.text;
  }
}

TEST(Pattern, RefusesWhatRe2Refuses) {
  for (const char* text :
       {"(", ")", "[a", "*", "a**", "x{2000}", "(?=a)", "\\", "[z-a]", "(?<=a)b", "\\pL", "[[:no:]]"}) {
    EXPECT_FALSE(Pattern::compile(text)) << text;
  }
  EXPECT_FALSE(Pattern::compile(std::string(500, '(') + std::string(500, ')')));
  EXPECT_FALSE(Pattern::compile("((((a{100}){100}){100}){100})"));
}

TEST(Pattern, CompilesNothingThatTakesLongOrMuch) {
  const std::string many = "{1000}";
  const std::string nothing = "((((((()" + many + ")" + many + ")" + many + ")" + many + ")" + many + ")" + many + ")";
  EXPECT_FALSE(Pattern::compile(nothing)) << "10^18 parts that say nothing";
  EXPECT_FALSE(Pattern::compile("(.{100}){11}"));
  EXPECT_TRUE(Pattern::compile("(.{100}){10}"));
  EXPECT_TRUE(Pattern::compile("((((a{1}){1}){0,1}){2,}){500}"));
  std::string empties;
  for (int i = 0; i < 20000; ++i) empties += "()";
  EXPECT_FALSE(Pattern::compile("(" + empties + "){1000}"));
  std::string apart;  // every second character: no two of them are one range
  for (int i = 0; i < 15000; ++i) {
    const int point = 0x1000 + 2 * i;
    apart += static_cast<char>(0xe0 | (point >> 12));
    apart += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
    apart += static_cast<char>(0x80 | (point & 0x3f));
  }
  const auto wide = Pattern::compile("^[" + apart + "]{1000}$");
  ASSERT_TRUE(wide);
  EXPECT_LE(wide->size(), 17000U) << "a set that is repeated has its ranges once";
  EXPECT_TRUE(wide->matches(std::string(apart, 0, 3000)));
  EXPECT_FALSE(Pattern::compile("[" + apart + "]|[" + apart + "]"));
  EXPECT_FALSE(Pattern::compile(std::string(Pattern::kMaxText + 1, 'a')));
}

TEST(Pattern, FindsACharacterInAnyOrderOfRanges) {
  const auto pattern = Pattern::compile("^[z0-9a-fb-k_-_A]+$").value();
  EXPECT_TRUE(pattern.matches("zk_A90jg"));
  for (const char* text : {"l", "Z", "y", "^", "`", "B"}) EXPECT_FALSE(pattern.matches(text)) << text;
}

TEST(Pattern, TakesLinearTimeWhereBacktrackingWouldNotEnd) {
  const auto pattern = Pattern::compile("^(a+)+$").value();
  EXPECT_FALSE(pattern.matches(std::string(20000, 'a') + "b"));
}

struct Checked {
  schema::Document schema_document;
  Structural schema;
};

Checked compiled(const char* json) {
  Checked out;
  out.schema_document = parse_json(json).value();
  out.schema = compile_structural(out.schema_document.root()).value();
  return out;
}

std::string json_of(const schema::Node& node) {
  std::string out;
  append_json(node, out);
  return out;
}

TEST(Structural, DropsWhatItDoesNotKnow) {
  struct Case {
    const char* schema;
    const char* object;
    const char* kept;
    std::vector<std::string> found;
  };
  const Case cases[] = {
      {R"({"type":"object","properties":{"a":{"type":"string"}}})",
       R"({"apiVersion":"x","a":"1","b":2})",
       R"({"apiVersion":"x","a":"1"})",
       {"unknown field \"b\""}},
      {R"({"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer"}}}}}})",
       R"({"l":[{"x":1,"y":2}]})",
       R"({"l":[{"x":1}]})",
       {"unknown field \"l[0].y\""}},
      {R"({"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"integer"}}}}}})",
       R"({"m":{"k":{"x":1,"y":2}}})",
       R"({"m":{"k":{"x":1}}})",
       {"unknown field \"m.k.y\""}},
      {R"({"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"s":{"type":"object"}}})",
       R"({"any":{"x":1},"s":{"y":2}})",
       R"({"any":{"x":1},"s":{}})",
       {"unknown field \"s.y\""}},
      {R"({"type":"object","properties":{"t":{"type":"object","x-kubernetes-embedded-resource":true,"properties":{"spec":{"type":"object"}}}}})",
       R"({"t":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"status":{}}})",
       R"({"t":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}})",
       {"unknown field \"t.status\""}},
      {R"({"type":"object","properties":{"o":{"type":"object"}}})",
       R"({"o":{"x":1}})",
       R"({"o":{}})",
       {"unknown field \"o.x\""}},
      {R"({"type":"object","properties":{"o":{"type":"object","additionalProperties":true}}})",
       R"({"o":{"x":{"y":1}}})",
       R"({"o":{"x":{"y":1}}})",
       {}},
  };
  for (const Case& each : cases) {
    const Checked with = compiled(each.schema);
    auto object = parse_json(each.object).value();
    schema::Diagnostics diagnostics(schema::Strictness::kWarn);
    prune(object, object.root(), with.schema, true, diagnostics);
    EXPECT_EQ(json_of(object.root()), each.kept) << each.schema;
    EXPECT_EQ(diagnostics.warnings(), each.found) << each.schema;
  }
}

TEST(Structural, FillsInDefaults) {
  struct Case {
    const char* schema;
    const char* object;
    const char* filled;
  };
  static constexpr Case kCases[] = {
      {R"({"type":"object","properties":{"a":{"type":"string","default":"x"}}})", "{}", R"({"a":"x"})"},
      {R"({"type":"object","properties":{"s":{"type":"object","properties":{"a":{"type":"integer","default":3}}}}})",
       "{}", "{}"},
      {R"({"type":"object","properties":{"s":{"type":"object","default":{},"properties":{"a":{"type":"integer","default":3}}}}})",
       "{}", R"({"s":{"a":3}})"},
      {R"({"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"p":{"type":"string","default":"TCP"}}}}}})",
       R"({"l":[{},{"p":"UDP"}]})", R"({"l":[{"p":"TCP"},{"p":"UDP"}]})"},
      {R"({"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"boolean","default":true}}}}}})",
       R"({"m":{"k":{}}})", R"({"m":{"k":{"x":true}}})"},
      // The documentation's example of null.
      {R"({"type":"object","properties":{"foo":{"type":"string","nullable":false,"default":"default"},"bar":{"type":"string","nullable":true},"baz":{"type":"string"}}})",
       R"({"foo":null,"bar":null,"baz":null})", R"({"foo":"default","bar":null})"},
  };
  for (const Case& each : kCases) {
    const Checked with = compiled(each.schema);
    auto object = parse_json(each.object).value();
    ASSERT_TRUE(fill_structural_defaults(object, object.root(), with.schema));
    EXPECT_EQ(json_of(object.root()), each.filled) << each.schema;
  }
}

struct WrongCase {
  const char* rule;
  const char* value;
  std::vector<std::string> faults;
};
const WrongCase kWrongCases[] = {
    {R"({"type":"integer"})", "1", {}},
    {R"({"type":"integer"})",
     "\"a\"",
     {"spec.a: Invalid value: \"string\": spec.a in body must be of type integer: \"string\""}},
    {R"({"type":"integer"})",
     "1.5",
     {"spec.a: Invalid value: \"number\": spec.a in body must be of type integer: \"number\""}},
    {R"({"type":"string"})",
     "null",
     {"spec.a: Invalid value: \"null\": spec.a in body must be of type string: \"null\""}},
    {R"({"type":"string","nullable":true})", "null", {}},
    {R"({"type":"integer","minimum":1,"maximum":10})",
     "15",
     {"spec.a: Invalid value: 15: spec.a in body should be less than or equal to 10"}},
    {R"({"type":"integer","minimum":1,"exclusiveMinimum":true})",
     "1",
     {"spec.a: Invalid value: 1: spec.a in body should be greater than 1"}},
    {R"({"type":"number","multipleOf":0.5})",
     "1.25",
     {"spec.a: Invalid value: 1.25: spec.a in body should be a multiple of 0.5"}},
    {R"({"type":"string","maxLength":2})", "\"äöü\"", {"spec.a: Too long: may not be more than 2 bytes"}},
    {R"({"type":"string","minLength":2})",
     "\"a\"",
     {"spec.a: Invalid value: \"a\": spec.a in body should be at least 2 chars long"}},
    {R"({"type":"string","pattern":"^a+$"})",
     "\"ab\"",
     {"spec.a: Invalid value: \"ab\": spec.a in body should match '^a+$'"}},
    {R"({"type":"string","enum":["x","y"]})",
     "\"z\"",
     {"spec.a: Unsupported value: \"z\": supported values: \"x\", \"y\""}},
    {R"({"type":"string","format":"date-time"})",
     "\"soon\"",
     {"spec.a: Invalid value: \"soon\": spec.a in body must be of type date-time: \"soon\""}},
    {R"({"type":"string","format":"ipv4"})", "\"10.0.0.1\"", {}},
    {R"({"type":"array","maxItems":1,"items":{"type":"string"}})",
     R"(["a","b"])",
     {"spec.a: Too many: 2: must have at most 1 items"}},
    {R"({"type":"array","minItems":1,"items":{"type":"string"}})",
     "[]",
     {"spec.a: Invalid value: 0: spec.a in body should have at least 1 items"}},
    {R"({"type":"array","items":{"type":"object","required":["n"],"properties":{"n":{"type":"string"}}}})",
     "[{}]",
     {"spec.a[0].n: Required value"}},
    {R"({"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}})",
     R"(["a","b","a"])",
     {"spec.a[2]: Duplicate value: \"a\""}},
    {R"({"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["n"],"items":{"type":"object","properties":{"n":{"type":"string"}}}})",
     R"([{"n":"a"},{"n":"a"}])",
     {R"(spec.a[1]: Duplicate value: {"n":"a"})"}},
    {R"({"x-kubernetes-int-or-string":true})", "\"50%\"", {}},
    {R"({"x-kubernetes-int-or-string":true})",
     "true",
     {"spec.a: Invalid value: \"boolean\": spec.a in body must be of type integer,string: \"boolean\""}},
    {R"({"type":"object","x-kubernetes-preserve-unknown-fields":true,"oneOf":[{"required":["x"]},{"required":["y"]}]})",
     "{}",
     {"spec.a: Invalid value: \"\": \"spec.a\" must validate one and only one schema (oneOf). Found none valid"}},
    {R"({"type":"integer","anyOf":[{"minimum":5},{"maximum":1}]})",
     "3",
     {"spec.a: Invalid value: \"\": \"spec.a\" must validate at least one schema (anyOf)"}},
    {R"({"type":"integer","not":{"minimum":5}})",
     "7",
     {"spec.a: Invalid value: \"\": \"spec.a\" must not validate the schema (not)"}},
    {R"({"type":"object","maxProperties":1,"additionalProperties":{"type":"integer"}})",
     R"({"x":1,"y":"2"})",
     {"spec.a: Too many: 2: must have at most 1 items",
      "spec.a.y: Invalid value: \"string\": spec.a.y in body must be of type integer: \"string\""}},
};

TEST(Structural, SaysWhatIsWrongInKubernetesWords) {
  for (const WrongCase& each : kWrongCases) {
    const std::string schema =
        std::string(R"({"type":"object","properties":{"spec":{"type":"object","properties":{"a":)") + each.rule +
        "}}}}";
    const Checked with = compiled(schema.c_str());
    const auto object = parse_json(std::string(R"({"spec":{"a":)") + each.value + "}}").value();
    std::vector<std::string> faults;
    for (const Cause& cause : value_faults(object.root(), with.schema))
      faults.push_back(cause.field + ": " + cause.message);
    EXPECT_EQ(faults, each.faults) << each.rule << " " << each.value;
  }
}

TEST(Structural, ReadsAnAddressToItsEnd) {
  const Checked with = compiled(R"({"type":"object","properties":{"a":{"type":"string","format":"ipv4"}}})");
  EXPECT_TRUE(value_faults(parse_json(R"({"a":"1.2.3.4"})").value().root(), with.schema).empty());
  EXPECT_EQ(value_faults(parse_json(R"({"a":"1.2.3.4\u0000x"})").value().root(), with.schema).size(), 1U);
}

TEST(Structural, VisitsEachOfNestedAllOfOnce) {
  std::string rule = R"({"minimum":1})";
  for (int i = 0; i < 50; ++i) rule = R"({"allOf":[)" + rule + "]}";
  const std::string schema = R"({"type":"object","properties":{"a":{"type":"integer","allOf":[)" + rule + "]}}}";
  const Checked with = compiled(schema.c_str());
  const auto object = parse_json(R"({"a":0})").value();
  const auto faults = value_faults(object.root(), with.schema);
  ASSERT_EQ(faults.size(), 52U);  // the fault itself, and each allOf around it
  EXPECT_EQ(faults.front().message.substr(0, 16), "Invalid value: 0") << faults.front().message;
}

TEST(StructuralSchema, MayHavePatternsOfABoundedSizeTogether) {
  std::string properties;
  for (int i = 0; i < 300; ++i) {
    properties += (i == 0 ? "" : ",") + ("\"p" + std::to_string(i)) + R"(":{"type":"string","pattern":"(.{100}){10}"})";
  }
  const auto schema = parse_json(R"({"type":"object","properties":{)" + properties + "}}").value();
  Faults faults;
  std::size_t room = Structural::kMaxPatterns;
  schema_faults(schema.root(), At(), faults, room);
  const auto causes = faults.take();
  ASSERT_EQ(causes.size(), 1U);
  EXPECT_EQ(causes.front().message, "Forbidden: the patterns of the schema are too large together");
  EXPECT_FALSE(compile_structural(schema.root())) << "nor is one kept that is in the store already";
}

TEST(StructuralSchema, IsRefusedWhereItSaysTooLittleOrTooMuch) {
  struct Case {
    const char* schema;
    std::vector<std::string> faults;
  };
  const Case cases[] = {
      {R"({"type":"object","properties":{"spec":{"type":"object"}}})", {}},
      {R"({"properties":{"spec":{}}})",
       {"s.type: Required value: must not be empty at the root",
        "s.properties[spec].type: Required value: must not be empty for specified object fields"}},
      {R"({"type":"array","items":{"type":"string"}})",
       {"s.type: Invalid value: \"array\": must be object at the root"}},
      {R"({"type":"object","properties":{"a":{"type":"array"}}})",
       {"s.properties[a].items: Required value: must be specified"}},
      {R"({"type":"object","properties":{"a":{"type":"array","items":{}}}})",
       {"s.properties[a].items.type: Required value: must not be empty for specified array items"}},
      {R"({"type":"object","properties":{"a":{"type":"object","properties":{"x":{"type":"string"}},"additionalProperties":{"type":"string"}}}})",
       {"s.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"}},
      {R"({"type":"object","properties":{"a":{"type":"string","pattern":"("}}})",
       {"s.properties[a].pattern: Invalid value: \"(\": must be a valid regular expression, but isn't: error parsing "
        "regexp: missing closing )"}},
      {R"({"type":"object","properties":{"a":{"type":"integer","default":"x"}}})",
       {"s.properties[a].default: Invalid value: \"x\": \"string\": in body must be of type integer: \"string\""}},
      {R"({"type":"object","anyOf":[{"type":"object"}]})",
       {"s.anyOf[0].type: Forbidden: must be empty to be structural"}},
      {R"({"type":"object","properties":{"p":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}}})",
       {}},
      {R"({"type":"object","properties":{"l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}}}})",
       {"s.properties[l].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, "
        "so "
        "it must have a default or be a required property"}},
      {R"({"type":"object","properties":{"metadata":{"type":"object","properties":{"labels":{"type":"object"}}}}})",
       {"s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata "
        "is "
        "implicitly specified"}},
  };
  for (const Case& each : cases) {
    const auto schema = parse_json(each.schema).value();
    Faults faults;
    const At root;
    std::size_t room = Structural::kMaxPatterns;
    schema_faults(schema.root(), At(root, "s"), faults, room);
    std::vector<std::string> texts;
    for (const Cause& cause : faults.take()) texts.push_back(cause.field + ": " + cause.message);
    EXPECT_EQ(texts, each.faults) << each.schema;
  }
}

TEST(JsonPath, LeadsToValues) {
  const auto object =
      parse_json(R"({"spec":{"a.b":1,"l":[{"n":"x","v":1},{"n":"y","v":2}]},)"
                 R"("status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Old","status":"False"}]}})")
          .value();
  const auto found = [&](const char* text) {
    std::string out;
    const auto path = JsonPath::parse(text);
    if (!path) return "error: " + path.error().message;
    for (const schema::Node* node : path->find(object.root())) out += (out.empty() ? "" : " ") + printed(*node);
    return out;
  };
  EXPECT_EQ(found(".spec.l[0].n"), "x");
  EXPECT_EQ(found(".spec.l[-1].n"), "y");
  EXPECT_EQ(found(".spec.l[*].v"), "1 2");
  EXPECT_EQ(found(".spec.l[0:1].n"), "x");
  EXPECT_EQ(found(".spec['a.b']"), "1");
  EXPECT_EQ(found(".spec.a\\.b"), "1");
  EXPECT_EQ(found(R"(.status.conditions[?(@.type=="Ready")].status)"), "True");
  EXPECT_EQ(found(R"(.status.conditions[?(@.type!='Ready')].type)"), "Old");
  EXPECT_EQ(found(".spec.l[?(@.v>1)].n"), "y");
  EXPECT_EQ(found("{.spec.l[0]}"), R"({"n":"x","v":1})");
  EXPECT_EQ(found(".spec.none"), "");
  EXPECT_THAT(found("..x"), HasSubstr("error"));
  EXPECT_THAT(found(".spec.l[0"), HasSubstr("unterminated array"));
}

TEST(VersionNames, AreInKubernetesOrder) {
  std::vector<std::string> names = {"foo10",    "v1alpha1", "v3beta1",   "v10",       "v2", "foo1",
                                    "v11beta2", "v10beta3", "v11alpha2", "v12alpha1", "v1"};
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return version_comes_first(a, b); });
  EXPECT_THAT(names, ElementsAre("v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2",
                                 "v1alpha1", "foo1", "foo10"));
}

}  // namespace
}  // namespace troupe::api::custom
