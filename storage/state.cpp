#include "storage/state.hpp"

#include <lmdb.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <thread>
#include <utility>

namespace troupe::storage {
namespace {

/// In front of each record: its place in the log.
struct Place {
  Position position = 0;
  Position previous = 0;
};

MDB_val val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
MDB_val val(const void* bytes, std::size_t size) { return {size, const_cast<void*>(bytes)}; }

/// LMDB says EIO for a write that came short, which is how a full disk or a limit on file sizes shows first: so the
/// room that is left decides. 16 MiB: more than one write of LMDB's ever takes.
bool disk_is_full(const std::string& dir) {
  constexpr std::uint64_t kRoom = 16u << 20;
  struct statvfs info {};
  if (::statvfs(dir.c_str(), &info) == 0 && info.f_bavail * info.f_frsize < kRoom) return true;
  rlimit limit{};
  struct stat file {};
  const std::string data = dir + "/data.mdb";
  return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
         ::stat(data.c_str(), &file) == 0 && static_cast<std::uint64_t>(file.st_size) + kRoom > limit.rlim_cur;
}

Error lmdb_error(int rc, std::string_view what, const std::string& dir) {
  std::string text = "LMDB in " + dir + ": " + std::string(what) + ": " + mdb_strerror(rc);
  switch (rc) {
    case EACCES:
    case EPERM:
    case EROFS:
      return Error(ErrorCode::kPermission, std::move(text));
    case ENOSPC:
    case EDQUOT:
    case MDB_MAP_FULL:
      return Error(ErrorCode::kNoSpace, std::move(text));
    case EIO:
    case EFBIG:
      return Error(disk_is_full(dir) || rc == EFBIG ? ErrorCode::kNoSpace : ErrorCode::kIo, std::move(text));
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_VERSION_MISMATCH:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC:
      return Error(ErrorCode::kCorrupt, std::move(text));
    case MDB_READERS_FULL:
      return Error(ErrorCode::kBusy, std::move(text));
    default:
      return Error(ErrorCode::kIo, std::move(text));
  }
}

Result<VersionView> view_version(const MDB_val& value, const std::string& dir) {
  if (value.mv_size < sizeof(Place) || !State::aligned(value.mv_data)) {
    return fail(ErrorCode::kCorrupt, "LMDB in " + dir + ": a value is cut off or not aligned");
  }
  Place place;
  std::memcpy(&place, value.mv_data, sizeof place);
  auto record =
      view_record({static_cast<const std::byte*>(value.mv_data) + sizeof place, value.mv_size - sizeof place});
  if (!record) return fail(std::move(record.error()));
  return VersionView{*record, place.position, place.previous};
}

struct Grave {
  char bytes[16] = {};
  Grave(Revision revision, std::uint64_t number) {
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(revision >> (56 - 8 * i));
    for (int i = 0; i < 8; ++i) bytes[8 + i] = static_cast<char>(number >> (56 - 8 * i));
  }
};
Revision revision_of_grave(const MDB_val& key) {
  Revision revision = 0;
  for (int i = 0; i < 8; ++i) revision = revision << 8 | static_cast<const unsigned char*>(key.mv_data)[i];
  return revision;
}

}  // namespace

State::~State() {
  for (auto& slot : pool_) {
    if (MDB_txn* txn = slot.load()) mdb_txn_abort(txn);
  }
  if (env_ != nullptr) mdb_env_close(env_);
}

/// Made beside its place and renamed into it: a crash leaves a whole one or none, never half a file of LMDB's.
Status State::create(const Options& options) {
  Options fresh = options;
  fresh.dir += ".new";
  const auto disk = posix_disk();
  for (const char* name : {"/data.mdb", "/lock.mdb"}) (void)disk->remove(fresh.dir + name);
  if (auto ok = disk->make_directory(fresh.dir); !ok) return ok;
  if (auto made = open_existing(fresh); !made) return fail(std::move(made.error()));
  if (auto ok = disk->sync_directory(fresh.dir); !ok) return ok;
  if (auto ok = disk->rename(fresh.dir, options.dir); !ok) return ok;
  return disk->sync_directory(options.dir.substr(0, options.dir.rfind('/')));
}

Result<std::unique_ptr<State>> State::open(const Options& options) {
  struct stat info {};
  if (::stat(options.dir.c_str(), &info) != 0) {
    if (errno != ENOENT) return fail(errno_error(errno, "stat " + options.dir));
    if (auto ok = create(options); !ok) return fail(std::move(ok.error()));
  }
  return open_existing(options);
}

Result<std::unique_ptr<State>> State::open_existing(const Options& options) {
  std::unique_ptr<State> state(new State);
  state->dir_ = options.dir;
  if (auto ok = state->open_env(options); !ok) return fail(std::move(ok.error()));
  if (auto ok = state->open_tables(options); !ok) return fail(std::move(ok.error()));
  state->check_readers();
  return state;
}

Status State::open_env(const Options& options) {
  // The map is only address space; it is never resized, since that is a SIGBUS beside a reader. Where a limit on
  // address space is in force, the largest half that fits.
  constexpr std::uint64_t kSmallest = 64u << 20;
  for (std::uint64_t bytes = options.map_bytes;; bytes /= 2) {
    if (int rc = mdb_env_create(&env_); rc != 0) return fail(lmdb_error(rc, "create", dir_));
    mdb_env_set_mapsize(env_, bytes);
    mdb_env_set_maxreaders(env_, options.max_readers);
    mdb_env_set_maxdbs(env_, 8);
    const int rc = mdb_env_open(env_, dir_.c_str(), MDB_NOTLS | MDB_NORDAHEAD, 0600);
    if (rc == 0) {
      map_bytes_ = bytes;
      return check_length();
    }
    mdb_env_close(std::exchange(env_, nullptr));
    if ((rc != ENOMEM && rc != EFBIG && rc != EINVAL) || bytes / 2 < kSmallest) {
      return fail(lmdb_error(rc, "open", dir_));
    }
  }
}

/// Pages that a truncated file lacks would be a SIGBUS. Give it back its length; the walk then finds what is missing.
/// A whole file may be shorter too: LMDB does not write pages that were given up in the same transaction.
Status State::check_length() {
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  struct stat file {};
  mdb_filehandle_t fd = -1;
  mdb_env_get_fd(env_, &fd);
  const auto need = static_cast<off_t>((info.me_last_pgno + 1) * stat.ms_psize);
  if (::fstat(fd, &file) != 0) return fail(errno_error(errno, "stat " + dir_));
  if (file.st_size >= need) return {};
  if (::ftruncate(fd, need) != 0) return fail(errno_error(errno, "extend " + dir_));
  short_ = true;
  return {};
}

Status State::open_tables(const Options& options) {
  MDB_txn* txn = nullptr;
  if (int rc = mdb_txn_begin(env_, nullptr, 0, &txn); rc != 0) return fail(lmdb_error(rc, "begin", dir_));
  const auto give_up = [&](Error error) {
    mdb_txn_abort(txn);
    return fail(std::move(error));
  };
  const std::pair<const char*, unsigned*> tables[] = {
      {"meta", &meta_table_}, {"objects", &objects_}, {"tombstones", &tombstones_}, {"counts", &counts_}};
  for (const auto& [name, table] : tables) {
    if (int rc = mdb_dbi_open(txn, name, MDB_CREATE, table); rc != 0) return give_up(lmdb_error(rc, name, dir_));
  }
  if (auto ok = read_meta(txn, options); !ok) return give_up(std::move(ok.error()));
  if (int done = mdb_txn_commit(txn); done != 0) return fail(lmdb_error(done, "commit", dir_));
  if (!short_) return {};
  auto reader = read();
  if (!reader) return fail(std::move(reader.error()));
  auto ok = reader->walk("", true, [](std::string_view, const VersionView&) { return true; });
  if (!ok) return fail(ErrorCode::kCorrupt, "the file is truncated: " + ok.error().message);
  return {};
}

/// Reads the description, or makes that of a new store. The mark of a stop in order is kept in `meta_` and taken off
/// the disk: the caller's commit is durable before any thread can acknowledge a write that LMDB does not know.
Status State::read_meta(MDB_txn* txn, const Options& options) {
  MDB_val key = val("state"), value;
  const int rc = mdb_get(txn, meta_table_, &key, &value);
  if (rc == MDB_NOTFOUND) {
    MDB_stat stat{};
    mdb_stat(txn, objects_, &stat);
    if (stat.ms_entries != 0) return fail(ErrorCode::kCorrupt, dir_ + " has objects but no description");
    meta_.segment_bytes = options.segment_bytes;
    if (::getrandom(meta_.store_id, sizeof meta_.store_id, 0) < 0) return fail(errno_error(errno, "getrandom"));
    return put_meta(txn, meta_);
  }
  if (rc != 0) return fail(lmdb_error(rc, "read description", dir_));
  const bool known = value.mv_size == sizeof meta_ || value.mv_size == offsetof(StateMeta, ended);
  if (!known) return fail(ErrorCode::kCorrupt, dir_ + " has an unknown format");
  std::memcpy(&meta_, value.mv_data, value.mv_size);
  if (meta_.magic != StateMeta::kMagic) return fail(ErrorCode::kCorrupt, dir_ + " is no state of a store");
  if (meta_.ended == 0) return {};
  StateMeta open = meta_;
  open.ended = 0;
  return put_meta(txn, open);
}

Status State::put_meta(MDB_txn* txn, const StateMeta& meta) const {
  MDB_val key = val("state"), value = val(&meta, sizeof meta);
  if (int rc = mdb_put(txn, meta_table_, &key, &value, 0); rc != 0) return fail(lmdb_error(rc, "put", dir_));
  return {};
}

StateMeta State::meta_after(const Change& change) const {
  StateMeta meta = meta_;
  meta.applied = change.applied;
  meta.compacted = change.compacted;
  meta.ended = change.last ? change.applied.end : 0;
  return meta;
}

Result<State::Reader> State::read() const {
  thread_local const std::size_t start = std::hash<std::thread::id>()(std::this_thread::get_id());
  for (std::size_t i = 0; i < 4; ++i) {
    auto& slot = pool_[(start + i) % kPool];
    if (slot.load(std::memory_order_relaxed) == nullptr) continue;
    MDB_txn* txn = slot.exchange(nullptr, std::memory_order_acquire);
    if (txn == nullptr) continue;
    if (mdb_txn_renew(txn) == 0) return Reader(*this, txn);
    mdb_txn_abort(txn);
  }
  MDB_txn* txn = nullptr;
  if (int rc = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn); rc != 0) return fail(lmdb_error(rc, "read", dir_));
  return Reader(*this, txn);
}

