#include "schema/type_builder.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "schema/json_key.hpp"
#include "schema/type_hash.hpp"
#include "schema/type_storage.hpp"

namespace troupe::schema {
namespace {

constexpr int kMaxInlineDepth = 8;
constexpr int kSeedsTried = 64;
constexpr FieldFacts kNoFacts{};

std::string where(const Type& type, std::string_view field) {
  return "type " + std::string(type.name) + ", field " + std::string(field);
}

/// The name as a JSON key with its colon. Names of custom resources may hold anything.
std::string json_key(std::string_view name) {
  std::string key = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') key.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view kHex = "0123456789abcdef";
      key += "\\u00";
      key.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
      key.push_back(kHex[static_cast<unsigned char>(c) & 15U]);
    } else {
      key.push_back(c);
    }
  }
  return key + "\":";
}

/// Bytes of a scalar in the data section; 0 for one bit.
std::uint32_t scalar_bytes(FieldKind kind) {
  if (kind == FieldKind::kBool) return 0;
  return kind == FieldKind::kInt32 ? 4 : 8;
}

/// Lays fields out in their order: 8-byte values in words of their own, 4-byte ones in halves, bits in shared words.
void assign_layout(Type& type, std::span<Field> fields) {
  std::uint32_t words = 0;
  std::uint32_t pointers = 0;
  std::uint32_t free_half = 0;  // byte offset of a free upper half; 0: none
  std::uint32_t free_bit = 0;   // next bit in the word kept for bits
  std::uint32_t bits_left = 0;
  const auto next_bit = [&] {
    if (bits_left == 0) {
      free_bit = words++ * 64;
      bits_left = 64;
    }
    --bits_left;
    return free_bit++;
  };
  for (Field& field : fields) {
    if (!field.in_data_section()) {
      field.offset = pointers++;
      continue;
    }
    switch (scalar_bytes(field.kind)) {
      case 0:
        field.offset = next_bit();
        break;
      case 4:
        field.offset = free_half != 0 ? std::exchange(free_half, 0) : words++ * 8;
        if (field.offset % 8 == 0) free_half = field.offset + 4;
        break;
      default:
        field.offset = words++ * 8;
    }
    const bool time = field.kind == FieldKind::kTime || field.kind == FieldKind::kMicroTime;
    if (field.pointer || time) field.presence_bit = next_bit();
  }
  type.data_words = static_cast<std::uint16_t>(words);
  type.pointer_count = static_cast<std::uint16_t>(pointers);
}

}  // namespace

struct TypeBuilder::Impl {
  std::unique_ptr<TypeTable::Storage> storage = std::make_unique<TypeTable::Storage>();
  std::unordered_map<const Type*, std::span<Field>> fields;

  Status check(const Type& type) const;
  Status order_by_proto(TypeBuilder& builder, Type& type);
  Status flatten(const Type& type, std::vector<const Field*>& path, std::vector<JsonField>& out, TypeBuilder& builder);
  Status index_json(TypeBuilder& builder, Type& type);
};

TypeBuilder::TypeBuilder() : impl_(std::make_unique<Impl>()) {}
TypeBuilder::TypeBuilder(TypeBuilder&&) noexcept = default;
TypeBuilder::~TypeBuilder() = default;

void* TypeBuilder::allocate(std::size_t bytes, std::size_t alignment) {
  return impl_->storage->arena.allocate(std::max<std::size_t>(bytes, 1), alignment);
}

std::string_view TypeBuilder::keep(std::string_view text) {
  const auto copy = array<char>(text.size());
  std::copy(text.begin(), text.end(), copy.begin());
  return {copy.data(), copy.size()};
}

Type& TypeBuilder::add_type(std::string_view name) {
  Type& type = impl_->storage->types.emplace_back();
  type.name = name;
  impl_->storage->by_name.emplace(name, &type);
  return type;
}

std::span<Field> TypeBuilder::add_fields(Type& type, std::size_t count) {
  const auto fields = array<Field>(count);
  type.fields = fields;
  impl_->fields[&type] = fields;
  return fields;
}

void TypeBuilder::add_kind(std::string_view group, std::string_view version, std::string_view kind, const Type& type) {
  impl_->storage->kinds.insert_or_assign(KindKey{group, version, kind}, &type);
}

EnumFacts& TypeBuilder::add_enum(std::string_view name) {
  EnumFacts& values = impl_->storage->enums.emplace_back();
  values.name = name;
  impl_->storage->enum_by_name.emplace(name, &values);
  return values;
}

Type* TypeBuilder::find(std::string_view name) {
  const auto it = impl_->storage->by_name.find(name);
  return it == impl_->storage->by_name.end() ? nullptr : it->second;
}

const EnumFacts* TypeBuilder::find_enum(std::string_view name) {
  const auto it = impl_->storage->enum_by_name.find(name);
  return it == impl_->storage->enum_by_name.end() ? nullptr : it->second;
}

Status TypeBuilder::Impl::check(const Type& type) const {
  if (type.fields.size() > kMaxFields) {
    return fail(ErrorCode::kInvalidArgument,
                "type " + std::string(type.name) + " has more than " + std::to_string(kMaxFields) + " fields");
  }
  for (const Field& field : type.fields) {
    const bool needs_type = field.kind == FieldKind::kStruct || field.shape == FieldShape::kMap || field.inlined;
    if (needs_type && field.type == nullptr) {
      return fail(ErrorCode::kInvalidArgument, where(type, field.name) + ": a struct without a type");
    }
  }
  return {};
}

