#include "schema/codec/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace troupe::schema {

namespace {

/// Bytes that need a look: control characters, those that are escaped, and all that is not ASCII.
constexpr auto kSpecial = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 32; ++i) table[i] = true;
  for (std::size_t i = 128; i < 256; ++i) table[i] = true;
  for (const char c : {'"', '\\', '<', '>', '&'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();
constexpr std::string_view kHex = "0123456789abcdef";

#if defined(__SSE2__)
/// A bit for each special one of 16 bytes.
std::uint32_t special_mask(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const auto equals = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  // Signed: below 0x20 covers bytes from 0x80 on too.
  __m128i special = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
  special = _mm_or_si128(special, _mm_or_si128(equals('"'), equals('\\')));
  special = _mm_or_si128(special, _mm_or_si128(equals('<'), _mm_or_si128(equals('>'), equals('&'))));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(special));
}
#endif

#if defined(__SSE2__)
std::size_t first_bit(std::uint32_t mask) { return static_cast<std::size_t>(__builtin_ctz(mask)); }

/// copy_plain for less than 16 bytes: two halves that overlap, looked at as one.
std::size_t copy_plain_short(char* to, const char* from, std::size_t size) {
  if (size >= 8) {
    std::array<char, 16> both{};
    std::memcpy(both.data(), from, 8);
    std::memcpy(both.data() + 8, from + size - 8, 8);
    std::memcpy(to, both.data(), 8);
    std::memcpy(to + size - 8, both.data() + 8, 8);
    const std::uint32_t mask = special_mask(both.data());
    if (mask == 0) return size;
    const std::size_t at = first_bit(mask);
    return at < 8 ? at : at + size - 16;
  }
  std::size_t i = 0;
  for (; i < size && !kSpecial[static_cast<unsigned char>(from[i])]; ++i) to[i] = from[i];
  return i;
}
#endif

/// Copies up to the first special byte, or all, and returns how much that was. `to` has room for the whole text.
std::size_t copy_plain(char* to, std::string_view text) {
  const char* from = text.data();
  const std::size_t size = text.size();
#if defined(__SSE2__)
  if (size < 16) return copy_plain_short(to, from, size);
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const std::uint32_t mask = special_mask(from + i);
    std::memcpy(to + i, from + i, 16);
    if (mask != 0) return i + first_bit(mask);
  }
  if (i == size) return size;
  const std::size_t last = size - 16;
  std::memcpy(to + last, from + last, 16);
  const std::uint32_t mask = special_mask(from + last) >> (i - last);
  return mask == 0 ? size : i + first_bit(mask);
#else
  std::size_t i = 0;
  for (; i < size && !kSpecial[static_cast<unsigned char>(from[i])]; ++i) to[i] = from[i];
  return i;
#endif
}

void append_escape(ByteBuffer& out, unsigned code) {
  char* to = out.reserve(6);
  to[0] = '\\';
  to[1] = 'u';
  for (unsigned i = 0; i < 4; ++i) to[2 + i] = kHex[code >> (12 - 4 * i) & 15U];
  out.advance(6);
}

char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

bool is_line_separator(std::string_view text) {
  return text.size() >= 3 && text[0] == '\xe2' && text[1] == '\x80' && (text[2] == '\xa8' || text[2] == '\xa9');
}

/// Writes what stands at a special byte and returns how many bytes that was.
std::size_t append_special(ByteBuffer& out, std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte < 128) {
    append_json_escape(out, text[0]);
    return 1;
  }
  if (is_line_separator(text)) {
    append_escape(out, text[2] == '\xa8' ? 0x2028 : 0x2029);
    return 3;
  }
  const std::size_t length = utf8_length(text);
  if (length == 0) {
    append_escape(out, 0xfffd);
    return 1;
  }
  out.append(text.substr(0, length));
  return length;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr auto kBase64Value = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(255);
  for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(kBase64[i])] = i;
  return table;
}();

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return tail(1) ? 2 : 0;
  if (lead < 0xf0) {
    if ((lead == 0xe0 && at(1) < 0xa0) || (lead == 0xed && at(1) > 0x9f)) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if ((lead == 0xf0 && at(1) < 0x90) || (lead == 0xf4 && at(1) > 0x8f)) return 0;
  return tail(1) && tail(2) && tail(3) ? 4 : 0;
}

