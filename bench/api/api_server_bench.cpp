// The API server's figures against a real `troupe up`, one JSON object a line: docs/performance-api.md.
//   api_server_bench TROUPE DIR [CASE...]
//   cases: start get post single pages watch fanout idle configmaps pods; default: all
//   TROUPE_BENCH_OBJECTS=10000   objects of the last two cases (100,000)
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "bench/api/figures.hpp"
#include "bench/api/server_process.hpp"
#include "bench/arguments.hpp"

namespace {

using namespace troupe::bench;
constexpr double kMB = 1e6;

struct Bench {
  std::string troupe;
  std::string folder;
  SyncFloor floor{};
  std::unique_ptr<ServerProcess> server{};
  int servers = 0;
  std::size_t objects = 100'000;

  /// A server with nothing in it.
  const Endpoint& fresh() {
    server.reset();
    server = std::make_unique<ServerProcess>(troupe, folder + "/server-" + std::to_string(servers++));
    server->start();
    make_namespace();
    return server->endpoint();
  }
  const Endpoint& any() { return server ? server->endpoint() : fresh(); }

  void make_namespace() const {
    Connection one(server->endpoint());
    const int made = one.ask(send_json("POST", "/api/v1/namespaces",
                                       R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"bench"}})"));
    if (made != 201) die("no namespace: " + std::to_string(made));
    for (int i = 0; one.ask(get("/api/v1/namespaces/bench/serviceaccounts/default")) != 200; ++i) {
      if (i > 10'000) die("the namespace got no service account");
    }
  }
};

constexpr std::string_view kMaps = "/api/v1/namespaces/bench/configmaps";

/// 256 bytes as JSON.
std::string config_map(const std::string& name) {
  std::string text = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + R"("},"data":{"k":")";
  text.append(text.size() + 4 < 256 ? 256 - 4 - text.size() : 1, 'v');
  return text + R"("}})";
}

