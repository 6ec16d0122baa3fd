#include "schema/type_builder.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "schema/codec/json.hpp"

namespace troupe::schema {
namespace {

using Layout = TypeBuilder::Layout;

/// A custom resource as it would come from its schema at run time.
Result<TypeTable> widget(const TypeTable& built_in) {
  TypeBuilder builder;
  Type& spec = builder.add_type("example.com/v1.WidgetSpec");
  auto fields = builder.add_fields(spec, 4);
  fields[0] = {.name = "size", .kind = FieldKind::kInt64, .emit = Emit::kIfSet, .pointer = true};
  fields[1] = {.name = "on", .kind = FieldKind::kBool};
  fields[2] = {.name = "say \"hi\"", .kind = FieldKind::kText};
  fields[3] = {.name = "port", .kind = FieldKind::kInt32};
  Type& type = builder.add_type("example.com/v1.Widget");
  type.group = "example.com";
  type.version = "v1";
  type.kind = "Widget";
  type.has_type_meta = true;
  fields = builder.add_fields(type, 2);
  fields[0] = {.name = "metadata", .kind = FieldKind::kStruct, .type = built_in.find("meta/v1.ObjectMeta")};
  fields[1] = {.name = "spec", .kind = FieldKind::kStruct, .type = &spec};
  builder.add_kind("example.com", "v1", "Widget", type);
  return std::move(builder).build(Layout::kAssign);
}

TEST(TypeBuilder, MakesATypeAtRunTimeThatTheCodecsUse) {
  const TypeTable built_in = TypeTable::built_in().value();
  const TypeTable table = widget(built_in).value();
  const Type* type = table.find("example.com", "v1", "Widget");
  ASSERT_NE(type, nullptr);
  const std::string json =
      R"({"metadata":{"name":"w","labels":{"a":"b"}},"spec":{"size":0,"on":true,"say \"hi\"":"x","port":-1}})";
  JsonDecoder decoder;
  StoredBuilder stored;
  Diagnostics diagnostics;
  const Status done = decoder.decode(json, *type, stored, diagnostics);
  ASSERT_TRUE(done) << done.error().message;
  ByteBuffer out;
  encode_json(*type, StructView::root(stored.words()), {}, out);
  EXPECT_EQ(out.view(), json);
}

TEST(TypeBuilder, LaysFieldsOutWithoutOverlap) {
  const TypeTable built_in = TypeTable::built_in().value();
  const TypeTable table = widget(built_in).value();
  const Type& spec = *table.find("example.com/v1.WidgetSpec");
  EXPECT_EQ(spec.pointer_count, 1);
  EXPECT_EQ(spec.data_words, 3);  // size; the two bits; port
  EXPECT_NE(spec.find_json("size")->field->presence_bit, spec.find_json("on")->field->offset);
}

TEST(TypeBuilder, FindsEveryOneOfThousandsOfNames) {
  TypeBuilder builder;
  Type& type = builder.add_type("big");
  const auto fields = builder.add_fields(type, 4000);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    // The same length, head, tail and middle: as bad as names can be for the hash.
    fields[i].name = builder.keep("aaaaaaaa" + std::to_string(100000 + i) +
                                  "bbbbbbbb"
                                  "cccccc"
                                  "dddddddd");
    fields[i].kind = FieldKind::kBool;
  }
  const TypeTable table = std::move(builder).build(Layout::kAssign).value();
  for (const Field& field : table.find("big")->fields) {
    ASSERT_NE(table.find("big")->find_json(field.name), nullptr);
    EXPECT_EQ(table.find("big")->find_json(field.name)->field, &field);
  }
  EXPECT_EQ(table.find("big")->find_json("aaaaaaaa"), nullptr);
}

std::string refused(TypeBuilder&& builder) {
  auto built = std::move(builder).build(Layout::kAssign);
  return built ? "" : built.error().message;
}

TEST(TypeBuilder, RefusesWhatCannotBeATable) {
  {
    TypeBuilder builder;
    auto fields = builder.add_fields(builder.add_type("a"), 2);
    fields[0].name = fields[1].name = "x";
    EXPECT_THAT(refused(std::move(builder)), testing::HasSubstr("type a, field x: the name is used twice"));
  }
  {
    TypeBuilder builder;
    auto fields = builder.add_fields(builder.add_type("a"), 2);
    fields[0] = {.name = "x", .proto = 1};
    fields[1] = {.name = "y", .proto = 1};
    EXPECT_THAT(refused(std::move(builder)), testing::HasSubstr("protobuf number is used twice"));
  }
  {
    TypeBuilder builder;
    Type& type = builder.add_type("a");
    builder.add_fields(type, 1)[0] = {.name = "x", .kind = FieldKind::kStruct, .inlined = true, .type = &type};
    EXPECT_THAT(refused(std::move(builder)), testing::HasSubstr("inlined too deep"));
  }
  {
    TypeBuilder builder;
    builder.add_fields(builder.add_type("a"), 1)[0] = {.name = "x", .kind = FieldKind::kStruct};
    EXPECT_THAT(refused(std::move(builder)), testing::HasSubstr("a struct without a type"));
  }
  {
    TypeBuilder builder;
    builder.add_type("a");
    builder.add_type("a");
    EXPECT_THAT(refused(std::move(builder)), testing::HasSubstr("same name"));
  }
  {
    TypeBuilder builder;
    builder.add_fields(builder.add_type("a"), TypeBuilder::kMaxFields + 1);
    EXPECT_THAT(refused(std::move(builder)), testing::HasSubstr("more than 4096 fields"));
  }
}

TEST(TypeBuilder, AnOuterNameHidesAnInlinedOne) {
  TypeBuilder builder;
  Type& inner = builder.add_type("inner");
  builder.add_fields(inner, 1)[0] = {.name = "x", .kind = FieldKind::kBool};
  Type& outer = builder.add_type("outer");
  auto fields = builder.add_fields(outer, 2);
  fields[0] = {.name = "Inner", .kind = FieldKind::kStruct, .inlined = true, .type = &inner};
  fields[1] = {.name = "x", .kind = FieldKind::kText};
  const TypeTable table = std::move(builder).build(Layout::kAssign).value();
  EXPECT_TRUE(table.find("outer")->find_json("x")->path.empty());
}

}  // namespace
}  // namespace troupe::schema
