#pragma once

#include <cstdint>

#include "api/admission/admission.hpp"

/// The cluster addresses and node ports of Services. Each is a record of its own: an address an IPAddress, a port a
/// record that no client sees. They are created by the commit that writes the service, on condition that nobody has
/// them, and erased by the one that deletes it: none is ever given twice.
namespace troupe::api {

/// Gives a service that is created, or changed, what it lacks and takes what it no longer needs. Invalid when it asks
/// for what is taken or outside of the ranges; 500 when a range is full.
void allocate_service(const AdmissionPtr& admission, const Admitted& done);

/// An update of a service that does not say which addresses and ports it has keeps those of the old one.
ApiStatus keep_allocated(schema::Document& object, const schema::Node& old, const Resource& resource);

/// Adds to a batch that erases an object the freeing of what it holds.
void append_releases(const Services& services, const Resource& resource, const storage::RecordView& object,
                     storage::Batch& batch);

}  // namespace troupe::api
