#pragma once

#include "api/error.hpp"
#include "schema/codec/document.hpp"
#include "schema/type_table.hpp"

namespace troupe::api {

/// RFC 6902: applies all operations to the document's root, or says which one failed (BadRequest: no patch at all;
/// Invalid, 422: it cannot be applied, a failed test among them). After an error the document is half-changed: drop it.
ApiStatus apply_json_patch(schema::Document& document, const schema::Node& patch);

/// RFC 7386 on the document's root.
ApiStatus apply_merge_patch(schema::Document& document, const schema::Node& patch);

/// Kubernetes' strategic merge patch on the document's root: lists merge by the type's merge keys; `$patch`,
/// `$retainKeys`, `$deleteFromPrimitiveList/…` and `$setElementOrder/…` are obeyed. Invalid when the patch breaks
/// their rules.
ApiStatus apply_strategic_merge_patch(schema::Document& document, const schema::Node& patch, const schema::Type& type);

}  // namespace troupe::api
