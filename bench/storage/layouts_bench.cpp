// Three layouts for the store, with the real key and record format, measured side by side:
// docs/adr/0001-store-layout.md.
//   store_layouts_bench DIR [SECONDS]
#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "bench/arguments.hpp"
#include "storage/keyspace.hpp"
#include "storage/record.hpp"

namespace {

using namespace troupe::storage;
using Clock = std::chrono::steady_clock;
using std::chrono::duration;

constexpr int kKeys = 100'000;
constexpr std::size_t kPayload = 2048;
constexpr std::size_t kSegment = 64u << 20;
constexpr int kSegments = 24;

void must(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::exit(1);
}
void lm(int rc, const char* what) {
  if (rc == 0) return;
  std::fprintf(stderr, "%s: %s\n", what, mdb_strerror(rc));
  std::exit(1);
}

std::vector<std::string> make_keys() {
  std::vector<std::string> keys;
  for (int i = 0; i < kKeys; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "web-%08x", i * 2654435761u);
    keys.emplace_back(make_key(7, "team-" + std::to_string(i % 50), name)->bytes());
  }
  return keys;
}

struct Put {
  const std::string* key;
  RecordHeader header;
};

/// Zero-written segments used round and round.
class RawLog {
 public:
  explicit RawLog(const std::string& dir) {
    const std::vector<char> zeros(1u << 20);
    for (int i = 0; i < kSegments; ++i) {
      fds_[i] = ::open((dir + "/seg-" + std::to_string(i)).c_str(), O_RDWR | O_CREAT, 0600);
      for (std::size_t at = 0; at < kSegment; at += zeros.size()) {
        must(pwrite(fds_[i], zeros.data(), zeros.size(), static_cast<off_t>(at)) > 0, "zero");
      }
      must(fsync(fds_[i]) == 0, "fsync");
    }
  }
  ~RawLog() {
    for (int fd : fds_) ::close(fd);
  }
  /// Gives each record's position.
  void append(const std::vector<Put>& puts, const std::vector<char>& payload, std::vector<std::uint64_t>& positions) {
    buffer_.clear();
    const std::size_t need = puts.size() * (96 + 64 + sizeof(RecordHeader) + payload.size());
    if (end_ % kSegment + need > kSegment) end_ = (end_ / kSegment + 1) * kSegment;
    positions.clear();
    for (const Put& put : puts) {
      positions.push_back(end_ + buffer_.size());
      char frame[48] = {};
      const std::size_t at = buffer_.size();
      buffer_.insert(buffer_.end(), frame, frame + sizeof frame);
      buffer_.insert(buffer_.end(), put.key->begin(), put.key->end());
      const char* header = reinterpret_cast<const char*>(&put.header);
      buffer_.insert(buffer_.end(), header, header + sizeof put.header);
      buffer_.insert(buffer_.end(), payload.begin(), payload.end());
      const std::uint64_t sum = XXH3_64bits(buffer_.data() + at, buffer_.size() - at);
      std::memcpy(buffer_.data() + at, &sum, 8);
    }
    const int fd = fds_[end_ / kSegment % kSegments];
    must(pwrite(fd, buffer_.data(), buffer_.size(), static_cast<off_t>(end_ % kSegment)) > 0, "pwrite");
    must(fdatasync(fd) == 0, "fdatasync");
    end_ += buffer_.size();
  }
  void read(std::uint64_t position, std::size_t key_bytes, void* to) const {
    must(pread(fds_[position / kSegment % kSegments], to, sizeof(RecordHeader) + kPayload,
               static_cast<off_t>(position % kSegment + 48 + key_bytes)) > 0,
         "pread");
  }
  std::uint64_t end() const { return end_; }

 private:
  int fds_[kSegments] = {};
  std::uint64_t end_ = 0;
  std::vector<char> buffer_;
};

class Layout {
 public:
  virtual ~Layout() = default;
  virtual const char* name() const = 0;
  /// Durable on return.
  virtual void commit(const std::vector<Put>& puts) = 0;
  virtual void settle() {}
  virtual void get(const std::string& key, std::vector<char>& to) = 0;
  virtual std::size_t list() = 0;
};

class Env {
 public:
  explicit Env(const std::string& dir) {
    lm(mdb_env_create(&env), "env");
    mdb_env_set_mapsize(env, 1ull << 40);
    mdb_env_set_maxdbs(env, 4);
    lm(mdb_env_open(env, dir.c_str(), MDB_NOTLS, 0600), "open");
    MDB_txn* txn;
    lm(mdb_txn_begin(env, nullptr, 0, &txn), "begin");
    lm(mdb_dbi_open(txn, "objects", MDB_CREATE, &objects), "dbi");
    lm(mdb_dbi_open(txn, "history", MDB_CREATE, &history), "dbi");
    lm(mdb_txn_commit(txn), "commit");
    lm(mdb_txn_begin(env, nullptr, MDB_RDONLY, &reader), "reader");
    mdb_txn_reset(reader);
  }
  ~Env() {
    mdb_txn_abort(reader);
    mdb_env_close(env);
  }
  MDB_env* env = nullptr;
  MDB_txn* reader = nullptr;
  MDB_dbi objects = 0, history = 0;
};

