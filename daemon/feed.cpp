#include "daemon/feed.hpp"

#include <optional>
#include <utility>

#include "kernel/registry.hpp"

namespace troupe::daemon {
namespace {

using kernel::Envelope;
using kernel::Local;
using kernel::make_local;

/// Events handled in one go, before other messages have their turn.
constexpr std::size_t kBatch = 256;
constexpr std::size_t kPage = 500;
constexpr auto kRetryPause = std::chrono::milliseconds(200);

struct Begin {};
struct Ready {
  std::size_t resource;
  std::uint64_t round;
};

}  // namespace

class Feed::Reader final : public kernel::Actor {
 public:
  explicit Reader(Feed& feed) : feed_(feed) {}

 protected:
  Status init() override {
    if (feed_.receiver()) begin();
    return {};
  }

  bool receive(Envelope& envelope) override {
    return kernel::match(
        envelope, [this](const Local<Begin>&) { begin(); },
        [this](const Local<Ready>& m) {
          if (m->round == round_) take(m->resource);
        });
  }

 private:
  void begin() {
    ++round_;
    watches_.clear();
    receiver_ = feed_.receiver();
    feed_.consumer_.restarted();
    for (std::size_t i = 0; i < feed_.resources_.size(); ++i) {
      if (auto status = read(i); !status) {
        watches_.clear();
        after(kRetryPause, [this, round = round_] {
          if (round == round_) begin();
        });
        return;
      }
    }
    feed_.consumer_.synced(system(), receiver_);
    for (std::size_t i = 0; i < watches_.size(); ++i) take(i);
  }

  /// Lists one resource, then watches from the list's revision.
  Status read(std::size_t index) {
    storage::ListRequest request;
    request.prefix = storage::prefix_of(feed_.resources_[index]->store_id);
    request.limit = kPage;
    for (;;) {
      auto end = storage::list_now(feed_.store_, request, [&](std::string_view, const storage::RecordView& record) {
        if (auto object = segment_of(record)) feed_.consumer_.seen(system(), receiver_, index, *object);
        return true;
      });
      if (!end) return fail(end.error());
      request.at = end->revision;
      request.after = end->last;
      if (!end->more) break;
    }
    storage::WatchRequest wanted;
    wanted.prefix = request.prefix;
    wanted.after = request.at;
    auto watch = feed_.store_.watch(wanted, [system = &system(), me = self(), index, round = round_] {
      system->send(me, make_local<Ready>(index, round));
    });
    if (!watch) return fail(watch.error());
    watches_.push_back(std::move(*watch));
    feed_.consumer_.caught_up(system(), index, request.at);
    return {};
  }

  void take(std::size_t index) {
    if (index >= watches_.size()) return;
    auto events = watches_[index]->take(kBatch);
    if (!events) return begin();
    for (const auto& event : *events) {
      const storage::Record& record = event->current ? event->current : event->old;
      auto object = segment_of(record.view());
      if (!object) continue;
      if (event->current) {
        feed_.consumer_.seen(system(), receiver_, index, *object);
      } else {
        feed_.consumer_.gone(system(), receiver_, index, *object);
      }
    }
    if (events->empty()) return;
    feed_.consumer_.caught_up(system(), index, watches_[index]->revision());
    send(self(), make_local<Ready>(index, round_));
  }

  Feed& feed_;
  kernel::ActorRef receiver_;
  std::vector<std::unique_ptr<storage::Watch>> watches_;
  std::uint64_t round_ = 0;  ///< News of an earlier watch are dropped.
};

Feed::Feed(std::string name, storage::Store& store, std::vector<const api::Resource*> resources, FeedConsumer& consumer)
    : name_(std::move(name)), store_(store), resources_(std::move(resources)), consumer_(consumer) {}

void Feed::attach(kernel::System& system, kernel::ActorRef receiver) {
  {
    const std::scoped_lock lock(mutex_);
    receiver_ = std::move(receiver);
  }
  system.registry().send(name_, make_local<Begin>());
}

kernel::ActorRef Feed::receiver() const {
  const std::scoped_lock lock(mutex_);
  return receiver_;
}

kernel::ChildSpec Feed::child() {
  kernel::SpawnOptions options;
  options.name = name_;
  options.type = "feed";
  options.key = name_;
  return kernel::worker(name_, kernel::ActorFactory([this]() -> std::unique_ptr<kernel::Actor> {
                          return std::make_unique<Reader>(*this);
                        }))
      .spawn_with(options);
}

}  // namespace troupe::daemon
