#include "storage/log.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace troupe::storage {
namespace {

constexpr std::size_t kWindow = 256u << 10;
constexpr std::size_t kMarkEvery = 256u << 10;
/// Most operations come with one read of this many bytes.
constexpr std::size_t kFirstRead = 4096;

}  // namespace

Log::~Log() = default;

Status Log::roll(bool last_too) {
  auto segment = supply_->take(last_too);
  if (!segment) return fail(std::move(segment.error()));
  if (auto ok = begin_segment(std::move(*segment)); !ok) return fail(ErrorCode::kIo, ok.error().message);
  return {};
}

Status Log::begin_segment(SegmentPtr segment) {
  SegmentHeader header;
  header.segment_bytes = options_.segment_bytes;
  std::copy(std::begin(options_.store_id), std::end(options_.store_id), std::begin(header.store));
  header.number = segment->number;
  header.chain = next_.chain;
  header.durable = synced_.end;
  header.first_revision = next_.revision + 1;
  header.begun_ms = options_.now_ms();
  seal(header);
  std::vector<std::byte> block(SegmentHeader::kBytes);
  std::memcpy(block.data(), &header, sizeof header);
  // Not synced here: the first frame's sync covers it, and without that frame nobody needs it.
  if (auto ok = write_all(*segment->file, block, 0); !ok) return ok;
  segment->first_revision = header.first_revision;
  segment->chain = header.chain;
  segment->begun_ms = header.begun_ms;
  next_.end = segment->number * options_.segment_bytes + SegmentHeader::kBytes;
  synced_.end = next_.end;
  marked_ = 0;
  std::lock_guard lock(mutex_);
  current_ = segment;
  segments_.push_back(std::move(segment));
  return {};
}

void Log::begin(FrameHeader::Kind kind, Revision revision) {
  builder_.begin(kind, next_.end, revision);
  if (kind == FrameHeader::kBatch) {
    if (next_.end - std::min(marked_, next_.end) >= kMarkEvery || marked_ == 0) {
      mark(*current_, {revision, next_.end, next_.chain});
      marked_ = next_.end;
    }
    next_.revision = revision;
  }
  next_.last_frame = next_.end;
}

void Log::mark(Segment& segment, const Segment::Mark& mark) {
  std::lock_guard lock(segment.marks_mutex);
  segment.marks.push_back(mark);
}

void Log::end() {
  next_.chain = builder_.end(next_.chain, synced_.end, options_.now_ms());
  next_.end = synced_.end + builder_.bytes().size();
}

Status Log::flush() {
  // Whole blocks: the rest of a block that is not in the page cache would have to be read first.
  constexpr std::size_t kBlock = 4096;
  builder_.pad((kBlock - next_.end % kBlock) % kBlock);
  const auto bytes = builder_.bytes();
  Status ok = write_all(*current_->file, bytes, synced_.end % options_.segment_bytes);
  if (!ok && ok.error().code == ErrorCode::kNoSpace) {
    // Part of it may stand there. Its answer is "not written", so it must not be found after a crash.
    const FrameHeader nothing{.magic = 0};
    const auto* blank = reinterpret_cast<const std::byte*>(&nothing);
    auto wiped = write_all(*current_->file, {blank, sizeof nothing}, synced_.end % options_.segment_bytes);
    if (!wiped) return fail(ErrorCode::kIo, "log cannot be cleaned after a failed write: " + wiped.error().message);
    {
      std::lock_guard lock(current_->marks_mutex);
      std::erase_if(current_->marks, [this](const Segment::Mark& m) { return m.position >= synced_.end; });
    }
    builder_.clear();
    next_ = synced_;
    marked_ = 0;
    return ok;
  }
  if (!ok) return ok;
  if (auto synced = current_->file->sync(); !synced) {
    // The caller must not take this for something that may be tried again.
    return fail(ErrorCode::kIo, synced.error().message);
  }
  builder_.clear();
  synced_ = next_;
  durable_.store(next_.end, std::memory_order_release);
  return {};
}

SegmentPtr Log::find(std::uint64_t number) const {
  std::lock_guard lock(mutex_);
  if (segments_.empty() || number < segments_.front()->number || number > segments_.back()->number) return nullptr;
  return segments_[number - segments_.front()->number];
}

Result<LoggedOp> Log::read(Position position, ReadBuffer& buffer) const {
  const SegmentPtr segment = find(segment_of(position));
  if (!segment) {
    return fail(ErrorCode::kCompacted, "log position " + std::to_string(position) + " is no longer retained");
  }
  const std::uint64_t offset = position % options_.segment_bytes;
  auto space = buffer.resize(kFirstRead);
  auto n = segment->file->read(space, offset);
  if (!n) return fail(std::move(n.error()));
  auto header = peek_op(space.first(*n));
  if (!header) return fail(header.error().with_context("position " + std::to_string(position)));
  const std::size_t size = header->size();
  if (size > *n) {
    if (offset + size > options_.segment_bytes) return fail(ErrorCode::kCorrupt, "log operation crosses its segment");
    const std::size_t have = *n;
    space = buffer.resize(size);
    auto rest = segment->file->read(space.subspan(have), offset + have);
    if (!rest) return fail(std::move(rest.error()));
    n = have + *rest;
  }
  return read_op(space.first(*n), position);
}

