#pragma once

#include <span>
#include <string_view>

#include "api/validation/faults.hpp"

/// What an update may not change, kind by kind; `change.cpp` asks these for the kinds that have more than fixed fields.
namespace troupe::api {

inline constexpr std::string_view kImmutable = "field is immutable";

/// Told when a member is not as it was.
void keep_member(const schema::Node* now, const schema::Node* old, std::string_view name, const At& at, Faults& faults,
                 std::string_view why = kImmutable);
/// Some member but the named ones is not as it was.
bool differs_beyond(const schema::Node* now, const schema::Node* old, std::span<const std::string_view> free);

void check_claim_change(const schema::Node& now, const schema::Node& old, Faults& faults);
void check_job_change(const schema::Node& now, const schema::Node& old, Faults& faults);
void check_service_change(const schema::Node& now, const schema::Node& old, Faults& faults);
void check_storage_class_change(const schema::Node& now, const schema::Node& old, Faults& faults);
void check_volume_change(const schema::Node& now, const schema::Node& old, Faults& faults);

}  // namespace troupe::api
