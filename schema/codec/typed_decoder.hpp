#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/field_setter.hpp"
#include "schema/codec/json_text.hpp"
#include "schema/codec/scalars.hpp"
#include "schema/type_hash.hpp"

namespace troupe::schema {

/// What a tree of JSON values is made of, whoever parsed it.
enum class JsonKind : std::uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

/// Which fields of an object were met: a set of positions in Type::json_fields.
class SeenFields {
 public:
  explicit SeenFields(std::size_t fields) {
    if (fields <= inline_.size() * 64) return;
    more_.resize(fields / 64 + 1);
    words_ = more_.data();
  }
  SeenFields(const SeenFields&) = delete;
  SeenFields& operator=(const SeenFields&) = delete;
  /// False when it was there already.
  bool add(std::size_t at) {
    const std::uint64_t before = words_[at / 64];
    const std::uint64_t bit = std::uint64_t{1} << (at % 64);
    words_[at / 64] = before | bit;
    return (before & bit) == 0;
  }

 private:
  std::array<std::uint64_t, 2> inline_{};
  std::uint64_t* words_ = inline_.data();
  std::vector<std::uint64_t> more_;
};

/// Which field followed another one the last time. Objects of one type mostly have the same members in the same order,
/// and a guess that is right is cheaper than the hash. Holds positions, no pointers: types may go.
class FieldGuess {
 public:
  /// Where a type's guesses begin.
  static std::size_t row_of(const Type& type) {
    return reinterpret_cast<std::uintptr_t>(&type) * 0x9E3779B97F4A7C15U >> 52U;
  }
  /// `next`: 1 + the position in Type::json_fields of the field before, or 0; becomes that of the field found.
  [[gnu::always_inline]] const JsonField* find(const Type& type, std::size_t row, std::size_t& next,
                                               std::string_view key) {
    std::uint16_t& at = at_[(row + next) % kGuesses];
    if (at < type.json_fields.size() && same_name(type.json_fields[at].name, key)) {
      next = std::size_t{at} + 1;
      return &type.json_fields[at];
    }
    const JsonField* field = type.find_json(key);
    if (field == nullptr) return nullptr;
    at = static_cast<std::uint16_t>(field - type.json_fields.data());
    next = std::size_t{at} + 1;
    return field;
  }

 private:
  static constexpr std::size_t kGuesses = 4096;
  std::array<std::uint16_t, kGuesses> at_{};
};

/// Writes a tree of JSON values as the stored form of a Type, by its tables. Source adapts a parser's values:
///   Value; kind(v); is_null(v), is_object(v), is_array(v); get_bool(v, out), get_int, get_number (integers too) and
///   get_string, each false when v is something else; count(v) of an array;
///   for_each_member(v, f(key, value)), for_each_item(v, f(value)), each stopping when f returns false.
/// What does not fit is reported and left absent; status() is then an error.
template <class Source>
class TypedDecoder : private FieldSetter {
 public:
  using Value = typename Source::Value;
  struct Entry {
    std::string_view key;
    Value value;
    std::uint32_t order;
  };
  /// What is kept between objects.
  struct Memory {
    ByteBuffer scratch;
    FieldGuess guess;
    std::vector<Entry> entries;
  };

  TypedDecoder(Source& source, StoredBuilder& out, Diagnostics& diagnostics, const Limits& limits, Memory& memory)
      : FieldSetter(out, diagnostics, limits),
        source_(source),
        scratch_(memory.scratch),
        guess_(memory.guess),
        entries_(memory.entries) {
    entries_.clear();
  }

  Status decode(const Type& type, const Value& value) {
    decode_struct(out_.start(type.data_words, type.pointer_count), type, value, nullptr, 0);
    return status();
  }

 private:
  void expected(const PathStep* at, std::string_view what, const Value& value) {
    static constexpr std::array<std::string_view, 7> kNames = {"null",   "boolean", "integer", "number",
                                                               "string", "list",    "object"};
    const auto kind = static_cast<std::size_t>(source_.kind(value));
    diagnostics_.wrong_value(at, "expected " + std::string(what) + ", got " + std::string(kNames[kind]));
  }

