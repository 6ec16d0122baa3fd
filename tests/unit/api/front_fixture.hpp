#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/front.hpp"
#include "schema/codec/document.hpp"
#include "storage/memory_store.hpp"
#include "storage/split_store.hpp"
#include "tests/unit/api/numbering.hpp"

namespace troupe::api::testing {

/// Time stands still, chance counts up, and jobs run and timers go off when the test says.
class StillEnvironment final : public Environment {
 public:
  void post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  std::unique_ptr<Timer> after(std::chrono::milliseconds, std::function<void()> call) override {
    auto timer = std::make_unique<StillTimer>();
    timer->call = std::make_shared<std::function<void()>>(std::move(call));
    timers_.push_back(timer->call);
    return timer;
  }
  /// Every timer that was set and not cancelled goes off now.
  void fire() {
    const auto due = std::exchange(timers_, {});
    for (const auto& timer : due) {
      if (const auto held = timer.lock()) (*held)();
    }
    run();
  }
  std::chrono::system_clock::time_point now() override { return now_; }
  std::uint64_t random() override { return ++random_ * 0x9e3779b97f4a7c15ULL; }
  void advance(std::chrono::seconds time) { now_ += time; }
  void run() {
    while (!jobs_.empty()) {
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
  }

 private:
  struct StillTimer final : Timer {
    std::shared_ptr<std::function<void()>> call;
  };

  std::deque<std::function<void()>> jobs_;
  std::vector<std::weak_ptr<std::function<void()>>> timers_;
  std::chrono::system_clock::time_point now_{std::chrono::seconds(1'767'225'600)};
  std::uint64_t random_ = 0;
};

/// Keeps an answer.
class Recorder final : public net::ResponseWriter {
 public:
  void respond(net::HttpResponse response) override {
    head = std::move(response);
    body = head.body;
    done = true;
  }
  void start(net::HttpResponse response) override { head = std::move(response); }
  bool write(net::SharedBytes bytes) override {
    body += *bytes;
    pieces.push_back(std::move(bytes));
    return true;
  }
  void finish() override { end(); }
  void abort() override { end(); }
  std::size_t buffered() const override { return 0; }
  void on_drain(std::function<void()> drained) override { drained(); }
  void on_close(std::function<void()> closed) override { closed_ = std::move(closed); }
  void leave() {
    if (auto call = std::exchange(closed_, nullptr)) call();
  }

  net::HttpResponse head;
  std::string body;
  std::vector<net::SharedBytes> pieces;  ///< Of a stream, as they were written.
  bool done = false;

 private:
  void end() {
    done = true;
    closed_ = nullptr;
  }
  std::function<void()> closed_;
};

struct Answer {
  int status = 0;
  std::string body;
  net::Headers headers;
};

/// Where the revisions of Events begin.
inline constexpr storage::Revision kEventsBegin = 1'000'000;

/// The front over a store in memory, asked by a master, without sockets and threads. Events are numbered apart.
class FrontFixture {
 public:
  explicit FrontFixture(const FrontOptions& options = {});
  /// An answer that waits for something gets it by the time that passes.
  Answer ask(std::string method, std::string target, std::string body = {}, std::string content_type = {},
             std::string accept = {}, const net::Headers& more = {});
  /// A request whose answer stays open.
  std::shared_ptr<Recorder> open(std::string target, std::string accept = {}, const net::Headers& more = {});
  /// Begins a request: what it waits for comes with `run`.
  std::shared_ptr<Recorder> begin(std::string method, std::string target, std::string body = {});
  /// A GET whose answer goes to a writer of the test's own.
  void get(std::string target, std::string accept, std::shared_ptr<net::ResponseWriter> writer);
  void run() { environment.run(); }

  StillEnvironment environment;
  storage::MemoryStore store;
  Numbering numbering;
  Routes routes;
  storage::MemoryStore events{{.post = {}, .refuse = {}, .begin_after = kEventsBegin}};
  storage::SplitStore all;
  std::unique_ptr<Front> front;

 private:
  net::HttpRequest request(std::string method, std::string target) const;
};

/// The text at a path of JSON ("metadata.name"), or "".
std::string at(std::string_view json, std::string_view path);

}  // namespace troupe::api::testing
