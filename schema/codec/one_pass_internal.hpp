#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/field_setter.hpp"
#include "schema/codec/indexed_json_internal.hpp"
#include "schema/json_key.hpp"

namespace troupe::schema {

/// Which field followed another one the last time. Objects of one type mostly have the same members in the same order,
/// and a guess that is right is cheaper than the hash. Holds positions, no pointers: types may go.
class KeyGuess {
 public:
  /// Where a type's guesses begin.
  static std::size_t row_of(const Type& type) {
    return reinterpret_cast<std::uintptr_t>(&type) * 0x9E3779B97F4A7C15U >> 52U;
  }
  /// `next`: 1 + the position in Type::json_keys of the field before, or 0.
  std::uint16_t& at(std::size_t row, std::size_t next) { return at_[(row + next) % kGuesses]; }

 private:
  static constexpr std::size_t kGuesses = 4096;
  std::array<std::uint16_t, kGuesses> at_{};
};

/// Writes an IndexedJson as the stored form of a Type, for what is well formed and has nothing to report: that is as
/// good as always the case, so what finds and words what is wrong (TypedDecoder) is not on its way.
///
/// What reads a value returns what stands behind it, or IndexedJson::kNowhere: then the object is left to the other.
class OnePassDecoder : private FieldSetter {
 public:
  struct Entry {
    std::string_view key;
    IndexedJson::At value;
    std::uint32_t order;
  };
  /// What is kept between objects.
  struct Memory {
    ByteBuffer scratch;
    KeyGuess guess;
    std::vector<Entry> entries;
  };

  OnePassDecoder(const IndexedJson& json, StoredBuilder& out, Diagnostics& none, const Limits& limits, Memory& memory)
      : FieldSetter(out, none, limits),
        json_(json),
        scratch_(memory.scratch),
        guess_(memory.guess),
        entries_(memory.entries) {
    entries_.clear();
  }

  /// False: nothing is said about the text.
  bool decode(const Type& type);

 private:
  using At = IndexedJson::At;
  using Base = std::uint32_t;  // the first word of a struct that has its type's size
  static constexpr At kNowhere = IndexedJson::kNowhere;
  static constexpr std::size_t kMaxFields = 256;  // of one type; with more it is left to the other

  const JsonKey* find(const Type& type, std::size_t row, std::size_t& next, At at);
  const JsonKey* find_other(const Type& type, std::uint16_t& guess, At at);
  At object(Base to, const Type& type, At at, std::uint32_t depth);
  At extra(const Type& type, At at);
  Base inlined(Base to, const Type& type, const JsonKey& key);
  At form(Base to, const Type& type, At at, std::uint32_t depth);
  At value(Base to, const FieldCode& code, At at, std::uint32_t depth);
  At scalar(Base to, const FieldCode& code, At at);
  At blob(std::uint32_t pointer, FieldKind kind, At at, std::uint32_t depth);

  At text(std::uint32_t pointer, At at);
  At boolean(At at, bool& out);
  At int32(At at, std::int32_t& out);
  At time(FieldKind kind, At at, std::optional<std::int64_t>& out);
  At int_or_string(Struct to, At at);
  At quantity(std::uint32_t pointer, At at);
  At bytes(std::uint32_t pointer, At at);
  At raw(At at, std::uint32_t depth);
  At raw_nested(At at, char close, std::uint32_t depth);

  At list(Base to, const FieldCode& code, At at, std::uint32_t depth);
  At item(const List& list, std::uint32_t i, const FieldCode& code, At at, std::uint32_t depth);
  At map(Base to, const FieldCode& code, At at, std::uint32_t depth);
  At entry(Struct to, std::string_view key, const FieldCode& code, At at, std::uint32_t depth);
  bool rises(At at, std::uint32_t count);
  At unsorted_map(std::uint32_t pointer, const Type& type, At at, std::uint32_t depth);
  At gather(At at);

  IndexedJson json_;
  ByteBuffer& scratch_;
  KeyGuess& guess_;
  std::vector<Entry>& entries_;
};

}  // namespace troupe::schema
