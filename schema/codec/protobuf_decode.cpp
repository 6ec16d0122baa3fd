#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>
#include <vector>

#include "schema/codec/field_setter.hpp"
#include "schema/codec/json_text.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/scalars.hpp"
#include "schema/codec/time.hpp"

namespace troupe::schema {

namespace {

/// Reads messages by their tables. Lists are counted first, because the stored form wants their length before an item.
class Decoder : private FieldSetter {
 public:
  Decoder(const Limits& limits, StoredBuilder& out, Diagnostics& diagnostics) : FieldSetter(out, diagnostics, limits) {
    repeated_.reserve(kRepeated);
    entries_.reserve(kEntries);
  }

  Status run(std::string_view bytes, const Type& type) {
    message(out_.start(type.data_words, type.pointer_count), type, bytes, nullptr, 0);
    return status();
  }

 private:
  struct Repeated {
    std::uint32_t count = 0;
    std::uint32_t done = 0;
    List list;
  };
  struct Entry {
    std::string_view key;
    std::string_view message;
    std::uint32_t order;
  };

  bool stopped() const { return FieldSetter::stopped() || malformed_; }
  void malformed(const PathStep* path) {
    malformed_ = true;
    diagnostics_.wrong_value(path, "malformed protobuf message");
  }

  static std::size_t position(const Type& type, const Field& field) {
    return static_cast<std::size_t>(&field - type.fields.data());
  }

  void message(const Struct& to, const Type& type, std::string_view bytes, const PathStep* path, std::size_t depth) {
    if (!enter(depth) || malformed_) return;
    const std::size_t base = repeated_.size();
    repeated_.resize(base + type.fields.size());
    if (count_repeated(type, bytes, base)) {
      init_lists(to, type, base);
      ProtoReader in(bytes);
      while (!stopped() && in.next()) {
        const Field* field = type.find_proto(in.number());
        if (field == nullptr) continue;
        const PathStep step(path, field->name);
        if (field->shape == FieldShape::kOne) {
          one(to, *field, in, &step, depth);
        } else if (field->shape == FieldShape::kList) {
          repeated(*field, base + position(type, *field), in, &step, depth);
        }
      }
      for (const Field& field : type.fields) {
        if (field.shape != FieldShape::kMap || repeated_[base + position(type, field)].count == 0) continue;
        const PathStep step(path, field.name);
        map(to, field, bytes, &step, depth);
      }
    } else {
      malformed(path);
    }
    repeated_.resize(base);
  }

  /// How many items each list of the message has. False when the message is malformed.
  bool count_repeated(const Type& type, std::string_view bytes, std::size_t base) {
    ProtoReader in(bytes);
    while (in.next()) {
      const Field* field = type.find_proto(in.number());
      if (field == nullptr || field->shape == FieldShape::kOne) continue;
      Repeated& repeated = repeated_[base + position(type, *field)];
      if (field->wrapped && field->shape == FieldShape::kList) {
        if (in.type() != WireType::kBytes) return false;
        ProtoReader inner(in.bytes());
        while (inner.next()) repeated.count += inner.number() == 1 ? 1 : 0;
        if (inner.failed()) return false;
      } else if (!is_packed(*field, in)) {
        ++repeated.count;
      } else {
        ProtoReader numbers(in.bytes());
        for (std::uint64_t value = 0; !numbers.at_end() && numbers.varint(value);) ++repeated.count;
        if (numbers.failed()) return false;
      }
    }
    return !in.failed();
  }

  /// Lists of numbers may come as one field; doubles do not in any version of the API.
  static bool is_packed(const Field& field, const ProtoReader& in) {
    const bool number =
        field.kind == FieldKind::kBool || field.kind == FieldKind::kInt32 || field.kind == FieldKind::kInt64;
    return number && field.shape == FieldShape::kList && in.type() == WireType::kBytes;
  }

  void init_lists(const Struct& to, const Type& type, std::size_t base) {
    for (const Field& field : type.fields) {
      Repeated& repeated = repeated_[base + position(type, field)];
      if (repeated.count == 0 || field.shape != FieldShape::kList) continue;
      repeated.list = init_list(to.pointer(field.offset), field, repeated.count);
      if (out_.full()) return;
    }
  }

  bool expect(WireType type, const ProtoReader& in, const PathStep* path) {
    if (in.type() == type) return true;
    diagnostics_.wrong_value(path, "protobuf wire type " + std::to_string(static_cast<int>(in.type())) +
                                       " where the field has " + std::to_string(static_cast<int>(type)));
    return false;
  }

