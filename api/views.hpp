#pragma once

#include <string>
#include <string_view>

#include "api/request_info.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api {

/// Appends an object's PartialObjectMetadata as JSON of meta.k8s.io/`version`.
void append_partial(const schema::Node& object, std::string_view version, bool type_meta, std::string& out);

/// What a Table's rows carry: includeObject of the query.
enum class IncludeObject { kNone, kMetadata, kObject };
IncludeObject include_object(const Query& query);

/// Why the query's includeObject is none of them; empty when it is, or when there is none.
std::string include_object_fault(const Query& query);

}  // namespace troupe::api
