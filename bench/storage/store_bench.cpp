// The store's figures, one JSON object a line: docs/performance-store.md.
//   store_bench DIR [CASE...]   cases: single burst sustained paced get list open reopen watch; default: all
//   TROUPE_BENCH_SECONDS=5      length of `sustained` and `paced` (60 and 10)
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/arguments.hpp"
#include "storage/log_format.hpp"
#include "storage/log_store.hpp"

namespace {

using namespace troupe;
using namespace troupe::storage;
using Clock = std::chrono::steady_clock;

constexpr int kKeys = 100'000;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
double micros_since(Clock::time_point start) { return seconds_since(start) * 1e6; }

/// What this thread really got of a core: on a busy machine the clock says less about the code.
double thread_cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double process_cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

Key key_of(int i) {
  char name[32];
  std::snprintf(name, sizeof name, "web-%08x", static_cast<unsigned>(i) * 2654435761u);
  return *make_key(7, "team-" + std::to_string(i % 50), name);
}
Record object(std::size_t bytes = 2048) { return Record::allocate({1, Form::kCapnp, Transform::kNone, 1}, bytes); }

std::unique_ptr<LogStore> open_store(const std::string& dir) {
  LogStoreOptions options;
  options.dir = dir;
  auto store = LogStore::open(std::move(options));
  if (!store) die(store.error().message);
  (*store)->start();
  return std::move(*store);
}

/// Keeps `width` batches in flight; answers come back on the store's thread and are refilled from there, with batches
/// that the caller's thread has made beforehand: making them is no work of the store's.
class Pump {
 public:
  explicit Pump(LogStore& store) : store_(store) {}
  void run(std::size_t width, const std::function<bool(Batch&)>& next) {
    in_flight_ = width;
    bool more = true;
    for (std::size_t i = 0; i < width && more; ++i) more = make(next);
    for (std::size_t i = 0; i < width; ++i) submit(false);
    while (more) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stock_.size() < kStock / 2; });
      }
      for (std::size_t i = 0; i < kStock / 2 && more; ++i) more = make(next);
    }
    std::unique_lock lock(mutex_);
    ended_ = true;
    while (idle_ != 0) {
      lock.unlock();
      submit(true);
      lock.lock();
    }
    changed_.wait(lock, [this] { return in_flight_ == 0; });
  }
  std::size_t done() const { return done_; }

 private:
  static constexpr std::size_t kStock = 512;

  bool make(const std::function<bool(Batch&)>& next) {
    Batch batch;
    if (!next(batch)) return false;
    std::unique_lock lock(mutex_);
    stock_.push_back(std::move(batch));
    const bool wanted = idle_ != 0;
    lock.unlock();
    if (wanted) submit(true);
    return true;
  }
  void submit(bool was_idle) {
    Batch batch;
    {
      std::lock_guard lock(mutex_);
      if (was_idle) --idle_;
      if (stock_.empty()) {
        if (!ended_) {
          ++idle_;
        } else if (--in_flight_ == 0) {
          changed_.notify_all();
        }
        return;
      }
      batch = std::move(stock_.front());
      stock_.pop_front();
      if (stock_.size() == kStock / 2 - 1) changed_.notify_all();
    }
    store_.commit(std::move(batch), [this](Result<Committed> r) {
      if (!r) die(r.error().message);
      done_.fetch_add(1, std::memory_order_relaxed);
      submit(false);
    });
  }
  LogStore& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> stock_;
  std::size_t idle_ = 0;  ///< Writers that wait for a batch.
  bool ended_ = false;
  std::size_t in_flight_ = 0;
  std::atomic<std::size_t> done_{0};
};

void preload(LogStore& store, int count, std::size_t bytes) {
  int i = 0;
  Pump pump(store);
  pump.run(8, [&](Batch& batch) {
    if (i >= count) return false;
    for (int n = 0; n < 128 && i < count; ++n) batch.put(key_of(i++), object(bytes));
    return true;
  });
  if (auto ok = store.settle(); !ok) die(ok.error().message);
}

