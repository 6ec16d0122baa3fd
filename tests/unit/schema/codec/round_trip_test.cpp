#include <gmock/gmock.h>

#include <algorithm>

#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/yaml.hpp"
#include "tests/unit/schema/codec/object_maker.hpp"

namespace troupe::schema {
namespace {

constexpr std::uint64_t kSeeds = 3;
constexpr int kYamlDepth = 4;  // yaml-cpp is slow under sanitizers

const TypeTable& table() {
  static const TypeTable built = TypeTable::built_in().value();
  return built;
}

/// Everything that an object is turned into, with the memory for it.
struct Bench {
  JsonDecoder json;
  StoredBuilder stored;
  Document document;

  std::string store(std::string_view text, const Type& type) {
    Diagnostics diagnostics(Strictness::kStrict);
    const Status status = json.decode(text, type, stored, diagnostics);
    return status ? "" : status.error().message;
  }
  std::string text(const Type& type) {
    EncodeOptions options;
    std::string version;
    if (type.has_type_meta) {
      version = type.group.empty() ? type.version : std::string(type.group) + "/" + std::string(type.version);
      options.api_version = version;
      options.kind = type.kind;
    }
    ByteBuffer out;
    encode_json(type, StructView::root(stored.words()), options, out);
    return std::string(out.view());
  }
};

/// What `expected` has stands in `actual` too; what is there beyond that is null or zero.
void expect_contains(const Node& expected, const Node& actual, const std::string& path) {
  if (!expected.is_object() || !actual.is_object()) {
    if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
      for (std::size_t i = 0; i < expected.size(); ++i) {
        expect_contains(expected.items()[i], actual.items()[i], path + "[" + std::to_string(i) + "]");
      }
      return;
    }
    ByteBuffer a;
    ByteBuffer b;
    encode_json(expected, a);
    encode_json(actual, b);
    EXPECT_TRUE(same_value(expected, actual)) << path << ": " << a.view() << " became " << b.view();
    return;
  }
  for (const Member& member : expected.members()) {
    const Node* other = actual.find(member.key);
    ASSERT_NE(other, nullptr) << path << "." << member.key << " is lost";
    expect_contains(member.value, *other, path + "." + std::string(member.key));
  }
}

class EveryType : public testing::TestWithParam<std::uint64_t> {};

TEST_P(EveryType, ComesBackFromJsonFieldByField) {
  for (const Type* type : table().types()) {
    if (type->form == TypeForm::kIntOrString) continue;  // never stands alone
    SCOPED_TRACE(std::string(type->name) + ", seed " + std::to_string(GetParam()));
    const std::string made = ObjectMaker(GetParam()).make(*type);
    Bench bench;
    ASSERT_EQ(bench.store(made, *type), "") << made;
    const std::string first = bench.text(*type);
    Diagnostics diagnostics(Strictness::kStrict);
    Document expected;
    Document actual;
    ASSERT_TRUE(bench.json.parse(made, expected, diagnostics));
    ASSERT_TRUE(bench.json.parse(first, actual, diagnostics)) << first;
    expect_contains(expected.root(), actual.root(), "");
    ASSERT_EQ(bench.store(first, *type), "") << first;
    EXPECT_EQ(bench.text(*type), first);
    if (HasFailure()) return;
  }
}

TEST_P(EveryType, ComesBackFromADocument) {
  for (const Type* type : table().types()) {
    if (type->form == TypeForm::kIntOrString) continue;  // never stands alone
    SCOPED_TRACE(std::string(type->name) + ", seed " + std::to_string(GetParam()));
    Bench bench;
    ASSERT_EQ(bench.store(ObjectMaker(GetParam()).make(*type), *type), "");
    const std::string text = bench.text(*type);
    Diagnostics diagnostics(Strictness::kStrict);
    ASSERT_TRUE(bench.json.parse(text, bench.document, diagnostics));
    const Status status = decode_node(bench.document.root(), *type, Limits{}, bench.stored, diagnostics);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(bench.text(*type), text);
    if (HasFailure()) return;
  }
}

TEST_P(EveryType, ComesBackFromYaml) {
  for (const Type* type : table().types()) {
    if (type->form == TypeForm::kIntOrString) continue;  // never stands alone
    SCOPED_TRACE(std::string(type->name) + ", seed " + std::to_string(GetParam()));
    Bench bench;
    ASSERT_EQ(bench.store(ObjectMaker(GetParam()).make(*type, kYamlDepth), *type), "");
    const std::string text = bench.text(*type);
    Diagnostics diagnostics(Strictness::kStrict);
    ASSERT_TRUE(bench.json.parse(text, bench.document, diagnostics));
    ByteBuffer yaml;
    encode_yaml(bench.document.root(), yaml);
    Document read;
    const auto more = YamlReader(yaml.view()).next(read, diagnostics);
    ASSERT_TRUE(more.has_value()) << more.error().message << "\n" << yaml.view();
    ASSERT_TRUE(*more);
    EXPECT_TRUE(same_value(bench.document.root(), read.root())) << yaml.view();
    const Status status = decode_node(read.root(), *type, Limits{}, bench.stored, diagnostics);
    ASSERT_TRUE(status) << status.error().message << "\n" << yaml.view();
    EXPECT_EQ(bench.text(*type), text);
    if (HasFailure()) return;
  }
}

/// True when the type and all it contains have a protobuf form.
bool has_protobuf(const Type& type, int depth = 8) {
  if (depth == 0) return true;
  return std::all_of(type.fields.begin(), type.fields.end(), [&](const Field& field) {
    return field.proto != 0 && (field.type == nullptr || has_protobuf(*field.type, depth - 1));
  });
}

TEST_P(EveryType, ComesBackFromProtobufByteForByte) {
  std::size_t tried = 0;
  for (const Type* type : table().types()) {
    if (type->form == TypeForm::kIntOrString || !has_protobuf(*type)) continue;
    ++tried;
    SCOPED_TRACE(std::string(type->name) + ", seed " + std::to_string(GetParam()));
    Bench bench;
    ASSERT_EQ(bench.store(ObjectMaker(GetParam()).make(*type), *type), "");
    const std::string text = bench.text(*type);
    BackBuffer first;
    encode_protobuf(*type, StructView::root(bench.stored.words()), {}, first);
    Diagnostics diagnostics(Strictness::kStrict);
    const Status status = decode_protobuf(first.view(), *type, Limits{}, bench.stored, diagnostics);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(bench.text(*type), text);
    BackBuffer second;
    encode_protobuf(*type, StructView::root(bench.stored.words()), {}, second);
    EXPECT_EQ(second.view(), first.view());
    if (HasFailure()) return;
  }
  EXPECT_GT(tried, 600U);
}

TEST(IntOrString, MayBeTheRootToo) {
  const Type* type = nullptr;
  for (const Type* each : table().types()) {
    if (each->form == TypeForm::kIntOrString) type = each;
  }
  ASSERT_NE(type, nullptr);
  Bench bench;
  for (const char* text : {"\"25%\"", "7", "-1", "\"\""}) {
    EXPECT_EQ(bench.store(text, *type), "");
    EXPECT_EQ(bench.text(*type), text);
  }
  EXPECT_NE(bench.store("{}", *type), "");
  EXPECT_NE(bench.store("[1]", *type), "");
}

TEST(JsonDecoder, GuessesNoFieldWronglyWhenTypesAndOrdersAlternate) {
  // One decoder for all: what it remembers of one object must never show in another.
  Bench bench;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    for (const Type* type : table().types()) {
      if (type->form != TypeForm::kObject) continue;
      SCOPED_TRACE(std::string(type->name) + ", seed " + std::to_string(seed));
      const std::string made = ObjectMaker(seed).make(*type, 2);
      ASSERT_EQ(bench.store(made, *type), "") << made;
      const std::string shared = bench.text(*type);
      Bench fresh;
      ASSERT_EQ(fresh.store(made, *type), "");
      ASSERT_EQ(fresh.text(*type), shared);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, EveryType, testing::Range<std::uint64_t>(1, 1 + kSeeds));

}  // namespace
}  // namespace troupe::schema
