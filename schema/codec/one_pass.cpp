#include "schema/codec/json_text.hpp"
#include "schema/codec/one_pass_internal.hpp"
#include "schema/codec/scalars.hpp"

namespace troupe::schema {

namespace {

constexpr std::uint8_t one(FieldKind kind) { return FieldCode::op(FieldShape::kOne, kind); }

const Field* find_field(const Type& type, std::string_view name) {
  const auto at = std::find_if(type.fields.begin(), type.fields.end(), [&](const Field& f) { return f.name == name; });
  return at == type.fields.end() ? nullptr : &*at;
}

}  // namespace

bool OnePassDecoder::decode(const Type& type) {
  const At behind = object(out_.start(type.data_words, type.pointer_count).at, type, 0, 0);
  return behind == json_.size() && status().has_value();
}

inline const JsonKey* OnePassDecoder::find(const Type& type, std::size_t row, std::size_t& next, At at) {
  std::uint16_t& guess = guess_.at(row, next);
  if (guess < type.json_keys.size()) [[likely]] {
    const JsonKey& key = type.json_keys[guess];
    if (key.matches(json_.text(at))) [[likely]] {
      next = std::size_t{guess} + 1;
      return &key;
    }
  }
  const JsonKey* key = find_other(type, guess, at);
  next = std::size_t{guess} + 1;
  return key;
}

/// Of the key at a position: by the hash. `guess` becomes its position.
const JsonKey* OnePassDecoder::find_other(const Type& type, std::uint16_t& guess, At at) {
  std::string_view name;
  if (json_.byte(at) != '"' || json_.byte(at + 1) != ':' || !json_.string(at, name)) return nullptr;
  const JsonField* field = type.find_json(name);
  if (field == nullptr) return nullptr;
  guess = static_cast<std::uint16_t>(field - type.json_fields.data());
  return &type.json_keys[guess];
}

OnePassDecoder::At OnePassDecoder::object(Base to, const Type& type, At at, std::uint32_t depth) {
  if (!enter(depth)) return kNowhere;
  if (type.form != TypeForm::kObject) return form(to, type, at, depth);
  if (json_.byte(at) != '{' || type.json_keys.size() > kMaxFields) return kNowhere;
  if (json_.byte(at + 1) == '}') return at + 2;
  std::array<std::uint64_t, kMaxFields / 64> seen{};
  const std::size_t row = KeyGuess::row_of(type);
  std::size_t next = 0;
  do {
    ++at;
    const JsonKey* const key = find(type, row, next, at);
    if (key == nullptr) [[unlikely]] {
      next = 0;
      at = extra(type, at);
      continue;
    }
    std::uint64_t& word = seen[(next - 1) / 64];
    const std::uint64_t bit = std::uint64_t{1} << (next - 1) % 64;
    if ((word & bit) != 0) [[unlikely]]
      return kNowhere;
    word |= bit;
    at += 2;
    if (json_.byte(at) == 'n') [[unlikely]] {
      at = json_.word(at, "null");
      continue;
    }
    const FieldCode& code = key->code;
    const Base target = code.inlined ? inlined(to, type, *key) : to;
    at = code.op_code == one(FieldKind::kText) ? text(target + code.offset, at) : value(target, code, at, depth);
  } while (json_.byte(at) == ',');  // what is kNowhere has a bracket
  return json_.byte(at) == '}' ? at + 1 : kNowhere;
}

/// A member that is no field: apiVersion and kind, which the record header keeps.
OnePassDecoder::At OnePassDecoder::extra(const Type& type, At at) {
  std::string_view name;
  std::string_view ignored;
  if (json_.byte(at) != '"' || json_.byte(at + 1) != ':' || !json_.string(at, name)) return kNowhere;
  if (!type.has_type_meta || (name != "apiVersion" && name != "kind")) return kNowhere;
  if (json_.byte(at + 2) == 'n') return json_.word(at + 2, "null");
  return json_.string(at + 2, ignored) ? at + 3 : kNowhere;
}

OnePassDecoder::Base OnePassDecoder::inlined(Base to, const Type& type, const JsonKey& key) {
  const Type* owner = &type;
  for (const Field* field : type.json_fields[static_cast<std::size_t>(&key - type.json_keys.data())].path) {
    to = nested({to, owner->data_words, owner->pointer_count}, *field).at;
    owner = field->type;
  }
  return to;
}

/// JSONSchemaPropsOr…: fields[] by name, because the JSON has none.
OnePassDecoder::At OnePassDecoder::form(Base to, const Type& type, At at, std::uint32_t depth) {
  if (type.form == TypeForm::kIntOrString)
    return int_or_string({to, IntOrStringLayout::kDataWords, IntOrStringLayout::kPointers}, at);
  const char first = json_.byte(at);
  const Field* allows = find_field(type, "Allows");
  const Field* schema = find_field(type, "Schema");
  if (first == '{' && schema != nullptr) {
    if (allows != nullptr) out_.set_bit({to, 0, 0}, allows->offset, true);
    return value(to, FieldCode(*schema, type), at, depth);
  }
  if (type.form == TypeForm::kSchemaOrBool) {
    bool allowed = false;
    const At behind = boolean(at, allowed);
    out_.set_bit({to, 0, 0}, allows->offset, allowed);
    return behind;
  }
  if (first != '[') return kNowhere;
  const bool strings = type.form == TypeForm::kSchemaOrStringArray;
  return value(to, FieldCode(*find_field(type, strings ? "Property" : "JSONSchemas"), type), at, depth);
}

inline OnePassDecoder::At OnePassDecoder::text(std::uint32_t pointer, At at) {
  std::string_view found;
  if (!json_.string(at, found)) return kNowhere;
  out_.set_readable_text(pointer, found);
  return at + 1;
}

OnePassDecoder::At OnePassDecoder::value(Base to, const FieldCode& code, At at, std::uint32_t depth) {
  switch (code.op_code) {
    case one(FieldKind::kText):
      return text(to + code.offset, at);
    case one(FieldKind::kStruct): {
      const Type& type = *code.type;
      const std::uint32_t pointer = to + code.offset;
      return object(out_.get_or_init_struct(pointer, type.data_words, type.pointer_count).at, type, at, depth + 1);
    }
    case one(FieldKind::kIntOrString):
      return int_or_string(
          out_.init_struct(to + code.offset, IntOrStringLayout::kDataWords, IntOrStringLayout::kPointers), at);
    case one(FieldKind::kBool):
    case one(FieldKind::kInt32):
    case one(FieldKind::kInt64):
    case one(FieldKind::kFloat64):
    case one(FieldKind::kTime):
    case one(FieldKind::kMicroTime):
    case one(FieldKind::kDuration):
      return scalar(to, code, at);
    default:
      break;
  }
  if (code.field->shape == FieldShape::kList) return list(to, code, at, depth);
  if (code.field->shape == FieldShape::kMap) return map(to, code, at, depth);
  return blob(to + code.offset, code.field->kind, at, depth);
}

/// What lies in the data section.
inline OnePassDecoder::At OnePassDecoder::scalar(Base to, const FieldCode& code, At at) {
  if (code.presence_bit != Field::kNoPresence) out_.set_bit({to, 0, 0}, code.presence_bit, true);
  switch (code.op_code) {
    case one(FieldKind::kBool): {
      bool found = false;
      at = boolean(at, found);
      out_.set_bit({to, 0, 0}, code.offset, found);
      return at;
    }
    case one(FieldKind::kInt32): {
      std::int32_t found = 0;
      at = int32(at, found);
      out_.set_number({to, 0, 0}, code.offset, found);
      return at;
    }
    case one(FieldKind::kInt64): {
      std::int64_t found = 0;
      if (!json_.integer(at, found)) return kNowhere;
      out_.set_number({to, 0, 0}, code.offset, found);
      return at + 1;
    }
    case one(FieldKind::kFloat64): {
      double found = 0;
      if (!json_.number(at, found)) return kNowhere;
      out_.set_number({to, 0, 0}, code.offset, found);
      return at + 1;
    }
    default: {
      std::optional<std::int64_t> found;
      at = time(code.field->kind, at, found);
      set_time({to, 0, 0}, *code.field, found);
      return at;
    }
  }
}

inline OnePassDecoder::At OnePassDecoder::boolean(At at, bool& out) {
  out = json_.byte(at) == 't';
  return json_.word(at, out ? "true" : "false");
}

inline OnePassDecoder::At OnePassDecoder::int32(At at, std::int32_t& out) {
  std::int64_t wide = 0;
  if (!json_.integer(at, wide)) return kNowhere;
  out = static_cast<std::int32_t>(wide);
  return out == wide ? at + 1 : kNowhere;
}

OnePassDecoder::At OnePassDecoder::time(FieldKind kind, At at, std::optional<std::int64_t>& out) {
  std::string_view found;
  if (!json_.string(at, found)) return kNowhere;
  const auto parsed = parse_time_field(kind, found);
  if (!parsed) return kNowhere;
  out = *parsed;
  return at + 1;
}

OnePassDecoder::At OnePassDecoder::int_or_string(Struct to, At at) {
  std::string_view found;
  if (json_.byte(at) == '"') {
    if (!json_.string(at, found)) return kNowhere;
    set_string(to, found);
    return at + 1;
  }
  std::int32_t number = 0;
  at = int32(at, number);
  set_int(to, number);
  return at;
}

/// What lies behind a pointer of its own: text, bytes, quantities, raw JSON.
OnePassDecoder::At OnePassDecoder::blob(std::uint32_t pointer, FieldKind kind, At at, std::uint32_t depth) {
  if (kind == FieldKind::kText) return text(pointer, at);
  if (kind == FieldKind::kQuantity) return quantity(pointer, at);
  if (kind == FieldKind::kBytes) return bytes(pointer, at);
  scratch_.clear();
  const At behind = raw(at, depth);
  if (behind != kNowhere) out_.set_bytes(pointer, scratch_.view());
  return behind;
}

OnePassDecoder::At OnePassDecoder::bytes(std::uint32_t pointer, At at) {
  std::string_view found;
  if (!json_.string(at, found)) return kNowhere;
  const auto decoded = decode_base64(found);
  if (!decoded) return kNowhere;
  out_.set_bytes(pointer, *decoded);
  return at + 1;
}

OnePassDecoder::At OnePassDecoder::quantity(std::uint32_t pointer, At at) {
  std::string_view found;
  if (json_.byte(at) == '"') {
    if (!json_.string(at, found)) return kNowhere;
    if (is_plainly_canonical_quantity(found)) {
      out_.set_readable_text(pointer, found);
    } else {
      set_quantity(pointer, trim_space(found), nullptr);
    }
    return at + 1;
  }
  scratch_.clear();
  if (double ignored = 0; !json_.number(at, ignored)) return kNowhere;
  at = raw(at, 0);
  set_quantity(pointer, scratch_.view(), nullptr);
  return at;
}

/// Any JSON, compact, into the scratch buffer.
OnePassDecoder::At OnePassDecoder::raw(At at, std::uint32_t depth) {
  if (!enter(depth)) return kNowhere;
  std::string_view found;
  bool truth = false;
  double number = 0;
  std::int64_t whole = 0;
  switch (json_.byte(at)) {
    case '{':
      return raw_nested(at, '}', depth);
    case '[':
      return raw_nested(at, ']', depth);
    case '"':
      if (!json_.string(at, found)) return kNowhere;
      append_plain_json_string(scratch_, found);
      return at + 1;
    case 'n':
      scratch_.append("null");
      return json_.word(at, "null");
    case 't':
    case 'f':
      at = boolean(at, truth);
      scratch_.append(truth ? "true" : "false");
      return at;
    default:
      break;
  }
  if (json_.integer(at, whole)) {
    append_int(scratch_, whole);
  } else if (json_.number(at, number)) {
    append_json_double(scratch_, number);
  } else {
    return kNowhere;
  }
  return at + 1;
}

/// A list, or an object.
OnePassDecoder::At OnePassDecoder::raw_nested(At at, char close, std::uint32_t depth) {
  scratch_.push(json_.byte(at));
  if (json_.byte(at + 1) != close) {
    do {
      ++at;
      if (close == '}') {
        std::string_view key;
        if (json_.byte(at) != '"' || json_.byte(at + 1) != ':' || !json_.string(at, key)) return kNowhere;
        append_plain_json_string(scratch_, key);
        scratch_.push(':');
        at += 2;
      }
      at = raw(at, depth + 1);
      scratch_.push(',');
    } while (json_.byte(at) == ',' && !stopped());
    if (json_.byte(at) != close) return kNowhere;
    scratch_.back() = close;
    return at + 1;
  }
  scratch_.push(close);
  return at + 2;
}

OnePassDecoder::At OnePassDecoder::list(Base to, const FieldCode& code, At at, std::uint32_t depth) {
  if (json_.byte(at) != '[') return kNowhere;
  const std::uint32_t pointer = to + code.offset;
  if (json_.byte(at + 1) == ']') {
    out_.set_null(pointer);
    return at + 2;
  }
  const std::uint32_t count = json_.items(at);
  if (count == 0) return kNowhere;
  const List list = init_list(pointer, *code.field, count);
  if (out_.full()) return kNowhere;
  std::uint32_t i = 0;
  do {
    if (i == count) return kNowhere;
    at = item(list, i++, code, at + 1, depth);
  } while (json_.byte(at) == ',');
  return json_.byte(at) == ']' && i == count ? at + 1 : kNowhere;
}

/// None that is null: what becomes of it is left to the other.
OnePassDecoder::At OnePassDecoder::item(const List& list, std::uint32_t i, const FieldCode& code, At at,
                                        std::uint32_t depth) {
  switch (code.field->kind) {
    case FieldKind::kStruct:
      return object(list.item(i).at, *code.type, at, depth + 1);
    case FieldKind::kText:
      return text(list.at + i, at);
    case FieldKind::kBool: {
      bool found = false;
      at = boolean(at, found);
      set_bool_element(list, i, found);
      return at;
    }
    case FieldKind::kInt32: {
      std::int32_t found = 0;
      at = int32(at, found);
      set_element(list, i, found);
      return at;
    }
    case FieldKind::kInt64: {
      std::int64_t found = 0;
      if (!json_.integer(at, found)) return kNowhere;
      set_element(list, i, found);
      return at + 1;
    }
    case FieldKind::kFloat64: {
      double found = 0;
      if (!json_.number(at, found)) return kNowhere;
      set_element(list, i, found);
      return at + 1;
    }
    case FieldKind::kIntOrString:
      return int_or_string(list.item(i), at);
    case FieldKind::kTime:
    case FieldKind::kMicroTime:
    case FieldKind::kDuration: {
      std::optional<std::int64_t> found;
      at = time(code.field->kind, at, found);
      set_element(list, i, found.value_or(0));
      return at;
    }
    default:
      return json_.byte(at) == 'n' ? kNowhere : blob(list.at + i, code.field->kind, at, depth);
  }
}

/// Whether the keys of a flat object of `count` members stand in rising order, none of them twice.
bool OnePassDecoder::rises(At at, std::uint32_t count) {
  const char* const mark = json_.read_in_any_order();
  std::string_view before;
  std::uint32_t i = 0;
  for (; i < count; ++i, at += 4) {
    std::string_view key;
    if (!json_.string(at + 1, key) || (i != 0 && key <= before)) break;
    before = key;
  }
  json_.read_again(mark);
  return i == count;
}

inline OnePassDecoder::At OnePassDecoder::entry(Struct to, std::string_view key, const FieldCode& code, At at,
                                                std::uint32_t depth) {
  out_.set_readable_text(to.pointer(0), key);
  return json_.byte(at) == 'n' ? json_.word(at, "null") : value(to.at, code, at, depth);
}

/// Entries sorted by key.
OnePassDecoder::At OnePassDecoder::map(Base to, const FieldCode& code, At at, std::uint32_t depth) {
  if (json_.byte(at) != '{') return kNowhere;
  const std::uint32_t pointer = to + code.offset;
  if (json_.byte(at + 1) == '}') {
    out_.set_null(pointer);
    return at + 2;
  }
  const Type& type = *code.type;
  const std::uint32_t count = json_.items(at) / 2;
  const At end = json_.end(at);
  if (end != at + 4 * count || !rises(at, count)) return unsorted_map(pointer, type, at, depth);
  const FieldCode value_code(type.fields[1], type);
  const List list = out_.init_struct_list(pointer, count, type.data_words, type.pointer_count);
  if (out_.full()) return kNowhere;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string_view key;
    if (json_.byte(at) != (i == 0 ? '{' : ',') || json_.byte(at + 2) != ':' || !json_.string(at + 1, key)) {
      return kNowhere;
    }
    const At value_at = at + 3;
    at = entry(list.item(i), key, value_code, value_at, depth);
    if (at != value_at + 1) return kNowhere;
  }
  return json_.byte(at) == '}' ? at + 1 : kNowhere;
}

