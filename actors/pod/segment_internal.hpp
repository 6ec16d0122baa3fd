#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstdint>
#include <string>
#include <utility>

#include "actors/pod/convert.hpp"

namespace troupe::pod {

/// Calls `use` with the object that a trusted segment holds; its readers are valid during the call. kCorrupt.
template <class T, class Use>
auto with_root(SegmentView segment, Use&& use) -> decltype(use(std::declval<typename T::Reader>())) {
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

/// The object in one segment, without what was replaced in it.
template <class T>
Segment to_segment(typename T::Reader reader) {
  Segment words(reader.totalSize().wordCount + 1);
  capnp::copyToUnchecked(reader, kj::arrayPtr(reinterpret_cast<capnp::word*>(words.data()), words.size()));
  return words;
}

}  // namespace troupe::pod