MDB_val val(const std::string& s) { return {s.size(), const_cast<char*>(s.data())}; }

/// The log acknowledges; LMDB follows, with whole records or only their positions.
class LogAndLmdb : public Layout {
 public:
  LogAndLmdb(const std::string& dir, bool index_only) : index_only_(index_only), log_(dir), env_(dir) {
    payload_.assign(kPayload, 'x');
    follower_ = std::thread([this] { follow(); });
  }
  ~LogAndLmdb() override {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    follower_.join();
  }
  const char* name() const override { return index_only_ ? "log + LMDB as index" : "log + LMDB following"; }
  void commit(const std::vector<Put>& puts) override {
    log_.append(puts, payload_, positions_);
    std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < puts.size(); ++i) pending_[puts[i].key] = {puts[i].header, positions_[i]};
    const bool wake = pending_.size() >= 8192 || pending_.size() == puts.size();
    lock.unlock();
    if (wake) changed_.notify_all();
    lock.lock();
    room_.wait(lock, [this] { return pending_.size() < 120'000; });
  }
  void settle() override {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return pending_.empty() && !busy_; });
  }
  void get(const std::string& key, std::vector<char>& to) override {
    mdb_txn_renew(env_.reader);
    MDB_val k = val(key), v;
    lm(mdb_get(env_.reader, env_.objects, &k, &v), "get");
    to.resize(sizeof(RecordHeader) + kPayload);
    if (index_only_) {
      std::uint64_t position;
      std::memcpy(&position, v.mv_data, 8);
      log_.read(position, key.size(), to.data());
    } else {
      std::memcpy(to.data(), static_cast<char*>(v.mv_data) + 16, to.size());
    }
    mdb_txn_reset(env_.reader);
  }
  std::size_t list() override {
    mdb_txn_renew(env_.reader);
    MDB_cursor* cursor;
    lm(mdb_cursor_open(env_.reader, env_.objects, &cursor), "cursor");
    MDB_val k, v;
    std::size_t sum = 0;
    std::vector<char> to(sizeof(RecordHeader) + kPayload);
    while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) {
      if (index_only_) {
        std::uint64_t position;
        std::memcpy(&position, v.mv_data, 8);
        log_.read(position, k.mv_size, to.data());
        sum += static_cast<unsigned char>(to[100]);
      } else {
        std::memcpy(to.data(), static_cast<char*>(v.mv_data) + 16, to.size());
        sum += static_cast<unsigned char>(to[100]);
      }
    }
    mdb_cursor_close(cursor);
    mdb_txn_reset(env_.reader);
    return sum;
  }

 private:
  struct Pending {
    RecordHeader header;
    std::uint64_t position;
  };
  void follow() {
    for (;;) {
      std::vector<std::pair<const std::string*, Pending>> work;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stop_ || !pending_.empty(); });
        if (stop_) return;
        changed_.wait_for(lock, std::chrono::milliseconds(250), [this] { return stop_ || pending_.size() >= 8192; });
        if (stop_) return;
        work.assign(pending_.begin(), pending_.end());
        if (work.size() > 16'384) {
          work.resize(16'384);
          for (auto& [key, pending] : work) pending_.erase(key);
        } else {
          pending_.clear();
        }
        busy_ = true;
      }
      std::sort(work.begin(), work.end(), [](auto& a, auto& b) { return *a.first < *b.first; });
      MDB_txn* txn;
      lm(mdb_txn_begin(env_.env, nullptr, 0, &txn), "begin");
      for (auto& [key, pending] : work) {
        MDB_val k = val(*key);
        MDB_val v{16 + sizeof(RecordHeader) + (index_only_ ? 0 : payload_.size()), nullptr};
        lm(mdb_put(txn, env_.objects, &k, &v, MDB_RESERVE), "put");
        char* to = static_cast<char*>(v.mv_data);
        std::memset(to, 0, 16);
        std::memcpy(to, &pending.position, 8);
        std::memcpy(to + 16, &pending.header, sizeof(RecordHeader));
        if (!index_only_) std::memcpy(to + 16 + sizeof(RecordHeader), payload_.data(), payload_.size());
      }
      lm(mdb_txn_commit(txn), "commit");
      {
        std::lock_guard lock(mutex_);
        busy_ = false;
      }
      room_.notify_all();
    }
  }

  bool index_only_;
  RawLog log_;
  Env env_;
  std::vector<char> payload_;
  std::vector<std::uint64_t> positions_;
  std::mutex mutex_;
  std::condition_variable changed_, room_;
  std::unordered_map<const std::string*, Pending> pending_;
  bool stop_ = false, busy_ = false;
  std::thread follower_;
};

