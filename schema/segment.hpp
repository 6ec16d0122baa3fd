#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"

/// Objects as the store and the mailboxes keep them: one trusted Cap'n Proto segment, in words.
namespace troupe::schema {

using Segment = std::vector<std::uint64_t>;
using SegmentView = std::span<const std::uint64_t>;

inline std::string text(capnp::Text::Reader value) { return {value.begin(), value.size()}; }

template <class List>
std::vector<std::string> texts(List list) {
  std::vector<std::string> out;
  out.reserve(list.size());
  for (auto value : list) out.push_back(text(value));
  return out;
}

/// A list of keys and values, as labels are kept.
template <class Entries>
std::map<std::string, std::string> entries(Entries list) {
  std::map<std::string, std::string> out;
  for (auto entry : list) out.emplace(text(entry.getKey()), text(entry.getValue()));
  return out;
}

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

/// The object in one segment, without what was replaced in it.
template <class T>
Segment to_segment(typename T::Reader reader) {
  Segment words(reader.totalSize().wordCount + 1);
  capnp::copyToUnchecked(reader, kj::arrayPtr(reinterpret_cast<capnp::word*>(words.data()), words.size()));
  return words;
}

/// A copy of the object, changed by `change` (called with its builder; if it answers false: leave the object).
template <class T, class Change>
Result<std::optional<Segment>> changed(SegmentView segment, Change&& change) {
  return with_object<T>(segment, [&](typename T::Reader object) -> Result<std::optional<Segment>> {
    capnp::MallocMessageBuilder builder;
    builder.setRoot(object);
    auto root = builder.getRoot<T>();
    if constexpr (std::is_void_v<decltype(change(root))>) {
      change(root);
    } else {
      if (!change(root)) return std::nullopt;
    }
    return to_segment<T>(root.asReader());
  });
}

}  // namespace troupe::schema
