#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "storage/disk.hpp"
#include "storage/memory_store.hpp"

namespace troupe::storage {

struct BehindStoreOptions {
  std::string path;  ///< Of the journal; empty: nothing is kept.
  /// Revisions begin above this. It must grow from start to start by more than was written in between: the time in
  /// microseconds does.
  Revision begin_after = 0;
  std::chrono::milliseconds pause{1000};  ///< Changes are gathered for so long before they are written.
  std::uint64_t retained_revisions = 20'000;
  std::function<void(const Error&)> failed;  ///< The journal could not be written: it stays as it is until a restart.
};

/// Objects that may be lost: answered from memory at once, written to a journal behind, without a sync. What was
/// written is there again after a restart, under new revisions: those of an earlier life are kCompacted. Its counter
/// is its own. The journal is frames of the log's form (log_format.hpp), rewritten when most of it is old.
class BehindStore {
 public:
  /// Reads the journal as far as it is whole. kIo, kPermission.
  static Result<std::unique_ptr<BehindStore>> open(BehindStoreOptions options);
  ~BehindStore();  ///< Writes what is left.
  BehindStore(const BehindStore&) = delete;
  BehindStore& operator=(const BehindStore&) = delete;

  Store& store() { return *memory_; }

 private:
  explicit BehindStore(BehindStoreOptions options);
  Status load();
  void run();
  void write_changes();
  Status append_changes(bool& cut);
  Status start_over();

  BehindStoreOptions options_;
  std::shared_ptr<Disk> disk_;
  std::unique_ptr<MemoryStore> memory_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<File> file_;
  std::uint64_t position_ = 0;  ///< The journal's end.
  std::uint64_t chain_ = 0;
  bool failed_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool dirty_ = false;     ///< Guarded by mutex_.
  bool stopping_ = false;  ///< Guarded by mutex_.
  std::thread thread_;
};

}  // namespace troupe::storage