/// No log: values by revision, a second tree from key to revision, one LMDB commit a group.
class LmdbAlone : public Layout {
 public:
  explicit LmdbAlone(const std::string& dir) : env_(dir) { payload_.assign(kPayload, 'x'); }
  const char* name() const override { return "LMDB alone, values by revision"; }
  void commit(const std::vector<Put>& puts) override {
    MDB_txn* txn;
    lm(mdb_txn_begin(env_.env, nullptr, 0, &txn), "begin");
    for (const Put& put : puts) {
      std::uint64_t be = __builtin_bswap64(++revision_);
      MDB_val r{8, &be}, v{sizeof(RecordHeader) + payload_.size() + put.key->size(), nullptr};
      lm(mdb_put(txn, env_.history, &r, &v, MDB_APPEND | MDB_RESERVE), "append");
      char* to = static_cast<char*>(v.mv_data);
      std::memcpy(to, &put.header, sizeof put.header);
      std::memcpy(to + sizeof put.header, payload_.data(), payload_.size());
      std::memcpy(to + sizeof put.header + payload_.size(), put.key->data(), put.key->size());
      MDB_val k = val(*put.key), index{8, &be};
      lm(mdb_put(txn, env_.objects, &k, &index, 0), "put");
    }
    // Retention: what is older than 200,000 revisions goes, unless it is the newest of its key.
    while (revision_ - oldest_ > 200'000 && trimmed_ < puts.size() * 2) {
      trim(txn);
      ++trimmed_;
    }
    trimmed_ = 0;
    lm(mdb_txn_commit(txn), "commit");
  }
  void get(const std::string& key, std::vector<char>& to) override {
    mdb_txn_renew(env_.reader);
    MDB_val k = val(key), r, v;
    lm(mdb_get(env_.reader, env_.objects, &k, &r), "get");
    lm(mdb_get(env_.reader, env_.history, &r, &v), "get");
    to.assign(static_cast<char*>(v.mv_data), static_cast<char*>(v.mv_data) + sizeof(RecordHeader) + kPayload);
    mdb_txn_reset(env_.reader);
  }
  std::size_t list() override {
    mdb_txn_renew(env_.reader);
    MDB_cursor* cursor;
    lm(mdb_cursor_open(env_.reader, env_.objects, &cursor), "cursor");
    MDB_val k, r, v;
    std::size_t sum = 0;
    std::vector<char> to(sizeof(RecordHeader) + kPayload);
    while (mdb_cursor_get(cursor, &k, &r, MDB_NEXT) == 0) {
      lm(mdb_get(env_.reader, env_.history, &r, &v), "get");
      std::memcpy(to.data(), v.mv_data, to.size());
      sum += static_cast<unsigned char>(to[100]);
    }
    mdb_cursor_close(cursor);
    mdb_txn_reset(env_.reader);
    return sum;
  }

 private:
  void trim(MDB_txn* txn) {
    std::uint64_t be = __builtin_bswap64(++oldest_);
    MDB_val r{8, &be}, v;
    if (mdb_get(txn, env_.history, &r, &v) != 0) return;
    const std::size_t fixed = sizeof(RecordHeader) + kPayload;
    MDB_val k{v.mv_size - fixed, static_cast<char*>(v.mv_data) + fixed}, newest;
    lm(mdb_get(txn, env_.objects, &k, &newest), "trim");
    if (std::memcmp(newest.mv_data, &be, 8) != 0) lm(mdb_del(txn, env_.history, &r, nullptr), "del");
  }
  Env env_;
  std::vector<char> payload_;
  std::uint64_t revision_ = 0, oldest_ = 0;
  std::size_t trimmed_ = 0;
};

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

double floor_us(const std::string& dir) {
  const int fd = ::open((dir + "/floor").c_str(), O_RDWR | O_CREAT, 0600);
  const std::vector<char> block(4096, 1);
  for (int i = 0; i < 4096; ++i) must(pwrite(fd, block.data(), 4096, i * 4096) > 0, "floor");
  fsync(fd);
  std::vector<double> times;
  for (int i = 0; i < 500; ++i) {
    const auto t = Clock::now();
    must(pwrite(fd, block.data(), 4096, i * 4096) > 0, "floor");
    fdatasync(fd);
    times.push_back(duration<double, std::micro>(Clock::now() - t).count());
  }
  ::close(fd);
  return quantile(times, 0.5);
}