Status Log::scan(Revision after, Revision until,
                 const std::function<bool(const FrameHeader&, const std::vector<LoggedOp>&)>& visit) const {
  std::vector<SegmentPtr> path;
  {
    std::lock_guard lock(mutex_);
    auto it = std::upper_bound(segments_.begin(), segments_.end(), after + 1,
                               [](Revision r, const SegmentPtr& s) { return r < s->first_revision; });
    if (it == segments_.begin()) {
      return fail(ErrorCode::kCompacted, "revision " + std::to_string(after + 1) + " is no longer in the log");
    }
    path.assign(std::prev(it), segments_.end());
  }
  std::vector<LoggedOp> operations;
  Revision reached = after;
  for (const SegmentPtr& segment : path) {
    Segment::Mark from{0, segment->number * options_.segment_bytes + SegmentHeader::kBytes, segment->chain};
    {
      std::lock_guard lock(segment->marks_mutex);
      for (const Segment::Mark& mark : segment->marks) {
        if (mark.revision <= after + 1) from = mark;
      }
    }
    FrameWalk walk(*segment, options_.segment_bytes, from.position, from.chain);
    while (reached < until) {
      if (walk.position() >= durable_.load(std::memory_order_acquire)) break;
      auto header = walk.next();
      if (!header) return fail(std::move(header.error()));
      if (*header == nullptr) break;
      if ((*header)->kind == FrameHeader::kBatch && (*header)->revision > after) {
        if ((*header)->revision > until) return {};
        if (auto ok = walk.operations(operations); !ok) return ok;
        reached = (*header)->revision;
        if (!visit(**header, operations)) return {};
      }
      walk.advance();
    }
    if (reached >= until) return {};
  }
  return fail(ErrorCode::kCorrupt, "log ends at revision " + std::to_string(reached) + ", revision " +
                                       std::to_string(until) + " should be there");
}

Revision Log::last_revision_before(std::int64_t time_ms) const {
  std::lock_guard lock(mutex_);
  Revision last = 0;
  for (std::size_t i = 1; i < segments_.size(); ++i) {
    if (segments_[i]->begun_ms < time_ms) last = segments_[i]->first_revision - 1;
  }
  return last;
}

Revision Log::last_revision_beyond(std::size_t segments) const {
  std::lock_guard lock(mutex_);
  if (segments_.size() <= segments) return 0;
  return segments_[segments_.size() - segments]->first_revision - 1;
}

void Log::drop_before(Revision revision, std::size_t extra, Position applied) {
  std::vector<SegmentPtr> old;
  {
    std::lock_guard lock(mutex_);
    std::size_t keep = 0;
    while (keep + 1 < segments_.size() && segments_[keep + 1]->first_revision <= revision + 1) ++keep;
    keep -= std::min(keep, extra);
    while (keep > 0 && !segments_.empty() && segments_.front()->number < segment_of(applied)) {
      old.push_back(std::move(segments_.front()));
      segments_.pop_front();
      --keep;
    }
  }
  for (SegmentPtr& segment : old) supply_->recycle(std::move(segment));
}

std::uint64_t Log::bytes() const {
  std::lock_guard lock(mutex_);
  return segments_.size() * options_.segment_bytes + supply_->bytes();
}

Result<std::span<const std::byte>> FrameWalk::window(std::size_t bytes) {
  if (position_ < window_at_ || position_ + bytes > window_at_ + window_bytes_) {
    const std::uint64_t offset = position_ % segment_bytes_;
    const std::size_t want = std::min<std::uint64_t>(std::max(bytes, kWindow), segment_bytes_ - offset);
    auto n = segment_.file->read(buffer_.resize(want), offset);
    if (!n) return fail(std::move(n.error()));
    window_at_ = position_;
    window_bytes_ = *n;
  }
  const auto all = buffer_.resize(window_bytes_).subspan(position_ - window_at_);
  return std::span<const std::byte>(all);
}

Result<const FrameHeader*> FrameWalk::next() {
  const FrameHeader* none = nullptr;
  const Position limit = (segment_.number + 1) * segment_bytes_;
  if (position_ + sizeof(FrameHeader) > limit) return none;
  auto bytes = window(sizeof(FrameHeader));
  if (!bytes) return fail(std::move(bytes.error()));
  if (bytes->size() < sizeof(FrameHeader)) return none;
  std::memcpy(&header_, bytes->data(), sizeof header_);
  if (!valid(header_, position_) || header_.chain != chain_ || position_ + header_.size > limit) return none;
  return &header_;
}

Status FrameWalk::operations(std::vector<LoggedOp>& out) {
  auto bytes = window(header_.size);
  if (!bytes) return fail(std::move(bytes.error()));
  return read_frame(*bytes, header_, out);
}

void FrameWalk::advance() {
  position_ += header_.size;
  chain_ = header_.checksum;
}

}  // namespace troupe::storage
