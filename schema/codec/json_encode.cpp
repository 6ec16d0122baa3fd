#include "schema/codec/json.hpp"
#include "schema/codec/json_text.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/scalars.hpp"
#include "schema/codec/short_copy_internal.hpp"

namespace troupe::schema {

namespace {

/// Writes objects by their tables. Each value is followed by a comma; what closes an object or list takes the last
/// one's place.
class Encoder {
 public:
  Encoder(const EncodeOptions& options, ByteBuffer& out) : options_(options), out_(out) {}

  void root(const Type& type, const StructView& object) {
    if (type.form != TypeForm::kObject) return encode_form(type, object);
    out_.push('{');
    type_meta(options_.kind, options_.api_version);
    for (const Field& field : type.fields) {
      at_metadata_ = options_.resource_version.has_value() && field.name == "metadata";
      encode_field(field, object);
    }
    close('}');
  }

 private:
  void type_meta(std::string_view kind, std::string_view api_version) {
    if (!kind.empty()) member("\"kind\":", kind);
    if (!api_version.empty()) member("\"apiVersion\":", api_version);
  }
  void append_key(std::string_view key) {
    copy_short(out_.reserve(key.size()), key.data(), key.size());
    out_.advance(key.size());
  }
  void member(std::string_view key, std::string_view text) {
    append_key(key);
    append_json_string(out_, text);
    out_.push(',');
  }
  void word(const Field& field, std::string_view value) {
    append_key(field.key);
    out_.append(value);
    out_.push(',');
  }
  void close(char bracket) {
    if (out_.back() == ',') {
      out_.back() = bracket;
    } else {
      out_.push(bracket);
    }
  }
  /// A value that is not there: null, zero or nothing.
  void absent(const Field& field, std::string_view zero) {
    if (field.emit == Emit::kAlways) word(field, field.pointer ? "null" : zero);
  }
  static bool present(const Field& field, const StructView& from, bool non_zero) {
    return non_zero || (field.presence_bit != Field::kNoPresence && from.bit(field.presence_bit));
  }

  static bool is_zero(const Field& field, const StructView& from);
  void encode_field(const Field& field, const StructView& from);

  void encode_object(const Type& type, const StructView& from, bool with_type_meta) {
    if (type.form != TypeForm::kObject) return encode_form(type, from);
    out_.push('{');
    if (with_type_meta) {
      const bool core = type.group.empty();
      type_meta(type.kind, core ? type.version : std::string(type.group).append("/").append(type.version));
    }
    for (const Field& field : type.fields) encode_field(field, from);
    close('}');
  }

  /// Metadata of the root, with the resourceVersion that the caller gives.
  void encode_metadata(const Type& type, const StructView& from) {
    at_metadata_ = false;
    out_.push('{');
    for (const Field& field : type.fields) {
      if (field.name != "resourceVersion") {
        encode_field(field, from);
      } else if (!options_.resource_version->empty()) {
        member(field.key, *options_.resource_version);
      }
    }
    close('}');
  }

  void encode_form(const Type& type, const StructView& from) {
    if (type.form == TypeForm::kIntOrString) return int_or_string_value(from);
    const Field& first = type.fields[0];
    const Field& second = type.fields[1];
    const Field& schema = first.name == "Schema" ? first : second;
    const Field& other = first.name == "Schema" ? second : first;
    const bool has_schema = from.has(schema.offset);
    const bool has_list = type.form != TypeForm::kSchemaOrBool && !from.list(other.offset).empty();
    if (has_list) return encode_items(other, from.list(other.offset));
    if (has_schema) return encode_object(*schema.type, from.nested(schema.offset), false);
    out_.append(type.form != TypeForm::kSchemaOrBool ? "null" : from.bit(other.offset) ? "true" : "false");
  }

