#include "storage/version_cache.hpp"

#include <atomic>
#include <cstring>
#include <new>

#include "storage/log_format.hpp"
#include "storage/record_pool.hpp"

namespace troupe::storage {
namespace {

std::uint64_t hash_of(std::string_view key) {
  return checksum({reinterpret_cast<const std::byte*>(key.data()), key.size()});
}

}  // namespace

/// The key's bytes stand behind it.
struct VersionCache::Node {
  Version version;
  std::uint64_t hash = 0;
  std::uint32_t key_bytes = 0;
  bool closed = false;  ///< Being published: not found, not evicted.
  bool used = false;    ///< Since the clock's hand came by.
  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), key_bytes}; }

  static Node* make(std::string_view key, std::uint64_t hash) {
    auto* node = ::new (take_block(sizeof(Node) + key.size())) Node;
    node->hash = hash;
    node->key_bytes = static_cast<std::uint32_t>(key.size());
    std::memcpy(static_cast<void*>(node + 1), key.data(), key.size());
    return node;
  }
  static void free(Node* node) {
    const std::size_t bytes = sizeof(Node) + node->key_bytes;
    node->~Node();
    give_back_block(node, bytes);
  }
};

/// A table with open addressing: linear probes, at most half full, without gravestones.
struct alignas(64) VersionCache::Shard {
  struct Slot {
    std::uint64_t hash = 0;
    Node* node = nullptr;
    const void* record = nullptr;  ///< Only to be prefetched, while the node is fetched: it may be gone.
  };

  mutable std::mutex mutex;
  std::uint64_t epoch = 0;   ///< Publications that touched this shard.
  std::uint32_t closed = 0;  ///< Pending changes of the one under way.
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::size_t hand = 0;
  std::vector<Slot> slots = std::vector<Slot>(16);

  /// Where the slots are is written rarely, and only the memory's own time is at stake when that is seen late.
  std::atomic<Slot*> hint{nullptr};
  std::atomic<std::size_t> hint_mask{0};
  void prefetch(std::uint64_t hash) const {
    const std::size_t at = (hash >> 16) & hint_mask.load(std::memory_order_relaxed);
    if (const Slot* first = hint.load(std::memory_order_relaxed); first != nullptr) __builtin_prefetch(first + at);
  }

  std::size_t mask() const { return slots.size() - 1; }
  // The low bits choose the shard.
  std::size_t home(std::uint64_t hash) const { return (hash >> 16) & mask(); }

  std::size_t index_of(std::string_view key, std::uint64_t hash) const {
    std::size_t i = home(hash);
    for (; slots[i].node != nullptr; i = (i + 1) & mask()) {
      if (slots[i].hash != hash) continue;
      __builtin_prefetch(slots[i].record, 1);
      if (slots[i].node->key() == key) break;
    }
    return i;
  }
  /// Of a node that is in the table.
  Slot& slot_of(const Node* node) {
    std::size_t i = home(node->hash);
    while (slots[i].node != node) i = (i + 1) & mask();
    return slots[i];
  }
  Node* find(std::string_view key, std::uint64_t hash) const { return slots[index_of(key, hash)].node; }

  void insert(Node* node) {
    if (2 * (count + 1) > slots.size()) grow();
    place(node);
    ++count;
  }
  void place(Node* node) {
    std::size_t i = home(node->hash);
    while (slots[i].node != nullptr) i = (i + 1) & mask();
    slots[i] = {node->hash, node, node->version.record.address()};
  }
  void grow() {
    std::vector<Slot> old(slots.size() * 2);
    old.swap(slots);
    for (const Slot& slot : old) {
      if (slot.node != nullptr) place(slot.node);
    }
    hint_mask.store(mask(), std::memory_order_relaxed);
    hint.store(slots.data(), std::memory_order_relaxed);
  }
  /// Moves what stands behind into the gap, as far as it may.
  Node* remove(std::size_t gap) {
    Node* gone = slots[gap].node;
    for (std::size_t i = (gap + 1) & mask(); slots[i].node != nullptr; i = (i + 1) & mask()) {
      if (((i - home(slots[i].hash)) & mask()) < ((i - gap) & mask())) continue;
      slots[gap] = slots[i];
      gap = i;
    }
    slots[gap] = {};
    --count;
    return gone;
  }
};

VersionCache::VersionCache(std::size_t bytes, std::size_t shards)
    : shard_count_(shards), shard_bytes_(bytes / shards), shards_(std::make_unique<Shard[]>(shards)) {}

VersionCache::~VersionCache() {
  for (std::size_t i = 0; i < shard_count_; ++i) {
    for (const auto& slot : shards_[i].slots) {
      if (slot.node != nullptr) Node::free(slot.node);
    }
  }
}

void VersionCache::prefetch(std::string_view key) const {
  if (shard_bytes_ == 0) return;
  const std::uint64_t hash = hash_of(key);
  shard_of(hash).prefetch(hash);
}

