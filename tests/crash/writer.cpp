// crash_writer DIR SEED LAST: opens the store and goes on with the trace up to revision LAST (a limit, usually somebody
// kills it before), eight batches in flight. Each answer is a line with its revision on standard output, one write
// each.
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include "tests/crash/trace.hpp"

int main(int argc, char** argv) {
  using namespace troupe;
  using namespace troupe::storage;
  if (argc != 4) {
    std::fprintf(stderr, "usage: crash_writer DIR SEED LAST\n");
    return 2;
  }
  auto store = LogStore::open(testing::crash_options(argv[1]));
  if (!store) {
    std::fprintf(stderr, "crash_writer: %s\n", store.error().message.c_str());
    return 1;
  }
  testing::Trace trace(std::strtoull(argv[2], nullptr, 10));
  trace.advance((*store)->revision());
  const Revision last = std::strtoull(argv[3], nullptr, 10);
  (*store)->start();
  std::mutex mutex;
  std::condition_variable changed;
  int in_flight = 0;
  bool failed = false;
  while (trace.revision() < last) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return in_flight < 8; });
      if (failed) break;
      ++in_flight;
    }
    Batch batch = trace.next();
    (*store)->commit(std::move(batch), [&, expected = trace.revision()](Result<Committed> done) {
      const bool good = done && done->revision == expected;
      if (good) {
        const std::string line = std::to_string(expected) + "\n";
        if (::write(1, line.data(), line.size()) < 0) ::_exit(3);
      } else {
        std::fprintf(stderr, "crash_writer: revision %llu: %s\n", static_cast<unsigned long long>(expected),
                     done ? "was given another number" : done.error().message.c_str());
      }
      std::lock_guard lock(mutex);
      failed = failed || !good;
      --in_flight;
      changed.notify_one();
    });
  }
  (*store)->stop();  // answers everything
  return failed ? 1 : 0;
}
