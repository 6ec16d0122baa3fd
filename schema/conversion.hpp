#pragma once

#include <string_view>

#include "base/result.hpp"
#include "schema/codec/document.hpp"

namespace troupe::schema {

/// Whether objects of `kind` can be turned from one apiVersion into the other: autoscaling v1 and v2 of
/// HorizontalPodAutoscaler, v1 and events.k8s.io/v1 of Event, and every version into itself.
bool can_convert(std::string_view kind, std::string_view from_api_version, std::string_view to_api_version);

/// Turns an object (a JSON object with apiVersion and kind, as decoded and defaulted) into another version of the same
/// stored object, in `document`. Nothing is lost:
/// - Event: only names differ.
/// - HorizontalPodAutoscaler v2 -> v1: what v1 has no field for stands in the annotations
///   autoscaling.alpha.kubernetes.io/{metrics,behavior,conditions,current-metrics}; v1 -> v2 takes it from there and
///   removes them. A CPU utilization target comes back as the last metric. An annotation that is no JSON of the right
///   form is dropped, as Kubernetes does.
///
/// kUnsupported when can_convert says no; kInvalidArgument when the object has no kind; kTooLarge over the document's
/// limits. On failure the document is half converted: throw it away.
Status convert(Document& document, Node& object, std::string_view to_api_version);

}  // namespace troupe::schema