VersionCache::Shard& VersionCache::shard_of(std::uint64_t hash) const { return shards_[hash & (shard_count_ - 1)]; }

std::size_t VersionCache::weight(std::string_view key, const Version& version) const {
  return sizeof(Node) + key.size() + 2 * sizeof(Shard::Slot) + (version.record ? version.record.stored_bytes() : 0);
}

bool VersionCache::find(std::string_view key, Version& out, Miss& miss) {
  miss.epoch = kClosed;
  if (shard_bytes_ == 0) return false;
  miss.hash = hash_of(key);
  Shard& shard = shard_of(miss.hash);
  std::lock_guard lock(shard.mutex);
  if (Node* node = shard.find(key, miss.hash); node != nullptr && !node->closed) {
    node->used = true;
    out = node->version;
    return true;
  }
  if (shard.closed == 0) miss.epoch = shard.epoch;
  return false;
}

namespace {

/// Makes room by the clock. What goes is freed by the caller, behind the lock.
template <class Shard, class Node>
void evict(Shard& shard, std::size_t most, const Node* keep, std::vector<Node*>& gone, std::size_t node_bytes) {
  // Two rounds: the first one may only take marks away.
  for (std::size_t i = 0; shard.bytes > most && shard.count > 1 && i < 2 * shard.slots.size(); ++i) {
    shard.hand = (shard.hand + 1) & shard.mask();
    Node* node = shard.slots[shard.hand].node;
    if (node == nullptr || node == keep || node->closed) continue;
    if (std::exchange(node->used, false)) continue;
    shard.bytes -= node_bytes + node->key_bytes + node->version.record.stored_bytes();
    gone.push_back(shard.remove(shard.hand));
    shard.hand = (shard.hand - 1) & shard.mask();  // another one may have moved here
  }
}

}  // namespace

void VersionCache::offer(std::string_view key, const Version& version, const Miss& miss) {
  const std::size_t size = weight(key, version);
  if (miss.epoch == kClosed || size > shard_bytes_ / 4) return;
  std::vector<Node*> gone;
  Shard& shard = shard_of(miss.hash);
  {
    std::lock_guard lock(shard.mutex);
    if (shard.epoch != miss.epoch || shard.closed != 0) return;
    if (shard.find(key, miss.hash) != nullptr) return;
    Node* node = Node::make(key, miss.hash);
    node->version = version;
    shard.insert(node);
    shard.bytes += size;
    evict(shard, shard_bytes_, node, gone, sizeof(Node) + 2 * sizeof(Shard::Slot));
  }
  for (Node* node : gone) Node::free(node);
}

void VersionCache::begin(const Changes& changes) {
  if (shard_bytes_ == 0) return;
  hashes_.clear();
  for (const auto& change : changes) {
    hashes_.push_back(hash_of(change.first));
    shard_of(hashes_.back()).prefetch(hashes_.back());
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& [key, version] = changes[i];
    const std::uint64_t hash = hashes_[i];
    Shard& shard = shard_of(hash);
    const bool keep = !version.record.header().deleted() && weight(key, version) <= shard_bytes_ / 4;
    Record old;  // freed behind the lock
    Node* gone = nullptr;
    std::lock_guard lock(shard.mutex);
    ++shard.epoch;
    ++shard.closed;
    const std::size_t at = shard.index_of(key, hash);
    Node* node = shard.slots[at].node;
    if (node != nullptr) {
      shard.bytes -= weight(key, node->version);
      old = std::exchange(node->version.record, {});
      if (!keep) {
        gone = shard.remove(at);
        Node::free(gone);
        node = nullptr;
      }
    } else if (keep) {
      node = Node::make(key, hash);
      shard.insert(node);
    }
    if (node != nullptr) node->closed = true;
    pending_.push_back({&shard, node, keep ? version : Version{}});
  }
}

void VersionCache::finish() {
  std::vector<Node*> gone;
  for (Pending& pending : pending_) {
    Shard& shard = *pending.shard;
    std::lock_guard lock(shard.mutex);
    --shard.closed;
    ++shard.epoch;
    if (pending.node == nullptr) continue;
    shard.bytes += weight(pending.node->key(), pending.version);
    pending.node->version = std::move(pending.version);
    shard.slot_of(pending.node).record = pending.node->version.record.address();
    pending.node->closed = false;
    evict(shard, shard_bytes_, pending.node, gone, sizeof(Node) + 2 * sizeof(Shard::Slot));
  }
  pending_.clear();
  for (Node* node : gone) Node::free(node);
}

std::size_t VersionCache::bytes() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < shard_count_; ++i) {
    std::lock_guard lock(shards_[i].mutex);
    sum += shards_[i].bytes;
  }
  return sum;
}

std::size_t VersionCache::entries() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < shard_count_; ++i) {
    std::lock_guard lock(shards_[i].mutex);
    sum += shards_[i].count;
  }
  return sum;
}

}  // namespace troupe::storage
