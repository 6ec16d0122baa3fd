#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "api/field_set_shape.hpp"
#include "api/managed_fields.hpp"
#include "api/routes.hpp"
#include "schema/codec/document.hpp"

/// Server-side apply, on the documents.
namespace troupe::api {

/// One apply request.
struct Application {
  const schema::Node& configuration;
  Editor editor;
  bool force = false;
};

/// What apply needs to know of the kind.
struct ApplyKind {
  std::string kind;                    ///< "Deployment"
  Shape shape;                         ///< kUntyped when the kind has no schema.
  bool has_status = false;             ///< Status is written by a subresource only.
  bool status_takes_metadata = false;  ///< Else a configuration of the status brings only its names and revision.
  std::span<const std::string_view> kept_by_status;  ///< Members of metadata that it cannot own all the same.
  const schema::Node* empty = nullptr;  ///< The kind's object without content, as stored; null: it has none.
  /// Brings an object into the form that the store would give back.
  std::function<ApiResult<schema::Document>(schema::Document)> normalize;
};

/// Applies a configuration to `live` (in normal form) and answers the object to be stored, without its defaults.
/// `live_is_new`: there is no object yet, `live` is the kind's empty one. What the configuration names is the
/// manager's, what it named before and does not name now goes unless somebody else owns it. Fields that others own and
/// that would change are a conflict (409, a cause each), or are taken with `force`. managedFields are up to date; the
/// entry's time stays when nothing changed. BadRequest for another version and for managedFields in the configuration;
/// code 500 for a configuration that does not fit the type.
ApiResult<schema::Document> apply_configuration(const schema::Node& live, bool live_is_new, const Application& wanted,
                                                const ApplyKind& kind);

}  // namespace troupe::api