/// 2,000 bytes as JSON, for nobody's scheduler.
std::string pod(const std::string& name) {
  const std::string tail =
      R"("}},"spec":{"schedulerName":"bench","automountServiceAccountToken":false,"containers":[{"name":"web",)"
      R"("image":"web:1","env":[{"name":"A","value":"1"}],"ports":[{"containerPort":80}],"resources":{"requests":)"
      R"({"cpu":"100m","memory":"64Mi"}}}]}})";
  std::string text = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")" + name +
                     R"(","labels":{"app":"web"},"annotations":{"pad":")";
  text.append(2000 - text.size() - tail.size(), 'p');
  return text + tail;
}

/// Writes so many objects by 64 connections.
Load create(const Endpoint& to, std::string_view path, std::size_t count, const std::string& prefix,
            const std::function<std::string(const std::string&)>& make, double seconds = 0) {
  LoadPlan plan;
  plan.connections = 64;
  plan.count = count;
  plan.seconds = seconds;
  plan.wanted_status = 201;
  std::size_t next = 0;
  plan.next = [&](std::size_t) { return send_json("POST", path, make(prefix + std::to_string(next++))); };
  return run_load(to, plan);
}

void bench_start(Bench& bench) {
  bench.fresh();
  const std::string pki = bench.server->pki();
  const std::uint16_t port = bench.server->endpoint().port();
  std::vector<double> times;
  for (int i = 0; i < 10; ++i) {
    bench.server->stop();
    const auto from = Clock::now();
    bench.server->launch();
    const Endpoint to(pki, port);
    while (!Connection::answers(to)) std::this_thread::sleep_for(std::chrono::microseconds(200));
    Connection one(to);
    while (one.ask(get("/readyz")) != 200) {
    }
    times.push_back(micros_since(from) / 1000);
    bench.server->wait_until_ready();
  }
  const double p50 = quantile(times, 0.5);
  Figure("api.start_to_first_answer", "<= 30 ms").add("p50_ms", p50).add("max_ms", times.back());
  std::this_thread::sleep_for(std::chrono::seconds(2));
  Figure("api.idle_memory", "<= 15 MB anonymous")
      .add("kernel_mb", static_cast<double>(bench.server->kernel_memory()) / kMB)
      .add("keeper_mb", static_cast<double>(bench.server->keeper_memory()) / kMB);
}

void bench_get(Bench& bench) {
  const Endpoint& to = bench.any();
  Connection(to).ask(send_json("POST", kMaps, config_map("one")));
  LoadPlan plan;
  plan.connections = 16;
  plan.seconds = 5;
  plan.next = [request = get(std::string(kMaps) + "/one")](std::size_t) { return request; };
  const double cpu = bench.server->cpu_seconds();
  Load load = run_load(to, plan);
  const double spent = bench.server->cpu_seconds() - cpu;
  const double p50 = quantile(load.micros, 0.5);
  const StackFloor floor = constant_string_floor(bench.server->pki(), 16);
  Figure("api.get_16_connections", ">= 45000/s, p99 <= 3000 us")
      .add("rate", load.rate())
      .add("p50_us", p50)
      .add("p99_us", quantile(load.micros, 0.99))
      .add("server_cpu_us", spent * 1e6 / static_cast<double>(load.micros.size()))
      .add("constant_string_rate", floor.rate)
      .add("constant_string_cpu_us", floor.cpu_micros);
}

void bench_post(Bench& bench) {
  const Endpoint& to = bench.any();
  const double cpu = bench.server->cpu_seconds();
  Load load = create(to, kMaps, 0, "post-", config_map, 5);
  const double spent = bench.server->cpu_seconds() - cpu;
  const double p50 = quantile(load.micros, 0.5);
  const StackFloor floor = constant_string_floor(bench.server->pki(), 64);
  Figure("api.post_64_connections", ">= 20000/s")
      .add("rate", load.rate())
      .add("p50_us", p50)
      .add("p99_us", quantile(load.micros, 0.99))
      .add("server_cpu_us", spent * 1e6 / static_cast<double>(load.micros.size()))
      .add("constant_string_rate", floor.rate)
      .add("constant_string_cpu_us", floor.cpu_micros)
      .add("fdatasync_p50_us", bench.floor.p50);
}

void bench_single(Bench& bench) {
  Connection one(bench.any());
  std::vector<double> times;
  for (int i = 0; i < 2000; ++i) {
    const std::string request = send_json("POST", kMaps, config_map("single-" + std::to_string(i)));
    const auto from = Clock::now();
    if (one.ask(request) != 201) die("not created");
    times.push_back(micros_since(from));
  }
  const double p50 = quantile(times, 0.5);
  Figure("api.post_one_connection", "p50 <= fdatasync + 200 us")
      .add("p50_us", p50)
      .add("p99_us", quantile(times, 0.99))
      .add("fdatasync_p50_us", bench.floor.p50)
      .add("above_us", p50 - bench.floor.p50);
}

void bench_pages(Bench& bench) {
  const Endpoint& to = bench.any();
  create(to, kMaps, 5000, "page-", config_map);
  LoadPlan plan;
  plan.connections = 4;
  plan.seconds = 5;
  plan.keep_body = true;
  std::array<std::string, 4> token;
  std::size_t bytes = 0;
  plan.next = [&](std::size_t i) {
    return get(std::string(kMaps) + "?limit=500" + (token[i].empty() ? "" : "&continue=" + token[i]));
  };
  plan.answered = [&](std::size_t i, const Connection& answer) {
    static constexpr std::string_view kContinue = "\"continue\":\"";
    bytes += answer.body().size();
    const std::size_t at = answer.body().find(kContinue);
    token[i].clear();
    if (at == std::string::npos) return;
    const std::size_t begin = at + kContinue.size();
    token[i] = answer.body().substr(begin, answer.body().find('"', begin) - begin);
  };
  const double cpu = bench.server->cpu_seconds();
  Load load = run_load(to, plan);
  const double spent = bench.server->cpu_seconds() - cpu;
  const double p50 = quantile(load.micros, 0.5);
  Figure("api.list_pages_of_500_4_connections", ">= 1000/s")
      .add("rate", load.rate())
      .add("p50_us", p50)
      .add("p99_us", quantile(load.micros, 0.99))
      .add("server_cpu_us", spent * 1e6 / static_cast<double>(load.micros.size()))
      .add("mb_per_s", static_cast<double>(bytes) / kMB / load.seconds);
}

std::string watch_of(const std::string& map) {
  return get(std::string(kMaps) + "?watch=1&timeoutSeconds=600&resourceVersion=0&fieldSelector=metadata.name=" + map);
}

std::string change_of(const std::string& map, int i) {
  return send_json("PATCH", std::string(kMaps) + "/" + map, R"({"data":{"k":")" + std::to_string(i) + R"("}})",
                   "application/merge-patch+json");
}

/// A watcher that has been shown what is there.
std::unique_ptr<Connection> open_watch(const Endpoint& to, const std::string& map) {
  auto watcher = std::make_unique<Connection>(to);
  watcher->send(watch_of(map));
  while (watcher->lines() == 0) {
    watcher->wait_readable();
    watcher->read();
  }
  return watcher;
}

void bench_watch(Bench& bench) {
  const Endpoint& to = bench.any();
  Connection writer(to);
  writer.ask(send_json("POST", kMaps, config_map("seen")));
  auto watcher = open_watch(to, "seen");
  Poller poller;
  poller.add(writer.descriptor(), 0);
  poller.add(watcher->descriptor(), 1);
  std::vector<double> seen;
  std::vector<double> answered;
  std::vector<double> between;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t lines = watcher->lines();
    const std::string request = change_of("seen", i);
    const auto from = Clock::now();
    double saw = 0;
    double got = 0;
    writer.send(request);
    while (saw == 0 || got == 0) {
      for (const std::size_t which : poller.wait(10'000)) {
        if (which == 0 && writer.read()) got = micros_since(from);
        if (which == 1 && !watcher->read() && watcher->lines() > lines) saw = micros_since(from);
      }
    }
    seen.push_back(saw);
    answered.push_back(got);
    between.push_back(saw - got);
  }
  const double p50 = quantile(seen, 0.5);
  Figure("api.write_seen_by_watcher", "p50 <= 200 us after its sync")
      .add("seen_p50_us", p50)
      .add("seen_p99_us", quantile(seen, 0.99))
      .add("answered_p50_us", quantile(answered, 0.5))
      .add("seen_after_answer_p50_us", quantile(between, 0.5))
      .add("fdatasync_p50_us", bench.floor.p50)
      .add("above_sync_p50_us", p50 - bench.floor.p50);
}

void bench_fanout(Bench& bench) {
  constexpr std::size_t kWatchers = 1000;
  constexpr std::size_t kChanges = 300;
  constexpr std::size_t kWriters = 4;
  const Endpoint& to = bench.any();
  Connection(to).ask(send_json("POST", kMaps, config_map("many")));
  std::vector<std::unique_ptr<Connection>> watchers;
  Poller poller;
  for (std::size_t i = 0; i < kWatchers; ++i) {
    watchers.push_back(open_watch(to, "many"));
    poller.add(watchers[i]->descriptor(), i);
  }
  // Several writers: one alone would wait, with each change, for what the last one set off.
  std::vector<std::unique_ptr<Connection>> writers;
  for (std::size_t i = 0; i < kWriters; ++i) {
    writers.push_back(std::make_unique<Connection>(to));
    poller.add(writers[i]->descriptor(), kWatchers + i);
  }
  std::size_t started = kWriters;
  int next = 0;
  std::size_t bytes = 0;
  const double cpu = bench.server->cpu_seconds();
  const auto from = Clock::now();
  for (const auto& each : writers) each->send(change_of("many", next++));
  std::size_t complete = 0;
  while (complete < kWatchers) {
    for (const std::size_t i : poller.wait(10'000)) {
      if (i >= kWatchers) {
        Connection& one = *writers[i - kWatchers];
        if (!one.read()) continue;
        if (one.status() == 409) --started;  // the others were faster, five times
        if (started < kChanges) one.send(change_of("many", next++));
        continue;
      }
      const std::size_t lines = watchers[i]->lines();
      const std::size_t before = watchers[i]->body_bytes();
      watchers[i]->read();
      bytes += watchers[i]->body_bytes() - before;
      if (lines < kChanges + 1 && watchers[i]->lines() >= kChanges + 1) ++complete;
    }
  }
  const double seconds = micros_since(from) / 1e6;
  const double spent = bench.server->cpu_seconds() - cpu;
  Figure("api.fanout_1000_watchers", ">= 100000 events/s")
      .add("rate", static_cast<double>(kWatchers * kChanges) / seconds)
      .add("server_cpu_us", spent * 1e6 / static_cast<double>(kWatchers * kChanges))
      .add("mb_per_s", static_cast<double>(bytes) / kMB / seconds);
}

void bench_idle(Bench& bench) {
  const Endpoint& to = bench.fresh();
  Connection(to).ask(send_json("POST", kMaps, config_map("quiet")));
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const std::size_t before = bench.server->kernel_memory();
  std::vector<std::unique_ptr<Connection>> watchers;
  watchers.reserve(1000);
  for (int i = 0; i < 1000; ++i) watchers.push_back(open_watch(to, "quiet"));
  const std::size_t after = bench.server->kernel_memory();
  Figure("api.idle_watches_1000", "<= 30 MB")
      .add("mb", (static_cast<double>(after) - static_cast<double>(before)) / kMB);
}

void bench_configmaps(Bench& bench) {
  const Endpoint& to = bench.fresh();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const std::size_t before = bench.server->kernel_memory();
  Load load = create(to, kMaps, bench.objects, "m-", config_map);
  const std::size_t at_once = bench.server->kernel_memory();
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const std::size_t after = bench.server->kernel_memory();
  Figure("api.configmaps_memory", "100000 of 256 B add <= 50 MB")
      .add("objects", static_cast<double>(bench.objects))
      .add("added_mb", (static_cast<double>(after) - static_cast<double>(before)) / kMB)
      .add("added_at_once_mb", (static_cast<double>(at_once) - static_cast<double>(before)) / kMB)
      .add("write_rate", load.rate());
}

void bench_pods(Bench& bench) {
  static constexpr std::string_view kPods = "/api/v1/namespaces/bench/pods";
  const Endpoint& to = bench.fresh();
  const Load load = create(to, kPods, bench.objects, "p-", pod);
  std::this_thread::sleep_for(std::chrono::seconds(3));
  Connection one(to);
  for (int run = 0; run < 3; ++run) {
    const std::size_t before = bench.server->kernel_memory();
    std::size_t peak = before;
    double first = 0;
    const auto from = Clock::now();
    one.send(get(kPods));
    for (std::size_t looks = 0; !one.read(); ++looks) {
      if (first == 0 && one.body_bytes() != 0) first = micros_since(from);
      if (looks % 64 == 0) peak = std::max(peak, bench.server->kernel_memory());
      one.wait_readable();
    }
    const double whole = micros_since(from);
    Figure("api.list_all_pods", "of 100000 of 2 kB: first byte <= 5 ms, whole <= 1500 ms, <= 64 MB added")
        .add("objects", static_cast<double>(bench.objects))
        .add("first_byte_ms", first / 1000)
        .add("whole_ms", whole / 1000)
        .add("mb", static_cast<double>(one.body_bytes()) / kMB)
        .add("added_mb", (static_cast<double>(peak) - static_cast<double>(before)) / kMB)
        .add("create_rate", load.rate());
  }
}

struct Case {
  std::string_view name;
  void (*run)(Bench&);
};
constexpr Case kCases[] = {{"start", bench_start},   {"get", bench_get},     {"post", bench_post},
                           {"single", bench_single}, {"pages", bench_pages}, {"watch", bench_watch},
                           {"fanout", bench_fanout}, {"idle", bench_idle},   {"configmaps", bench_configmaps},
                           {"pods", bench_pods}};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments(argc, argv, "api_server_bench TROUPE DIR [CASE...]");
  Bench bench{arguments.word(), arguments.word() + "/api_server_bench"};
  std::vector<const Case*> wanted;
  while (!arguments.empty()) {
    const std::string name =
        arguments.one_of({"start", "get", "post", "single", "pages", "watch", "fanout", "idle", "configmaps", "pods"});
    for (const Case& one : kCases) {
      if (one.name == name) wanted.push_back(&one);
    }
  }
  if (wanted.empty()) {
    for (const Case& one : kCases) wanted.push_back(&one);
  }
  if (const char* objects = std::getenv("TROUPE_BENCH_OBJECTS")) bench.objects = std::strtoul(objects, nullptr, 10);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::filesystem::remove_all(bench.folder);
  std::filesystem::create_directories(bench.folder);
  bench.floor = sync_floor(bench.folder);
  Figure("floor.fdatasync", "").add("p50_us", bench.floor.p50).add("p99_us", bench.floor.p99);
  for (const Case* one : wanted) one->run(bench);
  bench.server.reset();
  std::filesystem::remove_all(bench.folder);
  return 0;
}
