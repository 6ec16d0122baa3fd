#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/diagnostics.hpp"
#include "schema/codec/json_text.hpp"
#include "schema/codec/quantity.hpp"
#include "schema/codec/scalars.hpp"
#include "schema/codec/stored.hpp"
#include "schema/codec/time.hpp"
#include "schema/type_hash.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// What a tree of JSON values is made of, whoever parsed it.
enum class JsonKind : std::uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

/// Which fields of an object were met: a set of positions in Type::json_fields.
class SeenFields {
 public:
  explicit SeenFields(std::size_t fields) {
    if (fields > kInline) more_.resize(fields);
  }
  /// False when it was there already.
  bool add(std::size_t at) {
    if (at < kInline) {
      const bool fresh = !bits_[at];
      bits_[at] = true;
      return fresh;
    }
    const bool fresh = !more_[at];
    more_[at] = true;
    return fresh;
  }

 private:
  static constexpr std::size_t kInline = 128;
  std::bitset<kInline> bits_;
  std::vector<bool> more_;
};

/// Where the n-th member of a type's objects was found last. Objects of one type mostly have the same members in the
/// same order, and a guess that is right is cheaper than the hash. Holds positions, no pointers: types may go.
class FieldGuess {
 public:
  /// What `row_of` gives for the type is the same for all members of one object.
  static std::size_t row_of(const Type& type) {
    return reinterpret_cast<std::uintptr_t>(&type) * 0x9E3779B97F4A7C15U >> 54U;
  }
  const JsonField* find(const Type& type, std::size_t row, std::size_t member, std::string_view key) {
    std::uint16_t& at = at_[(row + member) % at_.size()];
    if (at < type.json_fields.size() && same_name(type.json_fields[at].name, key)) return &type.json_fields[at];
    const JsonField* field = type.find_json(key);
    if (field != nullptr) at = static_cast<std::uint16_t>(field - type.json_fields.data());
    return field;
  }

 private:
  std::array<std::uint16_t, 1024> at_{};
};

/// Writes a tree of JSON values as the stored form of a Type, by its tables. Source adapts a parser's values:
///   Value; kind(v), as_bool(v), as_int(v), as_double(v), as_string(v), count(v) of an array or object,
///   for_each_member(v, f(key, value)), for_each_item(v, f(value)), each stopping when f returns false.
/// What does not fit is reported and left absent; status() is then an error.
template <class Source>
class TypedDecoder {
 public:
  using Value = typename Source::Value;

  TypedDecoder(StoredBuilder& out, Diagnostics& diagnostics, const Limits& limits, ByteBuffer& scratch,
               FieldGuess& guess)
      : out_(out), diagnostics_(diagnostics), limits_(limits), scratch_(scratch), guess_(guess) {}

