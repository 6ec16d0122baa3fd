// The kernel's figures, a JSON object each. Without a name: all but cycles.
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/arguments.hpp"
#include "kernel/io_threads.hpp"
#include "kernel/registry.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {

struct KernelTestAccess {
  static SupervisorKey key() { return {}; }
};

namespace {

using Steady = std::chrono::steady_clock;

double micros(Steady::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }
double seconds_since(Steady::time_point t) { return std::chrono::duration<double>(Steady::now() - t).count(); }

struct Ball {
  int number = 0;
};
struct Go {
  std::function<void(Actor&)> run;
};

void print(const char* name, const std::string& figures) {
  std::printf("{\"bench\":\"%s\",%s}\n", name, figures.c_str());
  std::fflush(stdout);
}

std::string quantiles(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  char text[128];
  std::snprintf(text, sizeof(text), "\"count\":%zu,\"p50_us\":%.2f,\"p99_us\":%.2f", values.size(),
                values[values.size() / 2], values[values.size() * 99 / 100]);
  return text;
}

// Of the whole process since it was made: what it would take on a machine of its own.
class Usage {
 public:
  Usage() { getrusage(RUSAGE_SELF, &began_); }
  std::string text() const {
    rusage now{};
    getrusage(RUSAGE_SELF, &now);
    const double user = seconds(now.ru_utime) - seconds(began_.ru_utime);
    const double system = seconds(now.ru_stime) - seconds(began_.ru_stime);
    char text[160];
    std::snprintf(text, sizeof(text),
                  "\"cpu_seconds\":%.2f,\"system_seconds\":%.2f,\"page_faults\":%ld,\"switches\":%ld", user + system,
                  system, now.ru_minflt - began_.ru_minflt,
                  now.ru_nvcsw + now.ru_nivcsw - began_.ru_nvcsw - began_.ru_nivcsw);
    return text;
  }

 private:
  static double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + t.tv_usec * 1e-6; }
  rusage began_{};
};

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// The machine's floor for anything that takes new memory: a byte written into each page.
double seconds_to_touch(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  const auto began = Steady::now();
  for (std::size_t i = 0; i < bytes; i += 4096) static_cast<volatile char*>(memory)[i] = 1;
  const double took = seconds_since(began);
  munmap(memory, bytes);
  return took;
}

class Echo final : public Actor {
 protected:
  bool receive(Envelope& envelope) override {
    envelope.reply(envelope.message);
    return true;
  }
};

class Nothing final : public Actor {
 protected:
  bool receive(Envelope&) override { return true; }
};

// Answers every ball of its partner with the next one.
class Player final : public Actor {
 public:
  Player(int last, std::promise<void>* done) : last_(last), done_(done) {}

 protected:
  bool receive(Envelope& envelope) override {
    return match(envelope, [&](const Local<Ball>& ball) {
      if (ball->number >= last_) return done_->set_value();
      send(envelope.sender, make_local<Ball>(ball->number + 1));
    });
  }

 private:
  int last_;
  std::promise<void>* done_;
};

class Server final : public Actor {
 public:
  Server(ActorRef partner, ActorFactory) : partner_(std::move(partner)) {}

 protected:
  Status init() override {
    send(partner_, make_local<Ball>(0));
    return {};
  }
  bool receive(Envelope& envelope) override {
    return match(envelope, [&](const Local<Ball>& ball) { send(partner_, make_local<Ball>(ball->number + 1)); });
  }

 private:
  ActorRef partner_;
};

class Counter final : public Actor {
 public:
  Counter(int count, std::promise<void>* done) : left_(count), done_(done) {}

 protected:
  bool receive(Envelope&) override {
    if (--left_ == 0) done_->set_value();
    return true;
  }

 private:
  int left_;
  std::promise<void>* done_;
};

class Feeder final : public Actor {
 public:
  Feeder(ActorRef to, int count) : to_(std::move(to)), count_(count) {}

 protected:
  Status init() override {
    after(Duration(0), [this] { feed(); });
    return {};
  }
  bool receive(Envelope&) override { return true; }

