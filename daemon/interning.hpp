#pragma once

#include "api/routes.hpp"
#include "storage/store.hpp"

namespace troupe::daemon {

/// Numbers of resources and kinds, kept for ever in the store's own tables: a name that has none gets the next one,
/// and the number is durable before it is used. Waits for the store: at start only, one caller at a time.
api::Interning interning(storage::Store& store);

}  // namespace troupe::daemon