  Status decode(const Type& type, const Value& value) {
    const Struct root = out_.start(type.data_words, type.pointer_count);
    decode_struct(root, type, value, nullptr, 0);
    if (too_deep_) {
      return fail(ErrorCode::kTooLarge, "nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    }
    if (out_.full()) {
      return fail(ErrorCode::kTooLarge, "the object needs more than " + std::to_string(limits_.max_bytes) + " bytes");
    }
    return diagnostics_.status();
  }

 private:
  using Struct = StoredBuilder::Struct;
  using List = StoredBuilder::List;
  struct Entry {
    std::string_view key;
    Value value;
    std::uint32_t order;
  };

  bool stopped() const { return too_deep_ || out_.full(); }
  bool enter(std::size_t depth) {
    if (depth > limits_.max_depth) too_deep_ = true;
    return !stopped();
  }

  void expected(const PathStep* at, std::string_view what, const Value& value) {
    static constexpr std::array<std::string_view, 7> kNames = {"null",   "boolean", "integer", "number",
                                                               "string", "list",    "object"};
    const auto kind = static_cast<std::size_t>(Source::kind(value));
    diagnostics_.wrong_value(at, "expected " + std::string(what) + ", got " + std::string(kNames[kind]));
  }

  void decode_struct(const Struct& to, const Type& type, const Value& value, const PathStep* path, std::size_t depth) {
    if (!enter(depth)) return;
    if (type.form != TypeForm::kObject) return decode_form(to, type, value, path, depth);
    if (Source::kind(value) != JsonKind::kObject) return expected(path, "object", value);
    SeenFields seen(type.json_fields.size());
    const std::size_t row = FieldGuess::row_of(type);
    std::size_t member_number = 0;
    Source::for_each_member(value, [&](std::string_view key, const Value& member) {
      const JsonField* field = guess_.find(type, row, member_number++, key);
      if (field == nullptr) {
        decode_extra(type, key, member, path);
        return !stopped();
      }
      if (!seen.add(static_cast<std::size_t>(field - type.json_fields.data()))) {
        diagnostics_.duplicate_field(path, key);
      }
      if (Source::kind(member) == JsonKind::kNull) return true;
      const PathStep step(path, field->name);
      Struct target = to;
      for (const Field* inlined : field->path) {
        target = out_.get_or_init_struct(target.pointer(inlined->offset), inlined->type->data_words,
                                         inlined->type->pointer_count);
      }
      decode_field(target, *field->field, member, &step, depth);
      return !stopped();
    });
  }

  /// A member that is no field: apiVersion and kind, which the record header keeps, or unknown.
  void decode_extra(const Type& type, std::string_view key, const Value& value, const PathStep* path) {
    const bool meta = type.has_type_meta && (key == "apiVersion" || key == "kind");
    if (!meta) {
      diagnostics_.unknown_field(path, key);
    } else if (Source::kind(value) != JsonKind::kString && Source::kind(value) != JsonKind::kNull) {
      const PathStep step(path, key);
      expected(&step, "string", value);
    }
  }

  /// JSONSchemaPropsOr…: fields[] by name, because the JSON has none.
  void decode_form(const Struct& to, const Type& type, const Value& value, const PathStep* path, std::size_t depth) {
    if (type.form == TypeForm::kIntOrString) return decode_int_or_string(to, value, path);
    const JsonKind kind = Source::kind(value);
    const Field* schema = find_field(type, "Schema");
    if (kind == JsonKind::kObject && schema != nullptr) {
      if (const Field* allows = find_field(type, "Allows"); allows != nullptr) out_.set_bit(to, allows->offset, true);
      return decode_field(to, *schema, value, path, depth);
    }
    if (type.form == TypeForm::kSchemaOrBool) {
      if (kind != JsonKind::kBool) return expected(path, "boolean or object", value);
      return out_.set_bit(to, find_field(type, "Allows")->offset, Source::as_bool(value));
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
    if (field.presence_bit != Field::kNoPresence) out_.set_bit(to, field.presence_bit, true);
    switch (field.kind) {
      case FieldKind::kText:
        if (Source::kind(value) != JsonKind::kString) return expected(path, "string", value);
        return out_.set_text(to.pointer(field.offset), Source::as_string(value));
      case FieldKind::kBool:
        if (Source::kind(value) != JsonKind::kBool) return expected(path, "boolean", value);
        return out_.set_bit(to, field.offset, Source::as_bool(value));
      case FieldKind::kInt32:
        return out_.set_number(to, field.offset, static_cast<std::int32_t>(integer(value, path, kInt32)));
      case FieldKind::kInt64:
        return out_.set_number(to, field.offset, integer(value, path, kInt64));
      case FieldKind::kFloat64:
        return out_.set_number(to, field.offset, number(value, path));
      case FieldKind::kTime:
      case FieldKind::kMicroTime:
      case FieldKind::kDuration:
        return decode_time(to, field, value, path);
      case FieldKind::kStruct:
        return decode_struct(
            out_.get_or_init_struct(to.pointer(field.offset), field.type->data_words, field.type->pointer_count),
            *field.type, value, path, depth + 1);
      case FieldKind::kIntOrString:
        return decode_int_or_string(
            out_.init_struct(to.pointer(field.offset), IntOrStringLayout::kDataWords, IntOrStringLayout::kPointers),
            value, path);
      default:
        return decode_blob(to.pointer(field.offset), field.kind, value, path, depth);
    }
  }

  using Range = std::pair<std::int64_t, std::int64_t>;
  static constexpr Range kInt32{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  static constexpr Range kInt64{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};

  std::int64_t integer(const Value& value, const PathStep* path, const Range& range) {
    if (Source::kind(value) == JsonKind::kDouble) {
      diagnostics_.wrong_value(path, "expected integer, got a number with a fraction, an exponent or beyond 64 bits");
      return 0;
    }
    if (Source::kind(value) != JsonKind::kInt) {
      expected(path, "integer", value);
      return 0;
    }
    const std::int64_t number = Source::as_int(value);
    if (number >= range.first && number <= range.second) return number;
    diagnostics_.wrong_value(path, std::to_string(number) + " is beyond 32 bits");
    return 0;
  }

  double number(const Value& value, const PathStep* path) {
    if (Source::kind(value) == JsonKind::kInt) return static_cast<double>(Source::as_int(value));
    if (Source::kind(value) == JsonKind::kDouble) return Source::as_double(value);
    expected(path, "number", value);
    return 0;
  }

  /// The value as text, or an error and "".
  std::string_view string(const Value& value, const PathStep* path) {
    if (Source::kind(value) == JsonKind::kString) return Source::as_string(value);
    expected(path, "string", value);
    return {};
  }

  void decode_time(const Struct& to, const Field& field, const Value& value, const PathStep* path) {
    if (Source::kind(value) != JsonKind::kString) return expected(path, "string", value);
    const auto parsed = parse_time_field(field.kind, Source::as_string(value));
    if (!parsed) return diagnostics_.wrong_value(path, parsed.error().message);
    if (!parsed->has_value()) {  // Go's zero time: none
      if (field.presence_bit != Field::kNoPresence) out_.set_bit(to, field.presence_bit, false);
      return out_.set_number(to, field.offset, std::int64_t{0});
    }
    out_.set_number(to, field.offset, **parsed);
  }

  void decode_int_or_string(const Struct& to, const Value& value, const PathStep* path) {
    if (Source::kind(value) == JsonKind::kString) {
      out_.set_number(to, IntOrStringLayout::kWhichByte, IntOrStringLayout::kIsText);
      return out_.set_text(to.pointer(0), Source::as_string(value));
    }
    if (Source::kind(value) != JsonKind::kInt) return expected(path, "integer or string", value);
    out_.set_number(to, IntOrStringLayout::kIntByte, static_cast<std::int32_t>(integer(value, path, kInt32)));
  }

  /// What lies behind a pointer of its own: text, bytes, quantities, raw JSON.
  void decode_blob(std::uint32_t pointer, FieldKind kind, const Value& value, const PathStep* path, std::size_t depth) {
    if (kind == FieldKind::kText) {
      if (Source::kind(value) != JsonKind::kString) return expected(path, "string", value);
      return out_.set_text(pointer, Source::as_string(value));
    }
    if (kind == FieldKind::kQuantity) return decode_quantity(pointer, value, path);
    if (kind == FieldKind::kBytes) {
      if (Source::kind(value) != JsonKind::kString) return expected(path, "string", value);
      const auto bytes = decode_base64(Source::as_string(value));
      if (!bytes) return diagnostics_.wrong_value(path, "expected base64 text");
      return out_.set_bytes(pointer, *bytes);
    }
    scratch_.clear();
    append_raw(value, depth);
    out_.set_bytes(pointer, scratch_.view());
  }

  void decode_quantity(std::uint32_t pointer, const Value& value, const PathStep* path) {
    std::string_view text;
    if (Source::kind(value) == JsonKind::kString) {
      text = trim_space(Source::as_string(value));
    } else if (Source::kind(value) == JsonKind::kInt || Source::kind(value) == JsonKind::kDouble) {
      scratch_.clear();
      append_raw(value, 0);
      text = scratch_.view();
    } else {
      return expected(path, "quantity", value);
    }
    if (is_plainly_canonical_quantity(text)) return out_.set_text(pointer, text);
    const auto canonical = canonical_quantity(text);
    if (!canonical) return diagnostics_.wrong_value(path, canonical.error().message);
    out_.set_text(pointer, *canonical);
  }

  /// Any JSON, compact, into the scratch buffer.
  void append_raw(const Value& value, std::size_t depth) {
    if (!enter(depth)) return;
    switch (Source::kind(value)) {
      case JsonKind::kNull:
        return scratch_.append("null");
      case JsonKind::kBool:
        return scratch_.append(Source::as_bool(value) ? "true" : "false");
      case JsonKind::kInt:
        return append_int(scratch_, Source::as_int(value));
      case JsonKind::kDouble:
        return append_json_double(scratch_, Source::as_double(value));
      case JsonKind::kString:
        return append_plain_json_string(scratch_, Source::as_string(value));
      case JsonKind::kArray:
        scratch_.push('[');
        Source::for_each_item(value, [&](const Value& item) {
          append_raw(item, depth + 1);
          scratch_.push(',');
          return !stopped();
        });
        return close(']');
      case JsonKind::kObject:
        break;
    }
    scratch_.push('{');
    Source::for_each_member(value, [&](std::string_view key, const Value& member) {
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
    if (Source::kind(value) != JsonKind::kArray) return expected(path, "list", value);
    const auto count = static_cast<std::uint32_t>(Source::count(value));
    const std::uint32_t pointer = to.pointer(field.offset);
    if (count == 0) return out_.set_null(pointer);
    const List list = init_list(pointer, field, count);
    if (out_.full()) return;
    std::uint32_t i = 0;
    Source::for_each_item(value, [&](const Value& item) {
      const PathStep step(path, std::size_t{i});
      decode_item(list, i, field, item, &step, depth);
      ++i;
      return !stopped();
    });
  }

  List init_list(std::uint32_t pointer, const Field& field, std::uint32_t count) {
    switch (field.kind) {
      case FieldKind::kBool:
        return out_.init_bit_list(pointer, count);
      case FieldKind::kInt32:
        return out_.init_number_list(pointer, count, 4);
      case FieldKind::kInt64:
      case FieldKind::kFloat64:
      case FieldKind::kTime:
      case FieldKind::kMicroTime:
      case FieldKind::kDuration:
        return out_.init_number_list(pointer, count, 8);
      case FieldKind::kStruct:
        return out_.init_struct_list(pointer, count, field.type->data_words, field.type->pointer_count);
      case FieldKind::kIntOrString:
        return out_.init_struct_list(pointer, count, IntOrStringLayout::kDataWords, IntOrStringLayout::kPointers);
      default:
        return out_.init_pointer_list(pointer, count);
    }
  }

  /// A null item is a zero one, as in Go.
  void decode_item(const List& list, std::uint32_t i, const Field& field, const Value& item, const PathStep* path,
                   std::size_t depth) {
    if (Source::kind(item) == JsonKind::kNull) return decode_null_item(list, i, field);
    switch (field.kind) {
      case FieldKind::kBool:
        if (Source::kind(item) != JsonKind::kBool) return expected(path, "boolean", item);
        return out_.set_bit({list.at, 1, 0}, i, Source::as_bool(item));
      case FieldKind::kInt32:
        return set_element(list, i, static_cast<std::int32_t>(integer(item, path, kInt32)));
      case FieldKind::kInt64:
        return set_element(list, i, integer(item, path, kInt64));
      case FieldKind::kFloat64:
        return set_element(list, i, number(item, path));
      case FieldKind::kStruct:
        return decode_struct(list.item(i), *field.type, item, path, depth + 1);
      case FieldKind::kIntOrString:
        return decode_int_or_string(list.item(i), item, path);
      case FieldKind::kTime:
      case FieldKind::kMicroTime:
      case FieldKind::kDuration: {
        const auto parsed = parse_time_field(field.kind, string(item, path));
        if (!parsed) return diagnostics_.wrong_value(path, parsed.error().message);
        return set_element(list, i, parsed->value_or(0));
      }
      default:
        return decode_blob(list.at + i, field.kind, item, path, depth);
    }
  }

  void decode_null_item(const List& list, std::uint32_t i, const Field& field) {
    if (field.kind == FieldKind::kText) out_.set_text(list.at + i, "");
    if (field.kind == FieldKind::kQuantity) out_.set_text(list.at + i, "0");
  }

  template <class T>
  void set_element(const List& list, std::uint32_t i, T value) {
    std::memcpy(out_.elements(list) + std::size_t{i} * sizeof(T), &value, sizeof value);
  }

  /// Entries sorted by key; of a key that stands twice, the last.
  void decode_map(const Struct& to, const Field& field, const Value& value, const PathStep* path, std::size_t depth) {
    if (!enter(depth)) return;
    if (Source::kind(value) != JsonKind::kObject) return expected(path, "object", value);
    const std::size_t base = entries_.size();
    if (entries_.capacity() == 0) entries_.reserve(32);
    Source::for_each_member(value, [&](std::string_view key, const Value& member) {
      entries_.push_back({key, member, static_cast<std::uint32_t>(entries_.size())});
      return true;
    });
    sort_entries(base, path);
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
      if (Source::kind(entry.value) == JsonKind::kNull) continue;
      const PathStep step(path, entry.key);
      decode_field(target, value_field, entry.value, &step, depth);
    }
    entries_.resize(base);
  }

  void sort_entries(std::size_t base, const PathStep* path) {
    const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(base);
    const auto rising = [](const Entry& a, const Entry& b) { return a.key >= b.key; };
    if (std::adjacent_find(begin, entries_.end(), rising) == entries_.end()) return;
    std::sort(begin, entries_.end(),
              [](const Entry& a, const Entry& b) { return a.key != b.key ? a.key < b.key : a.order > b.order; });
    const auto last = std::unique(begin, entries_.end(), [&](const Entry& a, const Entry& b) {
      if (a.key != b.key) return false;
      diagnostics_.duplicate_field(path, a.key);
      return true;
    });
    entries_.erase(last, entries_.end());
  }

  StoredBuilder& out_;
  Diagnostics& diagnostics_;
  const Limits& limits_;
  ByteBuffer& scratch_;
  FieldGuess& guess_;
  std::vector<Entry> entries_;
  bool too_deep_ = false;
};

}  // namespace troupe::schema
