#pragma once

#include <string>
#include <string_view>

#include "api/error.hpp"
#include "schema/codec/document.hpp"

/// Containers of a pod as subresources name them.
namespace troupe::api {

/// What stands before a run's id in `containerID`.
inline constexpr std::string_view kIdScheme = "troupe://";

/// The container that is meant by `asked`, or the only one. BadRequest in Kubernetes' words.
ApiResult<std::string> choose_container(const schema::Node& pod, const std::string& pod_name, const std::string& asked);

/// The container's entry in the pod's status, or null.
const schema::Node* status_of_container(const schema::Node& pod, std::string_view container);

/// The id of the container's run; empty when it does not run.
std::string running_container(const schema::Node& pod, std::string_view container);

}  // namespace troupe::api
