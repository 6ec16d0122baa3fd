#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/log.hpp"
#include "storage/paced_sync.hpp"
#include "storage/record.hpp"
#include "storage/store.hpp"

struct MDB_env;
struct MDB_txn;

namespace troupe::storage {

/// The newest version of a key, with its place in the log.
struct Version {
  Record record;
  Position position = 0;
  Position previous = 0;
};

/// As above, read in place.
struct VersionView {
  RecordView record;
  Position position = 0;
  Position previous = 0;
};

struct Tally {
  std::int64_t objects = 0;
  std::int64_t bytes = 0;
};
using Tallies = std::unordered_map<ResourceId, Tally>;

/// So that a lookup needs no string of its own.
struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
};
/// Versions by key; an entry never moves.
using VersionTable = std::unordered_map<std::string, Version, KeyHash, std::equal_to<>>;
/// A table's entries, sorted as LMDB sorts.
using Overlay = std::map<std::string_view, const VersionTable::value_type*>;

/// What LMDB knows about itself, changed in the same transaction as the objects.
struct StateMeta {
  static constexpr std::uint64_t kMagic = 0x3145544154535254;  // "TRSTATE1"
  std::uint64_t magic = kMagic;
  std::uint64_t store_id[2] = {};
  std::uint64_t segment_bytes = 0;
  LogPoint applied;
  Revision compacted = 0;
  /// Where the log ended when the store was last stopped in order, which is `applied`: nothing behind it was
  /// acknowledged. 0: nobody knows. Opening takes it off the disk, since what comes next may be acknowledged. Stores of
  /// before this field lack it.
  Position ended = 0;
};

/// The newest version of each key in LMDB. One thread applies; any thread reads.
class State {
 public:
  struct Options {
    std::string dir;
    std::uint64_t map_bytes = 1ull << 40;
    std::uint64_t segment_bytes = 64u << 20;  ///< Of a new store.
    unsigned max_readers = 1024;
  };

  /// Opens or creates. kCorrupt: not a state of ours, or damaged. kPermission, kNoSpace, kIo.
  static Result<std::unique_ptr<State>> open(const Options& options);
  ~State();

  /// A short look at one snapshot; LMDB's pages are lent until it ends. Never keep one while somebody else is awaited.
  class Reader {
   public:
    Reader(Reader&& other) noexcept;
    Reader& operator=(Reader&&) = delete;
    ~Reader();
    /// Nothing: the key is not there (a deletion that is not yet compacted is).
    Result<std::optional<VersionView>> find(std::string_view key) const;
    /// Keys from `from` (exclusive unless `inclusive`) in order, until the visitor returns false.
    Status walk(std::string_view from, bool inclusive,
                const std::function<bool(std::string_view, const VersionView&)>& visit) const;

   private:
    friend class State;
    Reader(const State& state, MDB_txn* txn) : state_(&state), txn_(txn) {}
    const State* state_;
    MDB_txn* txn_;
  };
  Result<Reader> read() const;

  struct Change {
    const Overlay* objects = nullptr;
    Tallies tallies;  ///< New totals of the resources that changed.
    LogPoint applied;
    Revision compacted = 0;
    bool last = false;  ///< The store stops: `applied` is the log's end, and nothing is written behind it.
  };
  /// One durable transaction. kNoSpace: nothing changed, may be tried again. Everything else is fatal.
  Status apply(const Change& change, const Pacing& pacing);

  /// As found when it was opened, `ended` included, and as last applied since.
  const StateMeta& meta() const { return meta_; }
  Result<Tallies> tallies() const;
  std::uint64_t bytes() const;
  std::uint64_t map_bytes() const { return map_bytes_; }
  /// Frees the slots of readers that died; gives how many.
  int check_readers() const;
  /// False when a value in LMDB is not aligned to 8, which the layout rules out.
  static bool aligned(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 8 == 0; }

 private:
  State() = default;
  static Status create(const Options& options);
  static Result<std::unique_ptr<State>> open_existing(const Options& options);
  Status open_env(const Options& options);
  Status check_length();
  Status open_tables(const Options& options);
  Status read_meta(MDB_txn* txn, const Options& options);
  Status put_meta(MDB_txn* txn, const StateMeta& meta) const;
  StateMeta meta_after(const Change& change) const;
  Status write(MDB_txn* txn, const Change& change);
  Status bury(MDB_txn* txn, Revision compacted);
  void give_back(MDB_txn* txn) const;

  static constexpr std::size_t kPool = 64;
  MDB_env* env_ = nullptr;
  unsigned meta_table_ = 0, objects_ = 0, tombstones_ = 0, counts_ = 0;
  std::uint64_t map_bytes_ = 0;
  bool short_ = false;
  std::string dir_;
  StateMeta meta_;
  mutable std::atomic<MDB_txn*> pool_[kPool] = {};
};

}  // namespace troupe::storage