/// A file of zeros that was written and synced, as a segment is: later syncs change no metadata.
class FloorFile {
 public:
  explicit FloorFile(const std::string& dir)
      : path_(dir + "/floor"), fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    const std::vector<char> zeros(1u << 20);
    for (std::size_t at = 0; at < kBytes; at += zeros.size()) {
      if (::pwrite(fd_, zeros.data(), zeros.size(), static_cast<off_t>(at)) < 0) die("floor");
    }
    ::fsync(fd_);
  }
  ~FloorFile() {
    ::close(fd_);
    ::unlink(path_.c_str());
  }
  FloorFile(const FloorFile&) = delete;
  FloorFile& operator=(const FloorFile&) = delete;
  /// Answers the microseconds of its fdatasync alone.
  double append(const std::vector<char>& bytes, std::size_t size) {
    if (at_ + size > kBytes) at_ = 0;
    if (::pwrite(fd_, bytes.data(), size, static_cast<off_t>(at_)) < 0) die("floor");
    at_ += size;
    const auto start = Clock::now();
    if (::fdatasync(fd_) != 0) die("floor");
    return micros_since(start);
  }

 private:
  static constexpr std::size_t kBytes = 64u << 20;
  std::string path_;
  int fd_;
  std::size_t at_ = 0;
};

/// What a put of 2 kB takes in the log.
constexpr std::size_t kLogged = 2272;

struct GroupFloor {
  double p50_us = 0;
  double puts_per_s = 0;  ///< If nothing but write and sync had to be done.
  double copy_us = 0;     ///< Copy and checksum of as many bytes.
};

/// One thread writes and syncs groups of 64 records, one behind the other, for a second.
GroupFloor group_floor(const std::string& dir) {
  FloorFile file(dir);
  const std::vector<char> from(64 * kLogged, 1);
  std::vector<char> group(from.size());
  std::vector<double> times;
  std::vector<double> copies;
  std::uint64_t sum = 0;
  const auto start = Clock::now();
  while (seconds_since(start) < 1) {
    const auto copied = Clock::now();
    std::copy(from.begin(), from.end(), group.begin());
    sum += checksum(std::as_bytes(std::span(group)), sum);
    const auto written = Clock::now();
    file.append(group, group.size());
    copies.push_back(std::chrono::duration<double>(written - copied).count() * 1e6);
    times.push_back(micros_since(written));
  }
  GroupFloor floor;
  floor.puts_per_s = 64.0 * static_cast<double>(times.size()) / seconds_since(start);
  floor.p50_us = quantile(times, 0.5);
  floor.copy_us = quantile(copies, 0.5) + (sum == 1 ? 1 : 0);
  return floor;
}

/// One thread writes what is due and syncs it, at 5,000 records a second: nothing else can answer sooner.
void paced_floor(const std::string& dir, double seconds, std::vector<double>& times) {
  FloorFile file(dir);
  const std::vector<char> bytes(256 * kLogged, 1);
  const auto step = std::chrono::microseconds(200);
  const auto start = Clock::now();
  for (auto due = start; due - start < std::chrono::duration<double>(seconds);) {
    std::this_thread::sleep_until(due);
    const auto late = static_cast<std::size_t>((Clock::now() - due) / step);
    const std::size_t count = std::min<std::size_t>(late + 1, 256);
    file.append(bytes, count * kLogged);
    const auto end = Clock::now();
    for (std::size_t i = 0; i < count; ++i, due += step) {
      times.push_back(std::chrono::duration<double>(end - due).count() * 1e6);
    }
  }
}

struct Bench {
  std::string dir;
  double length = 0;
  std::unique_ptr<LogStore> store;
  std::mt19937 random{1};

  LogStore& loaded() {
    if (!store) {
      store = open_store(dir + "/store");
      if (store->stats().objects < kKeys) preload(*store, kKeys, 2048);
    }
    return *store;
  }
  Key any() { return key_of(static_cast<int>(random() % kKeys)); }

