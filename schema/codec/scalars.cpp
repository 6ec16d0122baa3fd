#include "schema/codec/scalars.hpp"

#include <string>

#include "schema/codec/json_text.hpp"
#include "schema/codec/time.hpp"

namespace troupe::schema {

Result<std::optional<std::int64_t>> parse_time_field(FieldKind kind, std::string_view text) {
  if (kind == FieldKind::kDuration) {
    auto nanos = parse_duration(text);
    if (!nanos) return fail(nanos.error());
    return std::optional<std::int64_t>(*nanos);
  }
  const auto instant = parse_time(text);
  if (!instant) return fail(instant.error());
  if (instant->seconds == kGoZeroTimeSeconds && instant->nanos == 0) return std::optional<std::int64_t>();
  if (kind == FieldKind::kTime) return std::optional<std::int64_t>(instant->seconds);
  return std::optional<std::int64_t>(instant->seconds * 1'000'000 + instant->nanos / 1000);
}

void append_time_field(ByteBuffer& out, FieldKind kind, std::int64_t value) {
  if (kind == FieldKind::kDuration) {
    std::string text;
    append_duration(text, value);
    return out.append(text);
  }
  char* to = out.reserve(32);
  char* end = kind == FieldKind::kTime ? write_time(to, value) : write_micro_time(to, value);
  out.advance(static_cast<std::size_t>(end - to));
}

bool is_time_in_range(FieldKind kind, std::int64_t value) {
  if (kind == FieldKind::kDuration) return true;
  const std::int64_t unit = kind == FieldKind::kTime ? 1 : 1'000'000;
  return value >= kMinTimeSeconds * unit && value <= kMaxTimeSeconds * unit + (unit - 1);
}

std::string_view trim_space(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

void append_plain_json_string(ByteBuffer& out, std::string_view text) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  out.push('"');
  while (!text.empty()) {
    std::size_t n = 0;
    while (n < text.size() && plain(text[n])) ++n;
    out.append(text.substr(0, n));
    if (n == text.size()) break;
    append_json_escape(out, text[n]);
    text.remove_prefix(n + 1);
  }
  out.push('"');
}

}  // namespace troupe::schema