  static WireType wire_type(FieldKind kind) {
    if (kind == FieldKind::kFloat64) return WireType::kFixed64;
    return kind == FieldKind::kBool || kind == FieldKind::kInt32 || kind == FieldKind::kInt64 ? WireType::kVarint
                                                                                              : WireType::kBytes;
  }

  void one(const Struct& to, const Field& field, const ProtoReader& in, const PathStep* path, std::size_t depth) {
    if (!expect(wire_type(field.kind), in, path)) return;
    mark_present(to, field, true);
    switch (field.kind) {
      case FieldKind::kBool:
        return out_.set_bit(to, field.offset, in.scalar() != 0);
      case FieldKind::kInt32:
        return out_.set_number(to, field.offset, static_cast<std::int32_t>(in.scalar()));
      case FieldKind::kInt64:
      case FieldKind::kFloat64:
        return out_.set_number(to, field.offset, in.scalar());
      case FieldKind::kTime:
      case FieldKind::kMicroTime:
      case FieldKind::kDuration:
        return time(to, field, in.bytes(), path);
      case FieldKind::kStruct:
        return message(nested(to, field), *field.type, in.bytes(), path, depth + 1);
      case FieldKind::kIntOrString:
        return int_or_string(int_or_string_at(to, field), in.bytes(), path);
      case FieldKind::kText:
        if (!in.bytes().empty() || field.pointer) text(to.pointer(field.offset), in.bytes(), path);
        return;
      default:
        return blob(to.pointer(field.offset), field.kind, in.bytes(), path);
    }
  }

  void text(std::uint32_t pointer, std::string_view value, const PathStep* path) {
    if (is_utf8(value)) return out_.set_text(pointer, value);
    diagnostics_.wrong_value(path, "the string is no UTF-8");
  }

  /// Seconds and nanoseconds, or nothing of both.
  void time(const Struct& to, const Field& field, std::string_view bytes, const PathStep* path) {
    if (bytes.empty() && field.kind != FieldKind::kDuration) return set_time(to, field, std::nullopt);
    set_time(to, field, time_value(field.kind, bytes, path));
  }

  std::int64_t time_value(FieldKind kind, std::string_view bytes, const PathStep* path) {
    std::int64_t first = 0;
    std::int64_t nanos = 0;
    ProtoReader in(bytes);
    while (in.next()) {
      if (in.type() != WireType::kVarint) continue;
      if (in.number() == 1) first = static_cast<std::int64_t>(in.scalar());
      if (in.number() == 2) nanos = static_cast<std::int32_t>(in.scalar());
    }
    if (in.failed()) malformed(path);
    if (kind == FieldKind::kDuration) return first;
    if (first < kMinTimeSeconds || first > kMaxTimeSeconds || nanos < 0 || nanos > 999'999'999) {
      diagnostics_.wrong_value(path, "a time beyond the years 0 to 9999");
      return 0;
    }
    return kind == FieldKind::kTime ? first : first * 1'000'000 + nanos / 1000;
  }

  void int_or_string(const Struct& to, std::string_view bytes, const PathStep* path) {
    std::uint64_t which = 0;
    std::uint64_t number = 0;
    std::string_view value;
    ProtoReader in(bytes);
    while (in.next()) {
      if (in.number() == 1 && in.type() == WireType::kVarint) which = in.scalar();
      if (in.number() == 2 && in.type() == WireType::kVarint) number = in.scalar();
      if (in.number() == 3 && in.type() == WireType::kBytes) value = in.bytes();
    }
    if (in.failed()) return malformed(path);
    if (which != IntOrStringLayout::kIsText) return set_int(to, static_cast<std::int32_t>(number));
    if (is_utf8(value)) return set_string(to, value);
    diagnostics_.wrong_value(path, "the string is no UTF-8");
  }

  /// Field 1 of a message that has only this one.
  std::string_view inner_bytes(std::string_view bytes, const PathStep* path) {
    std::string_view inner;
    ProtoReader in(bytes);
    while (in.next()) {
      if (in.number() == 1 && in.type() == WireType::kBytes) inner = in.bytes();
    }
    if (in.failed()) malformed(path);
    return inner;
  }

  void blob(std::uint32_t pointer, FieldKind kind, std::string_view bytes, const PathStep* path) {
    if (kind == FieldKind::kBytes) return out_.set_bytes(pointer, bytes);
    if (kind == FieldKind::kText) return text(pointer, bytes, path);
    const std::string_view inner = inner_bytes(bytes, path);
    if (kind == FieldKind::kQuantity) {
      if (inner.empty()) return out_.set_text(pointer, "0");
      return set_quantity(pointer, inner, path);
    }
    if (inner.empty()) return;
    if (!is_enveloped(inner) && (!is_utf8(inner) || !is_json(inner))) {
      return diagnostics_.wrong_value(path, "the bytes are neither JSON nor an enveloped object");
    }
    out_.set_bytes(pointer, inner);
  }

