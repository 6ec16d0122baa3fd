#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/error.hpp"
#include "api/negotiation.hpp"
#include "api/routes.hpp"
#include "schema/codec/diagnostics.hpp"
#include "schema/codec/document.hpp"
#include "storage/record.hpp"

/// Objects between a request's bytes, the document that writes work on, and the stored record.
namespace troupe::api {

/// The error of an object that cannot be read as one of its kind, as clients know it: `Pod in version "v1" cannot be
/// handled as a Pod: ...`, with what strictness refused named as such.
ApiError not_handled(ApiError error, const Resource& resource, const schema::Diagnostics& diagnostics);

/// A request's body as a document. For protobuf, `type` is the body's type. BadRequest when it cannot be read; of JSON
/// and YAML, keys that stand twice are reported to `diagnostics`.
ApiResult<schema::Document> parse_body(MediaType media, std::string_view body, const schema::Type& type,
                                       schema::Diagnostics& diagnostics);

/// The document as a record of the resource; unknown fields are reported and dropped. BadRequest for wrong types.
/// metadata.resourceVersion is taken out of it: a record never holds its revision.
ApiResult<storage::Record> to_record(schema::Document& object, const Resource& resource,
                                     schema::Diagnostics& diagnostics);

/// `after`, written anew from the document that `before` showed, with what `before` has and this program's schema does
/// not know: fields of a later release survive a change by this one.
ApiResult<storage::Record> with_unknown_of(const storage::RecordView& before, storage::Record after,
                                           const Resource& resource);

/// The record as a document, with apiVersion, kind and metadata.resourceVersion as `resource` shows it.
ApiResult<schema::Document> to_document(const storage::RecordView& record, const Resource& resource);

/// Appends the record's object in JSON, YAML or protobuf (with its envelope), showing its revision.
ApiStatus append_object(const storage::RecordView& record, const Resource& resource, MediaType media, std::string& out);

/// Appends the record's object in JSON for a list of the resource.
ApiStatus append_json(const storage::RecordView& record, const Resource& resource, bool type_meta, std::string& out);

/// Appends a value's JSON.
void append_json(const schema::Node& value, std::string& out);

/// JSON of a known type in another form: YAML, or protobuf when `type` is given. Appends.
ApiStatus append_transcoded(std::string_view json, const schema::Type* type, MediaType media, std::string& out);

/// Appends one event of a watch: a line of JSON, or a frame of protobuf around the object that `json` describes.
ApiStatus append_watch_frame(std::string_view type, std::string_view json, const schema::Type* object_type,
                             MediaType media, std::string& out);

/// Parses JSON of our own making or of a patch. BadRequest with the place of the error.
ApiResult<schema::Document> parse_json(std::string_view json);

}  // namespace troupe::api
