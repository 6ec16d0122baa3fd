#pragma once

#include <chrono>
#include <functional>

#include "api/call.hpp"

namespace troupe::api {

/// How long a read waits for a revision that is not there yet, as kube-apiserver does.
inline constexpr std::chrono::seconds kRevisionPatience(3);

/// Calls `done` once: with true when the store has reached the revision (at once where it has), with false when the
/// time is over or the store stops. Only for stores that complete inline.
void wait_for_revision(const Services& services, storage::Revision revision, std::chrono::milliseconds patience,
                       std::function<void(bool reached)> done);

}  // namespace troupe::api
