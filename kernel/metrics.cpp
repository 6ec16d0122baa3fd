#include "kernel/metrics.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>

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

void append_head(std::string& out, std::string_view metric, std::string_view type) {
  out.append("# TYPE troupe_actor_").append(metric).append(" ").append(type).append("\n");
}

std::string label_of(const TypeMetrics& type) { return "type=\"" + type.name + '"'; }

struct Count {
  std::string_view metric;
  std::atomic<std::uint64_t> TypeMetrics::*value;
};

constexpr Count kCounts[] = {
    {"started_total", &TypeMetrics::started},   {"ended_total", &TypeMetrics::ended},
    {"failed_total", &TypeMetrics::failed},     {"restarts_total", &TypeMetrics::restarts},
    {"messages_total", &TypeMetrics::messages}, {"slow_handlers_total", &TypeMetrics::slow_handlers}};

/// Powers of two of microseconds, in seconds as Prometheus has them.
void append_handler_times(std::string& out, const TypeMetrics& type) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < DurationHistogram::kBuckets; ++i) {
    sum += type.handler_time.buckets[i].load(std::memory_order_relaxed);
    char bound[32] = "+Inf";
    if (i + 1 < DurationHistogram::kBuckets) {
      std::snprintf(bound, sizeof bound, "%g", static_cast<double>(std::uint64_t{1} << i) / 1e6);
    }
    append(out, "handler_seconds_bucket", label_of(type) + ",le=\"" + bound + '"', sum);
  }
  append(out, "handler_seconds_count", label_of(type), sum);
}

}  // namespace

std::string Metrics::to_text() const {
  std::string out;
  const auto all = types();
  for (const Count& count : kCounts) {
    append_head(out, count.metric, "counter");
    for (const TypeMetrics* type : all) append(out, count.metric, label_of(*type), type->*count.value);
  }
  append_head(out, "mailbox_depth_max", "gauge");
  for (const TypeMetrics* type : all) append(out, "mailbox_depth_max", label_of(*type), type->deepest_mailbox);
  append_head(out, "handler_seconds", "histogram");
  for (const TypeMetrics* type : all) append_handler_times(out, *type);
  append_head(out, "undelivered_messages_total", "counter");
  for (const Undelivered kind : {Undelivered::kDead, Undelivered::kFull, Undelivered::kUnexpected})
    for (const auto& [name, count] : undelivered_by_type(kind)) {
      const std::string labels = "reason=\"" + std::string(to_string(kind)) + "\",message=\"" + name + '"';
      append(out, "undelivered_messages_total", labels, count);
    }
  return out;
}

}  // namespace troupe::kernel
