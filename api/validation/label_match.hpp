#pragma once

#include "schema/codec/document.hpp"

namespace troupe::api {

/// Whether labels fit a LabelSelector (matchLabels, matchExpressions). An empty selector fits all; null fits nothing.
bool selector_matches(const schema::Node* selector, const schema::Node* labels);

/// The same of a plain map; an empty one fits all.
bool map_matches(const schema::Node* wanted, const schema::Node* labels);

}  // namespace troupe::api