  void single() {
    LogStore& s = loaded();
    FloorFile file(dir);
    const std::vector<char> block(4096, 1);
    std::vector<double> syncs;
    std::vector<double> times;
    for (int i = 0; i < 2000; ++i) {  // in turn: what the disk does to one of them it does to the other
      syncs.push_back(file.append(block, block.size()));
      Batch batch;
      batch.put(any(), object());
      const auto start = Clock::now();
      if (!commit_and_wait(s, std::move(batch))) die("commit");
      times.push_back(micros_since(start));
    }
    std::printf(
        "{\"figure\": \"one writer\", \"p50_us\": %.0f, \"p99_us\": %.0f, \"target_p50_us\": %.0f, "
        "\"fdatasync_p50_us\": %.0f, \"fdatasync_p99_us\": %.0f}\n",
        quantile(times, 0.5), quantile(times, 0.99), 1.3 * quantile(syncs, 0.5) + 40, quantile(syncs, 0.5),
        quantile(syncs, 0.99));
  }

  void writers(const char* name, double seconds, double target) {
    LogStore& s = loaded();
    const GroupFloor floor = group_floor(dir);
    const auto start = Clock::now();
    const double cpu_start = process_cpu_seconds();
    Pump pump(s);
    // The best 100 ms: on a busy machine the mean says more about the others.
    double best = 0;
    std::size_t best_from = 0;
    auto best_begin = start;
    pump.run(64, [&](Batch& batch) {
      if (seconds_since(start) > seconds) return false;
      batch.put(any(), object());
      if (const double took = seconds_since(best_begin); took > 0.1) {
        best = std::max(best, static_cast<double>(pump.done() - best_from) / took);
        best_from = pump.done();
        best_begin = Clock::now();
      }
      return true;
    });
    const double rate = static_cast<double>(pump.done()) / seconds_since(start);
    const double cpu = (process_cpu_seconds() - cpu_start) * 1e6 / static_cast<double>(pump.done());
    std::printf(
        "{\"figure\": \"64 writers, %s\", \"puts_per_s\": %.0f, \"target\": %.0f, \"seconds\": %.0f, "
        "\"best_100_ms\": %.0f, \"cpu_us_a_put\": %.1f, \"floor_puts_per_s\": %.0f, \"floor_group_p50_us\": %.0f, "
        "\"floor_copy_and_checksum_us\": %.0f}\n",
        name, rate, target, seconds, best, cpu, floor.puts_per_s, floor.p50_us, floor.copy_us);
    if (auto ok = s.settle(); !ok) die(ok.error().message);
  }

  void paced() {
    LogStore& s = loaded();
    const double seconds = length > 0 ? length : 10;
    std::vector<double> floor;
    paced_floor(dir, seconds / 2, floor);
    std::mutex mutex;
    std::vector<double> times;
    std::atomic<int> open{0};
    const auto start = Clock::now();
    const auto step = std::chrono::microseconds(200);
    for (auto due = start; due - start < std::chrono::duration<double>(seconds); due += step) {
      std::this_thread::sleep_until(due);
      Batch batch;
      batch.put(any(), object());
      ++open;
      s.commit(std::move(batch), [&mutex, &times, &open, due](Result<Committed> r) {
        if (!r) die(r.error().message);
        {
          std::lock_guard lock(mutex);
          times.push_back(micros_since(due));
        }
        --open;
      });
    }
    while (open != 0) std::this_thread::yield();
    if (auto ok = s.settle(); !ok) die(ok.error().message);
    paced_floor(dir, seconds / 2, floor);
    std::printf(
        "{\"figure\": \"answer at 5000 writes/s, follower running\", \"p50_us\": %.0f, \"p99_us\": %.0f, "
        "\"p999_us\": %.0f, \"target_p99_us\": 1500, \"floor_p50_us\": %.0f, \"floor_p99_us\": %.0f, "
        "\"floor_p999_us\": %.0f}\n",
        quantile(times, 0.5), quantile(times, 0.99), quantile(times, 0.999), quantile(floor, 0.5),
        quantile(floor, 0.99), quantile(floor, 0.999));
  }

