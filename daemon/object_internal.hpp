#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/objects.hpp"
#include "schema/core_v1.capnp.h"

namespace troupe::daemon {

namespace core = k8s::core::v1;

inline std::string text(capnp::Text::Reader value) { return {value.begin(), value.size()}; }

/// Calls `use` with the object that a trusted segment holds; its readers are valid during the call. kCorrupt.
template <class T, class Use>
auto with_object(SegmentView segment, Use&& use) -> decltype(use(std::declval<typename T::Reader>())) {
  try {
    const kj::ArrayPtr<const capnp::word> words(reinterpret_cast<const capnp::word*>(segment.data()), segment.size());
    const kj::ArrayPtr<const capnp::word> segments[] = {words};
    capnp::ReaderOptions options;
    options.traversalLimitInWords = UINT64_MAX;
    capnp::SegmentArrayMessageReader reader(segments, options);
    return use(reader.getRoot<T>());
  } catch (const kj::Exception& e) {
    return fail(ErrorCode::kCorrupt, std::string("a stored object does not read: ") + e.getDescription().cStr());
  }
}

template <class T>
Segment to_segment(typename T::Reader reader) {
  Segment words(reader.totalSize().wordCount + 1);
  capnp::copyToUnchecked(reader, kj::arrayPtr(reinterpret_cast<capnp::word*>(words.data()), words.size()));
  return words;
}

/// A copy of the object, changed by `change` (called with its builder).
template <class T, class Change>
Result<std::optional<Segment>> changed(SegmentView segment, Change&& change) {
  return with_object<T>(segment, [&](typename T::Reader object) -> Result<std::optional<Segment>> {
    capnp::MallocMessageBuilder builder;
    builder.setRoot(object);
    auto root = builder.getRoot<T>();
    change(root);
    return to_segment<T>(root.asReader());
  });
}

inline std::int64_t seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace troupe::daemon
