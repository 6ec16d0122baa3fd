#include "bench/api/figures.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "net/https_server.hpp"
#include "net/pki.hpp"

namespace troupe::bench {

Figure::Figure(std::string_view name, std::string_view target) : line_("{\"name\":\"") {
  line_.append(name).append("\",\"target\":\"").append(target).append("\"");
}

Figure::~Figure() {
  double load = 0;
  if (::getloadavg(&load, 1) == 1) add("load", load);
  std::printf("%s}\n", line_.c_str());
  std::fflush(stdout);
}

Figure& Figure::add(std::string_view key, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  line_.append(",\"").append(key).append("\":").append(text.data());
  return *this;
}

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
Poller::~Poller() { ::close(epoll_); }

void Poller::add(int descriptor, std::size_t index) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl failed");
}

const std::vector<std::size_t>& Poller::wait(int milliseconds) {
  std::array<epoll_event, 256> events{};
  ready_.clear();
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds);
  for (int i = 0; i < count; ++i) ready_.push_back(events[static_cast<std::size_t>(i)].data.u64);
  return ready_;
}

Load run_load(const Endpoint& to, const LoadPlan& plan) {
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<Clock::time_point> sent(plan.connections);
  Poller poller;
  for (std::size_t i = 0; i < plan.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(to));
    connections[i]->keep_body(plan.keep_body);
    poller.add(connections[i]->descriptor(), i);
  }
  Load load;
  std::size_t started = 0;
  std::size_t pending = 0;
  const auto from = Clock::now();
  const auto more = [&] { return plan.count != 0 ? started < plan.count : micros_since(from) < plan.seconds * 1e6; };
  const auto ask = [&](std::size_t i) {
    if (!more()) return;
    ++started;
    ++pending;
    const std::string request = plan.next(i);
    sent[i] = Clock::now();
    connections[i]->send(request);
  };
  for (std::size_t i = 0; i < plan.connections; ++i) ask(i);
  while (pending != 0) {
    for (const std::size_t i : poller.wait(10'000)) {
      if (!connections[i]->read()) continue;
      load.micros.push_back(micros_since(sent[i]));
      if (connections[i]->status() != plan.wanted_status) {
        die("answered with status " + std::to_string(connections[i]->status()) + " " + connections[i]->body());
      }
      if (plan.answered) plan.answered(i, *connections[i]);
      --pending;
      ask(i);
    }
  }
  load.seconds = micros_since(from) / 1e6;
  return load;
}

SyncFloor sync_floor(const std::string& folder) {
  const std::string path = folder + "/sync_floor";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) die("no file " + path);
  constexpr off_t kSize = 4 << 20;
  const std::vector<char> zeros(kSize);
  if (::pwrite(file, zeros.data(), zeros.size(), 0) != kSize || ::fsync(file) != 0) die("cannot write " + path);
  std::vector<double> micros;
  for (off_t at = 0; at < 512 * 1000; at += 512) {
    const auto from = Clock::now();
    if (::pwrite(file, zeros.data(), 512, at) != 512 || ::fdatasync(file) != 0) die("cannot sync " + path);
    micros.push_back(micros_since(from));
  }
  ::close(file);
  ::unlink(path.c_str());
  const double p50 = quantile(micros, 0.5);
  return {p50, quantile(micros, 0.99)};
}

namespace {

class Constant final : public net::HttpHandler {
 public:
  void handle(net::HttpRequest, std::shared_ptr<net::ResponseWriter> writer) override {
    net::HttpResponse response;
    response.headers.add("Content-Type", "text/plain");
    response.body = "ok";
    writer->respond(std::move(response));
  }
  net::HttpResponse refusal(int status, std::string_view) const override {
    net::HttpResponse response;
    response.status = status;
    return response;
  }
};

double cpu_seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string text_of(const std::string& path) {
  auto text = net::read_small_file(path);
  if (!text) die(text.error().message);
  return *text;
}

}  // namespace

StackFloor constant_string_floor(const std::string& pki, std::size_t connections) {
  const net::TlsIdentity identity{text_of(pki + "/server.crt"), text_of(pki + "/server.key"), text_of(pki + "/ca.crt")};
  auto tls = net::TlsContext::for_server(identity);
  if (!tls) die(tls.error().message);
  boost::asio::io_context io;
  auto work = boost::asio::make_work_guard(io);
  Constant handler;
  auto server = net::HttpsServer::make(io, *tls, {}, handler);
  if (auto started = server->start(); !started) die(started.error().message);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    threads.emplace_back([&] { io.run(); });
  StackFloor floor;
  {
    const Endpoint to(pki, server->port());
    LoadPlan plan;
    plan.connections = connections;
    plan.seconds = 2;
    plan.next = [](std::size_t) { return get("/"); };
    const double before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    const Load load = run_load(to, plan);
    const double spent = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - before;
    floor = {load.rate(), spent * 1e6 / static_cast<double>(load.micros.size())};
  }
  server->stop(std::chrono::milliseconds(0), [&] { work.reset(); });
  for (auto& thread : threads) thread.join();
  return floor;
}

}  // namespace troupe::bench
