#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/api/https_client.hpp"

namespace troupe::bench {

using Clock = std::chrono::steady_clock;
inline double micros_since(Clock::time_point from) {
  return std::chrono::duration<double, std::micro>(Clock::now() - from).count();
}

/// One line of JSON, printed when it goes: name, figures, target, the machine's load.
class Figure {
 public:
  Figure(std::string_view name, std::string_view target);
  ~Figure();
  Figure(const Figure&) = delete;
  Figure& operator=(const Figure&) = delete;
  Figure& add(std::string_view key, double value);

 private:
  std::string line_;
};

/// The q-quantile; sorts.
double quantile(std::vector<double>& values, double q);

/// Closed-loop requests of many connections by this thread.
struct Load {
  double seconds = 0;
  std::vector<double> micros;  ///< From a request to its whole answer.
  double rate() const { return static_cast<double>(micros.size()) / seconds; }
};

struct LoadPlan {
  std::size_t connections = 1;
  double seconds = 0;     ///< For so long, or
  std::size_t count = 0;  ///< so many requests.
  int wanted_status = 200;
  bool keep_body = false;
  /// The next request of a connection.
  std::function<std::string(std::size_t connection)> next;
  std::function<void(std::size_t connection, const Connection&)> answered;
};

Load run_load(const Endpoint& to, const LoadPlan& plan);

/// Waits for any of many connections.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  void add(int descriptor, std::size_t index);
  /// Indexes of those that are readable; waits so long at most.
  const std::vector<std::size_t>& wait(int milliseconds);

 private:
  int epoll_;
  std::vector<std::size_t> ready_;
};

/// p50 in microseconds of writing 512 bytes and fdatasync, into a file of the folder written before.
struct SyncFloor {
  double p50 = 0;
  double p99 = 0;
};
SyncFloor sync_floor(const std::string& folder);

/// The same load against a server of the same HTTP stack that answers with a constant string: its rate, and what an
/// answer costs the server in processor time.
struct StackFloor {
  double rate = 0;
  double cpu_micros = 0;
};
StackFloor constant_string_floor(const std::string& pki, std::size_t connections);

}  // namespace troupe::bench
