#include "schema/codec/value.hpp"

#include <algorithm>

#include "schema/codec/json_text.hpp"
#include "schema/codec/scalars.hpp"

namespace troupe::schema {

namespace {

bool is_time(FieldKind kind) {
  return kind == FieldKind::kTime || kind == FieldKind::kMicroTime || kind == FieldKind::kDuration;
}

Value::Kind kind_of(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::kNull:
      return Value::Kind::kNull;
    case Node::Kind::kBool:
      return Value::Kind::kBool;
    case Node::Kind::kInt:
      return Value::Kind::kInt;
    case Node::Kind::kDouble:
      return Value::Kind::kDouble;
    case Node::Kind::kString:
      return Value::Kind::kText;
    case Node::Kind::kArray:
      return Value::Kind::kList;
    case Node::Kind::kObject:
      break;
  }
  return Value::Kind::kObject;
}

bool is_text_in_union(const StructView& value) {
  return value.number<std::uint16_t>(IntOrStringLayout::kWhichByte) == IntOrStringLayout::kIsText;
}

}  // namespace

Value Value::of_field(const Field& field, const StructView& owner) {
  Value value;
  value.field_ = &field;
  value.object_ = owner;
  value.source_ = Source::kField;
  if (field.shape == FieldShape::kOne && field.kind == FieldKind::kStruct) value.type_ = field.type;
  return value.is_set() ? value : Value();
}

bool Value::is_set() const {
  const Field& f = *field_;
  if (f.shape != FieldShape::kOne) return !object_.list(f.offset).empty();
  if (!f.in_data_section()) return object_.has(f.offset);
  if (f.presence_bit != Field::kNoPresence && object_.bit(f.presence_bit)) return true;
  const bool plain = !f.pointer && !is_time(f.kind);
  if (f.kind == FieldKind::kBool) return plain || object_.bit(f.offset);
  if (f.kind == FieldKind::kFloat64) return plain || object_.number<double>(f.offset) != 0;
  return plain || f.kind == FieldKind::kDuration || stored_number() != 0;
}

Value::Kind Value::item_kind() const {
  switch (field_->kind) {
    case FieldKind::kBool:
      return Kind::kBool;
    case FieldKind::kInt32:
    case FieldKind::kInt64:
      return Kind::kInt;
    case FieldKind::kFloat64:
      return Kind::kDouble;
    case FieldKind::kIntOrString:
      return is_text_in_union(stored_struct()) ? Kind::kText : Kind::kInt;
    case FieldKind::kRawJson:
      return Kind::kRaw;
    case FieldKind::kStruct:
      return Kind::kObject;
    default:
      return Kind::kText;
  }
}

Value::Kind Value::field_kind() const {
  if (field_->shape == FieldShape::kList) return Kind::kList;
  return field_->shape == FieldShape::kMap ? Kind::kMap : item_kind();
}

Value::Kind Value::kind() const {
  switch (source_) {
    case Source::kNode:
      return field_ != nullptr && field_->shape == FieldShape::kMap && node_->is_object() ? Kind::kMap
                                                                                          : kind_of(*node_);
    case Source::kStruct:
      return Kind::kObject;
    case Source::kField:
      return field_kind();
    case Source::kItem:
      return item_kind();
    case Source::kNothing:
      break;
  }
  return Kind::kAbsent;
}

StructView Value::stored_struct() const {
  if (source_ == Source::kStruct) return object_;
  return source_ == Source::kItem ? list_.item(index_) : object_.nested(field_->offset);
}

std::string_view Value::stored_text() const {
  return source_ == Source::kItem ? list_.text(index_) : object_.text(field_->offset);
}

std::string_view Value::stored_bytes() const {
  return source_ == Source::kItem ? list_.bytes(index_) : object_.bytes(field_->offset);
}

std::int64_t Value::stored_number() const {
  const bool narrow = field_->kind == FieldKind::kInt32;
  if (source_ == Source::kItem) return narrow ? list_.number<std::int32_t>(index_) : list_.number<std::int64_t>(index_);
  return narrow ? object_.number<std::int32_t>(field_->offset) : object_.number<std::int64_t>(field_->offset);
}

bool Value::as_bool() const {
  if (kind() != Kind::kBool) return false;
  if (source_ == Source::kNode) return node_->as_bool();
  return source_ == Source::kItem ? list_.bit(index_) : object_.bit(field_->offset);
}

std::int64_t Value::as_int() const {
  if (kind() != Kind::kInt) return 0;
  if (source_ == Source::kNode) return node_->as_int();
  if (field_->kind != FieldKind::kIntOrString) return stored_number();
  return stored_struct().number<std::int32_t>(IntOrStringLayout::kIntByte);
}

double Value::as_double() const {
  if (kind() == Kind::kInt) return static_cast<double>(as_int());
  if (kind() != Kind::kDouble) return 0;
  if (source_ == Source::kNode) return node_->as_double();
  return source_ == Source::kItem ? list_.number<double>(index_) : object_.number<double>(field_->offset);
}

std::string_view Value::as_text() const {
  if (kind() != Kind::kText) return {};
  if (source_ == Source::kNode) return node_->as_string();
  if (field_->kind == FieldKind::kIntOrString) return stored_struct().text(0);
  return field_->kind == FieldKind::kText || field_->kind == FieldKind::kQuantity ? stored_text() : std::string_view();
}