  void decode_struct(const Struct& to, const Type& type, const Value& value, const PathStep* path, std::size_t depth) {
    if (!enter(depth)) return;
    if (type.form != TypeForm::kObject) return decode_form(to, type, value, path, depth);
    if (!source_.is_object(value)) return expected(path, "object", value);
    SeenFields seen(type.json_fields.size());
    const std::size_t row = FieldGuess::row_of(type);
    std::size_t next = 0;
    source_.for_each_member(
        value, [&](std::string_view key, const Value& member) __attribute__((always_inline)) {
          const JsonField* field = guess_.find(type, row, next, key);
          if (field == nullptr) {
            decode_extra(type, key, member, path);
            return true;
          }
          if (!seen.add(next - 1)) diagnostics_.duplicate_field(path, key);
          if (source_.is_null(member)) return true;
          const PathStep step(path, field->name);
          Struct target = to;
          for (const Field* inlined : field->path) target = nested(target, *inlined);
          if (is_plain_text(*field->field)) {
            decode_text(target.pointer(field->field->offset), member, &step);
          } else {
            decode_field(target, *field->field, member, &step, depth);
          }
          return !out_.full();
        });
  }

  /// Most fields are.
  static bool is_plain_text(const Field& field) {
    return field.kind == FieldKind::kText && field.shape == FieldShape::kOne;
  }

  /// A member that is no field: apiVersion and kind, which the record header keeps, or unknown.
  void decode_extra(const Type& type, std::string_view key, const Value& value, const PathStep* path) {
    if (!type.has_type_meta || (key != "apiVersion" && key != "kind")) return diagnostics_.unknown_field(path, key);
    const PathStep step(path, key);
    if (!source_.is_null(value)) string(value, &step);
  }

  /// JSONSchemaPropsOr…: fields[] by name, because the JSON has none.
  void decode_form(const Struct& to, const Type& type, const Value& value, const PathStep* path, std::size_t depth) {
    if (type.form == TypeForm::kIntOrString) return decode_int_or_string(to, value, path);
    const JsonKind kind = source_.kind(value);
    const Field* schema = find_field(type, "Schema");
    if (kind == JsonKind::kObject && schema != nullptr) {
      if (const Field* allows = find_field(type, "Allows"); allows != nullptr) out_.set_bit(to, allows->offset, true);
      return decode_field(to, *schema, value, path, depth);
    }
    if (type.form == TypeForm::kSchemaOrBool) {
      bool allows = false;
      if (!source_.get_bool(value, allows)) return expected(path, "boolean or object", value);
      return out_.set_bit(to, find_field(type, "Allows")->offset, allows);
    }
    if (kind != JsonKind::kArray) return expected(path, "object or list", value);
    const bool strings = type.form == TypeForm::kSchemaOrStringArray;
    decode_field(to, *find_field(type, strings ? "Property" : "JSONSchemas"), value, path, depth);
  }

  static const Field* find_field(const Type& type, std::string_view name) {
    const auto at =
        std::find_if(type.fields.begin(), type.fields.end(), [&](const Field& f) { return f.name == name; });
    return at == type.fields.end() ? nullptr : &*at;
  }

  void decode_field(const Struct& to, const Field& field, const Value& value, const PathStep* path, std::size_t depth) {
    if (field.shape == FieldShape::kMap) return decode_map(to, field, value, path, depth);
    if (field.shape == FieldShape::kList) return decode_list(to, field, value, path, depth);
    mark_present(to, field, true);
    switch (field.kind) {
      case FieldKind::kText:
        return decode_text(to.pointer(field.offset), value, path);
      case FieldKind::kBool:
        return out_.set_bit(to, field.offset, boolean(value, path));
      case FieldKind::kInt32:
        return out_.set_number(to, field.offset, int32(value, path));
      case FieldKind::kInt64:
        return out_.set_number(to, field.offset, int64(value, path));
      case FieldKind::kFloat64:
        return out_.set_number(to, field.offset, number(value, path));
      case FieldKind::kTime:
      case FieldKind::kMicroTime:
      case FieldKind::kDuration: {
        std::optional<std::int64_t> time;
        if (get_time(field.kind, value, path, time)) set_time(to, field, time);
        return;
      }
      case FieldKind::kStruct:
        return decode_struct(nested(to, field), *field.type, value, path, depth + 1);
      case FieldKind::kIntOrString:
        return decode_int_or_string(int_or_string_at(to, field), value, path);
      default:
        return decode_blob(to.pointer(field.offset), field.kind, value, path, depth);
    }
  }

  // Scalars: the value, or an error and zero.

