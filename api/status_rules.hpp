#pragma once

#include <span>
#include <string_view>

#include "api/error.hpp"
#include "api/routes.hpp"
#include "schema/codec/document.hpp"

/// What a write of `/status` may change beside the status; it differs from kind to kind.
namespace troupe::api {

/// A write of the status may change metadata as well: labels, annotations, finalizers, owners.
bool status_takes_metadata(const Resource& resource);

/// The members of metadata that it leaves as they are all the same: "labels" of a Deployment.
std::span<const std::string_view> kept_by_status(const Resource& resource);

/// What clients cannot take out of a status: of a Pod its QoS class, and the generations that were observed.
ApiStatus keep_of_status(schema::Document& object, const schema::Node& old, const Resource& resource);

}  // namespace troupe::api