/// The members of an object to entries_; none when it is malformed, has a key twice, or has none.
OnePassDecoder::At OnePassDecoder::gather(At at) {
  const std::size_t base = entries_.size();
  do {
    ++at;
    std::string_view key;
    if (json_.byte(at) != '"' || json_.byte(at + 1) != ':' || !json_.string(at, key)) return kNowhere;
    entries_.push_back({key, at + 2, static_cast<std::uint32_t>(entries_.size())});
    at += 2;
    const char first = json_.byte(at);
    at = (first == '{' || first == '[' ? json_.end(at) : at) + 1;
  } while (json_.byte(at) == ',');
  bool twice = false;
  sort_entries(entries_, base, [&](std::string_view) { twice = true; });
  return json_.byte(at) == '}' && !twice ? at + 1 : kNowhere;
}

OnePassDecoder::At OnePassDecoder::unsorted_map(std::uint32_t pointer, const Type& type, At at, std::uint32_t depth) {
  const std::size_t base = entries_.size();
  const char* const mark = json_.read_in_any_order();
  const At behind = gather(at);
  if (behind == kNowhere) return kNowhere;
  const auto count = static_cast<std::uint32_t>(entries_.size() - base);
  const FieldCode value_code(type.fields[1], type);
  const List list = out_.init_struct_list(pointer, count, type.data_words, type.pointer_count);
  if (out_.full()) return kNowhere;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Entry member = entries_[base + i];
    const char first = json_.byte(member.value);
    const At expected = (first == '{' || first == '[' ? json_.end(member.value) : member.value) + 1;
    if (entry(list.item(i), member.key, value_code, member.value, depth) != expected || stopped()) return kNowhere;
  }
  json_.read_on(mark, behind);
  entries_.resize(base);
  return behind;
}

}  // namespace troupe::schema