  bool boolean(const Value& value, const PathStep* path) {
    bool out = false;
    if (!source_.get_bool(value, out)) expected(path, "boolean", value);
    return out;
  }
  std::int64_t int64(const Value& value, const PathStep* path) {
    std::int64_t out = 0;
    if (source_.get_int(value, out)) return out;
    if (source_.kind(value) == JsonKind::kDouble) {
      diagnostics_.wrong_value(path, "expected integer, got a number with a fraction, an exponent or beyond 64 bits");
    } else {
      expected(path, "integer", value);
    }
    return 0;
  }
  std::int32_t int32(const Value& value, const PathStep* path) {
    const std::int64_t wide = int64(value, path);
    if (const auto narrow = static_cast<std::int32_t>(wide); narrow == wide) return narrow;
    diagnostics_.wrong_value(path, std::to_string(wide) + " is beyond 32 bits");
    return 0;
  }
  double number(const Value& value, const PathStep* path) {
    double out = 0;
    if (!source_.get_number(value, out)) expected(path, "number", value);
    return out;
  }
  std::string_view string(const Value& value, const PathStep* path) {
    std::string_view out;
    if (!source_.get_string(value, out)) expected(path, "string", value);
    return out;
  }

  void decode_text(std::uint32_t pointer, const Value& value, const PathStep* path) {
    std::string_view text;
    if (!source_.get_string(value, text)) return expected(path, "string", value);
    out_.set_text(pointer, text);
  }

  /// False, and reported, when it is no time.
  bool get_time(FieldKind kind, const Value& value, const PathStep* path, std::optional<std::int64_t>& out) {
    std::string_view text;
    if (!source_.get_string(value, text)) {
      expected(path, "string", value);
      return false;
    }
    const auto parsed = parse_time_field(kind, text);
    if (!parsed) {
      diagnostics_.wrong_value(path, parsed.error().message);
      return false;
    }
    out = *parsed;
    return true;
  }

  void decode_int_or_string(const Struct& to, const Value& value, const PathStep* path) {
    std::string_view text;
    if (source_.get_string(value, text)) return set_string(to, text);
    const JsonKind kind = source_.kind(value);
    if (kind != JsonKind::kInt) return expected(path, "integer or string", value);
    set_int(to, int32(value, path));
  }

  /// What lies behind a pointer of its own: text, bytes, quantities, raw JSON.
  void decode_blob(std::uint32_t pointer, FieldKind kind, const Value& value, const PathStep* path, std::size_t depth) {
    if (kind == FieldKind::kText) return decode_text(pointer, value, path);
    if (kind == FieldKind::kQuantity) return decode_quantity(pointer, value, path);
    if (kind == FieldKind::kBytes) {
      std::string_view text;
      if (!source_.get_string(value, text)) return expected(path, "string", value);
      const auto bytes = decode_base64(text);
      if (!bytes) return diagnostics_.wrong_value(path, "expected base64 text");
      return out_.set_bytes(pointer, *bytes);
    }
    scratch_.clear();
    append_raw(value, depth);
    out_.set_bytes(pointer, scratch_.view());
  }

  void decode_quantity(std::uint32_t pointer, const Value& value, const PathStep* path) {
    std::string_view text;
    if (source_.get_string(value, text)) return set_quantity(pointer, trim_space(text), path);
    const JsonKind kind = source_.kind(value);
    if (kind != JsonKind::kInt && kind != JsonKind::kDouble) return expected(path, "quantity", value);
    scratch_.clear();
    append_raw(value, 0);
    set_quantity(pointer, scratch_.view(), path);
  }

  /// Any JSON, compact, into the scratch buffer.
  void append_raw(const Value& value, std::size_t depth) {
    if (!enter(depth)) return;
    switch (source_.kind(value)) {
      case JsonKind::kNull:
        return scratch_.append(source_.is_null(value) ? "null" : "");
      case JsonKind::kBool:
        return scratch_.append(boolean(value, nullptr) ? "true" : "false");
      case JsonKind::kInt:
        return append_int(scratch_, int64(value, nullptr));
      case JsonKind::kDouble:
        return append_json_double(scratch_, number(value, nullptr));
      case JsonKind::kString:
        return append_plain_json_string(scratch_, string(value, nullptr));
      case JsonKind::kArray:
        scratch_.push('[');
        source_.for_each_item(value, [&](const Value& item) {
          append_raw(item, depth + 1);
          scratch_.push(',');
          return !stopped();
        });
        return close(']');
      case JsonKind::kObject:
        break;
    }
    scratch_.push('{');
    source_.for_each_member(value, [&](std::string_view key, const Value& member) {
      append_plain_json_string(scratch_, key);
      scratch_.push(':');
      append_raw(member, depth + 1);
      scratch_.push(',');
      return !stopped();
    });
    close('}');
  }

