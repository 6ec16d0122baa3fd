#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// Text → the number that a kTime (seconds), kMicroTime (µs) or kDuration (ns) field holds. Nothing for Go's zero time.
Result<std::optional<std::int64_t>> parse_time_field(FieldKind kind, std::string_view text);
/// The number of such a field → its text, without quotes.
void append_time_field(ByteBuffer& out, FieldKind kind, std::int64_t value);
/// True when a time that came as a number can be written as text.
bool is_time_in_range(FieldKind kind, std::int64_t value);

/// Without white space at both ends.
std::string_view trim_space(std::string_view text);

/// A JSON string with only the escapes that JSON itself asks for: for JSON that is kept inside an object.
void append_plain_json_string(ByteBuffer& out, std::string_view text);

}  // namespace troupe::schema
