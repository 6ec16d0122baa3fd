#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/codec/diagnostics.hpp"
#include "schema/codec/limits.hpp"
#include "schema/codec/quantity.hpp"
#include "schema/codec/stored.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// What a decoder does with a value once it has read it, whatever the form it comes from: the base of those that write
/// the stored form by the tables. Bounds are looked at with stopped(); status() tells at the end.
class FieldSetter {
 protected:
  using Struct = StoredBuilder::Struct;
  using List = StoredBuilder::List;

  FieldSetter(StoredBuilder& out, Diagnostics& diagnostics, const Limits& limits)
      : out_(out), diagnostics_(diagnostics), limits_(limits) {}

  /// True when a value at this depth may be read.
  bool enter(std::size_t depth) {
    if (depth > limits_.max_depth) too_deep_ = true;
    return !stopped();
  }
  bool stopped() const { return too_deep_ || out_.full(); }

  Status status() const {
    if (too_deep_) {
      return fail(ErrorCode::kTooLarge, "nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    }
    if (out_.full()) {
      return fail(ErrorCode::kTooLarge, "the object needs more than " + std::to_string(limits_.max_bytes) + " bytes");
    }
    return diagnostics_.status();
  }

  void mark_present(const Struct& to, const Field& field, bool present) {
    if (field.presence_bit != Field::kNoPresence) out_.set_bit(to, field.presence_bit, present);
  }
  Struct nested(const Struct& to, const Field& field) {
    return out_.get_or_init_struct(to.pointer(field.offset), field.type->data_words, field.type->pointer_count);
  }
  /// A new IntOrString in a field.
  Struct int_or_string_at(const Struct& to, const Field& field) {
    return out_.init_struct(to.pointer(field.offset), IntOrStringLayout::kDataWords, IntOrStringLayout::kPointers);
  }

  /// Seconds, microseconds or nanoseconds as the kind has it; nothing for Go's zero time, which is none.
  void set_time(const Struct& to, const Field& field, std::optional<std::int64_t> value) {
    if (!value) mark_present(to, field, false);
    out_.set_number(to, field.offset, value.value_or(0));
  }
  void set_int(const Struct& int_or_string, std::int32_t value) {
    out_.set_number(int_or_string, IntOrStringLayout::kIntByte, value);
  }
  void set_string(const Struct& int_or_string, std::string_view value) {
    out_.set_number(int_or_string, IntOrStringLayout::kWhichByte, IntOrStringLayout::kIsText);
    out_.set_text(int_or_string.pointer(0), value);
  }
  /// In its canonical form.
  void set_quantity(std::uint32_t pointer, std::string_view text, const PathStep* path) {
    if (is_plainly_canonical_quantity(text)) return out_.set_text(pointer, text);
    const auto canonical = canonical_quantity(text);
    if (!canonical) return diagnostics_.wrong_value(path, canonical.error().message);
    out_.set_text(pointer, *canonical);
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
  /// Of a list of 4 or 8 bytes an element.
  template <class T>
  void set_element(const List& list, std::uint32_t i, T value) {
    std::memcpy(out_.elements(list) + std::size_t{i} * sizeof(T), &value, sizeof value);
  }
  void set_bool_element(const List& list, std::uint32_t i, bool value) { out_.set_bit({list.at, 1, 0}, i, value); }

  /// The entries of a map from `base` on: sorted by key, and of a key that stands twice the last. `on_double(key)` is
  /// told of the others. An entry has a key and the order in which it came.
  template <class Entries, class F>
  static void sort_entries(Entries& entries, std::size_t base, F&& on_double) {
    using Entry = typename Entries::value_type;
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(base);
    const auto not_rising = [](const Entry& a, const Entry& b) { return a.key >= b.key; };
    if (std::adjacent_find(begin, entries.end(), not_rising) == entries.end()) return;
    std::sort(begin, entries.end(),
              [](const Entry& a, const Entry& b) { return a.key != b.key ? a.key < b.key : a.order > b.order; });
    const auto last = std::unique(begin, entries.end(), [&](const Entry& a, const Entry& b) {
      if (a.key != b.key) return false;
      on_double(a.key);
      return true;
    });
    entries.erase(last, entries.end());
  }

  StoredBuilder& out_;
  Diagnostics& diagnostics_;
  const Limits& limits_;

 private:
  bool too_deep_ = false;
};

}  // namespace troupe::schema