  void get() {
    LogStore& s = loaded();
    if (auto ok = s.settle(); !ok) die(ok.error().message);
    for (int range : {1000, kKeys}) {
      std::vector<Key> keys;
      keys.reserve(static_cast<std::size_t>(range));
      for (int i = 0; i < range; ++i) keys.push_back(key_of(i));
      std::shuffle(keys.begin(), keys.end(), random);
      keys = std::vector<Key>(keys);  // so that their bytes lie in order too: a caller has its key at hand
      const auto round = [&](const char* how, int gets) {
        std::size_t sum = 0;
        const auto start = Clock::now();
        const double cpu_start = thread_cpu_seconds();
        for (int i = 0; i < gets; ++i) {
          s.get(keys[static_cast<std::size_t>(i % range)], kNow,
                [&sum](Result<GetResult> r) { sum += r->record->payload().size(); });
        }
        std::printf(
            "{\"figure\": \"get, %d keys of 2 kB in turn, %s\", \"gets_per_s_a_thread\": %.0f, \"target\": 1500000, "
            "\"gets_per_cpu_s\": %.0f, \"bytes\": %zu}\n",
            range, how, gets / seconds_since(start), gets / (thread_cpu_seconds() - cpu_start),
            sum / static_cast<std::size_t>(gets));
      };
      round("first time", range);
      round("again", 1'000'000);
    }
  }

  void list() {
    LogStore& s = loaded();
    std::vector<double> times;
    std::size_t seen = 0;
    for (int i = 0; i < 5; ++i) {
      ListRequest request;
      request.prefix = prefix_of(7);
      request.limit = 1'000'000;
      seen = 0;
      std::size_t sum = 0;
      const auto start = Clock::now();
      auto end = list_now(s, request, [&](std::string_view, const RecordView& record) {
        for (std::size_t at = 0; at < record.payload.size(); at += 64)
          sum += static_cast<std::size_t>(record.payload[at]);
        ++seen;
        return true;
      });
      if (!end || sum == 1) die("list");
      times.push_back(micros_since(start) / 1000);
    }
    std::printf(
        "{\"figure\": \"list of %zu objects of 2 kB, every cache line read\", \"p50_ms\": %.1f, "
        "\"target_ms\": 300}\n",
        seen, quantile(times, 0.5));
  }

