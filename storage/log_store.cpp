#include "storage/log_store.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <utility>

#include "storage/committer.hpp"
#include "storage/conditions.hpp"
#include "storage/feed.hpp"
#include "storage/follower.hpp"
#include "storage/store_core.hpp"

namespace troupe::storage {

void Ballast::lay() {
  std::lock_guard lock(mutex_);
  if (laid_ || bytes_ == 0) return;
  const auto free = disk_->free_bytes(dir_);
  if (!free || *free < 4 * bytes_) return;
  auto file = disk_->open(path(), OpenMode::kCreate);
  if (!file) return;
  if (fill_with_zeros(**file, bytes_)) {
    laid_ = true;
    return;
  }
  file->reset();
  (void)disk_->remove(path());
}

void Ballast::give_back() {
  std::lock_guard lock(mutex_);
  // Also one that an earlier process laid down.
  (void)disk_->remove(path());
  laid_ = false;
}

struct LogStore::Parts {
  explicit Parts(LogStoreOptions options, LockFile held) : lock(std::move(held)) { core.options = std::move(options); }

  LockFile lock;
  StoreCore core;
  History history{core};
  WatchHub hub{history};
  Feed feed{history, hub};
  Follower follower{core, [this] { committer.room(); }};
  Committer committer{core, Committer::Hooks{[this](std::vector<RawEvent> events, bool skipped, Revision last) {
                                               feed.push(std::move(events), skipped, last);
                                               follower.more();
                                             },
                                             [this] { return hub.watchers() > 0; }}};
  bool started = false;
  bool stopped = false;
};

namespace {

void complete(LogStoreOptions& options) {
  if (!options.disk) options.disk = posix_disk();
  if (!options.now_ms) {
    options.now_ms = [] {
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    };
  }
  if (!options.fatal) {
    options.fatal = [](const Error& error) {
      std::fprintf(stderr, "store: %s; the process ends, since nothing is known about what is on disk\n",
                   error.message.c_str());
      std::abort();
    };
  }
}

Status check(const LogStoreOptions& options) {
  if (options.dir.empty()) return fail(ErrorCode::kInvalidArgument, "store without a directory");
  if (options.segments_ahead < 2 || options.link_segments < 1 || options.retain_segments < 1) {
    return fail(ErrorCode::kInvalidArgument, "a store needs 2 segments ahead, 1 to link and 1 to retain at least");
  }
  if (options.segment_bytes < 16384 || options.segment_bytes % 4096 != 0) {
    return fail(ErrorCode::kInvalidArgument, "segments are multiples of 4,096 bytes, at least 16,384");
  }
  return {};
}

/// Reads the log's tail behind LMDB into the overlay.
Status recover(StoreCore& core) {
  const StateMeta& meta = core.state->meta();
  auto tallies = core.state->tallies();
  if (!tallies) return fail(std::move(tallies.error()));
  VersionTable overlay;
  LogOptions log;
  log.dir = core.options.dir + "/log";
  log.segment_bytes = meta.segment_bytes;
  log.segments_ahead = core.options.segments_ahead;
  log.store_id[0] = meta.store_id[0];
  log.store_id[1] = meta.store_id[1];
  log.ended = meta.ended;
  log.disk = core.options.disk;
  log.now_ms = core.options.now_ms;
  auto opened = Log::open(log, meta.applied, [&](const FrameHeader&, const std::vector<LoggedOp>& operations) {
    for (const LoggedOp& op : operations) {
      const bool deleted = op.record.header->deleted();
      Tally& tally = (*tallies)[resource_of(op.key)];
      tally.objects += (deleted ? 0 : 1) - (op.header.previous_bytes != 0 ? 1 : 0);
      tally.bytes += (deleted ? 0 : static_cast<std::int64_t>(op.record.stored_bytes())) - op.header.previous_bytes;
      overlay.insert_or_assign(std::string(op.key),
                               Version{Record::copy_of(op.record), op.position, op.header.previous});
    }
    return Status();
  });
  if (!opened) return fail(std::move(opened.error()));
  core.log = std::move(*opened);
  core.options.segment_bytes = meta.segment_bytes;
  core.compacted = meta.compacted;
  core.tail.start(std::move(*tallies), core.log->point(), std::move(overlay));
  return {};
}

/// Files whose names are not durable are lost with everything that was synced into them.
Status sync_names(Disk& disk, const std::string& dir) {
  if (auto ok = disk.sync_directory(dir); !ok) return ok;
  const std::size_t slash = dir.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : dir.substr(0, slash);
  auto ok = disk.sync_directory(parent);
  // Somebody else made the directory for us, in a place that we may not read.
  if (!ok && ok.error().code == ErrorCode::kPermission) return {};
  return ok;
}

}  // namespace

Result<std::unique_ptr<LogStore>> LogStore::open(LogStoreOptions options) {
  complete(options);
  if (auto ok = check(options); !ok) return fail(std::move(ok.error()));
  const std::string dir = options.dir;
  const auto in_store = [&dir](const Error& error) { return fail(error.with_context("store in " + dir)); };
  if (auto ok = options.disk->make_directory(dir); !ok) return in_store(ok.error());
  auto lock = LockFile::acquire(dir + "/LOCK");
  if (!lock) return in_store(lock.error());
  auto parts = std::make_unique<Parts>(std::move(options), std::move(*lock));
  StoreCore& core = parts->core;
  core.ballast = std::make_unique<Ballast>(dir, core.options.ballast_bytes, core.options.disk);
  core.cache = std::make_unique<VersionCache>(core.options.cache_bytes);
  State::Options state;
  state.dir = dir + "/state";
  state.map_bytes = core.options.map_bytes;
  state.segment_bytes = core.options.segment_bytes;
  auto opened = State::open(state);
  if (!opened && opened.error().code == ErrorCode::kNoSpace) {
    core.ballast->give_back();
    opened = State::open(state);
  }
  if (!opened) return in_store(opened.error());
  core.state = std::move(*opened);
  auto recovered = recover(core);
  if (!recovered && recovered.error().code == ErrorCode::kNoSpace) {
    core.ballast->give_back();
    recovered = recover(core);
  }
  if (!recovered) return in_store(recovered.error());
  if (auto ok = sync_names(*core.options.disk, dir); !ok) return in_store(ok.error());
  parts->hub.start_at(core.tail.revision());
  return std::unique_ptr<LogStore>(new LogStore(std::move(parts)));
}

LogStore::LogStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LogStore::~LogStore() { stop(); }

void LogStore::start() {
  if (std::exchange(parts_->started, true)) return;
  parts_->core.log->supply().start();
  parts_->feed.start();
  parts_->follower.start();
  parts_->committer.start();
}

void LogStore::stop() {
  if (std::exchange(parts_->stopped, true)) return;
  parts_->committer.stop();
  parts_->follower.stop();
  parts_->core.log->supply().stop();
  parts_->feed.stop();
  parts_->hub.close(Error(ErrorCode::kDisconnected, "the store stopped"));
}

void LogStore::get(const Key& key, Revision at, GetDone done) { done(parts_->history.get(key, at)); }

void LogStore::list(ListRequest request, Visit visit, ListDone done) { done(parts_->history.list(request, visit)); }

void LogStore::commit(Batch batch, CommitDone done) {
  if (auto ok = validate(batch); !ok) return done(fail(std::move(ok.error())));
  parts_->committer.submit(std::move(batch), std::move(done));
}

Result<std::unique_ptr<Watch>> LogStore::watch(WatchRequest request, Ready ready) {
  auto after = parts_->history.resolve(request.after);
  if (!after) return fail(std::move(after.error()));
  return parts_->hub.add(std::move(request), *after, std::move(ready));
}

void LogStore::compact(Revision revision, Callback<void(Status)> done) {
  if (revision > parts_->core.tail.revision()) return done(fail(future_error(revision, parts_->core.tail.revision())));
  parts_->follower.compact(revision, std::move(done));
}

Revision LogStore::revision() const { return parts_->core.tail.revision(); }

StoreStats LogStore::stats() const {
  const StoreCore& core = parts_->core;
  StoreStats stats;
  const Tally total = core.tail.total();
  stats.revision = core.tail.revision();
  stats.compacted = core.compacted;
  stats.objects = static_cast<std::uint64_t>(total.objects);
  stats.bytes = static_cast<std::uint64_t>(total.bytes);
  stats.log_bytes = core.log->bytes();
  stats.state_bytes = core.state->bytes();
  stats.pending = core.tail.entries();
  stats.watchers = parts_->hub.watchers();
  return stats;
}

Result<std::uint64_t> LogStore::count(const Prefix& prefix) const {
  const std::size_t length = prefix.bytes().size();
  if (length == 0) return static_cast<std::uint64_t>(parts_->core.tail.total().objects);
  if (length == sizeof(ResourceId)) {
    return static_cast<std::uint64_t>(parts_->core.tail.tally(resource_of(prefix.bytes())).objects);
  }
  std::uint64_t found = 0;
  ListRequest request;
  request.prefix = prefix;
  request.limit = ~std::size_t{0};
  Visit visit = [&found](std::string_view, const RecordView&) {
    ++found;
    return true;
  };
  auto end = parts_->history.list(request, visit);
  if (!end) return fail(std::move(end.error()));
  return found;
}

bool LogStore::full() const { return parts_->core.state_full || parts_->core.log_full; }

Status LogStore::settle() {
  auto promise = std::make_shared<std::promise<Status>>();
  auto answer = promise->get_future();
  parts_->follower.settle([promise](Status status) { promise->set_value(std::move(status)); });
  return answer.get();
}

std::uint64_t LogStore::map_bytes() const { return parts_->core.state->map_bytes(); }

}  // namespace troupe::storage
