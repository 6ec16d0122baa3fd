#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/limits.hpp"
#include "schema/codec/stored.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// One object in a file or stream, in the form in which the store holds it, with its kind in words (the store's own
/// record has a number, which means nothing elsewhere). Little-endian:
///
///   0   "troupe\0\1"
///   8   u32 form: 1 Cap'n Proto segment, 2 JSON
///   12  u32 bytes of apiVersion
///   16  u32 bytes of kind
///   20  u32 bytes of the payload
///   24  apiVersion, kind, zeros to a multiple of 8
///   …   payload, zeros to a multiple of 8
struct Frame {
  enum class Form : std::uint32_t { kCapnp = 1, kJson = 2 };
  Form form = Form::kCapnp;
  std::string_view api_version;
  std::string_view kind;
  std::string_view payload;
};

bool is_framed(std::string_view bytes);
void append_frame(const Frame& frame, ByteBuffer& out);
/// Takes a frame off the front of `stream`; its views point into it. Nothing at the end; kInvalidArgument when
/// malformed.
Result<std::optional<Frame>> next_frame(std::string_view& stream);

/// Checks a segment that came from outside: everything that the type's fields reach is inside, nested at most
/// Limits::max_depth deep, shared nowhere so much that walking it takes longer than the segment is big, and raw JSON is
/// JSON. What passes can be read like an object of our own.
Status check_stored(const Type& type, Words segment, const Limits& limits);

}  // namespace troupe::schema
