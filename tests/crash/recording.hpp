#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "storage/record.hpp"
#include "tests/crash/record_format.hpp"

namespace troupe::storage::testing {

struct RecordedCall {
  DiskCall call;
  std::string first;
  std::string second;
};

/// The calls of a record; a call that is cut off at the end is left out.
std::vector<RecordedCall> read_recording(const std::string& path);

/// A disk that has what a program did so far, and of what was not synced as much as a crash might leave.
///
/// A file keeps what was written before its last sync; each write since then may be there or not, in any order, and any
/// 512 bytes of it. A directory keeps its entries of its last sync, and of the changes since then the first few.
class CrashDisk {
 public:
  /// `root`: the directory that was recorded; it exists and is empty.
  explicit CrashDisk(std::string root);
  ~CrashDisk();
  void apply(const RecordedCall& call);

  enum class Loss {
    kNothing,  ///< Everything up to here is there: a process that was killed.
    kAll,      ///< Nothing that was not synced is there.
    kWrites,   ///< Whole writes are there or not, in any order.
    kSectors,  ///< 512 bytes each are there or not.
  };
  /// Writes what a crash now would leave into an empty directory.
  void crash(const std::string& to, Loss loss, std::mt19937_64& random) const;
  /// Writes that no sync covers yet.
  std::size_t pending() const;

 private:
  struct Node;
  struct Change;
  using NodePtr = std::shared_ptr<Node>;
  using Entries = std::map<std::string, NodePtr>;
  NodePtr find(const std::string& path) const;
  std::pair<NodePtr, std::string> parent_of(const std::string& path) const;
  void change(const std::string& path, NodePtr node);
  void lay(const Node& node, const std::string& to, Loss loss, std::mt19937_64& random) const;
  void fill(const Node& node, const std::string& to, Loss loss, std::mt19937_64& random) const;

  std::string root_;
  NodePtr top_;
  std::map<int, NodePtr> open_;
  std::vector<NodePtr> files_;
};

}  // namespace troupe::storage::testing
