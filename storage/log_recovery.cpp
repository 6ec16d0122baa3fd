// Opening the log: which files belong to it, where it ends, what to show again.
#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "storage/log.hpp"

namespace troupe::storage {

class LogRecovery {
 public:
  LogRecovery(Log& log, const LogPoint& from, const Log::FrameVisitor& replay)
      : log_(log), options_(log.options_), from_(from), replay_(replay), point_(from) {}

  Status run() {
    if (auto ok = read_directory(); !ok) return ok;
    if (from_.end == 0 && active_.empty()) return begin_new();
    if (auto ok = find_start(); !ok) return ok;
    if (auto ok = walk(); !ok) return ok;
    if (auto ok = refuse_losses(); !ok) return ok;
    if (auto ok = refill(); !ok) return ok;
    return adopt();
  }

 private:
  Status corrupt(const std::string& why) const { return fail(ErrorCode::kCorrupt, "log " + options_.dir + ": " + why); }
  Position start_of(std::uint64_t number) const { return number * options_.segment_bytes + SegmentHeader::kBytes; }

  Status read_directory() {
    auto names = options_.disk->list(options_.dir);
    if (!names) return fail(std::move(names.error()));
    for (const std::string& name : *names) {
      const auto number = segment_number(name);
      if (!number) continue;
      auto segment = std::make_shared<Segment>();
      segment->number = *number;
      segment->path = options_.dir + "/" + name;
      auto file = options_.disk->open(segment->path, OpenMode::kExisting);
      if (!file) return fail(std::move(file.error()));
      segment->file = std::move(*file);
      SegmentHeader header;
      auto n = segment->file->read({reinterpret_cast<std::byte*>(&header), sizeof header}, 0);
      if (!n) return fail(std::move(n.error()));
      files_[*number] = segment;
      if (*n < sizeof header || !valid(header)) continue;
      if (!std::equal(std::begin(header.store), std::end(header.store), std::begin(options_.store_id))) {
        return corrupt(name + " belongs to another store; move it away");
      }
      if (header.segment_bytes != options_.segment_bytes) {
        return corrupt(name + " has segments of " + std::to_string(header.segment_bytes) + " bytes, the store says " +
                       std::to_string(options_.segment_bytes));
      }
      if (header.number != *number) continue;  // recycled, not yet used again
      segment->first_revision = header.first_revision;
      segment->chain = header.chain;
      segment->begun_ms = header.begun_ms;
      active_[*number] = header;
    }
    return {};
  }

  Status begin_new() {
    for (auto& [number, segment] : files_) {
      segment->file.reset();
      if (auto ok = options_.disk->remove(segment->path); !ok) return ok;
    }
    make_supply(1, {});
    if (auto ok = log_.supply_->make_one(); !ok) return ok;
    auto first = log_.supply_->take(true);
    if (!first) return fail(std::move(first.error()));
    log_.next_ = log_.synced_ = point_;
    return log_.begin_segment(std::move(*first));
  }

  Status find_start() {
    std::uint64_t number = 1;
    if (from_.end != 0) number = (from_.end - 1) / options_.segment_bytes;
    if (!active_.contains(number)) {
      return corrupt("segment " + std::to_string(number) +
                     " is missing, the state goes on from there; restore log and state together");
    }
    segment_ = files_[number];
    if (from_.end == 0) {
      point_.end = start_of(number);
      return {};
    }
    if (from_.last_frame != 0 && from_.last_frame / options_.segment_bytes == number) {
      FrameHeader last;
      auto n = segment_->file->read({reinterpret_cast<std::byte*>(&last), sizeof last},
                                    from_.last_frame % options_.segment_bytes);
      if (!n) return fail(std::move(n.error()));
      if (*n < sizeof last || !valid(last, from_.last_frame) || last.checksum != from_.chain) {
        return corrupt("the frame at " + std::to_string(from_.last_frame) +
                       ", which the state already holds, is damaged or cut off");
      }
    }
    return {};
  }

  Status walk() {
    std::vector<LoggedOp> operations;
    for (;;) {
      FrameWalk walk(*segment_, options_.segment_bytes, point_.end, point_.chain);
      for (;;) {
        auto header = walk.next();
        if (!header) return fail(std::move(header.error()));
        if (*header == nullptr) break;
        auto read = walk.operations(operations);
        if (!read && read.error().code != ErrorCode::kCorrupt) return read;
        if (!read) break;  // torn: the frame was never synced
        if (auto ok = take(**header, operations); !ok) return ok;
        walk.advance();
        point_.end = walk.position();
        point_.chain = walk.chain();
      }
      const auto next = active_.find(segment_->number + 1);
      if (next == active_.end() || next->second.chain != point_.chain || next->second.durable > point_.end) return {};
      segment_ = files_[next->first];
      point_.end = start_of(next->first);
    }
  }

  Status take(const FrameHeader& header, const std::vector<LoggedOp>& operations) {
    point_.last_frame = header.position;
    if (header.kind != FrameHeader::kBatch) return {};
    if (header.revision != point_.revision + 1) {
      return corrupt("revision " + std::to_string(header.revision) + " follows " + std::to_string(point_.revision));
    }
    std::lock_guard lock(segment_->marks_mutex);
    if (segment_->marks.empty() || header.position - segment_->marks.back().position > (256u << 10)) {
      segment_->marks.push_back({header.revision, header.position, point_.chain});
    }
    point_.revision = header.revision;
    return replay_(header, operations);
  }

