#include "schema/carry_unknown.hpp"

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe::schema {
namespace {

using capnp::AnyPointer;
using capnp::AnyStruct;
using Structs = capnp::List<AnyStruct>;

constexpr capnp::ReaderOptions kTrusted{UINT64_MAX, 256};

/// Which bits and pointers of a struct the type's fields stand for.
struct Known {
  std::vector<std::uint8_t> bits;  // one bit each, as in the data section
  std::vector<const Field*> pointers;
};

void mark(std::vector<std::uint8_t>& bits, std::uint32_t from, std::uint32_t count) {
  if (bits.size() * 8 < from + count) bits.resize((from + count + 7) / 8);
  for (std::uint32_t i = from; i < from + count; ++i) bits[i / 8] |= static_cast<std::uint8_t>(1U << (i % 8));
}

Known known_of(const Type& type) {
  Known known;
  if (type.form == TypeForm::kIntOrString) {
    mark(known.bits, 0, IntOrStringLayout::kDataWords * 64U);
    known.pointers.assign(IntOrStringLayout::kPointers, nullptr);
    return known;
  }
  for (const Field& field : type.fields) {
    if (field.presence_bit != Field::kNoPresence) mark(known.bits, field.presence_bit, 1);
    if (!field.in_data_section()) {
      if (known.pointers.size() <= field.offset) known.pointers.resize(field.offset + 1U);
      known.pointers[field.offset] = &field;
    } else if (field.kind == FieldKind::kBool) {
      mark(known.bits, field.offset, 1);
    } else {
      mark(known.bits, field.offset * 8, field.kind == FieldKind::kInt32 ? 32 : 64);
    }
  }
  return known;
}

/// Carries between two readers into a builder; remembers what it learned of each type.
class Carrier {
 public:
  bool has_unknown(const Type& type, AnyStruct::Reader object);
  void write(const Type& type, AnyStruct::Reader before, AnyStruct::Reader after, AnyPointer::Builder to);
  bool carried() const { return carried_; }

 private:
  const Known& known(const Type& type);
  static bool known_pointer(const Type& type, const Known& known, std::uint32_t index);
  void fill(const Type& type, AnyStruct::Reader before, AnyStruct::Reader after, AnyStruct::Builder to);
  void write_list(const Field& field, Structs::Reader before, Structs::Reader after, AnyPointer::Builder to);
  std::vector<int> match(const Field& field, Structs::Reader before, Structs::Reader after);
  std::optional<std::string> key_of(const Field& field, AnyStruct::Reader element);
  bool same(const Type& type, AnyStruct::Reader a, AnyStruct::Reader b);

  std::unordered_map<const Type*, Known> known_;
  bool carried_ = false;
};

const Known& Carrier::known(const Type& type) {
  auto it = known_.find(&type);
  if (it == known_.end()) it = known_.emplace(&type, known_of(type)).first;
  return it->second;
}

bool Carrier::known_pointer(const Type& type, const Known& known, std::uint32_t index) {
  return index < known.pointers.size() && (known.pointers[index] != nullptr || type.form == TypeForm::kIntOrString);
}

bool holds_structs(const Field& field) { return field.type != nullptr && field.kind != FieldKind::kIntOrString; }

bool Carrier::has_unknown(const Type& type, AnyStruct::Reader object) {
  const Known& fields = known(type);
  const auto data = object.getDataSection();
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::uint8_t mask = i < fields.bits.size() ? fields.bits[i] : 0;
    if ((data[i] & ~mask) != 0) return true;
  }
  const auto pointers = object.getPointerSection();
  for (std::uint32_t i = 0; i < pointers.size(); ++i) {
    if (pointers[i].isNull()) continue;
    if (!known_pointer(type, fields, i)) return true;
    const Field* field = fields.pointers[i];
    if (field == nullptr || (field->type == nullptr)) continue;
    if (field->shape == FieldShape::kOne) {
      if (has_unknown(*field->type, pointers[i].getAs<AnyStruct>())) return true;
      continue;
    }
    for (auto element : pointers[i].getAs<capnp::AnyList>().as<Structs>()) {
      if (has_unknown(*field->type, element)) return true;
    }
  }
  return false;
}

std::size_t words(capnp::Data::Reader data) { return (data.size() + 7) / 8; }

void Carrier::write(const Type& type, AnyStruct::Reader before, AnyStruct::Reader after, AnyPointer::Builder to) {
  const std::size_t data = std::max(words(before.getDataSection()), words(after.getDataSection()));
  const std::size_t pointers = std::max(before.getPointerSection().size(), after.getPointerSection().size());
  fill(type, before, after, to.initAsAnyStruct(static_cast<std::uint16_t>(data), static_cast<std::uint16_t>(pointers)));
}

void Carrier::fill(const Type& type, AnyStruct::Reader before, AnyStruct::Reader after, AnyStruct::Builder to) {
  const Known& fields = known(type);
  const auto old_data = before.getDataSection();
  const auto new_data = after.getDataSection();
  auto data = to.getDataSection();
  if (new_data.size() > 0) std::memcpy(data.begin(), new_data.begin(), new_data.size());
  for (std::size_t i = 0; i < old_data.size(); ++i) {
    const std::uint8_t mask = i < fields.bits.size() ? fields.bits[i] : 0;
    data[i] = static_cast<std::uint8_t>((data[i] & mask) | (old_data[i] & ~mask));
    carried_ = carried_ || (old_data[i] & ~mask) != 0;
  }
  const auto old_pointers = before.getPointerSection();
  const auto new_pointers = after.getPointerSection();
  auto pointers = to.getPointerSection();
  for (std::uint32_t i = 0; i < pointers.size(); ++i) {
    const bool had = i < old_pointers.size() && !old_pointers[i].isNull();
    const bool has = i < new_pointers.size() && !new_pointers[i].isNull();
    if (!known_pointer(type, fields, i)) {
      if (had) pointers[i].set(old_pointers[i]);
      carried_ = carried_ || had;
      continue;
    }
    const Field* field = fields.pointers[i];
    if (!has) continue;
    if (!had || field == nullptr || !holds_structs(*field)) {
      pointers[i].set(new_pointers[i]);
    } else if (field->shape == FieldShape::kOne) {
      write(*field->type, old_pointers[i].getAs<AnyStruct>(), new_pointers[i].getAs<AnyStruct>(), pointers[i]);
    } else {
      write_list(*field, old_pointers[i].getAs<capnp::AnyList>().as<Structs>(),
                 new_pointers[i].getAs<capnp::AnyList>().as<Structs>(), pointers[i]);
    }
  }
}

void Carrier::write_list(const Field& field, Structs::Reader before, Structs::Reader after, AnyPointer::Builder to) {
  const std::vector<int> partner = match(field, before, after);
  std::size_t data = 0;
  std::size_t pointers = 0;
  const auto widen = [&](AnyStruct::Reader element) {
    data = std::max(data, words(element.getDataSection()));
    pointers = std::max<std::size_t>(pointers, element.getPointerSection().size());
  };
  for (unsigned i = 0; i < after.size(); ++i) {
    widen(after[i]);
    if (partner[i] >= 0) widen(before[static_cast<unsigned>(partner[i])]);
  }
  auto list =
      to.initAsListOfAnyStruct(static_cast<std::uint16_t>(data), static_cast<std::uint16_t>(pointers), after.size());
  for (unsigned i = 0; i < after.size(); ++i) {
    const auto old = partner[i] >= 0 ? before[static_cast<unsigned>(partner[i])] : AnyStruct::Reader();
    fill(*field.type, old, after[i], list[i]);
  }
}

/// For each element after: which one before it was, or -1.
std::vector<int> Carrier::match(const Field& field, Structs::Reader before, Structs::Reader after) {
  std::vector<int> partner(after.size(), -1);
  const bool keyed =
      field.shape == FieldShape::kMap || !field.facts->list_map_keys.empty() || !field.facts->patch_merge_key.empty();
  if (!keyed) {
    if (before.size() != after.size()) return partner;
    for (unsigned i = 0; i < after.size(); ++i) {
      if (!same(*field.type, before[i], after[i])) return std::vector<int>(after.size(), -1);
      partner[i] = static_cast<int>(i);
    }
    return partner;
  }
  std::map<std::string, int> by_key;
  for (unsigned i = 0; i < before.size(); ++i) {
    if (auto key = key_of(field, before[i])) by_key.insert_or_assign(std::move(*key), static_cast<int>(i));
  }
  for (unsigned i = 0; i < after.size(); ++i) {
    const auto key = key_of(field, after[i]);
    if (!key) continue;
    const auto it = by_key.find(*key);
    if (it == by_key.end()) continue;
    partner[i] = it->second;
    by_key.erase(it);
  }
  return partner;
}

/// The element's key fields as bytes: texts with their length, scalars as they lie.
std::optional<std::string> Carrier::key_of(const Field& field, AnyStruct::Reader element) {
  const std::string_view merge_key = field.facts->patch_merge_key;
  std::span<const std::string_view> names = field.facts->list_map_keys;
  static constexpr std::string_view kMapKey = "key";
  if (field.shape == FieldShape::kMap) {
    names = {&kMapKey, 1};
  } else if (names.empty()) {
    names = {&merge_key, 1};
  }
  std::string key;
  for (const std::string_view name : names) {
    const JsonField* part = field.type->find_json(name);
    if (part == nullptr || !part->path.empty() || part->field->shape != FieldShape::kOne) return std::nullopt;
    const Field& at = *part->field;
    if (at.kind == FieldKind::kText) {
      const auto pointers = element.getPointerSection();
      const auto text = at.offset < pointers.size() ? pointers[at.offset].getAs<capnp::Text>() : capnp::Text::Reader();
      key += std::to_string(text.size()) + ":" + std::string(text.begin(), text.size());
    } else if (at.kind == FieldKind::kInt32 || at.kind == FieldKind::kInt64) {
      const std::size_t size = at.kind == FieldKind::kInt32 ? 4 : 8;
      const auto data = element.getDataSection();
      std::string bytes(size, '\0');
      if (at.offset + size <= data.size()) std::memcpy(bytes.data(), data.begin() + at.offset, size);
      key += bytes;
    } else {
      return std::nullopt;
    }
  }
  return key;
}

bool equal_bytes(AnyPointer::Reader a, AnyPointer::Reader b) {
  return AnyPointer::Reader(a).equals(b) == capnp::Equality::EQUAL;
}

/// Whether two structs are equal in everything that the type knows.
bool Carrier::same(const Type& type, AnyStruct::Reader a, AnyStruct::Reader b) {
  const Known& fields = known(type);
  const auto byte = [](capnp::Data::Reader data, std::size_t i) { return i < data.size() ? data[i] : 0; };
  for (std::size_t i = 0; i < fields.bits.size(); ++i) {
    if (((byte(a.getDataSection(), i) ^ byte(b.getDataSection(), i)) & fields.bits[i]) != 0) return false;
  }
  const auto left = a.getPointerSection();
  const auto right = b.getPointerSection();
  const std::uint32_t count = static_cast<std::uint32_t>(fields.pointers.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool in_a = i < left.size() && !left[i].isNull();
    const bool in_b = i < right.size() && !right[i].isNull();
    if (in_a != in_b) return false;
    if (!in_a || !known_pointer(type, fields, i)) continue;
    const Field* field = fields.pointers[i];
    if (field == nullptr || !holds_structs(*field)) {
      if (!equal_bytes(left[i], right[i])) return false;
    } else if (field->shape == FieldShape::kOne) {
      if (!same(*field->type, left[i].getAs<AnyStruct>(), right[i].getAs<AnyStruct>())) return false;
    } else {
      const auto l = left[i].getAs<capnp::AnyList>().as<Structs>();
      const auto r = right[i].getAs<capnp::AnyList>().as<Structs>();
      if (l.size() != r.size()) return false;
      for (unsigned j = 0; j < l.size(); ++j) {
        if (!same(*field->type, l[j], r[j])) return false;
      }
    }
  }
  return true;
}

kj::ArrayPtr<const capnp::word> as_words(std::span<const std::uint64_t> segment) {
  return kj::arrayPtr(reinterpret_cast<const capnp::word*>(segment.data()), segment.size());
}

}  // namespace