void State::give_back(MDB_txn* txn) const {
  thread_local const std::size_t start = std::hash<std::thread::id>()(std::this_thread::get_id());
  mdb_txn_reset(txn);
  for (std::size_t i = 0; i < 4; ++i) {
    MDB_txn* empty = nullptr;
    if (pool_[(start + i) % kPool].compare_exchange_strong(empty, txn, std::memory_order_release)) return;
  }
  mdb_txn_abort(txn);
}

State::Reader::Reader(Reader&& other) noexcept : state_(other.state_), txn_(std::exchange(other.txn_, nullptr)) {}
State::Reader::~Reader() {
  if (txn_ != nullptr) state_->give_back(txn_);
}

Result<std::optional<VersionView>> State::Reader::find(std::string_view key) const {
  MDB_val k = val(key), value;
  const int rc = mdb_get(txn_, state_->objects_, &k, &value);
  if (rc == MDB_NOTFOUND) return std::optional<VersionView>();
  if (rc != 0) return fail(lmdb_error(rc, "get", state_->dir_));
  auto version = view_version(value, state_->dir_);
  if (!version) return fail(version.error().with_context(printable(key)));
  return std::optional<VersionView>(*version);
}

Status State::Reader::walk(std::string_view from, bool inclusive,
                           const std::function<bool(std::string_view, const VersionView&)>& visit) const {
  MDB_cursor* cursor = nullptr;
  if (int rc = mdb_cursor_open(txn_, state_->objects_, &cursor); rc != 0) {
    return fail(lmdb_error(rc, "cursor", state_->dir_));
  }
  const std::unique_ptr<MDB_cursor, void (*)(MDB_cursor*)> closer(cursor, mdb_cursor_close);
  MDB_val key = val(from), value;
  int rc = from.empty() ? mdb_cursor_get(cursor, &key, &value, MDB_FIRST)
                        : mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
  for (; rc == 0; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
    const std::string_view name(static_cast<const char*>(key.mv_data), key.mv_size);
    if (!inclusive && name == from) continue;
    auto version = view_version(value, state_->dir_);
    if (!version) return fail(version.error().with_context(printable(name)));
    if (!visit(name, *version)) return {};
  }
  if (rc != MDB_NOTFOUND) return fail(lmdb_error(rc, "walk", state_->dir_));
  return {};
}

