#pragma once

#include <string>

#include "storage/store.hpp"

namespace troupe::daemon {

/// The store's figures in Prometheus' form: troupe_store_revision and the like.
void append_store_metrics(const storage::StoreStats& stats, std::string& out);

}  // namespace troupe::daemon
