#pragma once

#include <optional>
#include <string_view>

#include "api/validation/faults.hpp"
#include "schema/codec/quantity.hpp"

namespace troupe::api {

/// The amount that a value (text or number) says; nothing when it is absent or no quantity.
std::optional<schema::Quantity> quantity_of(const schema::Node* value);
std::optional<schema::Quantity> quantity_member(const schema::Node* object, std::string_view name);

}  // namespace troupe::api
