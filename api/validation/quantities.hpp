#pragma once

#include <optional>
#include <string_view>

#include "api/validation/faults.hpp"
#include "schema/codec/quantity.hpp"

namespace troupe::api {

/// The amount that a value (text or number) says; nothing when it is absent or no quantity.
std::optional<schema::Quantity> quantity_of(const schema::Node* value);
std::optional<schema::Quantity> quantity_member(const schema::Node* object, std::string_view name);

/// An amount is not negative, and whole where parts of it are nothing.
void check_amount(const schema::Node& value, bool whole, const At& at, Faults& faults);
/// "cpu", "memory", "ephemeral-storage", "hugepages-2Mi".
bool is_container_resource(std::string_view name);
/// "example.com/gpu": counted in whole ones.
bool is_extended_resource(std::string_view name);
/// A name that a container's resources may have.
void check_container_resource_name(std::string_view name, const At& at, Faults& faults);

}  // namespace troupe::api
