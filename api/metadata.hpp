#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/environment.hpp"
#include "api/error.hpp"
#include "api/request_info.hpp"
#include "api/routes.hpp"
#include "schema/codec/document.hpp"

/// The rules of metadata on the way into the store, as functions on a document.
namespace troupe::api {

/// Lent from the document.
struct ObjectNames {
  std::string_view name;
  std::string_view name_space;
  std::string_view uid;
  std::string_view resource_version;
};
ObjectNames names_of(const schema::Node& object);

/// apiVersion and kind are the route's (absent ones are set); metadata is an object (made when absent); the namespace
/// is the path's or absent (set). BadRequest else.
ApiStatus check_identity(schema::Document& object, const Resource& resource, const RequestInfo& info);

/// Fills in what the server decides at birth: name from generateName, uid, creationTimestamp, generation; drops what
/// clients cannot set. Invalid for bad names, labels, annotations; BadRequest for a resourceVersion.
ApiStatus prepare_create(schema::Document& object, const Resource& resource, Environment& env);

/// Carries over what clients cannot change from `old` (uid, creationTimestamp, generation, deletionTimestamp, ...),
/// counts the generation up when something beside metadata and status differs, and keeps status and spec apart:
/// an update of the object keeps the old status, one of the status all but what status_rules.hpp lets it change.
/// Conflict for another uid.
ApiStatus prepare_update(schema::Document& object, const schema::Node& old, const Resource& resource,
                         std::string_view subresource, const RequestInfo& info);

/// Fills absent fields with the defaults that the type names, then with those that follow from other fields.
ApiStatus apply_defaults(schema::Document& object, const Resource& resource);

/// Faults of metadata: names, labels, annotations (256 KiB together), finalizers.
std::vector<Cause> metadata_faults(const schema::Node& object, const Resource& resource);

/// For each finalizer that is new (to `old`, or at all) and has no domain: clients of custom kinds are told.
std::vector<std::string> finalizer_warnings(const schema::Node& object, const schema::Node* old);

/// "2006-01-02T15:04:05Z"
std::string rfc3339(std::chrono::system_clock::time_point time);

/// A random UUID (version 4).
std::string new_uid(Environment& env);

ApiStatus set_text(schema::Document& document, schema::Node& object, std::string_view key, std::string_view value);
ApiStatus set_node(schema::Document& document, schema::Node& object, std::string_view key, schema::Node value);
/// The member, made as an object when absent.
ApiResult<schema::Node*> object_member(schema::Document& document, schema::Node& object, std::string_view key);

}  // namespace troupe::api