 private:
  void feed() {
    const AnyMsg ball = make_local<Ball>(1);
    for (int i = 0; i < count_; ++i) send(to_, ball);
  }
  ActorRef to_;
  int count_;
};

template <class A, class... Args>
ActorRef root(System& system, SpawnOptions options, Args... args) {
  return system.start_root(
      KernelTestAccess::key(), [args...] { return std::make_unique<A>(args...); }, std::move(options));
}

void bench_message(int count) {
  IoThreads threads;
  SystemOptions options;
  options.threads = &threads;
  options.mailbox_limit = 100'000'000;
  System system(options);
  {
    std::promise<void> done;
    const auto began = Steady::now();
    const ActorRef player = root<Player>(system, {}, count, &done);
    root<Server>(system, {}, player, ActorFactory());
    done.get_future().wait();
    char text[128];
    std::snprintf(text, sizeof(text), "\"messages_per_s\":%.0f,\"target\":1000000", count / seconds_since(began));
    print("message_ping_pong", text);
  }
  {
    std::promise<void> done;
    const ActorRef counter = root<Counter>(system, {}, count, &done);
    const auto began = Steady::now();
    root<Feeder>(system, {}, counter, count);
    done.get_future().wait();
    char text[128];
    std::snprintf(text, sizeof(text), "\"messages_per_s\":%.0f,\"target\":1000000", count / seconds_since(began));
    print("message_one_way", text);
  }
}

// How the answer goes on: where it was given, as HTTP sessions do (Asio's dispatch), or behind what waits on any
// thread.
enum class Back { kDispatch, kPost };

struct Round {
  System* system = nullptr;
  const ActorRef* echo = nullptr;  // null: the floor, Asio's post alone
  IoThreads* threads = nullptr;
  Back back = Back::kPost;
  Steady::time_point began;
  double took = 0;
  std::atomic<bool> done{false};

  static void finish(void* a, void*) {
    auto* round = static_cast<Round*>(a);
    round->took = micros(Steady::now() - round->began);
    round->done = true;
    round->done.notify_one();
  }
  static void go_back(Round* round) {
    if (round->back == Back::kDispatch && round->threads->current() >= 0) return finish(round, nullptr);
    round->threads->post({&finish, round, nullptr});
  }
  static void ask(void* a, void*) {
    auto* round = static_cast<Round*>(a);
    round->began = Steady::now();
    if (round->echo == nullptr) return go_back(round);
    round->system->request(*round->echo, make_local<Ball>(1), std::chrono::seconds(10),
                           [round](Result<AnyMsg>) { go_back(round); });
  }
};

// From an I/O thread to an actor and back to an I/O thread.
void bench_request(const char* name, bool floor, Back back, int count, std::chrono::microseconds gap) {
  IoThreads threads;
  SystemOptions options;
  options.threads = &threads;
  System system(options);
  const ActorRef echo = root<Echo>(system, {});
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    Round round;
    round.system = &system;
    round.echo = floor ? nullptr : &echo;
    round.threads = &threads;
    round.back = back;
    threads.post({&Round::ask, &round, nullptr});
    round.done.wait(false);
    times.push_back(round.took);
    if (gap.count() > 0) std::this_thread::sleep_for(gap);
  }
  print(name, quantiles(times) + ",\"gap_us\":" + std::to_string(gap.count()) + (floor ? "" : ",\"target_p50_us\":10"));
}

SupervisorSpec dynamic_spec() {
  SupervisorSpec spec;
  spec.name = "objects";
  spec.flags.strategy = Strategy::kSimpleOneForOne;
  Child child("object");
  child.temporary();
  child.made_by([](const std::any&) -> std::unique_ptr<Actor> { return std::make_unique<Nothing>(); });
  child.spawn_with([](const std::any& args) {
    SpawnOptions options;
    options.type = "object";
    options.start = StartMode::kLazy;
    options.key = "pods/default/web-" + std::to_string(std::any_cast<int>(args));
    return options;
  });
  spec.children.push_back(child);
  return spec;
}

