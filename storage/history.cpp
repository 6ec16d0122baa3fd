// Reading a log store: overlay, then LMDB, then back through the log.
#include <algorithm>

#include "storage/conditions.hpp"
#include "storage/store_core.hpp"

namespace troupe::storage {
namespace {

/// Keys a look at the overlay and a snapshot of LMDB are held for.
constexpr std::size_t kChunk = 256;

}  // namespace

Result<Revision> History::resolve(Revision at) const {
  return resolve_revision(at, core_.compacted.load(std::memory_order_acquire), core_.tail.revision());
}

Status History::still_retained(Revision at) const {
  const Revision compacted = core_.compacted.load(std::memory_order_acquire);
  if (at < compacted) return fail(compacted_error(at, compacted));
  return {};
}

Result<Record> History::version_at(Position position, Revision at, ReadBuffer& buffer) {
  while (position != 0) {
    auto op = core_.log->read(position, buffer);
    if (!op) {
      // The segment may have gone while we looked: then the revision is compacted, which says more.
      if (auto ok = still_retained(at); !ok) return fail(std::move(ok.error()));
      return fail(std::move(op.error()));
    }
    if (op->record.header->revision <= at) {
      return op->record.header->deleted() ? Record() : Record::copy_of(op->record);
    }
    position = op->header.previous;
  }
  return Record();
}

Result<Record> History::before(Position previous, ReadBuffer& buffer) {
  if (previous == 0) return Record();
  auto op = core_.log->read(previous, buffer);
  if (!op) return fail(std::move(op.error()));
  return op->record.header->deleted() ? Record() : Record::copy_of(op->record);
}

/// Cache, overlay, LMDB: the first that has the key has its newest version. The revision is one at which it was.
Result<Revision> History::newest_of(std::string_view key, Version& version) {
  const Revision before = core_.tail.revision();
  VersionCache::Miss miss;
  if (core_.cache->find(key, version, miss)) return before;
  auto [now, found] = core_.tail.find(key);
  if (found) {
    version = std::move(*found);
  } else {
    auto reader = core_.state->read();
    if (!reader) return fail(std::move(reader.error()));
    auto stored = reader->find(key);
    if (!stored) return fail(std::move(stored.error()));
    if (!*stored) return now;
    version = {Record::copy_of((*stored)->record), (*stored)->position, (*stored)->previous};
  }
  if (!version.record.header().deleted()) core_.cache->offer(key, version, miss);
  return now;
}

Result<GetResult> History::get(const Key& key, Revision at) {
  if (at != kNow) {
    if (auto ok = resolve(at); !ok) return fail(std::move(ok.error()));
  }
  GetResult result;
  Version version;
  auto newest = newest_of(key.bytes(), version);
  if (!newest) return fail(std::move(newest.error()));
  result.revision = at == kNow ? *newest : at;
  if (!version.record) return result;
  const RecordHeader& header = version.record.header();
  if (at == kNow || header.revision <= at) {
    // What holds the version may be newer than the moment we looked at the revision.
    result.revision = std::max(result.revision, at == kNow ? header.revision : at);
    if (!header.deleted()) result.record = std::move(version.record);
    return result;
  }
  const Position previous = version.previous;
  ReadBuffer buffer;
  auto record = version_at(previous, at, buffer);
  if (!record) return fail(std::move(record.error()));
  if (auto ok = still_retained(at); !ok) return fail(std::move(ok.error()));
  if (*record) result.record = std::move(*record);
  return result;
}

Result<ListEnd> History::list(ListRequest& request, Visit& visit) {
  if (request.limit == 0) return fail(ErrorCode::kInvalidArgument, "list with a limit of 0");
  auto at = resolve(request.at);
  if (!at) return fail(std::move(at.error()));
  ListEnd end;
  end.revision = *at;
  end.last = request.after;
  std::size_t left = request.limit;
  ReadBuffer buffer;
  for (;;) {
    auto again = list_chunk(request, visit, end, left, buffer);
    if (!again) return fail(std::move(again.error()));
    if (auto ok = still_retained(end.revision); !ok) return fail(std::move(ok.error()));
    if (!*again) return end;
  }
}

/// One look at overlay and LMDB. True: go on behind request.after, which is `end.last` (moved also past keys that
/// did not exist at that revision).
Result<bool> History::list_chunk(ListRequest& request, Visit& visit, ListEnd& end, std::size_t& left,
                                 ReadBuffer& buffer) {
  const std::string after(request.after.bytes());
  // The overlay first: whatever leaves it later is in the LMDB that we look at next.
  const Tail::Slice slice = core_.tail.slice(request.prefix, after, kChunk);
  auto reader = core_.state->read();
  if (!reader) return fail(std::move(reader.error()));

  Status trouble;
  std::string passed;  // the last key that was decided on
  std::string shown;   // the last one that was visited
  const auto show = [&](std::string_view key, const RecordView& newest, Position previous) {
    RecordView view = newest;
    Record older;
    if (newest.header->revision > end.revision) {
      auto found = version_at(previous, end.revision, buffer);
      if (!found) {
        trouble = fail(std::move(found.error()));
        return false;
      }
      older = std::move(*found);
      if (!older) return true;
      view = older.view();
    } else if (newest.header->deleted()) {
      return true;
    }
    if (left == 0) {
      end.more = true;
      return false;
    }
    --left;
    shown = key;
    if (!visit(key, view)) left = 0;  // one more look decides whether there is more
    return true;
  };

  std::size_t seen = 0;
  auto tail = slice.entries.begin();
  const auto from_tail = [&] {
    const auto& [key, version] = *tail++;
    passed = key;
    return show(key, version.record.view(), version.previous);
  };
  bool go_on = true;
  bool lmdb_ended = true;
  const bool at_start = after.empty() || after < request.prefix.bytes();
  const std::string_view from = at_start ? request.prefix.bytes() : std::string_view(after);
  auto walked = reader->walk(from, at_start, [&](std::string_view key, const VersionView& version) {
    if (!request.prefix.matches(key)) return false;
    while (go_on && tail != slice.entries.end() && tail->first < key) {
      go_on = from_tail();
    }
    const bool beyond = !slice.complete && (slice.entries.empty() || key > slice.entries.back().first);
    if (!go_on || beyond || seen++ == kChunk) {
      lmdb_ended = false;
      return false;
    }
    if (tail != slice.entries.end() && tail->first == key) {
      // Whichever is newer: LMDB may have overtaken what the overlay showed.
      if (tail->second.record.header().revision >= version.record.header->revision) {
        go_on = from_tail();
        return go_on;
      }
      ++tail;
    }
    passed = key;
    go_on = show(key, version.record, version.previous);
    return go_on;
  });
  if (!walked) return fail(std::move(walked.error()));
  if (lmdb_ended) {
    while (go_on && tail != slice.entries.end()) {
      go_on = from_tail();
    }
  }
  if (!trouble) return fail(std::move(trouble.error()));
  if (!shown.empty()) {
    auto key = key_from_bytes(shown);
    if (!key) return fail(std::move(key.error()));
    end.last = std::move(*key);
  }
  if (!go_on) return false;
  if (lmdb_ended && slice.complete) return false;
  // Go on behind what was decided, which may be a key that is not shown.
  if (!passed.empty()) {
    auto key = key_from_bytes(passed);
    if (!key) return fail(std::move(key.error()));
    request.after = std::move(*key);
  }
  return true;
}

Result<Revision> History::replay(const Prefix& prefix, Revision after, Revision until, std::size_t max,
                                 std::vector<EventPtr>& out) {
  if (auto ok = still_retained(after); !ok) return fail(std::move(ok.error()));
  /// Revisions looked at in one go, wanted or not.
  constexpr Revision kMost = 10'000;
  const std::size_t before_size = out.size();
  Revision reached = after;
  std::vector<std::pair<std::size_t, Position>> wanted_old;
  auto scanned = core_.log->scan(after, until, [&](const FrameHeader& frame, const std::vector<LoggedOp>& operations) {
    if (reached != after && (out.size() - before_size >= max || reached - after >= kMost)) return false;
    for (const LoggedOp& op : operations) {
      if (!prefix.matches(op.key)) continue;
      auto event = std::make_shared<Event>();
      event->revision = frame.revision;
      event->key = *key_from_bytes(op.key);
      if (!op.record.header->deleted()) event->current = Record::copy_of(op.record);
      if (op.header.previous_bytes != 0) wanted_old.emplace_back(out.size(), op.header.previous);
      out.push_back(std::move(event));
    }
    reached = frame.revision;
    return true;
  });
  if (scanned) {
    ReadBuffer buffer;
    for (const auto& [index, previous] : wanted_old) {
      auto old = before(previous, buffer);
      if (!old) {
        scanned = fail(std::move(old.error()));
        break;
      }
      std::const_pointer_cast<Event>(out[index])->old = std::move(*old);
    }
  }
  if (auto ok = still_retained(after); !ok) return fail(std::move(ok.error()));
  if (!scanned) return fail(std::move(scanned.error()));
  return reached;
}

}  // namespace troupe::storage
