#include "kernel/metrics.hpp"

#include <algorithm>
#include <bit>

namespace troupe::kernel {

void DurationHistogram::add(Duration duration) {
  const auto micros = static_cast<std::uint64_t>(std::max<Duration::rep>(duration.count(), 0)) / 1000;
  const auto bucket = std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(micros)), kBuckets - 1);
  buckets[bucket].fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t DurationHistogram::count() const {
  std::uint64_t total = 0;
  for (const auto& bucket : buckets) total += bucket.load(std::memory_order_relaxed);
  return total;
}

Duration DurationHistogram::quantile(double q) const {
  const std::uint64_t total = count();
  if (total == 0) return Duration::zero();
  const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(total - 1)) + 1;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets[i].load(std::memory_order_relaxed);
    if (seen >= wanted) return std::chrono::microseconds(std::int64_t{1} << i);
  }
  return std::chrono::microseconds(std::int64_t{1} << kBuckets);
}

TypeMetrics& Metrics::of_type(std::string_view name) {
  if (TypeMetrics* last = last_.load(std::memory_order_acquire); last != nullptr && last->name == name) return *last;
  const std::lock_guard lock(mutex_);
  auto found = types_.find(name);
  if (found == types_.end()) found = types_.try_emplace(std::string(name), name).first;
  last_.store(&found->second, std::memory_order_release);
  return found->second;
}

std::vector<const TypeMetrics*> Metrics::types() const {
  const std::lock_guard lock(mutex_);
  std::vector<const TypeMetrics*> all;
  all.reserve(types_.size());
  for (const auto& [name, metrics] : types_) all.push_back(&metrics);
  return all;
}

std::uint64_t Metrics::count_undelivered(Undelivered kind, const MessageType* type, std::uint64_t alike) {
  const std::lock_guard lock(mutex_);
  return undelivered_[static_cast<std::size_t>(kind)][type] += alike;
}

std::uint64_t Metrics::undelivered(Undelivered kind) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t total = 0;
  for (const auto& [type, count] : undelivered_[static_cast<std::size_t>(kind)]) total += count;
  return total;
}

std::map<std::string, std::uint64_t> Metrics::undelivered_by_type(Undelivered kind) const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::uint64_t> result;
  for (const auto& [type, count] : undelivered_[static_cast<std::size_t>(kind)])
    result[type == nullptr ? "(empty)" : std::string(type->name)] += count;
  return result;
}

std::string_view to_string(Undelivered kind) {
  switch (kind) {
    case Undelivered::kDead:
      return "dead";
    case Undelivered::kFull:
      return "full";
    case Undelivered::kUnexpected:
      return "unexpected";
  }
  return "unexpected";
}

namespace {

void append(std::string& out, std::string_view metric, std::string_view labels, std::uint64_t value) {
  out.append("troupe_actor_").append(metric).append("{").append(labels).append("} ");
  out.append(std::to_string(value)).append("\n");
}

}  // namespace

std::string Metrics::to_text() const {
  std::string out;
  for (const TypeMetrics* type : types()) {
    const std::string label = "type=\"" + type->name + '"';
    append(out, "started_total", label, type->started);
    append(out, "ended_total", label, type->ended);
    append(out, "failed_total", label, type->failed);
    append(out, "restarts_total", label, type->restarts);
    append(out, "messages_total", label, type->messages);
    append(out, "slow_handlers_total", label, type->slow_handlers);
    append(out, "mailbox_depth_max", label, type->deepest_mailbox);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < DurationHistogram::kBuckets; ++i) {
      sum += type->handler_time.buckets[i].load(std::memory_order_relaxed);
      const bool last = i + 1 == DurationHistogram::kBuckets;
      const std::string bound = last ? "+Inf" : std::to_string(std::uint64_t{1} << i);
      append(out, "handler_microseconds_bucket", label + ",le=\"" + bound + '"', sum);
    }
    append(out, "handler_microseconds_count", label, sum);
  }
  for (const Undelivered kind : {Undelivered::kDead, Undelivered::kFull, Undelivered::kUnexpected})
    for (const auto& [name, count] : undelivered_by_type(kind)) {
      const std::string labels = "reason=\"" + std::string(to_string(kind)) + "\",message=\"" + name + '"';
      append(out, "undelivered_messages_total", labels, count);
    }
  return out;
}

}  // namespace troupe::kernel