// Supervisors of dynamic children below one root, and a caller that has at most 1,000 calls under way at each.
void bench_spawn(int count, int supervisors) {
  IoThreads threads;
  SystemOptions options;
  options.threads = &threads;
  options.mailbox_limit = 100'000'000;
  System system(options);
  SupervisorSpec top;
  top.name = "root";
  for (int i = 0; i < supervisors; ++i)
    top.children.push_back(supervisor("objects-" + std::to_string(i), dynamic_spec()).spawn_with([i](const std::any&) {
      SpawnOptions spawn;
      spawn.key = "supervisors/" + std::to_string(i);
      return spawn;
    }));
  auto started = Supervisor::start_root(system, top, {.observer = nullptr, .max_waiting_calls = SIZE_MAX});
  if (!started) return print("spawn", "\"error\":\"" + started.error().message + "\"");
  std::vector<ActorRef> at(static_cast<std::size_t>(supervisors));
  for (std::size_t i = 0; i < at.size(); ++i)
    while (!at[i]) at[i] = system.registry().find("supervisors/" + std::to_string(i));
  malloc_trim(0);
  const std::size_t before = resident_bytes();
  const Usage usage;
  const auto began = Steady::now();
  std::atomic<int> done{0};
  std::atomic<int> failed{0};
  const auto wait_for_all_but = [&](int under_way, int asked) {
    while (asked - done.load(std::memory_order_acquire) > under_way)
      std::this_thread::sleep_for(std::chrono::microseconds(200));
  };
  for (int i = 0; i < count; ++i) {
    if (i % 100 == 0) wait_for_all_but(1000 * supervisors, i);
    SupervisorRequest request;
    request.call = call::StartDynamicChild{std::any(i)};
    system.request(at[static_cast<std::size_t>(i) % at.size()], make_local<SupervisorRequest>(std::move(request)),
                   Duration::zero(), [&](Result<AnyMsg> r) {
                     if (!r) ++failed;
                     ++done;
                   });
  }
  wait_for_all_but(0, count);
  const double took = seconds_since(began);
  const std::string used = usage.text();
  malloc_trim(0);
  const std::size_t grown = resident_bytes() - before;
  const double floor = seconds_to_touch(grown);
  char text[480];
  std::snprintf(text, sizeof(text),
                "\"supervisors\":%d,\"actors\":%zu,\"seconds\":%.2f,%s,\"target_seconds\":3,\"bytes_"
                "each\":%.0f,"
                "\"target_bytes\":1800,\"failed\":%d,\"registered\":%zu,\"floor_seconds_to_touch_that_memory\":%.2f",
                supervisors, system.actor_count(), took, used.c_str(), static_cast<double>(grown) / count,
                failed.load(), system.registry().size(), floor);
  print("spawn_supervised_registered_lazy", text);
  at.clear();
  const auto stopping = Steady::now();
  const Usage stop_usage;
  system.stop(std::chrono::seconds(60));
  std::snprintf(text, sizeof(text), "\"seconds\":%.2f,%s", seconds_since(stopping), stop_usage.text().c_str());
  print("stop_all_of_them", text);
}

struct CrashClock {
  std::atomic<Steady::rep> crashed{0};
  std::atomic<Steady::rep> restarted{0};
};

// Crashes on its first message; its init stops the clock.
class Crasher final : public Actor {
 public:
  explicit Crasher(CrashClock* clock) : clock_(clock) {}

 protected:
  Status init() override {
    clock_->restarted = Steady::now().time_since_epoch().count();
    clock_->restarted.notify_one();
    return {};
  }
  bool receive(Envelope&) override {
    clock_->crashed = Steady::now().time_since_epoch().count();
    throw std::runtime_error("crash");
  }

 private:
  CrashClock* clock_;
};