  /// A process that ends without stopping leaves the log's tail to the next one: as much of it as LMDB may lack after a
  /// burst. TROUPE_BENCH_TAIL=8192: so many records instead.
  void open() {
    store.reset();
    const std::string big = dir + "/million";
    {
      auto s = open_store(big);
      if (s->stats().objects < 1'000'000) preload(*s, 1'000'000, 256);
    }
    const pid_t child = ::fork();
    if (child == 0) {
      LogStoreOptions options;
      options.dir = big;
      options.follow_linger = std::chrono::hours(1);
      options.follow_records = 1u << 30;
      auto s = LogStore::open(std::move(options));
      if (!s) die(s.error().message);
      (*s)->start();
      const char* tail = std::getenv("TROUPE_BENCH_TAIL");
      const int records = tail != nullptr ? std::atoi(tail) : static_cast<int>(LogStoreOptions().burst_bytes / kLogged);
      int i = 0;
      Pump pump(**s);
      pump.run(8, [&](Batch& batch) {
        if (i >= records) return false;
        for (int n = 0; n < 64; ++n) batch.put(key_of(i++ * 97 % 1'000'000), object(2048));
        return true;
      });
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const auto start = Clock::now();
    LogStoreOptions options;
    options.dir = big;
    auto s = LogStore::open(std::move(options));
    if (!s) die(s.error().message);
    const double ms = micros_since(start) / 1000;
    std::printf(
        "{\"figure\": \"open, 1 M objects, full tail of records of 2 kB\", \"ms\": %.1f, \"target_ms\": 200, "
        "\"objects\": %llu, \"replayed\": %llu}\n",
        ms, static_cast<unsigned long long>((*s)->stats().objects),
        static_cast<unsigned long long>((*s)->stats().pending));
  }

  /// A small store whose newest segment is as long as any: stopped in order, and killed behind its last write.
  void reopen() {
    store.reset();
    const std::string small = dir + "/small";
    constexpr int kRounds = 15;
    for (const bool killed : {false, true}) {
      std::vector<double> times;
      for (int round = 0; round < kRounds; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
          auto s = open_store(small);
          for (int i = 0; i < 64; ++i) (void)commit_and_wait(*s, std::move(Batch().put(key_of(i), object(2048))));
          if (!killed) s->stop();
          ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        const auto start = Clock::now();
        LogStoreOptions options;
        options.dir = small;
        auto s = LogStore::open(std::move(options));
        if (!s) die(s.error().message);
        times.push_back(micros_since(start) / 1000);
      }
      std::printf("{\"figure\": \"open, 64 objects, %s\", \"p50_ms\": %.1f, \"max_ms\": %.1f}\n",
                  killed ? "killed" : "stopped in order", quantile(times, 0.5), quantile(times, 1));
    }
  }

  void watch() {
    LogStore& s = loaded();
    constexpr int kWatchers = 1000;
    constexpr int kWrites = 4000;
    std::atomic<std::uint64_t> delivered{0};
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<int> ready;
    std::vector<std::unique_ptr<Watch>> watches;
    for (int i = 0; i < kWatchers; ++i) {
      WatchRequest request;
      request.prefix = prefix_of(7);
      auto w = s.watch(request, [&, i] {
        std::lock_guard lock(mutex);
        ready.push_back(i);
        changed.notify_one();
      });
      if (!w || !(*w)->take(1)) die("watch");
      watches.push_back(std::move(*w));
    }
    const auto start = Clock::now();
    std::thread reader([&] {
      while (delivered < std::uint64_t{kWatchers} * kWrites) {
        std::deque<int> some;
        {
          std::unique_lock lock(mutex);
          changed.wait(lock, [&] { return !ready.empty(); });
          some.swap(ready);
        }
        for (int i : some) {
          for (;;) {
            auto events = watches[static_cast<std::size_t>(i)]->take(1000);
            if (!events) die(events.error().message);
            if (events->empty()) break;
            delivered += events->size();
          }
        }
      }
    });
    int left = kWrites;
    Pump pump(s);
    pump.run(16, [&](Batch& batch) {
      if (left-- <= 0) return false;
      batch.put(any(), object());
      return true;
    });
    reader.join();
    std::printf(
        "{\"figure\": \"watch fan-out, 1000 watchers of one prefix\", \"events_per_s\": %.0f, \"target\": 500000}\n",
        static_cast<double>(delivered) / seconds_since(start));
  }
};

}  // namespace

int main(int argc, char** argv) {
  troupe::bench::Arguments arguments(argc, argv,
                                     "store_bench DIR [single|burst|sustained|paced|get|list|open|reopen|watch]...");
  const std::string folder = arguments.word();
  const std::initializer_list<std::string_view> known = {"single", "burst", "sustained", "paced", "get",
                                                         "list",   "open",  "reopen",    "watch"};
  std::vector<std::string> cases;
  while (!arguments.empty()) cases.push_back(arguments.one_of(known));
  if (cases.empty()) cases.assign(known.begin(), known.end());
  Bench bench;
  bench.dir = folder;
  std::filesystem::create_directories(bench.dir);
  if (const char* length = std::getenv("TROUPE_BENCH_SECONDS")) bench.length = std::atof(length);
  for (const std::string& name : cases) {
    if (name == "single") bench.single();
    if (name == "burst") bench.writers("2 s", 2, 80'000);
    if (name == "sustained") bench.writers("sustained", bench.length > 0 ? bench.length : 60, 30'000);
    if (name == "paced") bench.paced();
    if (name == "get") bench.get();
    if (name == "list") bench.list();
    if (name == "open") bench.open();
    if (name == "reopen") bench.reopen();
    if (name == "watch") bench.watch();
    std::fflush(stdout);
  }
}