  void repeated(const Field& field, std::size_t at, const ProtoReader& in, const PathStep* path, std::size_t depth) {
    if (field.wrapped) {
      ProtoReader inner(in.bytes());
      while (!stopped() && inner.next()) {
        if (inner.number() == 1) item(field, at, inner, path, depth);
      }
    } else if (is_packed(field, in)) {
      ProtoReader numbers(in.bytes());
      for (std::uint64_t value = 0; !numbers.at_end() && numbers.varint(value);) {
        set_scalar(field.kind, repeated_[at].list, repeated_[at].done, value);
        ++repeated_[at].done;
      }
    } else {
      item(field, at, in, path, depth);
    }
  }

  void set_scalar(FieldKind kind, const List& list, std::uint32_t i, std::uint64_t value) {
    if (kind == FieldKind::kBool) return set_bool_element(list, i, value != 0);
    if (kind == FieldKind::kInt32) return set_element(list, i, static_cast<std::int32_t>(value));
    set_element(list, i, value);
  }

  void item(const Field& field, std::size_t at, const ProtoReader& in, const PathStep* parent, std::size_t depth) {
    const List list = repeated_[at].list;
    const std::uint32_t i = repeated_[at].done++;
    const PathStep step(parent, std::size_t{i});
    if (!expect(wire_type(field.kind), in, &step)) return;
    switch (field.kind) {
      case FieldKind::kBool:
      case FieldKind::kInt32:
      case FieldKind::kInt64:
      case FieldKind::kFloat64:
        return set_scalar(field.kind, list, i, in.scalar());
      case FieldKind::kTime:
      case FieldKind::kMicroTime:
      case FieldKind::kDuration:
        return set_scalar(field.kind, list, i, static_cast<std::uint64_t>(time_value(field.kind, in.bytes(), &step)));
      case FieldKind::kStruct:
        return message(list.item(i), *field.type, in.bytes(), &step, depth + 1);
      case FieldKind::kIntOrString:
        return int_or_string(list.item(i), in.bytes(), &step);
      default:
        return blob(list.at + i, field.kind, in.bytes(), &step);
    }
  }

  /// Entries sorted by key; of a key that stands twice, the last. An entry is a message of the entry's type.
  void map(const Struct& to, const Field& field, std::string_view bytes, const PathStep* path, std::size_t depth) {
    const std::size_t base = entries_.size();
    ProtoReader in(bytes);
    while (in.next()) {
      if (in.number() != field.proto || !expect(WireType::kBytes, in, path)) continue;
      entries_.push_back({entry_key(in.bytes()), in.bytes(), static_cast<std::uint32_t>(entries_.size())});
    }
    sort_entries(entries_, base, [](std::string_view) {});
    const Type& type = *field.type;
    const auto count = static_cast<std::uint32_t>(entries_.size() - base);
    const List list = out_.init_struct_list(to.pointer(field.offset), count, type.data_words, type.pointer_count);
    for (std::uint32_t i = 0; i < count && !stopped(); ++i) {
      const Entry entry = entries_[base + i];
      const PathStep step(path, entry.key);
      message(list.item(i), type, entry.message, &step, depth + 1);
      if (entry.key.empty()) out_.set_text(list.item(i).pointer(0), "");
    }
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(base), entries_.end());
  }

  static std::string_view entry_key(std::string_view entry) {
    std::string_view key;
    ProtoReader in(entry);
    while (in.next()) {
      if (in.number() == 1 && in.type() == WireType::kBytes) key = in.bytes();
    }
    return key;
  }

  // What an ordinary object needs lies on the stack: nothing is allocated for it.
  static constexpr std::size_t kRepeated = 256;
  static constexpr std::size_t kEntries = 64;
  std::array<std::byte, kRepeated * sizeof(Repeated) + kEntries * sizeof(Entry) + 64> first_memory_;
  std::pmr::monotonic_buffer_resource memory_{first_memory_.data(), first_memory_.size()};
  std::pmr::vector<Repeated> repeated_{&memory_};
  std::pmr::vector<Entry> entries_{&memory_};
  bool malformed_ = false;
};

}  // namespace

Status decode_protobuf(std::string_view bytes, const Type& type, const Limits& limits, StoredBuilder& out,
                       Diagnostics& diagnostics) {
  if (bytes.size() > limits.max_bytes) {
    return fail(ErrorCode::kTooLarge, "the message has more than " + std::to_string(limits.max_bytes) + " bytes");
  }
  return Decoder(limits, out, diagnostics).run(bytes, type);
}

}  // namespace troupe::schema