Status State::apply(const Change& change, const Pacing& pacing) {
  MDB_txn* txn = nullptr;
  if (int rc = mdb_txn_begin(env_, nullptr, 0, &txn); rc != 0) return fail(lmdb_error(rc, "begin", dir_));
  if (auto ok = write(txn, change); !ok) {
    mdb_txn_abort(txn);
    return ok;
  }
  int rc = 0;
  {
    const PacedSync paced(pacing);
    rc = mdb_txn_commit(txn);
  }
  if (rc != 0) return fail(lmdb_error(rc, "commit", dir_));
  meta_ = meta_after(change);
  return {};
}

Status State::write(MDB_txn* txn, const Change& change) {
  std::uint64_t number = 0;
  for (const auto& [name, entry] : *change.objects) {
    const Version& version = entry->second;
    MDB_val key = val(name), value{sizeof(Place) + version.record.stored_bytes(), nullptr};
    if (int rc = mdb_put(txn, objects_, &key, &value, MDB_RESERVE); rc != 0) return fail(lmdb_error(rc, "put", dir_));
    const Place place{version.position, version.previous};
    auto* to = static_cast<std::byte*>(value.mv_data);
    std::memcpy(to, &place, sizeof place);
    std::memcpy(to + sizeof place, version.record.stored().data(), version.record.stored_bytes());
    if (!version.record.header().deleted()) continue;
    const Grave grave(version.record.header().revision, number++);
    MDB_val grave_key = val(grave.bytes, sizeof grave.bytes);
    if (int rc = mdb_put(txn, tombstones_, &grave_key, &key, 0); rc != 0) return fail(lmdb_error(rc, "put", dir_));
  }
  for (const auto& [resource, tally] : change.tallies) {
    const std::uint32_t id = __builtin_bswap32(resource);
    MDB_val key = val(&id, sizeof id), value = val(&tally, sizeof tally);
    if (int rc = mdb_put(txn, counts_, &key, &value, 0); rc != 0) return fail(lmdb_error(rc, "put", dir_));
  }
  if (auto ok = bury(txn, change.compacted); !ok) return ok;
  return put_meta(txn, meta_after(change));
}

