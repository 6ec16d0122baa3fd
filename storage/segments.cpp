#include "storage/segments.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>

#include "storage/named_thread.hpp"

namespace troupe::storage {

std::string segment_path(const std::string& dir, std::uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "/%016llx.log", static_cast<unsigned long long>(number));
  return dir + name;
}

std::optional<std::uint64_t> segment_number(const std::string& name) {
  if (name.size() != 20 || !name.ends_with(".log")) return std::nullopt;
  std::uint64_t number = 0;
  const auto end = std::from_chars(name.data(), name.data() + 16, number, 16);
  if (end.ec != std::errc() || end.ptr != name.data() + 16 || number == 0) return std::nullopt;
  return number;
}

SegmentSupply::SegmentSupply(Options options, std::uint64_t next_number, std::vector<SegmentPtr> ready)
    : options_(std::move(options)), ready_(ready.begin(), ready.end()), next_number_(next_number) {}

SegmentSupply::~SegmentSupply() { stop(); }

void SegmentSupply::start() {
  thread_ = background_thread("store-segments", [this] { run(); });
}

void SegmentSupply::stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<SegmentPtr> SegmentSupply::take(bool last_too) {
  std::unique_lock lock(mutex_);
  const std::size_t need = last_too ? 1 : 2;
  changed_.wait(lock, [&] { return ready_.size() >= need || failed_ || stop_; });
  if (ready_.size() < need) {
    if (failed_) return fail(*failed_);
    return fail(ErrorCode::kUnavailable, "the log is stopping");
  }
  SegmentPtr segment = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return segment;
}

void SegmentSupply::recycle(SegmentPtr segment) {
  {
    std::lock_guard lock(mutex_);
    old_.push_back(std::move(segment));
    failed_.reset();
  }
  changed_.notify_all();
}

void SegmentSupply::retry() {
  {
    std::lock_guard lock(mutex_);
    failed_.reset();
  }
  changed_.notify_all();
}

std::size_t SegmentSupply::ready() const {
  std::lock_guard lock(mutex_);
  return ready_.size();
}

std::uint64_t SegmentSupply::bytes() const {
  std::lock_guard lock(mutex_);
  return (ready_.size() + old_.size()) * options_.segment_bytes;
}

Status SegmentSupply::make_one() {
  auto made = make(next_number_);
  if (!made) return fail(std::move(made.error()));
  ready_.push_back(std::move(*made));
  ++next_number_;
  return {};
}

Result<SegmentPtr> SegmentSupply::make(std::uint64_t number) {
  auto segment = std::make_shared<Segment>();
  segment->number = number;
  segment->path = segment_path(options_.dir, number);
  auto file = options_.disk->open(segment->path, OpenMode::kCreate);
  if (!file) return fail(std::move(file.error()));
  segment->file = std::move(*file);
  Status ok = fill_with_zeros(*segment->file, options_.segment_bytes, [this](auto took) { rest(took); });
  if (ok) ok = options_.disk->sync_directory(options_.dir);
  if (!ok) {
    segment->file.reset();
    // Half a segment is of no use, and its space may be what somebody else waits for.
    (void)options_.disk->remove(segment->path);
    return fail(std::move(ok.error()));
  }
  return segment;
}

/// Leaves the disk to the log for a while, unless the log is about to need a segment.
void SegmentSupply::rest(std::chrono::steady_clock::duration took) {
  std::unique_lock lock(mutex_);
  const auto needed = [this] { return stop_ || ready_.size() < 2; };
  if (needed()) return;
  changed_.wait_for(lock, std::min<std::chrono::steady_clock::duration>(4 * took, std::chrono::milliseconds(20)),
                    needed);
}

Result<SegmentPtr> SegmentSupply::reuse(const SegmentPtr& old, std::uint64_t number) {
  auto segment = std::make_shared<Segment>();
  segment->number = number;
  segment->path = segment_path(options_.dir, number);
  if (auto ok = options_.disk->rename(old->path, segment->path); !ok) return fail(std::move(ok.error()));
  if (auto ok = options_.disk->sync_directory(options_.dir); !ok) return fail(std::move(ok.error()));
  segment->file = std::move(old->file);
  return segment;
}

void SegmentSupply::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] {
      return stop_ || (!failed_ && ready_.size() < options_.ahead) ||
             (!old_.empty() && ready_.size() >= options_.ahead);
    });
    if (stop_) return;
    SegmentPtr old;
    // A segment that is still being read waits behind the others; new ones are made meanwhile.
    for (auto it = old_.begin(); it != old_.end(); ++it) {
      if (it->use_count() != 1) continue;
      old = std::move(*it);
      old_.erase(it);
      break;
    }
    if (ready_.size() >= options_.ahead) {
      if (!old) {  // all of them are being read: look again when something changes
        changed_.wait_for(lock, std::chrono::milliseconds(100));
        continue;
      }
      lock.unlock();
      old->file.reset();
      (void)options_.disk->remove(old->path);
      lock.lock();
      continue;
    }
    const std::uint64_t number = next_number_;
    lock.unlock();
    auto made = old ? reuse(old, number) : make(number);
    lock.lock();
    if (made) {
      ready_.push_back(std::move(*made));
      ++next_number_;
    } else {
      failed_ = std::move(made.error());
    }
    changed_.notify_all();
  }
}

}  // namespace troupe::storage
