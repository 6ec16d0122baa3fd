#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "schema/type_table.hpp"

namespace troupe::schema {

/// What a decoder of JSON wants to know of a field, beside its name: how to write the value.
struct FieldCode {
  /// One value, a list or a map of a kind, in one number for one switch.
  static constexpr std::uint8_t op(FieldShape shape, FieldKind kind) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(shape) * 16 + static_cast<unsigned>(kind));
  }
  FieldCode() = default;
  FieldCode(const Field& of, const Type& owner)
      : field(&of),
        type(of.type),
        offset(of.in_data_section() ? of.offset : owner.data_words + of.offset),
        presence_bit(of.presence_bit),
        op_code(op(of.shape, of.kind)) {}

  const Field* field = nullptr;
  const Type* type = nullptr;
  std::uint32_t offset = 0;  ///< As Field::offset, but pointers are counted from the struct's first word.
  std::uint32_t presence_bit = Field::kNoPresence;
  std::uint8_t op_code = 0;
  bool inlined = false;        ///< Of a JsonKey: reached through the inlined structs of JsonField::path.
  std::uint32_t key_mask = 0;  ///< Of a JsonKey: a bit for each byte of its text that counts.
};

/// A member of a JSON object in one cache line: its key as text, and its field.
struct alignas(64) JsonKey {
  /// As many bytes of a text are looked at, so they must be readable.
  static constexpr std::size_t kCompared = 32;

  JsonKey() = default;
  JsonKey(const JsonField& at, const Type& type);

  /// Whether this key, quotes and colon included, stands at `text`.
  bool matches(const char* text) const {
#ifdef __SSE2__
    const auto same = [&](std::size_t from) {
      const __m128i found = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + from));
      const __m128i wanted = _mm_load_si128(reinterpret_cast<const __m128i*>(key.data() + from));
      return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(found, wanted)));
    };
    return (code.key_mask & ~(same(0) | same(16) << 16U)) == 0;
#else
    return std::memcmp(text, key.data(), static_cast<std::size_t>(std::popcount(code.key_mask))) == 0;
#endif
  }

  std::array<char, kCompared> key{};  ///< `"name":`; of a longer one 0xff, which is no UTF-8 and so matches nothing.
  FieldCode code;
};
static_assert(sizeof(JsonKey) == 64 || sizeof(void*) != 8);

inline JsonKey::JsonKey(const JsonField& at, const Type& type)
    : code(*at.field, at.path.empty() ? type : *at.path.back()->type) {
  const std::string_view text = at.field->key;
  code.inlined = !at.path.empty();
  code.key_mask = ~std::uint32_t{0};
  key.fill('\xff');
  if (text.size() > kCompared) return;
  std::copy(text.begin(), text.end(), key.begin());
  if (text.size() < kCompared) code.key_mask = (std::uint32_t{1} << text.size()) - 1;
}

}  // namespace troupe::schema
