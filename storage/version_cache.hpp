#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/state.hpp"

namespace troupe::storage {

/// Newest durable versions of living keys, as many as fit into a number of bytes: a get and a write's look at its base
/// cost one probe instead of a transaction of LMDB and a copy. Whoever was not used for a round of the clock goes.
///
/// It never shows what is not the newest: the committer's publication closes the keys before it shows a group and
/// opens them with the new versions afterwards; between the two a lookup finds nothing. What a reader found elsewhere
/// is taken only when no publication touched its shard since the reader began to look.
///
/// One thread publishes; any thread finds and offers.
class VersionCache {
  struct Node;
  struct Shard;

 public:
  using Changes = std::vector<std::pair<std::string, Version>>;

  /// `bytes` 0: keeps nothing. `shards`: a power of two.
  explicit VersionCache(std::size_t bytes, std::size_t shards = 64);
  ~VersionCache();
  VersionCache(const VersionCache&) = delete;
  VersionCache& operator=(const VersionCache&) = delete;

  /// A look-up that found nothing, to be given back with what was found elsewhere.
  struct Miss {
    std::uint64_t hash = 0;
    std::uint64_t epoch = kClosed;
  };
  /// True: `out` is the newest version. False: it may be anywhere; `miss` says when this was.
  bool find(std::string_view key, Version& out, Miss& miss);
  /// A look-up of this key follows soon.
  void prefetch(std::string_view key) const;
  /// Keeps a living version that a reader found, unless a newer one may have been published since.
  void offer(std::string_view key, const Version& version, const Miss& miss);

  /// From here on until finish() none of these keys is found. Call before the changes become visible elsewhere.
  void begin(const Changes& changes);
  /// They are visible now.
  void finish();

  std::size_t bytes() const;
  std::size_t entries() const;

 private:
  static constexpr std::uint64_t kClosed = ~std::uint64_t{0};

  struct Pending {
    Shard* shard;
    Node* node;  ///< Null: deleted, or too large to be kept.
    Version version;
  };

  Shard& shard_of(std::uint64_t hash) const;
  std::size_t weight(std::string_view key, const Version& version) const;

  const std::size_t shard_count_;
  const std::size_t shard_bytes_;
  std::unique_ptr<Shard[]> shards_;
  std::vector<Pending> pending_;       ///< Only the publishing thread.
  std::vector<std::uint64_t> hashes_;  ///< Likewise: of the keys being published.
};

}  // namespace troupe::storage
