#include "schema/codec/protobuf.hpp"

namespace troupe::schema {

namespace {

constexpr std::string_view kMagic("k8s\0", 4);

void read_type_meta(std::string_view bytes, Envelope& out) {
  ProtoReader in(bytes);
  while (in.next()) {
    if (in.type() != WireType::kBytes) continue;
    if (in.number() == 1) out.api_version = in.bytes();
    if (in.number() == 2) out.kind = in.bytes();
  }
}

}  // namespace

bool is_enveloped(std::string_view bytes) { return bytes.substr(0, kMagic.size()) == kMagic; }

Result<Envelope> open_envelope(std::string_view bytes) {
  if (!is_enveloped(bytes)) return fail(ErrorCode::kInvalidArgument, "the bytes do not begin with k8s and a zero");
  Envelope envelope;
  ProtoReader in(bytes.substr(kMagic.size()));
  while (in.next()) {
    if (in.type() != WireType::kBytes) continue;
    if (in.number() == 1) read_type_meta(in.bytes(), envelope);
    if (in.number() == 2) envelope.raw = in.bytes();
    if (in.number() == 3) envelope.content_encoding = in.bytes();
    if (in.number() == 4) envelope.content_type = in.bytes();
  }
  if (in.failed()) return fail(ErrorCode::kInvalidArgument, "the protobuf envelope is malformed");
  if (!envelope.content_encoding.empty()) {
    return fail(ErrorCode::kUnsupported, "content encoding \"" + std::string(envelope.content_encoding.substr(0, 64)) +
                                             "\" in a protobuf envelope is not supported");
  }
  return envelope;
}

Result<std::optional<WatchFrame>> next_watch_frame(std::string_view& stream, std::size_t max_bytes) {
  if (stream.size() < 4) return std::optional<WatchFrame>();
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(stream[i]);
  if (length > max_bytes) return fail(ErrorCode::kTooLarge, "a watch frame of " + std::to_string(length) + " bytes");
  if (stream.size() - 4 < length) return std::optional<WatchFrame>();
  WatchFrame frame;
  ProtoReader event(stream.substr(4, length));
  while (event.next()) {
    if (event.type() != WireType::kBytes) continue;
    if (event.number() == 1) frame.type = event.bytes();
    if (event.number() != 2) continue;
    ProtoReader raw(event.bytes());
    while (raw.next()) {
      if (raw.type() == WireType::kBytes && raw.number() == 1) frame.object = raw.bytes();
    }
    if (raw.failed()) return fail(ErrorCode::kInvalidArgument, "a watch frame's object is malformed");
  }
  if (event.failed()) return fail(ErrorCode::kInvalidArgument, "a watch frame is malformed");
  stream.remove_prefix(4 + length);
  return std::optional<WatchFrame>(frame);
}

void encode_enveloped(const Type& type, const StructView& object, const EncodeOptions& options, BackBuffer& out) {
  out.bytes_field(4, {});
  out.bytes_field(3, {});
  const std::size_t before_raw = out.size();
  encode_protobuf(type, object, options, out);
  out.close(2, before_raw);
  const std::size_t before_meta = out.size();
  out.bytes_field(2, options.kind);
  out.bytes_field(1, options.api_version);
  out.close(1, before_meta);
  out.bytes(kMagic);
}

void wrap_watch_frame(std::string_view type, BackBuffer& out) {
  out.close(1, 0);
  out.close(2, 0);
  out.bytes_field(1, type);
  const std::size_t length = out.size();
  for (unsigned shift = 0; shift < 32; shift += 8) out.push(static_cast<char>(length >> shift & 0xffU));
}

}  // namespace troupe::schema
