#include "api/request_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <mutex>

#include "net/pki.hpp"

namespace troupe::api {

namespace {

std::string_view verb_word(std::string_view verb) {
  struct Word {
    std::string_view verb;
    std::string_view word;
  };
  static constexpr Word kWords[] = {{"get", "GET"},     {"list", "LIST"},     {"watch", "WATCH"},
                                    {"create", "POST"}, {"update", "PUT"},    {"patch", "PATCH"},
                                    {"head", "HEAD"},   {"delete", "DELETE"}, {"deletecollection", "DELETECOLLECTION"},
                                    {"post", "POST"},   {"put", "PUT"}};
  for (const Word& known : kWords) {
    if (known.verb == verb) return known.word;
  }
  return "OTHER";
}

std::string_view scope_of(const RequestInfo& info) {
  if (!info.is_resource) return "";
  if (!info.name.empty()) return "resource";
  return info.name_space.empty() ? "cluster" : "namespace";
}

/// Paths that are no resources and are counted by name.
bool is_counted_path(std::string_view path) {
  static constexpr std::string_view kPaths[] = {"/api",    "/apis",    "/healthz",    "/livez",     "/metrics",
                                                "/readyz", "/version", "/openapi/v2", "/openapi/v3"};
  return std::find(std::begin(kPaths), std::end(kPaths), path) != std::end(kPaths);
}

std::string labels_of(const RequestInfo& info, const schema::Resource* resource) {
  const bool knows_rest =
      resource != nullptr && (info.subresource.empty() || resource->find_subresource(info.subresource) != nullptr);
  const schema::Resource* known = knows_rest ? resource : nullptr;
  std::string out = "component=\"apiserver\",dry_run=\"";
  out.append(info.query.get("dryRun") == "All" ? "All" : "").append("\",group=\"");
  if (known != nullptr) out += known->group;
  out += "\",resource=\"";
  if (known != nullptr) out += known->plural;
  out.append("\",scope=\"").append(known != nullptr ? scope_of(info) : "").append("\",subresource=\"");
  if (known != nullptr) {
    out += info.subresource;
  } else if (is_counted_path(info.path)) {
    out += info.path;
  }
  const bool connect = info.subresource == "exec" || info.subresource == "attach" ||
                       info.subresource == "portforward" || info.subresource == "proxy" || info.subresource == "log";
  out.append("\",verb=\"").append(known != nullptr && connect ? "CONNECT" : verb_word(info.verb));
  out += "\",version=\"";
  if (known != nullptr) out += known->version;
  return out + "\"";
}

void append_number(std::string& out, double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  out += text;
}

void append_line(std::string& out, std::string_view name, double value) {
  out.append(name).append(" ");
  append_number(out, value);
  out += "\n";
}

}  // namespace

void RequestSeries::add(int status, std::chrono::nanoseconds took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  buckets[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
  for (Code& code : codes) {
    int expected = 0;
    if (code.status == status || code.status.compare_exchange_strong(expected, status) || expected == status) {
      code.count.fetch_add(1, std::memory_order_relaxed);
      return;
    }
  }
}

RequestSeries& RequestMetrics::of(const RequestInfo& info, const schema::Resource* resource) {
  std::string labels = labels_of(info, resource);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = series_.find(labels); found != series_.end()) return *found->second;
  }
  const std::unique_lock lock(mutex_);
  if (series_.size() >= kMaxSeries) labels = R"(component="apiserver",verb="OTHER")";
  auto& series = series_[std::move(labels)];
  if (!series) series = std::make_unique<RequestSeries>();
  return *series;
}

void append_metric_head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
  out.append(type).append("\n");
}

void RequestMetrics::append_text(std::string& out) const {
  const std::shared_lock lock(mutex_);
  append_metric_head(out, "apiserver_request_total", "counter", "Requests answered, by kind and status code.");
  for (const auto& [labels, series] : series_) {
    for (const RequestSeries::Code& code : series->codes) {
      if (code.status == 0) break;
      out.append("apiserver_request_total{code=\"").append(std::to_string(code.status)).append("\",");
      out.append(labels).append("} ").append(std::to_string(code.count)).append("\n");
    }
  }
  constexpr std::string_view kDuration = "apiserver_request_duration_seconds";
  append_metric_head(out, kDuration, "histogram", "Time from a request's head to the end of its answer.");
  for (const auto& [labels, series] : series_) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < series->buckets.size(); ++i) {
      count += series->buckets[i];
      out.append(kDuration).append("_bucket{").append(labels).append(",le=\"");
      if (i < RequestSeries::kBounds.size()) {
        append_number(out, RequestSeries::kBounds[i]);
      } else {
        out += "+Inf";
      }
      out.append("\"} ").append(std::to_string(count)).append("\n");
    }
    out.append(kDuration).append("_sum{").append(labels).append("} ");
    append_number(out, static_cast<double>(series->nanoseconds) / 1e9);
    out.append("\n").append(kDuration).append("_count{").append(labels).append("} ");
    out.append(std::to_string(count)).append("\n");
  }
  append_metric_head(out, "apiserver_longrunning_requests", "gauge", "Watches, logs and streams that are open.");
  for (const auto& [labels, series] : series_) {
    if (series->long_running <= 0) continue;
    out.append("apiserver_longrunning_requests{").append(labels).append("} ");
    out.append(std::to_string(series->long_running)).append("\n");
  }
}

void append_process_metrics(std::string& out) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  append_metric_head(out, "process_cpu_seconds_total", "counter", "User and system time of this process.");
  append_line(out, "process_cpu_seconds_total", seconds(usage.ru_utime) + seconds(usage.ru_stime));
  unsigned long long pages = 0;
  unsigned long long resident = 0;
  if (const auto text = net::read_small_file("/proc/self/statm")) {
    static_cast<void>(std::sscanf(text->c_str(), "%llu %llu", &pages, &resident));
  }
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  append_metric_head(out, "process_resident_memory_bytes", "gauge", "Memory of this process that is resident.");
  append_line(out, "process_resident_memory_bytes", static_cast<double>(resident) * page);
  append_metric_head(out, "process_virtual_memory_bytes", "gauge", "Address space of this process.");
  append_line(out, "process_virtual_memory_bytes", static_cast<double>(pages) * page);
  std::error_code error;
  const auto files = std::filesystem::directory_iterator("/proc/self/fd", error);
  append_metric_head(out, "process_open_fds", "gauge", "Open file descriptors.");
  append_line(out, "process_open_fds", static_cast<double>(std::distance(begin(files), end(files))));
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  append_metric_head(out, "process_max_fds", "gauge", "Open file descriptors this process may have.");
  append_line(out, "process_max_fds", static_cast<double>(limit.rlim_cur));
}

}  // namespace troupe::api
