#include <bit>

#include "schema/codec/protobuf.hpp"

namespace troupe::schema {

namespace {

std::uint64_t to_varint(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// Writes objects by their tables, last field first.
class Encoder {
 public:
  Encoder(const EncodeOptions& options, BackBuffer& out) : options_(options), out_(out) {}

  void root(const Type& type, const StructView& object) {
    for (std::size_t i = type.by_proto.size(); i-- > 0;) {
      const Field& field = *type.by_proto[i];
      if (options_.resource_version && field.name == "metadata" && field.kind == FieldKind::kStruct) {
        const std::size_t before = out_.size();
        metadata(*field.type, object.nested(field.offset));
        out_.close(field.proto, before);
      } else {
        encode_field(field, object);
      }
    }
  }

 private:
  void metadata(const Type& type, const StructView& from) {
    for (std::size_t i = type.by_proto.size(); i-- > 0;) {
      const Field& field = *type.by_proto[i];
      if (field.name == "resourceVersion") {
        out_.bytes_field(field.proto, *options_.resource_version);
      } else {
        encode_field(field, from);
      }
    }
  }

  void object(const Type& type, const StructView& from) {
    for (std::size_t i = type.by_proto.size(); i-- > 0;) encode_field(*type.by_proto[i], from);
  }

  static bool present(const Field& field, const StructView& from, bool non_zero) {
    return !field.pointer || non_zero || (field.presence_bit != Field::kNoPresence && from.bit(field.presence_bit));
  }

  void encode_field(const Field& field, const StructView& from) {
    if (field.proto == 0) return;
    if (field.shape == FieldShape::kMap) return map(field, from.list(field.offset));
    if (field.shape == FieldShape::kList) return list(field, from.list(field.offset));
    if (field.in_data_section()) return number(field, from);
    if (field.pointer && !from.has(field.offset)) return;
    const std::size_t before = out_.size();
    switch (field.kind) {
      case FieldKind::kText:
        return out_.bytes_field(field.proto, from.text(field.offset));
      case FieldKind::kBytes:
        if (from.has(field.offset)) out_.bytes_field(field.proto, from.bytes(field.offset));
        return;
      case FieldKind::kQuantity:
        quantity(from.text(field.offset));
        break;
      case FieldKind::kRawJson:
        raw(from.bytes(field.offset));
        break;
      case FieldKind::kIntOrString:
        int_or_string(from.nested(field.offset));
        break;
      default:
        object(*field.type, from.nested(field.offset));
        break;
    }
    out_.close(field.proto, before);
  }

  void number(const Field& field, const StructView& from) {
    switch (field.kind) {
      case FieldKind::kBool: {
        const bool value = from.bit(field.offset);
        if (present(field, from, value)) out_.number_field(field.proto, value ? 1 : 0);
        return;
      }
      case FieldKind::kInt32: {
        const auto value = from.number<std::int32_t>(field.offset);
        if (present(field, from, value != 0)) out_.number_field(field.proto, to_varint(value));
        return;
      }
      case FieldKind::kInt64: {
        const auto value = from.number<std::int64_t>(field.offset);
        if (present(field, from, value != 0)) out_.number_field(field.proto, to_varint(value));
        return;
      }
      case FieldKind::kFloat64: {
        const auto value = from.number<double>(field.offset);
        if (present(field, from, value != 0)) fixed64(field.proto, value);
        return;
      }
      default:
        return time(field, from);
    }
  }

  void fixed64(std::uint32_t number, double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    out_.bytes({reinterpret_cast<const char*>(&bits), sizeof bits});
    out_.tag(number, WireType::kFixed64);
  }

  void time(const Field& field, const StructView& from) {
    const auto value = from.number<std::int64_t>(field.offset);
    const bool set = value != 0 || (field.presence_bit != Field::kNoPresence && from.bit(field.presence_bit));
    if (field.pointer && !set) return;
    const std::size_t before = out_.size();
    if (set || field.kind == FieldKind::kDuration) time_value(field.kind, value);
    out_.close(field.proto, before);
  }

  void time_value(FieldKind kind, std::int64_t value) {
    if (kind == FieldKind::kDuration) return out_.number_field(1, to_varint(value));
    std::int64_t seconds = value;
    std::int64_t nanos = 0;
    if (kind == FieldKind::kMicroTime) {
      seconds = value / 1'000'000 - (value % 1'000'000 < 0 ? 1 : 0);
      nanos = (value - seconds * 1'000'000) * 1000;
    }
    out_.number_field(2, to_varint(nanos));
    out_.number_field(1, to_varint(seconds));
  }

  void quantity(std::string_view text) { out_.bytes_field(1, text.empty() ? "0" : text); }
  void raw(std::string_view bytes) {
    if (!bytes.empty()) out_.bytes_field(1, bytes);
  }
  void int_or_string(const StructView& value) {
    const auto which = value.number<std::uint16_t>(IntOrStringLayout::kWhichByte);
    out_.bytes_field(3, which == IntOrStringLayout::kIsText ? value.text(0) : std::string_view());
    out_.number_field(2, to_varint(value.number<std::int32_t>(IntOrStringLayout::kIntByte)));
    out_.number_field(1, which);
  }

  void list(const Field& field, const ListView& items) {
    if (items.empty()) return;
    const std::size_t before = out_.size();
    const std::uint32_t number = field.wrapped ? 1 : field.proto;
    for (std::uint32_t i = items.size(); i-- > 0;) item(field, number, items, i);
    if (field.wrapped) out_.close(field.proto, before);
  }

  void item(const Field& field, std::uint32_t number, const ListView& items, std::uint32_t i) {
    const std::size_t before = out_.size();
    switch (field.kind) {
      case FieldKind::kBool:
        return out_.number_field(number, items.bit(i) ? 1 : 0);
      case FieldKind::kInt32:
        return out_.number_field(number, to_varint(items.number<std::int32_t>(i)));
      case FieldKind::kInt64:
        return out_.number_field(number, to_varint(items.number<std::int64_t>(i)));
      case FieldKind::kFloat64:
        return fixed64(number, items.number<double>(i));
      case FieldKind::kText:
        return out_.bytes_field(number, items.text(i));
      case FieldKind::kBytes:
        return out_.bytes_field(number, items.bytes(i));
      case FieldKind::kQuantity:
        quantity(items.text(i));
        break;
      case FieldKind::kRawJson:
        raw(items.bytes(i));
        break;
      case FieldKind::kIntOrString:
        int_or_string(items.item(i));
        break;
      case FieldKind::kStruct:
        object(*field.type, items.item(i));
        break;
      default:
        time_value(field.kind, items.number<std::int64_t>(i));
        break;
    }
    out_.close(number, before);
  }

  void map(const Field& field, const ListView& entries) {
    const Field& value = field.type->fields[1];
    for (std::uint32_t i = entries.size(); i-- > 0;) {
      const StructView entry = entries.item(i);
      const std::size_t before = out_.size();
      if (value.wrapped && entry.list(value.offset).empty()) {
        out_.bytes_field(2, {});
      } else {
        encode_field(value, entry);
      }
      out_.bytes_field(1, entry.text(0));
      out_.close(field.proto, before);
    }
  }

  const EncodeOptions& options_;
  BackBuffer& out_;
};

}  // namespace

void encode_protobuf(const Type& type, const StructView& object, const EncodeOptions& options, BackBuffer& out) {
  Encoder(options, out).root(type, object);
}

}  // namespace troupe::schema
