#include "schema/codec/frame.hpp"

#include <cstring>

#include "schema/codec/json.hpp"
#include "schema/codec/json_text.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/scalars.hpp"

namespace troupe::schema {

namespace {

constexpr std::string_view kMagic("troupe\0\1", 8);
constexpr std::size_t kHeader = 24;

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void append_u32(ByteBuffer& out, std::size_t value) {
  const auto number = static_cast<std::uint32_t>(value);
  out.append({reinterpret_cast<const char*>(&number), sizeof number});
}

void pad(ByteBuffer& out) {
  while (out.size() % 8 != 0) out.push('\0');
}

std::size_t padded(std::size_t n) { return (n + 7) / 8 * 8; }

/// Walks all that a type's fields reach, once for each way to it, and stops when that is more than there can be.
class Checker {
 public:
  Checker(Words segment, const Limits& limits) : limits_(limits), budget_(segment.size() * 2 + 1024) {}

  bool object(const Type& type, const StructView& view, std::size_t depth) {
    if (depth > limits_.max_depth || !spend(1 + view.data_words() + view.pointer_count())) return false;
    for (const Field& field : type.fields) {
      if (!check(field, view, depth)) return false;
    }
    return true;
  }

 private:
  bool spend(std::size_t words) {
    if (words > budget_) return false;
    budget_ -= words;
    return true;
  }

  bool check(const Field& field, const StructView& view, std::size_t depth) {
    if (field.in_data_section()) return in_range(field.kind, view, field.offset);
    if (field.shape == FieldShape::kMap) return entries(*field.type, view.list(field.offset), depth);
    if (field.shape == FieldShape::kList) return items(field, view.list(field.offset), depth);
    if (field.kind == FieldKind::kIntOrString) return spend(2 + view.nested(field.offset).text(0).size() / 8);
    if (field.kind != FieldKind::kStruct) return blob(field.kind, view.text(field.offset), view.bytes(field.offset));
    return !view.has(field.offset) || object(*field.type, view.nested(field.offset), depth + 1);
  }

  static bool in_range(FieldKind kind, const StructView& view, std::uint32_t offset) {
    if (kind != FieldKind::kTime && kind != FieldKind::kMicroTime) return true;
    return is_time_in_range(kind, view.number<std::int64_t>(offset));
  }

  bool blob(FieldKind kind, std::string_view text, std::string_view bytes) {
    if (!spend(1 + bytes.size() / 8)) return false;
    if (kind == FieldKind::kText || kind == FieldKind::kQuantity) return is_utf8(text);
    if (kind != FieldKind::kRawJson || bytes.empty()) return true;
    return is_enveloped(bytes) || (is_utf8(bytes) && is_json(bytes));
  }

  bool items(const Field& field, const ListView& list, std::size_t depth) {
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      bool fine = true;
      if (field.kind == FieldKind::kStruct) {
        fine = object(*field.type, list.item(i), depth + 1);
      } else if (field.kind == FieldKind::kIntOrString) {
        fine = spend(2 + list.item(i).text(0).size() / 8);
      } else if (field.kind >= FieldKind::kText) {
        fine = blob(field.kind, list.text(i), list.bytes(i));
      } else if (i % 64 == 0) {
        fine = spend(1);
      }
      if (!fine) return false;
    }
    return true;
  }

  bool entries(const Type& entry, const ListView& list, std::size_t depth) {
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      if (!object(entry, list.item(i), depth + 1)) return false;
    }
    return true;
  }

  const Limits& limits_;
  std::size_t budget_;
};

}  // namespace

bool is_framed(std::string_view bytes) { return bytes.substr(0, kMagic.size()) == kMagic; }

void append_frame(const Frame& frame, ByteBuffer& out) {
  pad(out);
  out.append(kMagic);
  append_u32(out, static_cast<std::uint32_t>(frame.form));
  append_u32(out, frame.api_version.size());
  append_u32(out, frame.kind.size());
  append_u32(out, frame.payload.size());
  out.append(frame.api_version);
  out.append(frame.kind);
  pad(out);
  out.append(frame.payload);
  pad(out);
}

Result<std::optional<Frame>> next_frame(std::string_view& stream) {
  if (stream.empty()) return std::optional<Frame>();
  if (!is_framed(stream)) return fail(ErrorCode::kInvalidArgument, "no frame begins here");
  if (stream.size() < kHeader) return fail(ErrorCode::kInvalidArgument, "the frame is cut off");
  Frame frame;
  const std::uint32_t form = read_u32(stream, 8);
  if (form != 1 && form != 2) return fail(ErrorCode::kInvalidArgument, "unknown form " + std::to_string(form));
  frame.form = static_cast<Frame::Form>(form);
  const std::size_t version_size = read_u32(stream, 12);
  const std::size_t kind_size = read_u32(stream, 16);
  const std::size_t payload_size = read_u32(stream, 20);
  const std::size_t payload_at = padded(kHeader + version_size + kind_size);
  const std::size_t end = payload_at + padded(payload_size);
  if (end > stream.size()) return fail(ErrorCode::kInvalidArgument, "the frame is cut off");
  frame.api_version = stream.substr(kHeader, version_size);
  frame.kind = stream.substr(kHeader + version_size, kind_size);
  frame.payload = stream.substr(payload_at, payload_size);
  stream.remove_prefix(end);
  return std::optional<Frame>(frame);
}

Status check_stored(const Type& type, Words segment, const Limits& limits) {
  if (Checker(segment, limits).object(type, StructView::root(segment), 0)) return {};
  return fail(ErrorCode::kInvalidArgument, "the Cap'n Proto segment is damaged or no " + std::string(type.name));
}

}  // namespace troupe::schema