void bench_restart(int count) {
  IoThreads threads;
  SystemOptions options;
  options.threads = &threads;
  System system(options);
  CrashClock clock;
  SupervisorSpec spec;
  spec.name = "root";
  spec.flags.intensity = 1'000'000'000;
  spec.children.push_back(
      worker("crasher", [&clock] { return std::make_unique<Crasher>(&clock); }).spawn_with([](const std::any&) {
        SpawnOptions o;
        o.key = "crasher";
        return o;
      }));
  const auto supervisor = Supervisor::start_root(system, spec);
  if (!supervisor) return print("restart", "\"error\":\"" + supervisor.error().message + "\"");
  std::vector<double> times;
  clock.restarted.wait(0);
  for (int i = 0; i < count; ++i) {
    const Steady::rep last = clock.restarted.load();
    ActorRef child = system.registry().find("crasher");
    while (!child) child = system.registry().find("crasher");
    system.send(child, make_local<Ball>(1));
    clock.restarted.wait(last);
    times.push_back(micros(Steady::duration(clock.restarted.load() - clock.crashed.load())));
  }
  print("crash_to_restarted_child", quantiles(times) + ",\"target_p99_us\":150");
}

// Fills a child that is busy, asks it to end, and hears that it did.
class Stopper final : public Actor {
 public:
  Stopper(int waiting, std::promise<double>* took) : waiting_(waiting), took_(took) {}

 protected:
  Status init() override {
    child_ = spawn(KernelTestAccess::key(), [] { return std::make_unique<Nothing>(); }, {});
    return {};
  }
  // On the child's own turn nothing of it is handled: with one thread it waits behind this one.
  void on_child_started(const ChildStarted&) override {
    const AnyMsg message = make_local<Ball>(1);
    for (int i = 0; i < waiting_; ++i) send(child_, message);
    began_ = Steady::now();
    send_exit(child_, ExitReason::shutdown());
  }
  void on_child_exited(const ChildExited&) override { took_->set_value(micros(Steady::now() - began_)); }
  bool receive(Envelope&) override { return true; }

 private:
  int waiting_;
  std::promise<double>* took_;
  ActorRef child_;
  Steady::time_point began_;
};

void bench_stop(int rounds) {
  std::vector<double> times;
  IoThreads threads;
  for (int i = 0; i < rounds; ++i) {
    SystemOptions options;
    options.threads = &threads;
    options.mailbox_limit = 200'000;
    System system(options);
    std::promise<double> took;
    root<Stopper>(system, {}, 100'000, &took);
    times.push_back(took.get_future().get());
  }
  print("stop_child_with_100000_waiting", quantiles(times) + ",\"target_us\":5000");
}

long context_switches() {
  long total = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "status");
    std::string line;
    while (std::getline(file, line))
      if (line.find("ctxt_switches") != std::string::npos) total += std::stol(line.substr(line.find(':') + 1));
  }
  return total;
}

void bench_idle(int seconds) {
  IoThreads threads;
  SystemOptions options;
  options.threads = &threads;
  System system(options);
  for (int i = 0; i < 1000; ++i) root<Nothing>(system, {});
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const long before = context_switches();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  char text[128];
  const auto tasks = std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  std::snprintf(text, sizeof(text), "\"threads\":%ld,\"wakeups_per_s_and_thread\":%.2f,\"target\":1",
                static_cast<long>(tasks),
                static_cast<double>(context_switches() - before) / seconds / static_cast<double>(tasks));
  print("idle", text);
}

// Spawn and kill, over and over: memory must stay flat.
void bench_cycles(int count) {
  System system({});
  const std::size_t warm = 10'000;
  std::size_t base = 0;
  const auto began = Steady::now();
  for (int i = 0; i < count; ++i) {
    const ActorRef actor = root<Nothing>(system, {.name = "cycle"});
    system.run_ready();
    system.send_exit(actor, ExitReason::killed());
    system.run_ready();
    if (static_cast<std::size_t>(i) == warm) base = resident_bytes();
  }
  char text[160];
  std::snprintf(text, sizeof(text), "\"cycles\":%d,\"seconds\":%.1f,\"resident_growth_bytes\":%ld,\"living\":%zu",
                count, seconds_since(began), static_cast<long>(resident_bytes()) - static_cast<long>(base),
                system.actor_count());
  print("spawn_and_kill", text);
}

