#include "schema/type_table.hpp"

#include "schema/type_hash.hpp"
#include "schema/type_storage.hpp"

namespace troupe::schema {

const JsonField* Type::find_json(std::string_view json_name) const {
  if (json_slots.empty()) return nullptr;
  const std::size_t mask = json_slots.size() - 1;
  // Built-in types hit at once or not at all; a type made at run time may have names that share a slot.
  for (std::size_t slot = hash_name(json_name, hash_seed) & mask;; slot = (slot + 1) & mask) {
    const std::uint16_t at = json_slots[slot];
    if (at == 0) return nullptr;
    const JsonField& field = json_fields[at - 1U];
    if (same_name(field.name, json_name)) return &field;
  }
}

TypeTable::TypeTable(std::unique_ptr<Storage> storage) : storage_(std::move(storage)) {}
TypeTable::TypeTable(TypeTable&&) noexcept = default;
TypeTable& TypeTable::operator=(TypeTable&&) noexcept = default;
TypeTable::~TypeTable() = default;

const Type* TypeTable::find(std::string_view group, std::string_view version, std::string_view kind) const {
  const auto& kinds = storage_->kinds;
  if (const auto it = kinds.find({group, version, kind}); it != kinds.end()) return it->second;
  const auto any = kinds.find({"*", "*", kind});
  return any == kinds.end() ? nullptr : any->second;
}

const Type* TypeTable::find(std::string_view name) const {
  const auto it = storage_->by_name.find(name);
  return it == storage_->by_name.end() ? nullptr : it->second;
}

const Type* TypeTable::find(std::uint64_t id) const {
  const auto it = storage_->by_id.find(id);
  return it == storage_->by_id.end() ? nullptr : it->second;
}

const EnumFacts* TypeTable::find_enum(std::string_view name) const {
  const auto it = storage_->enum_by_name.find(name);
  return it == storage_->enum_by_name.end() ? nullptr : it->second;
}

std::span<const Type* const> TypeTable::types() const { return storage_->list; }
std::size_t TypeTable::memory_bytes() const { return storage_->counted.bytes() + sizeof(Storage); }

}  // namespace troupe::schema