  /// After a stop in order there is nothing to be found. So far it looks nevertheless, for a state that is older than
  /// its log: docs/adr/0001-store-layout.md.
  static constexpr std::uint64_t kNearby = 4u << 20;

  /// A frame or segment behind the cut that was written after the cut was durable proves that acknowledged writes
  /// are gone: better not to start than to go on without them.
  Status refuse_losses() {
    const auto lost = [this](Position durable) {
      return corrupt("ends at position " + std::to_string(point_.end) + " (revision " +
                     std::to_string(point_.revision) + "), but position " + std::to_string(durable) +
                     " was durable once: acknowledged writes are missing, restore a copy");
    };
    for (const auto& [number, header] : active_) {
      if (number > segment_->number && header.durable > point_.end) return lost(header.durable);
    }
    constexpr std::size_t kPiece = 1u << 20;
    ReadBuffer buffer;
    const std::uint64_t begin = segment_->number * options_.segment_bytes;
    const std::uint64_t from = point_.end - begin;
    const std::uint64_t until = point_.end == options_.ended ? from + kNearby : options_.segment_bytes;
    for (std::uint64_t at = from; at < std::min(until, options_.segment_bytes); at += kPiece) {
      // A header may lie across two pieces.
      auto space = buffer.resize(std::min<std::uint64_t>(kPiece + sizeof(FrameHeader), options_.segment_bytes - at));
      auto n = segment_->file->read(space, at);
      if (!n) return fail(std::move(n.error()));
      for (std::size_t i = 0; i + sizeof(FrameHeader) <= *n && i < kPiece; i += 8) {
        std::uint32_t magic;
        std::memcpy(&magic, space.data() + i + offsetof(FrameHeader, magic), sizeof magic);
        if (magic != FrameHeader::kMagic) continue;
        FrameHeader header;
        std::memcpy(&header, space.data() + i, sizeof header);
        if (valid(header, begin + at + i) && header.durable > point_.end) return lost(header.durable);
      }
      if (*n < space.size()) break;
    }
    return {};
  }

  /// A file that lost its end gets it back before it is written to.
  Status refill() {
    std::byte last{};
    auto n = segment_->file->read({&last, 1}, options_.segment_bytes - 1);
    if (!n) return fail(std::move(n.error()));
    if (*n == 1) return {};
    const std::vector<std::byte> zeros(1u << 16);
    for (std::uint64_t at = point_.end % options_.segment_bytes; at < options_.segment_bytes;) {
      const std::uint64_t size = std::min<std::uint64_t>(zeros.size(), options_.segment_bytes - at);
      if (auto ok = write_all(*segment_->file, std::span(zeros).first(size), at); !ok) return ok;
      at += size;
    }
    return segment_->file->sync();
  }

  /// Keeps the history without a gap and the segments that are ready for use; removes the rest.
  Status adopt() {
    std::uint64_t low = segment_->number;
    while (active_.contains(low - 1)) --low;
    for (std::uint64_t number = low; number <= segment_->number; ++number) log_.segments_.push_back(files_[number]);
    std::vector<SegmentPtr> ready;
    std::uint64_t next = segment_->number + 1;
    for (auto& [number, segment] : files_) {
      if (number >= low && number <= segment_->number) continue;
      std::byte last{};
      auto n = segment->file->read({&last, 1}, options_.segment_bytes - 1);
      if (number == next && n && *n == 1) {
        ready.push_back(segment);
        ++next;
        continue;
      }
      segment->file.reset();
      if (auto ok = options_.disk->remove(segment->path); !ok) return ok;
    }
    make_supply(next, std::move(ready));
    log_.current_ = segment_;
    log_.next_ = log_.synced_ = point_;
    log_.durable_ = point_.end;
    return {};
  }

  void make_supply(std::uint64_t next, std::vector<SegmentPtr> ready) {
    SegmentSupply::Options options;
    options.dir = options_.dir;
    options.segment_bytes = options_.segment_bytes;
    options.ahead = options_.segments_ahead;
    options.disk = options_.disk;
    log_.supply_ = std::make_unique<SegmentSupply>(std::move(options), next, std::move(ready));
  }

  Log& log_;
  LogOptions& options_;
  const LogPoint& from_;
  const Log::FrameVisitor& replay_;
  LogPoint point_;
  std::map<std::uint64_t, SegmentPtr> files_;
  std::map<std::uint64_t, SegmentHeader> active_;
  SegmentPtr segment_;
};

Result<std::unique_ptr<Log>> Log::open(LogOptions options, const LogPoint& from, const FrameVisitor& replay) {
  std::unique_ptr<Log> log(new Log(std::move(options)));
  if (auto ok = log->options_.disk->make_directory(log->options_.dir); !ok) return fail(std::move(ok.error()));
  if (auto ok = LogRecovery(*log, from, replay).run(); !ok) return fail(std::move(ok.error()));
  return log;
}

}  // namespace troupe::storage
