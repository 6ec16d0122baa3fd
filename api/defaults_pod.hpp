#pragma once

#include "api/error.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api {

/// Fills what Kubernetes fills into a pod's spec, a template's too: policies, probes, ports, volumes, requests that
/// follow from limits.
ApiStatus apply_pod_defaults(schema::Document& document, schema::Node& spec);

/// Sets a member to a JSON text of our own.
ApiStatus set_json(schema::Document& document, schema::Node& object, std::string_view key, std::string_view json);

/// A Secret's stringData goes into its data, in base64.
ApiStatus fold_string_data(schema::Document& document, schema::Node& secret);

}  // namespace troupe::api
