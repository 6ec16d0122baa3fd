#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "schema/type_table.hpp"

namespace troupe::schema {

/// Keeps what this program's schema does not know when it rewrites an object.
///
/// `before` is the object as it was read (one Cap'n Proto segment, root pointer first), `after` the same object written
/// anew by this schema. Data and pointers of `before` that no field of `type` stands for (fields of a newer schema, and
/// of removed ones) are put into `after`. Structs are matched by field, entries of maps by key, elements of lists by
/// their list map keys or merge key; elements of other lists when the whole list is unchanged as far as the type says.
///
/// Returns false and leaves `out` alone when there was nothing to carry, which is the rule: `after` is then right as it
/// is. Both must be trusted messages, as the store holds them.
bool carry_unknown(const Type& type, std::span<const std::uint64_t> before, std::span<const std::uint64_t> after,
                   std::vector<std::uint64_t>& out);

}  // namespace troupe::schema