std::size_t disk_bytes(const std::string& file) {
  struct stat s {};
  return stat(file.c_str(), &s) == 0 ? static_cast<std::size_t>(s.st_blocks) * 512 : 0;
}

void fill(Layout& layout, const std::vector<std::string>& keys) {
  std::vector<Put> group;
  for (const std::string& key : keys) {
    group.push_back({&key, {}});
    if (group.size() == 512) {
      layout.commit(group);
      group.clear();
    }
  }
  if (!group.empty()) layout.commit(group);
  layout.settle();
}

/// 5,000 writes/s, one due every 200 µs; whatever is due shares a sync; time counts from when it was due.
template <class MakePut>
std::vector<double> answer_times(Layout& layout, double seconds, MakePut put) {
  std::vector<Put> group;
  std::vector<double> answers;
  const auto start = Clock::now();
  const auto step = std::chrono::microseconds(200);
  for (auto due = start; due - start < duration<double>(seconds);) {
    while (Clock::now() < due) std::this_thread::sleep_until(due);
    group.clear();
    const auto first = due;
    for (const auto now = Clock::now(); due <= now; due += step) group.push_back(put());
    layout.commit(group);
    const auto end = Clock::now();
    for (auto d = first; d < due; d += step) answers.push_back(duration<double, std::micro>(end - d).count());
  }
  layout.settle();
  return answers;
}

void run(Layout& layout, const std::string& dir, const std::vector<std::string>& keys, double seconds) {
  fill(layout, keys);
  std::vector<Put> group;
  std::mt19937 random(1);
  const auto put = [&] { return Put{&keys[random() % keys.size()], {}}; };

  const auto burst = [&](double length) {
    const auto start = Clock::now();
    std::size_t done = 0;
    while (duration<double>(Clock::now() - start).count() < length) {
      group.clear();
      for (int i = 0; i < 64; ++i) group.push_back(put());
      layout.commit(group);
      done += group.size();
    }
    return static_cast<double>(done) / duration<double>(Clock::now() - start).count();
  };
  const double short_burst = burst(2);
  const double sustained = burst(seconds * 2);
  layout.settle();

  std::vector<double> single;
  for (int i = 0; i < 500; ++i) {
    group.assign(1, put());
    const auto t = Clock::now();
    layout.commit(group);
    single.push_back(duration<double, std::micro>(Clock::now() - t).count());
  }

  std::vector<double> answers = answer_times(layout, seconds, put);
  std::vector<char> to;
  auto t = Clock::now();
  constexpr int kGets = 300'000;
  for (int i = 0; i < kGets; ++i) layout.get(keys[random() % keys.size()], to);
  const double gets = kGets / duration<double>(Clock::now() - t).count();
  t = Clock::now();
  const std::size_t sum = layout.list();
  const double list_ms = duration<double, std::milli>(Clock::now() - t).count();
  std::printf(
      "{\"layout\": \"%s\", \"puts_per_s_2s\": %.0f, \"puts_per_s_sustained\": %.0f, \"one_writer_p50_us\": %.0f, "
      "\"p50_us_at_5000\": %.0f, \"p99_us_at_5000\": %.0f, \"p999_us_at_5000\": %.0f, \"gets_per_s\": %.0f, "
      "\"list_100000_ms\": %.0f, \"lmdb_mb\": %.0f, \"fdatasync_p50_us\": %.0f, \"check\": %zu}\n",
      layout.name(), short_burst, sustained, quantile(single, 0.5), quantile(answers, 0.5), quantile(answers, 0.99),
      quantile(answers, 0.999), gets, list_ms, static_cast<double>(disk_bytes(dir + "/data.mdb")) / 1e6, floor_us(dir),
      sum % 10);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  troupe::bench::Arguments arguments(argc, argv, "store_layouts_bench DIR [SECONDS]");
  const std::string folder = arguments.word();
  const double seconds = arguments.count(5);
  arguments.done();
  const auto keys = make_keys();
  for (int layout = 0; layout < 3; ++layout) {
    const std::string dir = folder + "/layout-" + std::to_string(layout);
    std::filesystem::remove_all(dir);
    std::filesystem::create_directories(dir);
    {
      std::unique_ptr<Layout> it;
      if (layout < 2) it = std::make_unique<LogAndLmdb>(dir, layout == 1);
      if (layout == 2) it = std::make_unique<LmdbAlone>(dir);
      run(*it, dir, keys, seconds);
    }
    std::filesystem::remove_all(dir);
  }
}
