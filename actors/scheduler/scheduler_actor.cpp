#include "actors/scheduler/scheduler_actor.hpp"

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "actors/scheduler/placement.hpp"
#include "kernel/system.hpp"

namespace troupe::scheduler {
namespace {

using kernel::Envelope;
using kernel::Local;
using kernel::make_local;

constexpr auto kRetryPause = std::chrono::seconds(1);
/// Pods placed in one go, before other messages have their turn.
constexpr std::size_t kBatch = 64;

struct Bound {
  std::string uid;
  Status status;
};
struct GoOn {};

/// Higher priority first, then the older one.
using Rank = std::tuple<std::int64_t, std::int64_t, std::string>;

struct Entry {
  std::shared_ptr<const PodInfo> pod;
  std::string placed_on;  ///< Where its use is counted; empty: nowhere.
  bool binding = false;
  std::string told;  ///< The last FailedScheduling text.
};

class SchedulerActor final : public kernel::Actor {
 public:
  explicit SchedulerActor(Binder& binder) : binder_(binder) {}

 protected:
  Status init() override {
    binder_.attach(self());
    return {};
  }

  bool receive(Envelope& envelope) override {
    return kernel::match(
        envelope, [this](const Local<PodSeen>& m) { see(m->pod); }, [this](const Local<PodLost>& m) { lose(m->uid); },
        [this](const Local<NodeSeen>& m) { see_node(*m->node); },
        [this](const Local<NodeLost>& m) {
          nodes_.erase(m->name);
          retry_all();
        },
        [this](const Local<FeedSynced>&) {
          synced_ = true;
          work();
        },
        [this](const Local<Bound>& m) { bound(m->uid, m->status); }, [this](const Local<GoOn>&) { work(); });
  }

 private:
  static Rank rank(const PodInfo& pod) { return {-std::int64_t{pod.priority}, pod.created, pod.uid}; }

  static bool wants_node(const PodInfo& pod) {
    const bool mine = pod.scheduler_name.empty() || pod.scheduler_name == kSchedulerName;
    return mine && pod.node_name.empty() && !pod.finished && !pod.deleting && !pod.gated;
  }

  void count(Entry& entry, const std::string& node) {
    entry.placed_on = node;
    const auto found = nodes_.find(node);
    if (found != nodes_.end()) place(found->second, *entry.pod);
  }

  void uncount(Entry& entry) {
    const auto found = nodes_.find(entry.placed_on);
    if (found != nodes_.end()) unplace(found->second, *entry.pod);
    entry.placed_on.clear();
  }

  void see(std::shared_ptr<const PodInfo> pod) {
    Entry& entry = pods_[pod->uid];
    if (entry.pod && *entry.pod == *pod) return;
    const std::string assumed = entry.binding ? entry.placed_on : std::string();
    bool freed = false;
    if (entry.pod) {
      waiting_.erase(rank(*entry.pod));
      freed = !entry.placed_on.empty();
      uncount(entry);
    }
    entry.pod = std::move(pod);
    const std::string& node = entry.pod->node_name.empty() ? assumed : entry.pod->node_name;
    if (!node.empty() && !entry.pod->finished) {
      count(entry, node);
      freed = false;
    }
    if (node.empty() && wants_node(*entry.pod)) {
      waiting_.insert(rank(*entry.pod));
      work();
    }
    if (freed) retry_all();
  }

  void lose(const std::string& uid) {
    const auto found = pods_.find(uid);
    if (found == pods_.end()) return;
    waiting_.erase(rank(*found->second.pod));
    const bool freed = !found->second.placed_on.empty();
    uncount(found->second);
    pods_.erase(found);
    if (freed) retry_all();
  }

  void see_node(const NodeInfo& info) {
    auto [found, is_new] = nodes_.try_emplace(info.name);
    if (!is_new && found->second.info == info) return;
    found->second.info = info;
    if (is_new) {
      for (auto& [uid, entry] : pods_) {
        if (entry.placed_on == info.name) place(found->second, *entry.pod);
      }
    }
    retry_all();
  }

  /// Something changed that may make room.
  void retry_all() {
    for (const auto& [uid, entry] : pods_) {
      if (entry.placed_on.empty() && wants_node(*entry.pod)) waiting_.insert(rank(*entry.pod));
    }
    work();
  }

  void work() {
    if (!synced_) return;
    for (std::size_t i = 0; i < kBatch && !waiting_.empty(); ++i) {
      const std::string uid = std::get<2>(*waiting_.begin());
      waiting_.erase(waiting_.begin());
      const auto found = pods_.find(uid);
      if (found != pods_.end()) schedule(found->second);
    }
    if (!waiting_.empty()) send(self(), make_local<GoOn>());
  }

  void schedule(Entry& entry) {
    auto node = choose(*entry.pod, nodes_);
    if (!node) {
      if (entry.told == node.error().message) return;
      entry.told = node.error().message;
      binder_.report_unschedulable(*entry.pod, entry.told);
      return;
    }
    entry.binding = true;
    count(entry, *node);
    binder_.bind(*entry.pod, *node, [system = &system(), me = self(), uid = entry.pod->uid](Status status) {
      system->send(me, make_local<Bound>(uid, std::move(status)));
    });
  }

  void bound(const std::string& uid, const Status& status) {
    const auto found = pods_.find(uid);
    if (found == pods_.end()) return;
    Entry& entry = found->second;
    entry.binding = false;
    if (status || !entry.pod->node_name.empty()) return;
    uncount(entry);
    const ErrorCode code = status.error().code;
    if (code == ErrorCode::kNotFound || code == ErrorCode::kConflict) return;
    after(kRetryPause, [this, uid] {
      const auto again = pods_.find(uid);
      if (again == pods_.end() || !again->second.placed_on.empty() || !wants_node(*again->second.pod)) return;
      waiting_.insert(rank(*again->second.pod));
      work();
    });
  }

  Binder& binder_;
  std::map<std::string, Entry> pods_;  ///< By uid.
  Snapshot nodes_;
  std::set<Rank> waiting_;
  bool synced_ = false;
};

}  // namespace

kernel::ChildSpec scheduler_child(Binder& binder) {
  kernel::SpawnOptions options;
  options.name = "scheduler";
  options.type = "scheduler";
  options.key = std::string(kSchedulerKey);
  options.mailbox_limit = 1'000'000;
  return kernel::worker("scheduler", kernel::ActorFactory([&binder]() -> std::unique_ptr<kernel::Actor> {
                          return std::make_unique<SchedulerActor>(binder);
                        }))
      .spawn_with(options);
}

}  // namespace troupe::scheduler
