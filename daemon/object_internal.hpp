#pragma once

#include <chrono>
#include <cstdint>

#include "daemon/objects.hpp"
#include "schema/core_v1.capnp.h"
#include "schema/segment.hpp"

namespace troupe::daemon {

namespace core = k8s::core::v1;

using schema::changed;
using schema::text;
using schema::to_segment;
using schema::with_object;

/// Calls `use` with every stored object of the resource (null: none), on this thread. The store's errors.
template <class T, class Use>
Status each_object(const Objects& objects, const api::Resource* resource, Use use) {
  if (resource == nullptr) return {};
  storage::ListRequest request;
  request.prefix = storage::prefix_of(resource->store_id);
  for (;;) {
    auto end = storage::list_now(objects.store(), request, [&](std::string_view, const storage::RecordView& record) {
      if (auto segment = segment_of(record)) {
        // One that does not read is left out: pages are for people who look for what is wrong.
        (void)with_object<T>(*segment, [&](typename T::Reader object) -> Status {
          use(object);
          return {};
        });
      }
      return true;
    });
    if (!end) return fail(end.error());
    if (!end->more) return {};
    request.at = end->revision;
    request.after = end->last;
  }
}

inline std::int64_t seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace troupe::daemon
