#pragma once

#include <string>

#include "api/error.hpp"
#include "api/routes.hpp"
#include "schema/codec/diagnostics.hpp"
#include "schema/codec/document.hpp"
#include "storage/record.hpp"

/// Objects of custom kinds in the store: JSON without apiVersion, kind and resourceVersion, metadata first. Such a
/// record is shown by writing what is missing in front of it.
namespace troupe::api::custom {

/// Unknown fields are reported and dropped; metadata must be as ObjectMeta says. BadRequest.
ApiResult<storage::Record> to_record(schema::Document& object, const Resource& resource,
                                     schema::Diagnostics& diagnostics);
ApiResult<schema::Document> to_document(const storage::RecordView& record, const Resource& resource);
ApiStatus append_json(const storage::RecordView& record, const Resource& resource, std::string& out);

}  // namespace troupe::api::custom
