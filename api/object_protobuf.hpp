#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/error.hpp"
#include "api/routes.hpp"
#include "storage/record.hpp"

namespace troupe::api {

/// Appends the record's object in protobuf, without an envelope, as field `number` of a message. Not for resources
/// whose objects are stored in another version.
ApiStatus append_protobuf_field(const storage::RecordView& record, const Resource& resource, std::uint32_t number,
                                std::string& out);

/// The same of an object's JSON.
ApiStatus append_protobuf_field(std::string_view json, const schema::Type& type, std::uint32_t number,
                                std::string& out);

}  // namespace troupe::api
