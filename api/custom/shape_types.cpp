#include "api/custom/version.hpp"
#include "api/object_codec.hpp"
#include "schema/type_builder.hpp"

namespace troupe::api::custom {

namespace {

using schema::Field;
using schema::FieldFacts;
using schema::FieldKind;
using schema::FieldShape;
using schema::Type;

class ShapeBuilder {
 public:
  explicit ShapeBuilder(const Type* object_meta) : object_meta_(object_meta) {
    untyped_ = &builder_.add_type("custom.untyped");
    untyped_->preserves_unknown = true;
    builder_.add_fields(*untyped_, 0);
  }

  Result<schema::TypeTable> build(const Structural& schema) {
    fill_struct(builder_.add_type(kShapeRoot), schema, true);
    Type& metadata = builder_.add_type(kShapeMetadata);
    metadata.has_type_meta = true;
    set_metadata(builder_.add_fields(metadata, 1)[0]);
    return std::move(builder_).build(schema::TypeBuilder::Layout::kAssign);
  }

 private:
  void set_metadata(Field& field) {
    field.name = "metadata";
    field.kind = FieldKind::kStruct;
    field.emit = schema::Emit::kIfSet;
    field.type = object_meta_;
  }

  void fill_struct(Type& type, const Structural& schema, bool is_resource) {
    type.has_type_meta = is_resource;
    type.preserves_unknown = schema.preserves_unknown || schema.any_additional;
    std::vector<const Structural::Property*> own;
    for (const Structural::Property& property : schema.properties) {
      if (!is_resource || !is_type_or_metadata(property.name)) own.push_back(&property);
    }
    const std::size_t extra = is_resource ? 1 : 0;
    const auto fields = builder_.add_fields(type, own.size() + extra);
    if (is_resource) set_metadata(fields[0]);
    for (std::size_t i = 0; i < own.size(); ++i) {
      Field& field = fields[i + extra];
      field.name = builder_.keep(own[i]->name);
      fill(field, *own[i]->schema);
    }
  }

  const Type* struct_type(const Structural& schema) {
    Type& type = builder_.add_type(builder_.keep("custom." + std::to_string(++count_)));
    fill_struct(type, schema, schema.embedded);
    return &type;
  }

  void fill(Field& field, const Structural& schema) {
    const auto facts = builder_.array<FieldFacts>(1);
    field.facts = facts.data();
    field.emit = schema::Emit::kIfSet;
    if (schema.default_value != nullptr) {
      std::string json;
      append_json(*schema.default_value, json);
      facts[0].default_json = builder_.keep(json);
    }
    switch (schema.type) {
      case Structural::Type::kArray:
        return fill_list(field, facts[0], schema);
      case Structural::Type::kObject:
        return fill_object(field, facts[0], schema);
      case Structural::Type::kAny:
        if (schema.int_or_string || !schema.preserves_unknown) return;
        field.kind = FieldKind::kStruct;
        field.type = schema.properties.empty() ? untyped_ : struct_type(schema);
        return;
      default:
        return;  // a scalar: text stands for all of them
    }
  }

  void fill_list(Field& field, FieldFacts& facts, const Structural& schema) {
    field.shape = FieldShape::kList;
    const bool keyed = schema.list_type == "map" && schema.items != nullptr && !schema.list_map_keys.empty();
    if (schema.list_type == "set") facts.list_type = schema::ListType::kSet;
    if (!keyed) return;
    field.kind = FieldKind::kStruct;
    field.type = struct_type(*schema.items);
    facts.list_type = schema::ListType::kMap;
    const auto keys = builder_.array<std::string_view>(schema.list_map_keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = builder_.keep(schema.list_map_keys[i]);
    facts.list_map_keys = keys;
  }

  void fill_object(Field& field, FieldFacts& facts, const Structural& schema) {
    if (schema.properties.empty() && schema.additional != nullptr) {
      Type& entry = builder_.add_type(builder_.keep("custom." + std::to_string(++count_)));
      const auto pair = builder_.add_fields(entry, 2);
      pair[0].name = "key";
      pair[0].proto = 1;
      pair[1].name = "value";
      pair[1].proto = 2;
      fill(pair[1], *schema.additional);
      field.shape = FieldShape::kMap;
      field.type = &entry;
      if (schema.atomic_map) facts.map_type = schema::MapType::kAtomic;
      return;
    }
    field.kind = FieldKind::kStruct;
    field.type = struct_type(schema);
    if (schema.atomic_map) facts.struct_type = "atomic";
  }

  schema::TypeBuilder builder_;
  const Type* object_meta_;
  Type* untyped_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace

Result<schema::TypeTable> shape_types(const Structural& schema, const schema::TypeTable& built_in) {
  const Type* object_meta = built_in.find("meta/v1.ObjectMeta");
  if (object_meta == nullptr) return fail(ErrorCode::kInternal, "the schema has no ObjectMeta");
  return ShapeBuilder(object_meta).build(schema);
}

}  // namespace troupe::api::custom