// Runs a function in an actor.
class Puppet final : public Actor {
 protected:
  bool receive(Envelope& envelope) override {
    return match(envelope, [&](const Local<std::function<void(Puppet&)>>& call) { (*call)(*this); });
  }

 public:
  using Actor::after;
  using Actor::cancel;
  using Actor::demonitor;
  using Actor::monitor;
  using Actor::request;
};

// What comes and goes, over and over, in steps of 1,000: the growth is from the first tenth to the end.
void print_growth(System& system, const char* name, int count, const std::function<void(Puppet&)>& once) {
  const ActorRef puppet = root<Puppet>(system, {});
  std::size_t base = 0;
  for (int i = 0; i < count; i += 1000) {
    if (base == 0 && i >= count / 10) base = resident_bytes();
    system.send(puppet, make_local<std::function<void(Puppet&)>>([&once](Puppet& self) {
                  for (int k = 0; k < 1000; ++k) once(self);
                }));
    system.run_ready();
  }
  char text[160];
  std::snprintf(text, sizeof(text), "\"count\":%d,\"resident_growth_bytes\":%ld,\"timers\":%zu", count,
                static_cast<long>(resident_bytes()) - static_cast<long>(base), system.timer_count());
  print(name, text);
}

void bench_memory(int count) {
  System system({});
  const ActorRef target = root<Nothing>(system, {});
  const ActorRef dead = root<Nothing>(system, {});
  system.send_exit(dead, ExitReason::killed());
  system.run_ready();
  print_growth(system, "memory_observers_that_come_and_go", count,
               [&](Puppet& self) { self.demonitor(self.monitor(target)); });
  print_growth(system, "memory_cancelled_timers", count,
               [](Puppet& self) { self.cancel(self.after(std::chrono::hours(1), [] {})); });
  print_growth(system, "memory_dead_addressees", count, [&](Puppet& self) {
    self.request(dead, make_local<Ball>(1), std::chrono::seconds(10), [](Result<AnyMsg>) {});
    self.monitor(dead);
    system.send(dead, make_local<Ball>(1));
  });
}

}  // namespace
}  // namespace troupe::kernel

int main(int argc, char** argv) {
  using namespace troupe::kernel;  // NOLINT
  troupe::bench::Arguments arguments(argc, argv,
                                     "kernel_bench [spawn|message|request|restart|stop|idle|memory|cycles [COUNT]]");
  const std::string which =
      arguments.one_of({"spawn", "message", "request", "restart", "stop", "idle", "memory", "cycles"});
  const int asked = arguments.count(-1);
  arguments.done();
  const auto count = [&](int usual) { return asked > 0 ? asked : usual; };
  const auto wanted = [&](const char* name) { return which.empty() || which == name; };
  if (wanted("message")) bench_message(count(2'000'000));
  if (wanted("request")) {
    for (const int gap : {0, 1000}) {
      const std::chrono::microseconds pause(gap);
      const int rounds = gap == 0 ? count(50'000) : std::min(count(2'000), 2'000);
      bench_request("floor_post_to_io_threads", true, Back::kPost, rounds, pause);
      bench_request("request_from_io_thread_and_back", false, Back::kDispatch, rounds, pause);
      bench_request("request_from_io_thread_and_back_by_post", false, Back::kPost, rounds, pause);
    }
  }
  if (wanted("restart")) bench_restart(count(20'000));
  if (wanted("stop")) bench_stop(count(50));
  if (wanted("idle")) bench_idle(count(5));
  if (wanted("memory")) bench_memory(count(1'000'000));
  if (wanted("spawn")) {
    bench_spawn(count(1'000'000), 1);
    bench_spawn(count(1'000'000), 4);
  }
  if (which == "cycles") bench_cycles(count(10'000'000));
  return 0;
}