/// Removes deletions that nobody can read about any more: a bounded number a transaction.
Status State::bury(MDB_txn* txn, Revision compacted) {
  constexpr int kMost = 10'000;
  MDB_cursor* cursor = nullptr;
  if (int rc = mdb_cursor_open(txn, tombstones_, &cursor); rc != 0) return fail(lmdb_error(rc, "cursor", dir_));
  const std::unique_ptr<MDB_cursor, void (*)(MDB_cursor*)> closer(cursor, mdb_cursor_close);
  MDB_val grave, name;
  int rc = mdb_cursor_get(cursor, &grave, &name, MDB_FIRST);
  for (int i = 0; rc == 0 && i < kMost; ++i, rc = mdb_cursor_get(cursor, &grave, &name, MDB_NEXT)) {
    const Revision revision = revision_of_grave(grave);
    if (revision > compacted) return {};
    MDB_val value;
    rc = mdb_get(txn, objects_, &name, &value);
    if (rc == 0) {
      auto version = view_version(value, dir_);
      if (!version) return fail(std::move(version.error()));
      // The key may live again.
      if (version->record.header->deleted() && version->record.header->revision == revision) {
        std::string copy(static_cast<const char*>(name.mv_data), name.mv_size);
        MDB_val gone = val(copy);
        if (int del = mdb_del(txn, objects_, &gone, nullptr); del != 0) return fail(lmdb_error(del, "delete", dir_));
      }
    } else if (rc != MDB_NOTFOUND) {
      return fail(lmdb_error(rc, "get", dir_));
    }
    if (int del = mdb_cursor_del(cursor, 0); del != 0) return fail(lmdb_error(del, "delete", dir_));
  }
  if (rc != 0 && rc != MDB_NOTFOUND) return fail(lmdb_error(rc, "walk", dir_));
  return {};
}

Result<Tallies> State::tallies() const {
  auto reader = read();
  if (!reader) return fail(std::move(reader.error()));
  MDB_cursor* cursor = nullptr;
  if (int rc = mdb_cursor_open(reader->txn_, counts_, &cursor); rc != 0) return fail(lmdb_error(rc, "cursor", dir_));
  const std::unique_ptr<MDB_cursor, void (*)(MDB_cursor*)> closer(cursor, mdb_cursor_close);
  Tallies tallies;
  MDB_val key, value;
  for (int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST); rc == 0;
       rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
    if (key.mv_size != sizeof(ResourceId) || value.mv_size != sizeof(Tally)) {
      return fail(ErrorCode::kCorrupt, "LMDB in " + dir_ + ": a count has an impossible size");
    }
    std::uint32_t id;
    std::memcpy(&id, key.mv_data, sizeof id);
    std::memcpy(&tallies[__builtin_bswap32(id)], value.mv_data, sizeof(Tally));
  }
  return tallies;
}

std::uint64_t State::bytes() const {
  struct stat info {};
  const std::string file = dir_ + "/data.mdb";
  return ::stat(file.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_blocks) * 512 : 0;
}

int State::check_readers() const {
  int dead = 0;
  mdb_reader_check(env_, &dead);
  return dead;
}

}  // namespace troupe::storage
