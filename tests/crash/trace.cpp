#include "tests/crash/trace.hpp"

#include <algorithm>
#include <utility>

namespace troupe::storage::testing {
namespace {

/// SplitMix64: the same numbers everywhere.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

Status wrong(const std::string& what) { return fail(ErrorCode::kInternal, what); }

Result<std::vector<Trace::Object>> objects_of(Store& store, Revision at) {
  std::vector<Trace::Object> objects;
  Status trouble;
  ListRequest request;
  request.at = at;
  request.limit = 1'000'000;
  auto end = list_now(store, request, [&](std::string_view key, const RecordView& record) {
    Trace::Object object{std::string(key), record.header->revision, record.payload.size()};
    if (record.text() != Trace::text(object.key, object.revision, object.bytes)) {
      trouble = wrong("the payload of " + printable(key) + " is not what was written at revision " +
                      std::to_string(object.revision));
    }
    objects.push_back(std::move(object));
    return true;
  });
  if (!end) return fail(end.error().with_context("list at " + std::to_string(at)));
  if (!trouble) return fail(std::move(trouble.error()));
  return objects;
}

Status compare(Store& store, const Trace& trace, Revision at, const char* when) {
  auto found = objects_of(store, at);
  if (!found) return fail(found.error().with_context(when));
  const auto expected = trace.at(at);
  if (*found == expected) return {};
  std::string text = std::string(when) + ": the state at revision " + std::to_string(at) + " has " +
                     std::to_string(found->size()) + " objects, the trace " + std::to_string(expected.size());
  const auto [f, e] = std::mismatch(found->begin(), found->end(), expected.begin(), expected.end());
  if (f != found->end()) text += "; found " + printable(f->key) + " of revision " + std::to_string(f->revision);
  if (e != expected.end()) text += "; expected " + printable(e->key) + " of revision " + std::to_string(e->revision);
  return wrong(text);
}

Status compare_all(LogStore& store, const Trace& trace, Revision reached, const char* when) {
  if (auto ok = compare(store, trace, reached, when); !ok) return ok;
  const StoreStats stats = store.stats();
  if (stats.objects != trace.at(reached).size()) {
    return wrong(std::string(when) + ": " + std::to_string(stats.objects) + " objects are counted, " +
                 std::to_string(trace.at(reached).size()) + " are there");
  }
  return {};
}

/// History, the state after LMDB followed, and one more write.
Status check_life(LogStore& store, Trace& trace, Revision reached) {
  const Revision compacted = store.stats().compacted;
  for (const Revision at : {std::max<Revision>(compacted, 1), (compacted + reached + 1) / 2}) {
    if (at > reached) continue;
    // A reader of the past may find that retention went on; it must never find something else.
    if (auto ok = compare(store, trace, at, "history"); !ok && ok.error().code != ErrorCode::kCompacted) return ok;
  }
  store.start();
  if (auto ok = store.settle(); !ok) return fail(ok.error().with_context("settle"));
  if (auto ok = compare_all(store, trace, reached, "after LMDB followed"); !ok) return ok;
  auto more = commit_and_wait(store, trace.next());
  if (!more) return fail(more.error().with_context("one more write"));
  if (more->revision != reached + 1) {
    return wrong("the write after revision " + std::to_string(reached) + " got " + std::to_string(more->revision));
  }
  store.stop();
  return {};
}

}  // namespace

std::string Trace::text(const std::string& key, Revision revision, std::size_t bytes) {
  std::string text = std::to_string(revision) + " " + key + " ";
  text.resize(bytes, static_cast<char>('a' + revision % 26));
  return text;
}

Batch Trace::next() {
  ++revision_;
  Batch batch;
  std::uint64_t random = mix(seed_ ^ mix(revision_));
  const auto draw = [&random](std::uint64_t below) { return (random = mix(random)) % below; };
  const std::uint64_t operations = draw(4) == 0 ? 1 + draw(6) : 1;
  const std::uint64_t first = draw(kKeys);
  for (std::uint64_t i = 0; i < operations; ++i) {
    const std::uint64_t number = (first + i) % kKeys;
    Key key = *make_key(7 + static_cast<ResourceId>(number % 3), "default", "object-" + std::to_string(number));
    const std::string name(key.bytes());
    auto& versions = history_[name];
    const bool alive = !versions.empty() && !versions.back().erased;
    if (alive && draw(5) == 0) {
      versions.push_back({revision_, 0, true});
      batch.erase(std::move(key));
      continue;
    }
    const std::size_t bytes = draw(20) == 0 ? 6000 + draw(9000) : 40 + draw(1500);
    versions.push_back({revision_, bytes, false});
    batch.put(std::move(key), Record::of({3, Form::kRaw, Transform::kNone, 1}, text(name, revision_, bytes)));
  }
  return batch;
}

void Trace::advance(Revision revision) {
  while (revision_ < revision) (void)next();
}

std::vector<Trace::Object> Trace::at(Revision revision) const {
  std::vector<Object> objects;
  for (const auto& [key, versions] : history_) {
    auto it = std::upper_bound(versions.begin(), versions.end(), revision,
                               [](Revision r, const Version& version) { return r < version.revision; });
    if (it == versions.begin()) continue;
    --it;
    if (!it->erased) objects.push_back({key, it->revision, it->bytes});
  }
  return objects;
}

LogStoreOptions crash_options(const std::string& dir) {
  LogStoreOptions options;
  options.dir = dir;
  options.segment_bytes = 64u << 10;
  options.segments_ahead = 2;
  options.link_segments = 2;
  options.retain_segments = 4;
  options.follow_records = 24;
  options.follow_interval = std::chrono::milliseconds(1);
  options.follow_linger = std::chrono::milliseconds(2);
  options.ballast_bytes = 64u << 10;
  options.map_bytes = 1ull << 30;
  return options;
}

Result<Revision> check_store(const std::string& dir, Trace& trace, const Expected& expected) {
  Revision reached = 0;
  {
    auto store = LogStore::open(crash_options(dir));
    if (!store) return fail(store.error().with_context("reopen"));
    reached = (*store)->revision();
    if (reached < expected.acknowledged || reached > expected.submitted) {
      return fail(ErrorCode::kInternal, "revision " + std::to_string(reached) + " after the crash; " +
                                            std::to_string(expected.acknowledged) + " was acknowledged, " +
                                            std::to_string(expected.submitted) + " submitted");
    }
    trace.advance(reached);
    if (auto ok = compare_all(**store, trace, reached, "as opened"); !ok) return fail(std::move(ok.error()));
    if (!expected.thorough) return reached;
    if (auto ok = check_life(**store, trace, reached); !ok) return fail(std::move(ok.error()));
  }
  auto again = LogStore::open(crash_options(dir));
  if (!again) return fail(again.error().with_context("second opening"));
  if ((*again)->revision() != reached + 1) {
    return fail(ErrorCode::kInternal, "the write after the crash is gone: revision " +
                                          std::to_string((*again)->revision()) + " instead of " +
                                          std::to_string(reached + 1));
  }
  if (auto ok = compare_all(**again, trace, reached + 1, "second opening"); !ok) return fail(std::move(ok.error()));
  return reached + 1;
}

}  // namespace troupe::storage::testing