  void boolean(const Field& field, const StructView& from) {
    const bool value = from.bit(field.offset);
    if (!present(field, from, value) && (field.pointer || field.emit != Emit::kAlways)) return absent(field, "false");
    word(field, value ? "true" : "false");
  }
  void number(const Field& field, const StructView& from, std::int64_t value) {
    if (!present(field, from, value != 0) && (field.pointer || field.emit != Emit::kAlways)) return absent(field, "0");
    append_key(field.key);
    append_int(out_, value);
    out_.push(',');
  }
  void float64(const Field& field, const StructView& from) {
    const auto value = from.number<double>(field.offset);
    if (!present(field, from, value != 0)) return absent(field, "0");
    append_key(field.key);
    append_json_double(out_, value);
    out_.push(',');
  }
  void text(const Field& field, const StructView& from) {
    const std::string_view value = from.text(field.offset);
    if (value.empty() && !(field.pointer && from.has(field.offset))) return absent(field, "\"\"");
    member(field.key, value);
  }
  void bytes(const Field& field, const StructView& from) {
    const std::string_view value = from.bytes(field.offset);
    if (value.empty() && !(field.pointer && from.has(field.offset))) return absent(field, "null");
    append_key(field.key);
    base64(value);
    out_.push(',');
  }
  void base64(std::string_view value) {
    out_.push('"');
    append_base64(out_, value);
    out_.push('"');
  }
  void quantity(const Field& field, const StructView& from) {
    const std::string_view value = from.text(field.offset);
    if (value.empty() && !from.has(field.offset)) return absent(field, "\"0\"");
    member(field.key, value.empty() ? "0" : value);
  }
  void time(const Field& field, const StructView& from) {
    const auto value = from.number<std::int64_t>(field.offset);
    if (!present(field, from, value != 0)) return absent(field, field.kind == FieldKind::kDuration ? "\"0s\"" : "null");
    append_key(field.key);
    time_value(field.kind, value);
    out_.push(',');
  }
  void time_value(FieldKind kind, std::int64_t value) {
    if (!is_time_in_range(kind, value)) return out_.append("null");
    out_.push('"');
    append_time_field(out_, kind, value);
    out_.push('"');
  }
  void int_or_string(const Field& field, const StructView& from) {
    if (!from.has(field.offset)) return absent(field, "0");
    append_key(field.key);
    int_or_string_value(from.nested(field.offset));
    out_.push(',');
  }
  void int_or_string_value(const StructView& value) {
    if (value.number<std::uint16_t>(IntOrStringLayout::kWhichByte) == IntOrStringLayout::kIsText) {
      append_json_string(out_, value.text(0));
    } else {
      append_int(out_, value.number<std::int32_t>(IntOrStringLayout::kIntByte));
    }
  }
  void raw(const Field& field, const StructView& from) {
    const std::string_view value = from.bytes(field.offset);
    if (value.empty()) return absent(field, "null");
    append_key(field.key);
    raw_value(value);
    out_.push(',');
  }
  /// Any JSON, or an enveloped object of which the table knows the type.
  void raw_value(std::string_view value);

  void structure(const Field& field, const StructView& from) {
    const StructView value = from.nested(field.offset);
    if (field.inlined) {
      for (const Field& inner : field.type->fields) encode_field(inner, value);
      return;
    }
    if (!from.has(field.offset) && (field.pointer || field.emit != Emit::kAlways)) return absent(field, "null");
    const std::size_t before = out_.size();
    append_key(field.key);
    if (at_metadata_) {
      encode_metadata(*field.type, value);
    } else {
      encode_object(*field.type, value, field.embedded);
    }
    // omitzero: a struct of which nothing would be written.
    if (!field.pointer && field.emit != Emit::kAlways && out_.view().substr(before + field.key.size()) == "{}") {
      return out_.truncate(before);
    }
    out_.push(',');
  }

  void list(const Field& field, const StructView& from) {
    const ListView items = from.list(field.offset);
    if (items.empty()) return absent(field, field.name == "items" ? "[]" : "null");
    append_key(field.key);
    encode_items(field, items);
    out_.push(',');
  }
  void encode_items(const Field& field, const ListView& items) {
    out_.push('[');
    for (std::uint32_t i = 0; i < items.size(); ++i) {
      encode_item(field, items, i);
      out_.push(',');
    }
    close(']');
  }
  void encode_item(const Field& field, const ListView& items, std::uint32_t i);

  void map(const Field& field, const StructView& from) {
    const ListView entries = from.list(field.offset);
    if (entries.empty()) return absent(field, "null");
    const Field& value = field.type->fields[1];
    append_key(field.key);
    out_.push('{');
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      const StructView entry = entries.item(i);
      append_json_string(out_, entry.text(0));
      out_.push(':');
      entry_value(value, entry);
      out_.push(',');
    }
    close('}');
    out_.push(',');
  }
  void entry_value(const Field& field, const StructView& entry);

