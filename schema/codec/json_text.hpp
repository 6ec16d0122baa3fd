#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/codec/byte_buffer.hpp"

namespace troupe::schema {

/// A JSON string as Go's encoder writes it: `<`, `>`, `&`, U+2028 and U+2029 as \uXXXX, control characters as \b \f \n
/// \r \t or \u00XX, each byte that is no UTF-8 as \ufffd.
void append_json_string(ByteBuffer& out, std::string_view text);
/// What stands for one ASCII character that is escaped: `\n`, `\u0001`, `\"`.
void append_json_escape(ByteBuffer& out, char c);
void append_int(ByteBuffer& out, std::int64_t value);
/// As Go's encoder: shortest text that reads back, exponent form below 1e-6 and from 1e21 on. NaN and infinities, which
/// JSON cannot write, become null.
void append_json_double(ByteBuffer& out, double value);
/// JSON text, which must be well formed, without white space outside strings and with `<`, `>`, `&`, U+2028/9 escaped.
void append_compact_json(ByteBuffer& out, std::string_view json);

/// Standard alphabet with padding.
void append_base64(ByteBuffer& out, std::string_view bytes);
/// Nothing when malformed. Line breaks are skipped, as in Go.
std::optional<std::string> decode_base64(std::string_view text);

/// Length of the UTF-8 sequence at the start of `text`, or 0 when it is none. `text` is not empty.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace troupe::schema
