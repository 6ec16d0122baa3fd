#include "storage/record.hpp"

#include <cstring>
#include <new>
#include <string>

#include "storage/record_pool.hpp"

namespace troupe::storage {

Result<RecordView> view_record(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(RecordHeader)) {
    return fail(ErrorCode::kCorrupt, "record of " + std::to_string(bytes.size()) + " bytes is shorter than its header");
  }
  const auto* header = reinterpret_cast<const RecordHeader*>(bytes.data());
  if (header->layout != RecordHeader::kLayout) {
    return fail(ErrorCode::kCorrupt, "record header has layout " + std::to_string(header->layout) +
                                         ", this release reads " + std::to_string(RecordHeader::kLayout));
  }
  if (sizeof(RecordHeader) + padded(header->size) > bytes.size()) {
    return fail(ErrorCode::kCorrupt, "record says " + std::to_string(header->size) + " bytes of payload, " +
                                         std::to_string(bytes.size() - sizeof(RecordHeader)) + " are there");
  }
  return RecordView{header, bytes.subspan(sizeof(RecordHeader), header->size)};
}

Record::Block* Record::new_block(std::size_t payload) {
  void* space = take_block(sizeof(Block) + padded(payload));
  auto* block = ::new (space) Block;
  // Padding goes to disk: it must not carry somebody's old memory.
  if (padded(payload) != payload) {
    std::memset(static_cast<std::byte*>(space) + sizeof(Block) + padded(payload) - 8, 0, 8);
  }
  return block;
}

void Record::release() noexcept {
  if (block_ == nullptr || block_->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::size_t bytes = sizeof(Block) + padded(block_->header.size);
  block_->~Block();
  give_back_block(block_, bytes);
}

Record Record::allocate(const RecordMeta& meta, std::size_t size) {
  Block* block = new_block(size);
  block->header.kind = meta.kind;
  block->header.form = meta.form;
  block->header.transform = meta.transform;
  block->header.schema_generation = meta.schema_generation;
  block->header.size = static_cast<std::uint32_t>(size);
  Record record(block);
  std::memset(record.mutable_payload().data(), 0, size);
  return record;
}

Record Record::of(const RecordMeta& meta, std::string_view payload) {
  Record record = allocate(meta, payload.size());
  if (!payload.empty()) std::memcpy(record.mutable_payload().data(), payload.data(), payload.size());
  return record;
}

Record Record::copy_of(const RecordView& view) {
  Block* block = new_block(view.payload.size());
  block->header = *view.header;
  block->header.size = static_cast<std::uint32_t>(view.payload.size());
  Record record(block);
  if (!view.payload.empty()) {
    std::memcpy(record.mutable_payload().data(), view.payload.data(), view.payload.size());
  }
  return record;
}

}  // namespace troupe::storage
