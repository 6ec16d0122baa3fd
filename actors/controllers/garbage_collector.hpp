#pragma once

#include "actors/controllers/api_port.hpp"
#include "actors/controllers/object_feed.hpp"
#include "kernel/supervisor.hpp"

namespace troupe::controllers {

/// The garbage collector as a child of a supervisor: deletes what has no owner left, lets dependents go free
/// (Orphan), and lets owners wait for their dependents (Foreground). Its state is built from the feed at each start.
/// Feed and API must outlive the System.
kernel::ChildSpec garbage_collector_child(ObjectFeed& feed, ApiPort& api);

}  // namespace troupe::controllers
