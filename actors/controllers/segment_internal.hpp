#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "actors/controllers/ports.hpp"
#include "base/result.hpp"

namespace troupe::controllers {

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

/// A copy of the object, changed by `change` (called with its builder; false: leave it).
template <class T, class Change>
Result<std::optional<Segment>> changed(SegmentView segment, Change&& change) {
  return with_object<T>(segment, [&](typename T::Reader object) -> Result<std::optional<Segment>> {
    capnp::MallocMessageBuilder builder;
    builder.setRoot(object);
    auto root = builder.getRoot<T>();
    if (!change(root)) return std::nullopt;
    return to_segment<T>(root.asReader());
  });
}

template <class Entries>
Labels labels_of(Entries list) {
  Labels out;
  for (auto entry : list) out.emplace(text(entry.getKey()), text(entry.getValue()));
  return out;
}

/// `init` makes a list of entries of a size: `[&](unsigned n) { return meta.initLabels(n); }`.
template <class Init>
void set_labels(const Labels& labels, Init&& init) {
  auto list = init(static_cast<unsigned>(labels.size()));
  unsigned i = 0;
  for (const auto& [key, value] : labels) {
    list[i].setKey(key);
    list[i].setValue(value);
    ++i;
  }
}

}  // namespace troupe::controllers
