#pragma once

#include "api/call.hpp"
#include "api/managed_fields.hpp"
#include "schema/codec/document.hpp"

/// managedFields of what a request writes.
namespace troupe::api {

/// The request's field manager: `fieldManager`, else the first word of the user agent. Invalid when it is longer than
/// 128 bytes or not printable, when `force` is there without apply, and when apply has no `fieldManager`.
ApiResult<Editor> editor_of(const Call& call, bool apply);

/// The object as the store would give it back: unknown fields are reported and gone, values in canonical form. Its
/// resourceVersion stays.
ApiResult<schema::Document> normalized(schema::Document object, const Resource& resource,
                                       schema::Diagnostics& diagnostics);

/// The kind's object without any content, as the store would give it back.
ApiResult<schema::Document> empty_object(const Resource& resource);

/// Brings an object that is being created into normal form and gives it the managedFields of its creator.
ApiStatus track_create(const Call& call, schema::Document& object, schema::Diagnostics& diagnostics);

}  // namespace troupe::api
