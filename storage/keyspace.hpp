#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

/// What a data directory holds. This file has the only functions that build or take apart keys.
///
///   DIR/
///   ├── LOCK                      flock held by the one process that has the store open; holds its pid as text
///   ├── ballast                   16 MiB of zeros, given back when the disk is full so that deletes still work
///   ├── log/
///   │   ├── 0000000000000007.log  segment 7: a 4,096-byte header, then frames (storage/log_format.hpp)
///   │   └── 0000000000000008.log  numbers ahead: zero-written or recycled, waiting to become a segment
///   └── state/                    LMDB (state/data.mdb, state/lock.mdb): the newest version of each key
///       ├── "meta"                one value: store id, format, applied position and revision, compacted revision
///       ├── "objects"             KEY -> {log position, predecessor's log position, record header, payload}
///       ├── "tombstones"          revision of the deletion (8 bytes, big-endian) + running number -> KEY
///       └── "counts"              resource id (4 bytes, big-endian) -> {objects, bytes}
///
///   KEY
///   ├── resource                  4 bytes, big-endian: interned number of "deployments.apps", "pods", ...
///   ├── namespace                 bytes; empty for cluster-scoped objects
///   ├── 0                         1 byte: sorts "a" before "a-b", as Kubernetes does
///   ├── name                      bytes, never empty
///   └── 0 ...                     zeros up to a multiple of 8, so that LMDB's values are aligned to 8
///
///   resource 0                    the store's own tables
///   ├── "kinds"     / "apps/v1/Deployment"   -> number
///   └── "resources" / "deployments.apps"     -> number
///
/// Names hold no 0 byte, so padding neither changes the order nor makes two names one. LMDB takes keys of at most
/// 511 bytes: with padding 504, that is 499 for namespace and name together. Longer ones are kTooLarge, which the
/// API answers as 422.
namespace troupe::storage {

using ResourceId = std::uint32_t;

inline constexpr ResourceId kSystemResource = 0;
inline constexpr std::size_t kMaxKeyBytes = 504;

/// A complete key: one object. Compares as the store orders.
class Key {
 public:
  Key() = default;
  std::string_view bytes() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  friend auto operator<=>(const Key&, const Key&) = default;

 private:
  explicit Key(std::string bytes) : bytes_(std::move(bytes)) {}
  friend Result<Key> make_key(ResourceId, std::string_view, std::string_view);
  friend Result<Key> key_from_bytes(std::string_view);
  std::string bytes_;
};

/// The start of keys: everything, one resource, or one namespace of a resource.
class Prefix {
 public:
  Prefix() = default;  ///< Everything.
  std::string_view bytes() const { return bytes_; }
  bool matches(std::string_view key) const { return key.starts_with(bytes_); }
  friend auto operator<=>(const Prefix&, const Prefix&) = default;

 private:
  explicit Prefix(std::string bytes) : bytes_(std::move(bytes)) {}
  friend Prefix prefix_of(ResourceId);
  friend Result<Prefix> prefix_of(ResourceId, std::string_view);
  std::string bytes_;
};

/// The parts of a key, lent from its bytes.
struct KeyParts {
  ResourceId resource = 0;
  std::string_view name_space;
  std::string_view name;
};

/// kInvalidArgument: a 0 byte inside, or an empty name. kTooLarge: over 499 bytes for namespace and name.
Result<Key> make_key(ResourceId resource, std::string_view name_space, std::string_view name);
/// All objects of a resource, in all namespaces.
Prefix prefix_of(ResourceId resource);
/// All objects of a resource in one namespace. kInvalidArgument, kTooLarge as make_key.
Result<Prefix> prefix_of(ResourceId resource, std::string_view name_space);

/// kCorrupt: not a key that make_key could have built.
Result<KeyParts> split_key(std::string_view bytes);
/// Takes bytes that a store or a continue token held. kCorrupt as split_key.
Result<Key> key_from_bytes(std::string_view bytes);
/// The resource of a key that is known to be well-formed.
ResourceId resource_of(std::string_view key_bytes);
/// "17/default/web-0", for messages.
std::string printable(std::string_view key_bytes);

}  // namespace troupe::storage