bool carry_unknown(const Type& type, std::span<const std::uint64_t> before, std::span<const std::uint64_t> after,
                   std::vector<std::uint64_t>& out) {
  if (before.empty() || after.empty()) return false;
  const kj::ArrayPtr<const capnp::word> old_segment[] = {as_words(before)};
  const kj::ArrayPtr<const capnp::word> new_segment[] = {as_words(after)};
  capnp::SegmentArrayMessageReader old_message(kj::arrayPtr(old_segment, 1), kTrusted);
  capnp::SegmentArrayMessageReader new_message(kj::arrayPtr(new_segment, 1), kTrusted);
  const auto old_root = old_message.getRoot<AnyStruct>();
  Carrier carrier;
  if (!carrier.has_unknown(type, old_root)) return false;

  // Every struct grows at most to the size of its old self: one segment of this size holds both.
  capnp::MallocMessageBuilder merged(static_cast<unsigned>(before.size() + after.size() + 1024) * 2);
  carrier.write(type, old_root, new_message.getRoot<AnyStruct>(), merged.getRoot<AnyPointer>());
  if (!carrier.carried()) return false;
  const auto keep = [&out](capnp::MessageBuilder& message) {
    const auto segments = message.getSegmentsForOutput();
    const auto* first = reinterpret_cast<const std::uint64_t*>(segments[0].begin());
    out.assign(first, first + segments[0].size());
    return segments.size() == 1;
  };
  if (keep(merged)) return true;
  const auto root = merged.getRoot<AnyStruct>().asReader();
  capnp::MallocMessageBuilder one(static_cast<unsigned>(root.totalSize().wordCount) + 8);
  one.setRoot(root);
  keep(one);
  return true;
}

}  // namespace troupe::schema