bool is_utf8(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  while (!text.empty()) {
    std::uint64_t block = 0;
    std::memcpy(&block, text.data(), std::min<std::size_t>(text.size(), sizeof block));
    if ((block & kHigh) == 0) {  // nothing but ASCII
      text.remove_prefix(std::min<std::size_t>(text.size(), sizeof block));
      continue;
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_json_escape(ByteBuffer& out, char c) {
  const char escape = short_escape(c);
  if (escape == 0) return append_escape(out, static_cast<unsigned char>(c));
  out.push('\\');
  out.push(escape);
}

void append_json_string(ByteBuffer& out, std::string_view text) {
  char* to = out.reserve(text.size() + 2);
  *to = '"';
  const std::size_t plain = copy_plain(to + 1, text);
  if (plain == text.size()) {
    to[plain + 1] = '"';
    out.advance(plain + 2);
    return;
  }
  out.advance(plain + 1);
  text.remove_prefix(plain);
  while (!text.empty()) {
    text.remove_prefix(append_special(out, text));
    const std::size_t next = copy_plain(out.reserve(text.size()), text);
    out.advance(next);
    text.remove_prefix(next);
  }
  out.push('"');
}

void append_int(ByteBuffer& out, std::int64_t value) {
  char* to = out.reserve(24);
  out.advance(static_cast<std::size_t>(std::to_chars(to, to + 24, value).ptr - to));
}

void append_json_double(ByteBuffer& out, double value) {
  if (!std::isfinite(value)) {
    out.append("null");
    return;
  }
  if (value == 0 && std::signbit(value)) {  // "-0" would be read as the integer 0
    out.append("-0.0");
    return;
  }
  char* to = out.reserve(64);
  const double magnitude = std::fabs(value);
  const bool scientific = magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21);
  if (!scientific && magnitude < 1e15) {
    out.advance(static_cast<std::size_t>(std::to_chars(to, to + 64, value, std::chars_format::fixed).ptr - to));
    return;
  }
  auto length = static_cast<std::size_t>(std::to_chars(to, to + 64, value, std::chars_format::scientific).ptr - to);
  if (scientific) {
    if (to[length - 4] == 'e' && to[length - 2] == '0') {  // e-07 → e-7
      to[length - 2] = to[length - 1];
      --length;
    }
    out.advance(length);
    return;
  }
  // A whole number or nearly one: the shortest digits, then zeros, where to_chars would write digits that say nothing.
  const std::string_view text(to, length);
  const std::size_t e = text.find('e');
  auto whole = static_cast<std::size_t>((text[e + 2] - '0') * 10 + (text[e + 3] - '0')) + 1;
  std::string digits;
  for (const char c : text.substr(0, e)) {
    if (c != '.' && c != '-') digits.push_back(c);
  }
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  if (digits.size() > whole) digits.insert(whole, 1, '.');
  if (value < 0) digits.insert(0, 1, '-');
  out.append(digits);
}

void append_compact_json(ByteBuffer& out, std::string_view json) {
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (!in_string) {
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
      in_string = c == '"';
      out.push(c);
    } else if (c == '<' || c == '>' || c == '&') {
      append_escape(out, static_cast<unsigned char>(c));
    } else if (is_line_separator(json.substr(i))) {
      append_escape(out, json[i + 2] == '\xa8' ? 0x2028 : 0x2029);
      i += 2;
    } else {
      out.push(c);
      if (c == '\\' && i + 1 < json.size()) out.push(json[++i]);
      if (c == '"') in_string = false;
    }
  }
}

void append_base64(ByteBuffer& out, std::string_view bytes) {
  char* to = out.reserve((bytes.size() + 2) / 3 * 4);
  char* const begin = to;
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t three = at(i) << 16U | at(i + 1) << 8U | at(i + 2);
    *to++ = kBase64[three >> 18U];
    *to++ = kBase64[three >> 12U & 63U];
    *to++ = i + 1 < bytes.size() ? kBase64[three >> 6U & 63U] : '=';
    *to++ = i + 2 < bytes.size() ? kBase64[three & 63U] : '=';
  }
  out.advance(static_cast<std::size_t>(to - begin));
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::uint8_t value = kBase64Value[static_cast<unsigned char>(c)];
    if (value == 255 || padding != 0) return std::nullopt;
    bits = bits << 6U | value;
    if (++digits % 4 == 0) {
      for (const unsigned shift : {16U, 8U, 0U}) out.push_back(static_cast<char>(bits >> shift & 255U));
      bits = 0;
    }
  }
  const std::size_t rest = digits % 4;
  if (rest == 1 || (rest == 0 && padding != 0) || (rest != 0 && rest + padding != 4)) return std::nullopt;
  if (rest >= 2) out.push_back(static_cast<char>(bits >> (rest == 2 ? 4U : 10U) & 255U));
  if (rest == 3) out.push_back(static_cast<char>(bits >> 2U & 255U));
  return out;
}

}  // namespace troupe::schema
