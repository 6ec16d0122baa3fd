#pragma once

#include <capnp/message.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/result.hpp"
#include "kernel/msg.hpp"

namespace troupe::kernel {

// How Cap'n Proto messages are kept: one piece, no far pointers, checked or built by this process. So reading needs
// neither bounds checks nor an arena, and a reader stays valid by itself as long as the message is held.

template <class T>
template <class U>
typename U::Reader Msg<T>::read() const {
  static_assert(std::is_same_v<T, U>);
  return capnp::readMessageUnchecked<U>(reinterpret_cast<const capnp::word*>(impl::words_of(block())));
}

/// Copies `reader` (of T) into a message.
template <class T>
Msg<T> copy_msg(typename T::Reader reader) {
  const std::size_t words = reader.totalSize().wordCount + 1;
  std::uint64_t* data = nullptr;
  Msg<T> message(impl::new_words(message_type<T>(), words, &data));
  capnp::copyToUnchecked(reader, kj::arrayPtr(reinterpret_cast<capnp::word*>(data), words));
  return message;
}

/// Builds a message: `fill` gets a `T::Builder`. What it leaves behind (orphans, replaced texts) is not kept.
template <class T, class Fill>
Msg<T> make_msg(Fill&& fill) {
  alignas(8) capnp::word scratch[64];
  std::memset(scratch, 0, sizeof(scratch));
  capnp::MallocMessageBuilder builder(kj::arrayPtr(scratch, 64));
  auto root = builder.initRoot<T>();
  fill(root);
  return copy_msg<T>(root.asReader());
}

/// A message with every field at its default.
template <class T>
Msg<T> make_msg() {
  return make_msg<T>([](typename T::Builder) {});
}

/// A message from one trusted segment, as the store keeps it (aligned to 8). Its structure is checked while it is
/// copied; the traversal has no limit. kCorrupt when it does not hold a T.
template <class T>
Result<Msg<T>> msg_from_segment(std::span<const std::uint64_t> words) {
  try {
    const kj::ArrayPtr<const capnp::word> segment(reinterpret_cast<const capnp::word*>(words.data()), words.size());
    const kj::ArrayPtr<const capnp::word> segments[] = {segment};
    capnp::ReaderOptions options;
    options.traversalLimitInWords = UINT64_MAX;
    capnp::SegmentArrayMessageReader reader(segments, options);
    return copy_msg<T>(reader.getRoot<T>());
  } catch (const kj::Exception& e) {
    return fail(ErrorCode::kCorrupt, std::string("a stored message does not read: ") + e.getDescription().cStr());
  }
}

/// The message's one segment; valid as long as the message is held. Not for plain C++ structs.
inline std::span<const std::uint64_t> segment_of(const AnyMsg& message) {
  return {impl::words_of(message.block()), impl::word_count_of(message.block())};
}

}  // namespace troupe::kernel
