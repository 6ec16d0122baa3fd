#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/log_store.hpp"

namespace troupe::storage::testing {

/// The known trace: the batch of each revision follows from the seed and what the batches before it left alive. Every
/// batch changes something, so the n-th batch of a store's whole life has revision n.
class Trace {
 public:
  explicit Trace(std::uint64_t seed) : seed_(seed) {}

  /// The batch of the next revision; the trace then stands at that revision.
  Batch next();
  /// Steps up to `revision`.
  void advance(Revision revision);
  Revision revision() const { return revision_; }

  struct Object {
    std::string key;
    Revision revision = 0;
    std::size_t bytes = 0;
    friend bool operator==(const Object&, const Object&) = default;
  };
  /// What the store must hold at a revision that the trace has passed, in key order.
  std::vector<Object> at(Revision revision) const;
  /// The payload that the trace gives a key at a revision.
  static std::string text(const std::string& key, Revision revision, std::size_t bytes);

 private:
  static constexpr std::uint64_t kKeys = 48;
  struct Version {
    Revision revision = 0;
    std::size_t bytes = 0;
    bool erased = false;
  };
  std::uint64_t seed_;
  Revision revision_ = 0;
  std::map<std::string, std::vector<Version>> history_;
};

/// Small segments and a hasty follower, so that every kind of file changes all the time.
LogStoreOptions crash_options(const std::string& dir);

struct Expected {
  Revision acknowledged = 0;  ///< At least this much must be there...
  Revision submitted = 0;     ///< ...and at most this much.
  bool thorough = false;      ///< Also starts the store, reads history, writes one batch more and opens it once more.
};
/// Opens the store and compares everything with the trace, which is advanced as needed. The reached revision, or what
/// is wrong.
Result<Revision> check_store(const std::string& dir, Trace& trace, const Expected& expected);

}  // namespace troupe::storage::testing