  void close(char bracket) {
    if (scratch_.back() == ',') {
      scratch_.back() = bracket;
    } else {
      scratch_.push(bracket);
    }
  }

  void decode_list(const Struct& to, const Field& field, const Value& value, const PathStep* path, std::size_t depth) {
    if (!enter(depth)) return;
    if (!source_.is_array(value)) return expected(path, "list", value);
    const auto count = static_cast<std::uint32_t>(source_.count(value));
    const std::uint32_t pointer = to.pointer(field.offset);
    const List list = count == 0 ? List{} : init_list(pointer, field, count);
    if (count == 0) out_.set_null(pointer);
    if (out_.full()) return;
    std::uint32_t i = 0;
    source_.for_each_item(value, [&](const Value& item) {
      if (i == count) return false;
      const PathStep step(path, std::size_t{i});
      decode_item(list, i, field, item, &step, depth);
      ++i;
      return !stopped();
    });
  }

  /// A null item is a zero one, as in Go.
  void decode_item(const List& list, std::uint32_t i, const Field& field, const Value& item, const PathStep* path,
                   std::size_t depth) {
    if (source_.is_null(item)) return decode_null_item(list, i, field);
    switch (field.kind) {
      case FieldKind::kBool:
        return set_bool_element(list, i, boolean(item, path));
      case FieldKind::kInt32:
        return set_element(list, i, int32(item, path));
      case FieldKind::kInt64:
        return set_element(list, i, int64(item, path));
      case FieldKind::kFloat64:
        return set_element(list, i, number(item, path));
      case FieldKind::kStruct:
        return decode_struct(list.item(i), *field.type, item, path, depth + 1);
      case FieldKind::kIntOrString:
        return decode_int_or_string(list.item(i), item, path);
      case FieldKind::kTime:
      case FieldKind::kMicroTime:
      case FieldKind::kDuration: {
        std::optional<std::int64_t> time;
        if (get_time(field.kind, item, path, time)) set_element(list, i, time.value_or(0));
        return;
      }
      default:
        return decode_blob(list.at + i, field.kind, item, path, depth);
    }
  }

  void decode_null_item(const List& list, std::uint32_t i, const Field& field) {
    if (field.kind == FieldKind::kText) out_.set_text(list.at + i, "");
    if (field.kind == FieldKind::kQuantity) out_.set_text(list.at + i, "0");
  }

  /// Entries sorted by key; of a key that stands twice, the last.
  void decode_map(const Struct& to, const Field& field, const Value& value, const PathStep* path, std::size_t depth) {
    if (!enter(depth)) return;
    if (!source_.is_object(value)) return expected(path, "object", value);
    const std::size_t base = entries_.size();
    source_.for_each_member(value, [&](std::string_view key, const Value& member) {
      entries_.push_back({key, member, static_cast<std::uint32_t>(entries_.size())});
      return true;
    });
    sort_entries(entries_, base, [&](std::string_view key) { diagnostics_.duplicate_field(path, key); });
    const auto count = static_cast<std::uint32_t>(entries_.size() - base);
    const std::uint32_t pointer = to.pointer(field.offset);
    if (count == 0) return out_.set_null(pointer);
    const Type& entry_type = *field.type;
    const Field& value_field = entry_type.fields[1];
    const List list = out_.init_struct_list(pointer, count, entry_type.data_words, entry_type.pointer_count);
    for (std::uint32_t i = 0; i < count && !stopped(); ++i) {
      const Entry entry = entries_[base + i];
      const Struct target = list.item(i);
      out_.set_text(target.pointer(0), entry.key);
      if (source_.is_null(entry.value)) continue;
      const PathStep step(path, entry.key);
      decode_field(target, value_field, entry.value, &step, depth);
    }
    entries_.resize(base);
  }

  Source& source_;
  ByteBuffer& scratch_;
  FieldGuess& guess_;
  std::vector<Entry>& entries_;
};

}  // namespace troupe::schema
