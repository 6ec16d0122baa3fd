#include "storage/behind_store.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "storage/conditions.hpp"
#include "storage/log_format.hpp"
#include "storage/named_thread.hpp"

namespace troupe::storage {
namespace {

constexpr std::size_t kTake = 1024;
constexpr std::uint64_t kLargestJournal = 512ULL << 20;
constexpr std::uint64_t kWorthRewriting = 1 << 20;
constexpr Revision kLeap = 1'000'000;  ///< More than is written between two writes of the journal.

struct Journal {
  std::map<std::string, Record> objects;
  Revision last = 0;
};

Result<std::vector<std::uint64_t>> read_file(File& file, std::uint64_t& size) {
  constexpr std::size_t kPiece = 1 << 20;
  std::vector<std::uint64_t> words;
  for (size = 0; size < kLargestJournal;) {
    words.resize((size + kPiece) / 8);
    const auto bytes = std::as_writable_bytes(std::span(words)).subspan(size);
    auto got = file.read(bytes, size);
    if (!got) return fail(got.error());
    size += *got;
    if (*got < bytes.size()) break;
  }
  return words;
}

/// As far as it is whole: a write that was cut off by a crash ends it.
Result<Journal> read_journal(File& file) {
  std::uint64_t size = 0;
  auto words = read_file(file, size);
  if (!words) return fail(words.error());
  const auto all = std::as_bytes(std::span(*words)).first(size);
  Journal journal;
  std::vector<LoggedOp> operations;
  std::uint64_t chain = 0;
  for (std::uint64_t at = 0; at + sizeof(FrameHeader) <= size;) {
    FrameHeader header;
    std::memcpy(&header, all.data() + at, sizeof header);
    if (!valid(header, at) || header.chain != chain || !read_frame(all.subspan(at), header, operations)) break;
    for (const LoggedOp& operation : operations) {
      if (operation.record.header->deleted()) {
        journal.objects.erase(std::string(operation.key));
      } else {
        journal.objects.insert_or_assign(std::string(operation.key), Record::copy_of(operation.record));
      }
    }
    journal.last = std::max(journal.last, header.revision);
    chain = header.checksum;
    at += header.size;
  }
  return journal;
}

/// All in one go, while nobody else knows the store.
Status put_all(MemoryStore& store, std::map<std::string, Record>& objects) {
  Batch batch;
  const auto flush = [&]() -> Status {
    if (batch.operations.empty()) return {};
    auto done = commit_and_wait(store, std::exchange(batch, {}));
    return done ? Status() : fail(done.error());
  };
  for (auto& [bytes, record] : objects) {
    auto key = key_from_bytes(bytes);
    if (!key) continue;
    batch.put(std::move(*key), std::move(record));
    if (batch.operations.size() < kMaxOperations / 2) continue;
    if (auto done = flush(); !done) return done;
  }
  return flush();
}

}  // namespace

BehindStore::BehindStore(BehindStoreOptions options) : options_(std::move(options)), disk_(posix_disk()) {}

Result<std::unique_ptr<BehindStore>> BehindStore::open(BehindStoreOptions options) {
  std::unique_ptr<BehindStore> store(new BehindStore(std::move(options)));
  if (auto loaded = store->load(); !loaded) return fail(loaded.error());
  return store;
}

Status BehindStore::load() {
  Journal journal;
  if (!options_.path.empty()) {
    auto file = disk_->open(options_.path, OpenMode::kCreate);
    if (!file) return fail(file.error());
    auto found = read_journal(**file);
    if (!found) return fail(found.error());
    journal = std::move(*found);
  }
  MemoryStoreOptions memory;
  memory.begin_after = std::max(options_.begin_after, journal.last == 0 ? 0 : journal.last + kLeap);
  memory.retained_revisions = options_.retained_revisions;
  memory_ = std::make_unique<MemoryStore>(std::move(memory));
  if (auto put = put_all(*memory_, journal.objects); !put) return put;
  if (options_.path.empty()) return {};
  if (auto begun = start_over(); !begun) return begun;
  thread_ = background_thread("events-journal", [this] { run(); });
  return {};
}

BehindStore::~BehindStore() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  watch_.reset();
}

void BehindStore::run() {
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    changed_.wait(lock, [this] { return dirty_ || stopping_; });
    changed_.wait_for(lock, options_.pause, [this] { return stopping_; });
    dirty_ = false;
    last = stopping_;
    lock.unlock();
    write_changes();
    lock.lock();
  }
}

void BehindStore::write_changes() {
  if (failed_) return;
  bool cut = false;
  Status written = append_changes(cut);
  const bool mostly_old = position_ > kWorthRewriting && position_ / 4 > memory_->stats().bytes;
  if (written && (cut || mostly_old)) written = start_over();
  if (written) return;
  failed_ = true;
  watch_.reset();
  if (options_.failed) options_.failed(written.error());
}

/// `cut`: more changed than the watch keeps.
Status BehindStore::append_changes(bool& cut) {
  FrameBuilder frame;
  while (true) {
    auto events = watch_->take(kTake);
    cut = !events;
    if (!events || events->empty()) return {};
    frame.clear();
    frame.begin(FrameHeader::kBatch, position_, events->back()->revision);
    for (const auto& event : *events) {
      frame.add(event->key.bytes(),
                event->current ? event->current : tombstone_of(event->old.header(), event->revision), 0, 0);
    }
    chain_ = frame.end(chain_, 0, 0);
    if (auto written = write_all(*file_, frame.bytes(), position_); !written) return written;
    position_ += frame.bytes().size();
  }
}

/// A journal of what is there now takes the place of the old one.
Status BehindStore::start_over() {
  watch_.reset();
  auto watch = memory_->watch({}, [this] {
    const std::lock_guard lock(mutex_);
    dirty_ = true;
    changed_.notify_all();
  });
  if (!watch) return fail(watch.error());
  watch_ = std::move(*watch);
  const std::string fresh = options_.path + ".new";
  static_cast<void>(disk_->remove(fresh));  // of a crash; there usually is none
  auto file = disk_->open(fresh, OpenMode::kCreate);
  if (!file) return fail(file.error());
  FrameBuilder frame;
  frame.begin(FrameHeader::kBatch, 0, memory_->revision());
  ListRequest all;
  all.limit = SIZE_MAX;
  auto end = list_now(*memory_, std::move(all), [&frame](std::string_view key, const RecordView& record) {
    frame.add(key, Record::copy_of(record), 0, 0);
    return true;
  });
  if (!end) return fail(end.error());
  chain_ = frame.end(0, 0, 0);
  if (auto written = write_all(**file, frame.bytes(), 0); !written) return written;
  if (auto renamed = disk_->rename(fresh, options_.path); !renamed) return renamed;
  position_ = frame.bytes().size();
  file_ = std::move(*file);
  return {};
}

}  // namespace troupe::storage
