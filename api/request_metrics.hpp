#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "api/request_info.hpp"
#include "schema/resource_table.hpp"

namespace troupe::api {

/// The requests of one kind (verb, resource, scope), counted. Any thread.
struct RequestSeries {
  /// Upper bounds in seconds of the buckets that kube-apiserver has.
  static constexpr std::array<double, 23> kBounds = {0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2,
                                                     3,     4,     5,    6,   8,   10,  15,  20,  30,  45,   60};
  static constexpr std::size_t kCodes = 16;  ///< Different status codes kept; a further one is not counted by code.

  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets{};
  std::atomic<std::uint64_t> nanoseconds{0};
  std::atomic<std::int64_t> long_running{0};  ///< Watches and logs that are open now.
  struct Code {
    std::atomic<int> status{0};
    std::atomic<std::uint64_t> count{0};
  };
  std::array<Code, kCodes> codes{};

  void add(int status, std::chrono::nanoseconds took);
};

/// What the front counts of its requests, under Kubernetes' names.
class RequestMetrics {
 public:
  static constexpr std::size_t kMaxSeries = 4096;  ///< Further kinds of requests are counted together.

  /// The series of a request for `resource`; null where the user or the resource is not known. Those, and requests for
  /// subresources that the resource does not have, are counted together: no text of a client's own becomes a label.
  /// Lives as long as this object.
  RequestSeries& of(const RequestInfo& info, const schema::Resource* resource);

  /// Appends apiserver_request_total, apiserver_request_duration_seconds and apiserver_longrunning_requests.
  void append_text(std::string& out) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<RequestSeries>, std::less<>> series_;  ///< By their labels as text.
};

/// process_cpu_seconds_total, process_resident_memory_bytes and the like of this process, from /proc.
void append_process_metrics(std::string& out);

/// `# HELP` and `# TYPE` of a metric.
void append_metric_head(std::string& out, std::string_view name, std::string_view type, std::string_view help);

}  // namespace troupe::api
