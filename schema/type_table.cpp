#include "schema/type_table.hpp"

#include "schema/type_hash.hpp"

namespace troupe::schema {

const JsonField* Type::find_json(std::string_view json_name) const {
  if (json_slots.empty()) return nullptr;
  const std::uint16_t at = json_slots[hash_name(json_name, hash_seed) & (json_slots.size() - 1)];
  if (at == 0 || json_fields[at - 1U].name != json_name) return nullptr;
  return &json_fields[at - 1U];
}

}  // namespace troupe::schema
