#include "kernel/msg.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace troupe::kernel::impl {

// A block is one allocation: this header, then the words of a Cap'n Proto message, or a pointer to a C++ object.
struct alignas(8) MessageBlock {
  MessageBlock(const MessageType* t, std::size_t n) : type(t), words(n) {}

  mutable std::atomic<std::uint32_t> references{1};
  const MessageType* type;
  std::size_t words;  // 0: an object
};

namespace {

struct ObjectBlock : MessageBlock {
  ObjectBlock(const MessageType* t, void* o, void (*d)(void*)) : MessageBlock(t, 0), object(o), destroy(d) {}
  void* object;
  void (*destroy)(void*);
};

}  // namespace

static_assert(sizeof(MessageBlock) % 8 == 0, "words that follow must be aligned");

void retain(const MessageBlock* block) noexcept { block->references.fetch_add(1, std::memory_order_relaxed); }

void release(const MessageBlock* block) noexcept {
  if (block->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (block->words == 0) {
    const auto* holder = static_cast<const ObjectBlock*>(block);
    holder->destroy(holder->object);
    delete holder;
    return;
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

MessageBlock* new_object(const MessageType* type, void* object, void (*destroy)(void*)) {
  return new ObjectBlock(type, object, destroy);
}

}  // namespace troupe::kernel::impl