std::string_view Value::raw_json() const { return kind() == Kind::kRaw ? stored_bytes() : std::string_view(); }

void Value::append_text(ByteBuffer& out) const {
  switch (kind()) {
    case Kind::kBool:
      return out.append(as_bool() ? "true" : "false");
    case Kind::kInt:
      return append_int(out, as_int());
    case Kind::kDouble:
      return append_json_double(out, as_double());
    case Kind::kText:
      if (source_ != Source::kNode && is_time(field_->kind))
        return append_time_field(out, field_->kind, stored_number());
      if (source_ != Source::kNode && field_->kind == FieldKind::kBytes) return append_base64(out, stored_bytes());
      return out.append(as_text());
    default:
      return;
  }
}

std::string Value::text() const {
  ByteBuffer out;
  append_text(out);
  return std::string(out.view());
}

std::size_t Value::size() const {
  if (source_ == Source::kNode) return node_->size();
  if (source_ != Source::kField || field_->shape == FieldShape::kOne) return 0;
  return object_.list(field_->offset).size();
}

Value Value::at(std::size_t i) const {
  if (kind() != Kind::kList || i >= size()) return {};
  Value value;
  value.field_ = field_;
  if (field_ != nullptr && field_->kind == FieldKind::kStruct) value.type_ = field_->type;
  if (source_ == Source::kNode) {
    value.node_ = &node_->items()[i];
    value.source_ = Source::kNode;
    // An item is one value of the field, not the list again; without the field's shape it cannot be told apart.
    if (node_->items()[i].is_object() && value.type_ == nullptr) value.field_ = nullptr;
    return value;
  }
  value.list_ = object_.list(field_->offset);
  value.index_ = static_cast<std::uint32_t>(i);
  value.source_ = Source::kItem;
  return value;
}

Value Value::get(std::string_view name) const {
  switch (kind()) {
    case Kind::kObject:
      return source_ == Source::kNode ? get_node(name) : get_field(name);
    case Kind::kMap:
      return source_ == Source::kNode ? get_node(name) : get_entry(name);
    default:
      return {};
  }
}

Value Value::get_field(std::string_view name) const {
  const JsonField* found = type_->find_json(name);
  if (found == nullptr) return {};
  StructView owner = stored_struct();
  for (const Field* inlined : found->path) owner = owner.nested(inlined->offset);
  return of_field(*found->field, owner);
}

/// Entries are sorted by key.
Value Value::get_entry(std::string_view key) const {
  const ListView entries = object_.list(field_->offset);
  std::uint32_t low = 0;
  std::uint32_t high = entries.size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (entries.item(middle).text(0) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == entries.size() || entries.item(low).text(0) != key) return {};
  return member(low).second;
}

Value Value::get_node(std::string_view name) const {
  const Node* node = node_->find(name);
  if (node == nullptr) return {};
  Value value(*node);
  if (kind() == Kind::kMap) {
    value.field_ = &field_->type->fields[1];
  } else if (type_ != nullptr) {
    const JsonField* found = type_->find_json(name);
    value.field_ = found == nullptr ? nullptr : found->field;
  }
  const Field* f = value.field_;
  if (f != nullptr && f->kind == FieldKind::kStruct && f->shape == FieldShape::kOne) value.type_ = f->type;
  return value;
}

std::size_t Value::member_slots() const {
  const Kind k = kind();
  if (k != Kind::kMap && k != Kind::kObject) return 0;
  if (source_ == Source::kNode) return node_->size();
  return k == Kind::kMap ? size() : type_->json_fields.size();
}

std::pair<std::string_view, Value> Value::member(std::size_t i) const {
  if (source_ == Source::kNode) {
    const std::string_view key = node_->members()[i].key;
    return {key, get_node(key)};
  }
  if (kind() == Kind::kObject) {
    const std::string_view name = type_->json_fields[i].name;
    return {name, get_field(name)};
  }
  const StructView entry = object_.list(field_->offset).item(static_cast<std::uint32_t>(i));
  const Field& field = field_->type->fields[1];
  Value value;
  value.field_ = &field;
  value.object_ = entry;
  value.source_ = Source::kField;
  if (field.shape == FieldShape::kOne && field.kind == FieldKind::kStruct) value.type_ = field.type;
  return {entry.text(0), value};
}

Value Value::find(std::string_view path) const {
  Value value = *this;
  while (!path.empty() && value) {
    if (path[0] == '[') {
      const std::size_t end = path.find(']');
      if (end == std::string_view::npos) return {};
      const std::string_view inside = path.substr(1, end - 1);
      path.remove_prefix(end + 1);
      if (value.kind() != Kind::kList) {
        value = value.get(inside);
      } else {
        std::size_t index = 0;
        if (inside.empty() || inside.size() > 9) return {};
        for (const char c : inside) {
          if (c < '0' || c > '9') return {};
          index = index * 10 + static_cast<std::size_t>(c - '0');
        }
        value = value.at(index);
      }
    } else {
      if (path[0] == '.') path.remove_prefix(1);
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      value = value.get(path.substr(0, end));
      path.remove_prefix(end);
    }
  }
  return value;
}

}  // namespace troupe::schema
