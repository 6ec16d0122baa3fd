#pragma once

#include <string>
#include <string_view>

/// How clients find metrics.k8s.io, whose objects are made for each request and have no route.
namespace troupe::api {

inline constexpr std::string_view kMetricsGroup = "metrics.k8s.io";

/// Adds the group to the body of /apis, in the old form or aggregated.
void add_metrics_group(std::string& body, bool aggregated);

/// The body for /apis/metrics.k8s.io and /apis/metrics.k8s.io/v1beta1; empty for other paths.
std::string metrics_document(std::string_view path);

}  // namespace troupe::api
