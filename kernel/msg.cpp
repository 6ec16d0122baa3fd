#include "kernel/msg.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "kernel/slabs.hpp"

namespace troupe::kernel::impl {

// A block is one allocation: this header, then the words of a Cap'n Proto message, or a C++ object.
struct alignas(8) MessageBlock {
  MessageBlock(const MessageType* t, std::size_t n) : type(t), words(n) {}

  mutable std::atomic<std::uint32_t> references{1};
  const MessageType* type;
  std::size_t words;  // 0: an object
};

namespace {

struct ObjectBlock : MessageBlock {
  ObjectBlock(const MessageType* t, void* o, std::size_t b, std::size_t a, void (*d)(void*))
      : MessageBlock(t, 0), object(o), bytes(b), align(a), destroy(d) {}
  void* object;
  std::size_t bytes;  // of all
  std::size_t align;
  void (*destroy)(void*);
};

// Enough for nearly all.
constexpr std::size_t kPlainAlign = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

void give_back(const ObjectBlock* block) noexcept {
  const std::size_t align = block->align;
  const std::size_t bytes = block->bytes;
  block->~ObjectBlock();
  if (align <= kPlainAlign) return Slabs::give(const_cast<ObjectBlock*>(block), bytes);
  ::operator delete(const_cast<ObjectBlock*>(block), std::align_val_t(align));
}

}  // namespace

static_assert(sizeof(MessageBlock) % 8 == 0, "words that follow must be aligned");

void retain(const MessageBlock* block) noexcept { block->references.fetch_add(1, std::memory_order_relaxed); }

void release(const MessageBlock* block) noexcept {
  if (block->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (block->words == 0) {
    const auto* holder = static_cast<const ObjectBlock*>(block);
    holder->destroy(holder->object);
    return give_back(holder);
  }
  block->~MessageBlock();
  ::operator delete(const_cast<MessageBlock*>(block));
}

const MessageType* type_of(const MessageBlock* block) noexcept { return block->type; }

const std::uint64_t* words_of(const MessageBlock* block) noexcept {
  return reinterpret_cast<const std::uint64_t*>(block + 1);
}

std::size_t word_count_of(const MessageBlock* block) noexcept { return block->words; }

const void* object_of(const MessageBlock* block) noexcept { return static_cast<const ObjectBlock*>(block)->object; }

MessageBlock* new_words(const MessageType* type, std::size_t words, std::uint64_t** data) {
  if (words == 0) words = 1;
  void* memory = ::operator new(sizeof(MessageBlock) + words * sizeof(std::uint64_t));
  auto* block = new (memory) MessageBlock(type, words);
  *data = reinterpret_cast<std::uint64_t*>(block + 1);
  std::memset(*data, 0, words * sizeof(std::uint64_t));
  return block;
}

MessageBlock* new_object(const MessageType* type, std::size_t size, std::size_t align, void (*destroy)(void*),
                         void** place) {
  align = std::max(align, alignof(ObjectBlock));
  const std::size_t offset = (sizeof(ObjectBlock) + align - 1) / align * align;
  const std::size_t bytes = offset + size;
  auto* memory = static_cast<std::byte*>(align <= kPlainAlign ? Slabs::take(bytes)
                                                              : ::operator new(bytes, std::align_val_t(align)));
  *place = memory + offset;
  return new (memory) ObjectBlock(type, *place, bytes, align, destroy);
}

void forget_object(MessageBlock* block) noexcept { give_back(static_cast<ObjectBlock*>(block)); }

}  // namespace troupe::kernel::impl
