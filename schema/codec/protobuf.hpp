#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "schema/codec/diagnostics.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/limits.hpp"
#include "schema/codec/proto_wire.hpp"
#include "schema/codec/stored.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// `k8s\0` and a message with apiVersion, kind and the object's bytes: how protobuf bodies begin. The views point into
/// the text that was read.
struct Envelope {
  std::string_view api_version;
  std::string_view kind;
  std::string_view raw;
  std::string_view content_encoding;
  std::string_view content_type;
};

bool is_enveloped(std::string_view bytes);
/// kInvalidArgument when the bytes are no envelope.
Result<Envelope> open_envelope(std::string_view bytes);

/// One event of a watch: type ("ADDED") and an enveloped object.
struct WatchFrame {
  std::string_view type;
  std::string_view object;
};
/// Takes a frame (4-byte big-endian length, WatchEvent) off the front of `stream`. Nothing when it is not complete yet;
/// kTooLarge over `max_bytes`.
Result<std::optional<WatchFrame>> next_watch_frame(std::string_view& stream, std::size_t max_bytes);

/// Message of `type` → stored form. Unknown fields are skipped, groups refused.
Status decode_protobuf(std::string_view bytes, const Type& type, const Limits& limits, StoredBuilder& out,
                       Diagnostics& diagnostics);

/// Stored form → message, put in front of what `out` holds. Every plain field is written, maps sorted, as Go does.
/// `options` gives the resourceVersion; apiVersion and kind are the envelope's.
void encode_protobuf(const Type& type, const StructView& object, const EncodeOptions& options, BackBuffer& out);
/// The same in an envelope with the options' apiVersion and kind.
void encode_enveloped(const Type& type, const StructView& object, const EncodeOptions& options, BackBuffer& out);
/// Puts the length and a WatchEvent of `type` around the enveloped object that `out` holds (and nothing else).
void wrap_watch_frame(std::string_view type, BackBuffer& out);

}  // namespace troupe::schema
