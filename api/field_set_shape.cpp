#include "api/field_set_shape.hpp"

#include <algorithm>
#include <array>

#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

using schema::Field;
using schema::FieldKind;
using schema::FieldShape;
using schema::ListType;
using schema::MapType;
using schema::Node;
using schema::Type;
using schema::TypeForm;

Shape leaf() { return {Shape::Form::kLeaf, nullptr, nullptr, {}}; }

Shape struct_shape(const Type* type, std::string_view struct_type) {
  if (type == nullptr) return {};
  if (type->form != TypeForm::kObject || struct_type == "atomic") return leaf();
  if (type->atomic && struct_type != "granular") return leaf();
  return {Shape::Form::kStruct, type, nullptr, {}};
}

Shape list_shape(const Field& field) {
  const auto& facts = *field.facts;
  if (facts.list_type == ListType::kSet && field.kind != FieldKind::kStruct) return {Shape::Form::kSet, {}, {}, {}};
  if (facts.list_type == ListType::kMap && field.kind == FieldKind::kStruct && field.type != nullptr &&
      field.type->form == TypeForm::kObject) {
    return {Shape::Form::kKeyed, field.type, nullptr, facts.list_map_keys};
  }
  return leaf();
}

Shape field_shape(const Field& field) {
  switch (field.shape) {
    case FieldShape::kList:
      return list_shape(field);
    case FieldShape::kMap:
      if (field.facts->map_type == MapType::kAtomic || field.type == nullptr) return leaf();
      return {Shape::Form::kMap, nullptr, &field.type->fields[1], {}};
    case FieldShape::kOne:
      break;
  }
  return field.kind == FieldKind::kStruct ? struct_shape(field.type, field.facts->struct_type) : leaf();
}

bool is_type_meta(const Type& type, std::string_view name) {
  return type.has_type_meta && (name == "apiVersion" || name == "kind");
}

/// Key fields with their values, by name. False, with what is wrong, when one has neither a value nor a default.
ApiStatus append_keys(const Shape& list, const Node& item, std::string& out) {
  std::array<std::string_view, 8> names;
  const std::size_t count = std::min(list.keys.size(), names.size());
  std::copy_n(list.keys.begin(), count, names.begin());
  std::sort(names.begin(), names.begin() + count);
  for (std::size_t i = 0; i < count; ++i) {
    out += i == 0 ? "" : ",";
    append_json_string(out, names[i]);
    out += ":";
    const Node* value = item.find(names[i]);
    if (value != nullptr && !value->is_null()) {
      append_json(*value, out);
      continue;
    }
    const schema::JsonField* field = list.type->find_json(names[i]);
    const std::string_view filled = field != nullptr ? field->field->facts->default_json : std::string_view();
    if (filled.empty()) {
      return refuse(bad_request("associative list with keys has an element that omits key field \"" +
                                std::string(names[i]) + "\" (and doesn't have default value)"));
    }
    out += filled;
  }
  return {};
}

}  // namespace

Shape shape_of(const Type* type) { return struct_shape(type, {}); }

std::optional<Shape> Shape::member(std::string_view name) const {
  if (form == Form::kMap) return field_shape(*entry);
  if (form != Form::kStruct) return Shape{};
  if (const schema::JsonField* found = type->find_json(name)) return field_shape(*found->field);
  if (is_type_meta(*type, name)) return leaf();
  if (type->preserves_unknown) return Shape{};
  return std::nullopt;
}

bool Shape::declares(std::string_view name) const {
  return form == Form::kStruct && (type->find_json(name) != nullptr || is_type_meta(*type, name));
}

Shape Shape::item() const { return form == Form::kKeyed ? struct_shape(type, "granular") : leaf(); }

ApiResult<std::string> item_step(const Shape& list, const Node& item) {
  std::string out;
  if (list.form == Shape::Form::kSet) {
    if (item.is_object() || item.is_array() || item.is_null()) {
      return refuse(bad_request("a set's element must be a scalar"));
    }
    out = "v:";
    append_json(item, out);
    return out;
  }
  if (!item.is_object()) return refuse(bad_request("associative list with keys has an element that's no object"));
  out = "k:{";
  if (auto keys = append_keys(list, item, out); !keys) return refuse(keys.error());
  out += "}";
  return out;
}

}  // namespace troupe::api