  const EncodeOptions& options_;
  ByteBuffer& out_;
  bool at_metadata_ = false;
};

/// True when the field's slot is zero or null, so that nothing is written unless it is one that is always written. Most
/// fields of most objects are: this is the look that they get.
bool Encoder::is_zero(const Field& field, const StructView& from) {
  constexpr std::uint32_t kInData = [] {
    std::uint32_t kinds = 0;
    for (const FieldKind kind : {FieldKind::kBool, FieldKind::kInt32, FieldKind::kInt64, FieldKind::kFloat64,
                                 FieldKind::kTime, FieldKind::kMicroTime, FieldKind::kDuration}) {
      kinds |= 1U << static_cast<unsigned>(kind);
    }
    return kinds;
  }();
  if (field.shape != FieldShape::kOne || (kInData >> static_cast<unsigned>(field.kind) & 1U) == 0) {
    return !from.has(field.offset);
  }
  if (field.presence_bit != Field::kNoPresence && from.bit(field.presence_bit)) return false;
  if (field.kind == FieldKind::kBool) return !from.bit(field.offset);
  if (field.kind == FieldKind::kInt32) return from.number<std::int32_t>(field.offset) == 0;
  return from.number<std::int64_t>(field.offset) == 0;
}

void Encoder::encode_field(const Field& field, const StructView& from) {
  if (field.emit != Emit::kAlways && !field.inlined && is_zero(field, from)) return;
  if (field.shape == FieldShape::kList) return list(field, from);
  if (field.shape == FieldShape::kMap) return map(field, from);
  switch (field.kind) {
    case FieldKind::kBool:
      return boolean(field, from);
    case FieldKind::kInt32:
      return number(field, from, from.number<std::int32_t>(field.offset));
    case FieldKind::kInt64:
      return number(field, from, from.number<std::int64_t>(field.offset));
    case FieldKind::kFloat64:
      return float64(field, from);
    case FieldKind::kText:
      return text(field, from);
    case FieldKind::kBytes:
      return bytes(field, from);
    case FieldKind::kQuantity:
      return quantity(field, from);
    case FieldKind::kTime:
    case FieldKind::kMicroTime:
    case FieldKind::kDuration:
      return time(field, from);
    case FieldKind::kIntOrString:
      return int_or_string(field, from);
    case FieldKind::kRawJson:
      return raw(field, from);
    case FieldKind::kStruct:
      return structure(field, from);
  }
}

void Encoder::encode_item(const Field& field, const ListView& items, std::uint32_t i) {
  switch (field.kind) {
    case FieldKind::kBool:
      return out_.append(items.bit(i) ? "true" : "false");
    case FieldKind::kInt32:
      return append_int(out_, items.number<std::int32_t>(i));
    case FieldKind::kInt64:
      return append_int(out_, items.number<std::int64_t>(i));
    case FieldKind::kFloat64:
      return append_json_double(out_, items.number<double>(i));
    case FieldKind::kText:
      return append_json_string(out_, items.text(i));
    case FieldKind::kQuantity:
      return append_json_string(out_, items.text(i).empty() ? "0" : items.text(i));
    case FieldKind::kBytes:
      return base64(items.bytes(i));
    case FieldKind::kRawJson:
      return items.bytes(i).empty() ? out_.append("null") : raw_value(items.bytes(i));
    case FieldKind::kTime:
    case FieldKind::kMicroTime:
    case FieldKind::kDuration:
      return time_value(field.kind, items.number<std::int64_t>(i));
    case FieldKind::kIntOrString:
      return int_or_string_value(items.item(i));
    case FieldKind::kStruct:
      return encode_object(*field.type, items.item(i), field.embedded);
  }
}

void Encoder::raw_value(std::string_view value) {
  if (!is_enveloped(value)) return append_compact_json(out_, value);
  EncodeOptions options;
  options.table = options_.table;
  options.depth = options_.depth + 1;
  StoredBuilder stored;
  Diagnostics diagnostics;
  const auto envelope = open_envelope(value);
  const Type* type = nullptr;
  if (envelope && options_.table != nullptr && options.depth < 8) {
    options.api_version = envelope->api_version;
    options.kind = envelope->kind;
    type = find_type(*options_.table, envelope->api_version, envelope->kind);
  }
  if (type == nullptr || !decode_protobuf(envelope->raw, *type, Limits{}, stored, diagnostics))
    return out_.append("null");
  encode_json(*type, StructView::root(stored.words()), options, out_);
}

/// A map's value: as a field that is always written, without its key.
void Encoder::entry_value(const Field& field, const StructView& entry) {
  if (field.shape == FieldShape::kList) {
    const ListView items = entry.list(field.offset);
    return items.empty() ? out_.append("null") : encode_items(field, items);
  }
  switch (field.kind) {
    case FieldKind::kText:
      return append_json_string(out_, entry.text(field.offset));
    case FieldKind::kQuantity:
      return append_json_string(out_, entry.has(field.offset) ? entry.text(field.offset) : "0");
    case FieldKind::kStruct:
      return encode_object(*field.type, entry.nested(field.offset), field.embedded);
    default:
      break;
  }
  Field always = field;
  always.emit = Emit::kAlways;
  always.key = {};
  encode_field(always, entry);
  out_.truncate(out_.size() - 1);  // its comma
}

}  // namespace

void encode_json(const Type& type, const StructView& object, const EncodeOptions& options, ByteBuffer& out) {
  Encoder(options, out).root(type, object);
}

}  // namespace troupe::schema
