#pragma once

#include "api/field_set.hpp"
#include "api/field_set_shape.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api {

/// What differs between two states of an object.
struct Comparison {
  FieldSet added;
  FieldSet modified;
  FieldSet removed;

  bool empty() const { return added.empty() && modified.empty() && removed.empty(); }
  /// Added and modified.
  FieldSet changed() const;
};

/// Compares two states of an object of this shape. What the server alone decides (apiVersion, kind, metadata's name,
/// namespace, uid, creationTimestamp, generation, resourceVersion, selfLink, managedFields) is left out. A list
/// whose items cannot be told apart is compared as one. `from` may be null: everything is added.
Comparison compare_fields(const Shape& shape, const schema::Node* from, const schema::Node* to);

/// The fields that a configuration names, without what the server alone decides: what its applier will own. Fails with
/// code 500, as Kubernetes does, for fields that the type does not declare, values of the wrong form, items without
/// keys, and items that stand twice; the message has one line for each.
ApiResult<FieldSet> fields_of(const Shape& shape, const schema::Node& configuration);

/// All fields of an object that is stored: as fields_of, but what it cannot tell apart is one.
FieldSet stored_fields_of(const Shape& shape, const schema::Node& object);

}  // namespace troupe::api