Status TypeBuilder::Impl::order_by_proto(TypeBuilder& builder, Type& type) {
  std::vector<const Field*> order;
  for (const Field& field : type.fields) {
    if (field.proto != 0) order.push_back(&field);
  }
  std::sort(order.begin(), order.end(), [](const Field* a, const Field* b) { return a->proto < b->proto; });
  if (order.empty()) return {};
  if (order.back()->proto > kMaxFields) {
    return fail(ErrorCode::kInvalidArgument, where(type, order.back()->name) + ": protobuf number over the limit");
  }
  const auto index = builder.array<std::uint16_t>(order.back()->proto + 1U);
  for (const Field* field : order) {
    if (index[field->proto] != 0) {
      return fail(ErrorCode::kInvalidArgument, where(type, field->name) + ": its protobuf number is used twice");
    }
    index[field->proto] = static_cast<std::uint16_t>(field - type.fields.data() + 1);
  }
  const auto sorted = builder.array<const Field*>(order.size());
  std::copy(order.begin(), order.end(), sorted.begin());
  type.by_proto = sorted;
  type.proto_index = index;
  return {};
}

/// Adds the type's JSON names and those of its inlined structs; a name further out hides one further in, as in Go.
Status TypeBuilder::Impl::flatten(const Type& type, std::vector<const Field*>& path, std::vector<JsonField>& out,
                                  TypeBuilder& builder) {
  if (path.size() > kMaxInlineDepth) {
    return fail(ErrorCode::kInvalidArgument, "type " + std::string(type.name) + ": structs inlined too deep");
  }
  const auto route = builder.array<const Field*>(path.size());
  std::copy(path.begin(), path.end(), route.begin());
  for (const Field& field : type.fields) {
    if (field.inlined) continue;
    const auto same = [&](const JsonField& other) { return other.name == field.name; };
    const auto found = std::find_if(out.begin(), out.end(), same);
    if (found == out.end()) {
      out.push_back({field.name, &field, route});
    } else if (found->path.size() == path.size()) {
      return fail(ErrorCode::kInvalidArgument, where(type, field.name) + ": the name is used twice");
    }
  }
  for (const Field& field : type.fields) {
    if (!field.inlined) continue;
    path.push_back(&field);
    if (auto done = flatten(*field.type, path, out, builder); !done) return done;
    path.pop_back();
  }
  return {};
}

Status TypeBuilder::Impl::index_json(TypeBuilder& builder, Type& type) {
  std::vector<JsonField> names;
  std::vector<const Field*> path;
  if (auto done = flatten(type, path, names, builder); !done) return done;
  if (names.empty()) return {};
  const auto kept = builder.array<JsonField>(names.size());
  std::copy(names.begin(), names.end(), kept.begin());
  type.json_fields = kept;
  const auto keys = builder.array<JsonKey>(names.size());
  std::transform(names.begin(), names.end(), keys.begin(), [&](const JsonField& name) { return JsonKey(name, type); });
  type.json_keys = keys;

  // A seed that gives every name a slot of its own. Large or hostile sets of names keep the best one's collisions.
  std::size_t size = std::bit_ceil(names.size() * 4);
  const std::size_t largest = size * 8;
  std::vector<std::uint16_t> slots;
  bool perfect = false;
  for (std::uint32_t tries = 0; !perfect && size <= largest; size *= perfect ? 1 : 2) {
    for (int i = 0; i < kSeedsTried && !perfect && names.size() <= 256; ++i) {
      slots.assign(size, 0);
      type.hash_seed = (++tries * 2654435761U) | 1U;
      perfect = std::none_of(names.begin(), names.end(), [&](const JsonField& name) {
        return std::exchange(slots[hash_name(name.name, type.hash_seed) & (size - 1)], 1) != 0;
      });
    }
    if (perfect) break;
  }
  if (!perfect) size = largest;
  const auto table = builder.array<std::uint16_t>(size);
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::size_t slot = hash_name(names[i].name, type.hash_seed) & (size - 1);
    while (table[slot] != 0) slot = (slot + 1) & (size - 1);
    table[slot] = static_cast<std::uint16_t>(i + 1);
  }
  type.json_slots = table;
  return {};
}

Result<TypeTable> TypeBuilder::build(Layout layout) && {
  TypeTable::Storage& storage = *impl_->storage;
  if (storage.types.size() > kMaxTypes) {
    return fail(ErrorCode::kInvalidArgument, "more than " + std::to_string(kMaxTypes) + " types in one table");
  }
  if (storage.by_name.size() != storage.types.size()) {
    return fail(ErrorCode::kInvalidArgument, "two types of one table have the same name");
  }
  for (Type& type : storage.types) {
    if (auto ok = impl_->check(type); !ok) return fail(ok.error());
    for (Field& field : impl_->fields[&type]) {
      if (field.facts == nullptr) field.facts = &kNoFacts;
      if (field.key.empty()) field.key = keep(json_key(field.name));
    }
    if (layout == Layout::kAssign) assign_layout(type, impl_->fields[&type]);
    if (auto ok = impl_->order_by_proto(*this, type); !ok) return fail(ok.error());
  }
  for (Type& type : storage.types) {
    if (auto ok = impl_->index_json(*this, type); !ok) return fail(ok.error());
    storage.list.push_back(&type);
    if (type.id != 0) storage.by_id.emplace(type.id, &type);
  }
  return TypeTable(std::move(impl_->storage));
}

}  // namespace troupe::schema
