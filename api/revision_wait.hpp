#pragma once

#include <chrono>
#include <functional>

#include "api/call.hpp"
#include "storage/split_store.hpp"

namespace troupe::api {

/// How long a read waits for a revision that is not there yet, as kube-apiserver does.
inline constexpr std::chrono::seconds kRevisionPatience(3);

/// The store that numbers the objects of a resource: Events have a counter of their own.
inline storage::Store& store_of(const Services& services, const Resource& resource) {
  return storage::part_of(services.store, storage::prefix_of(resource.store_id));
}

/// Calls `done` once: with true when the resource's store has reached the revision (at once where it has), with false
/// when the time is over or the store stops. What is returned ends the wait and lets go of `done` uncalled; it may be
/// called at any time, or never. Only for stores that complete inline.
std::function<void()> wait_for_revision(const Services& services, const Resource& resource, storage::Revision revision,
                                        std::chrono::milliseconds patience, std::function<void(bool reached)> done);

}  // namespace troupe::api
