#pragma once

#include "api/field_set.hpp"
#include "api/field_set_shape.hpp"
#include "schema/codec/document.hpp"

/// What server-side apply does to a document: merge a configuration in, take out what is applied no longer.
namespace troupe::api {

/// Merges a configuration into `target`, a value of `document`: leaves are replaced, objects and keyed lists merged.
/// The items that the configuration names come in its order, others keep their place among them.
ApiStatus merge_configuration(schema::Document& document, const Shape& shape, schema::Node& target,
                              const schema::Node& configuration);

/// Takes out what the set names. What is emptied by that becomes null.
ApiStatus remove_fields(schema::Document& document, const Shape& shape, schema::Node& target, const FieldSet& set);

/// Takes out of the merged object what `last` (the applier's former set) has and nobody in `owned` (the sets of all,
/// the applier's new one among them) does. What nobody owns goes with the struct, item or map that it stands in.
ApiStatus prune_fields(schema::Document& merged, const Shape& shape, const FieldSet& last, const FieldSet& owned);

}  // namespace troupe::api
