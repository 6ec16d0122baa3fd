#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.hpp"

namespace troupe::storage {

/// The one counter of the whole store: every committed batch takes the next number. Kubernetes' resourceVersion.
/// 0 is never a commit; in requests it means "now".
using Revision = std::uint64_t;

/// A group/version/kind as a number, kept for ever in the store under resource 0 (keyspace.hpp). 0: none.
using KindId = std::uint32_t;

/// How the payload is written. On disk: append, never renumber.
enum class Form : std::uint8_t { kCapnp = 1, kJson = 2, kRaw = 3 };

/// What was done to the payload after encoding. On disk: append, never renumber.
enum class Transform : std::uint8_t { kNone = 0, kEncrypted = 1 };

/// What stands in front of every stored object, in memory and on disk, in little-endian order. The object itself
/// never holds its revision (it is known only at commit): encoders overlay it from here.
struct RecordHeader {
  static constexpr std::uint8_t kLayout = 1;
  static constexpr std::uint8_t kDeleted = 1;  ///< Flag: the key was deleted at `revision`; there is no payload.

  std::uint8_t layout = kLayout;  ///< Version of this header. Readers refuse what they do not know.
  Form form = Form::kCapnp;
  Transform transform = Transform::kNone;
  std::uint8_t flags = 0;
  KindId kind = 0;
  Revision revision = 0;                ///< The commit that wrote this version.
  Revision create_revision = 0;         ///< The commit that created the object (since its last deletion).
  std::uint32_t schema_generation = 0;  ///< Which release's schema wrote it: newer defaults are overlaid on reading.
  std::uint32_t size = 0;               ///< Payload bytes, without the padding to 8.

  bool deleted() const { return (flags & kDeleted) != 0; }
  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};
static_assert(sizeof(RecordHeader) == 32 && sizeof(RecordHeader) % 8 == 0);
static_assert(std::is_trivially_copyable_v<RecordHeader>);

/// Rounds up to the next multiple of 8: keys, headers and payloads are padded so that values are aligned in place.
constexpr std::size_t padded(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

/// Largest payload, in bytes (1.5 MiB: etcd's limit for a request).
inline constexpr std::size_t kMaxPayload = 1536 * 1024;

/// A record read in place. Both parts are aligned to 8 and live as long as whoever lent them says.
struct RecordView {
  const RecordHeader* header = nullptr;
  std::span<const std::byte> payload;

  std::string_view text() const { return {reinterpret_cast<const char*>(payload.data()), payload.size()}; }
  /// Bytes of header and padded payload.
  std::size_t stored_bytes() const { return sizeof(RecordHeader) + padded(payload.size()); }
};

/// Checks header and payload at `bytes` (aligned to 8) and lends them. kCorrupt: unknown layout or sizes do not fit.
Result<RecordView> view_record(std::span<const std::byte> bytes);

/// What a writer says about an object; revisions are stamped by the store at commit.
struct RecordMeta {
  KindId kind = 0;
  Form form = Form::kCapnp;
  Transform transform = Transform::kNone;
  std::uint32_t schema_generation = 0;
};

/// A record that owns its bytes: one allocation, shared by counting. After commit nobody changes it, so threads may
/// share it freely. Writers allocate one, encode straight into payload(), and hand it to the store: the same bytes
/// go into the log, to readers and to watchers.
class Record {
 public:
  Record() = default;
  /// Zeroed payload of `size` bytes to encode into. `size` is at most kMaxPayload when it is to be stored.
  static Record allocate(const RecordMeta& meta, std::size_t size);
  static Record of(const RecordMeta& meta, std::string_view payload);
  static Record copy_of(const RecordView& view);

  Record(const Record& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  Record(Record&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Record& operator=(Record other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Record() { release(); }

  explicit operator bool() const { return block_ != nullptr; }
  const RecordHeader& header() const { return block_->header; }
  std::span<const std::byte> payload() const { return {bytes(), block_->header.size}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes()), block_->header.size}; }
  RecordView view() const { return {&block_->header, payload()}; }
  /// Only before commit, by the one owner.
  std::span<std::byte> mutable_payload() { return {reinterpret_cast<std::byte*>(block_ + 1), block_->header.size}; }
  /// For stores: stamps revisions at commit, before anybody else sees the record.
  RecordHeader& mutable_header() { return block_->header; }
  std::size_t stored_bytes() const { return sizeof(RecordHeader) + padded(block_->header.size); }
  /// Where the record begins: to prefetch it, never to read it.
  const void* address() const { return block_; }
  /// Header and padded payload in one piece, as they stand on disk.
  std::span<const std::byte> stored() const {
    return {reinterpret_cast<const std::byte*>(&block_->header), stored_bytes()};
  }

 private:
  struct Block {
    std::atomic<std::uint64_t> refs{1};
    RecordHeader header;
  };
  static_assert(sizeof(Block) % 8 == 0);

  explicit Record(Block* block) : block_(block) {}
  const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(block_ + 1); }
  static Block* new_block(std::size_t payload);
  void release() noexcept;

  Block* block_ = nullptr;
};

}  // namespace troupe::storage
