#include "actors/controllers/garbage_collector.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/requests.hpp"
#include "kernel/system.hpp"

namespace troupe::controllers {
namespace {

using kernel::Envelope;
using kernel::Local;
using kernel::make_local;

/// Objects looked at at the same time.
constexpr std::size_t kInFlight = 64;
constexpr auto kFirstRetry = std::chrono::seconds(1);
constexpr int kMaxDoublings = 6;

/// store → collector: what the object (`part` 0) or one of its owners is now.
struct Found {
  std::uint64_t attempt;
  std::size_t part;
  Result<std::optional<ObjectMeta>> object;
};
/// API → collector: the answer to what was decided.
struct Acted {
  std::uint64_t attempt;
  ApiAnswer answer;
};

/// One look at one object.
struct Attempt {
  OwnerGraph::Id id = 0;
  ObjectMeta object;
  std::vector<OwnerState> owners;
  std::size_t missing = 0;  ///< Owners whose state is not known yet.
  GarbageDecision decision;
};

OwnerState state_of(const ObjectMeta& owner) {
  OwnerState state;
  state.orphans = owner.deleting && owner.has_finalizer("orphan");
  const bool waits = owner.deleting && owner.has_finalizer("foregroundDeletion");
  state.kind = waits && !state.orphans ? OwnerState::Kind::kWaiting : OwnerState::Kind::kSolid;
  return state;
}

class GarbageCollector final : public kernel::Actor {
 public:
  GarbageCollector(ObjectFeed& feed, ApiPort& api) : feed_(feed), api_(api), graph_(feed.catalogue()) {}

 protected:
  Status init() override {
    Interest interest;
    interest.ownership = true;
    feed_.attach("garbage collector", self(), interest);
    return {};
  }

  bool receive(Envelope& envelope) override {
    return kernel::match(
        envelope,
        [this](const Local<FeedRestarted>&) {
          graph_.clear();
          failures_.clear();
          synced_ = false;
        },
        [this](const Local<ObjectNews>& news) {
          for (const auto& item : news->items) {
            if (item.gone) {
              graph_.lose(identity_of(item.meta));
            } else {
              graph_.see(item.meta);
            }
          }
          work();
        },
        [this](const Local<FeedSynced>&) {
          synced_ = true;
          work();
        },
        [this](const Local<Found>& m) { found(*m); }, [this](const Local<Acted>& m) { acted(*m); });
  }

 private:
  void work() {
    if (!synced_) return;
    while (attempts_.size() < kInFlight) {
      const auto id = graph_.take();
      if (!id) return;
      const std::uint64_t number = ++last_attempt_;
      attempts_[number].id = *id;
      const Identity& identity = graph_.identity(*id);
      look(number, 0, identity.resource, identity.ns, identity.name);
    }
  }

  void look(std::uint64_t attempt, std::size_t part, ResourceIndex resource, const std::string& ns,
            const std::string& name) {
    feed_.find(resource, ns, name, [system = &system(), me = self(), attempt, part](auto object) {
      system->send(me, make_local<Found>(attempt, part, std::move(object)));
    });
  }

  void found(const Found& message) {
    const auto at = attempts_.find(message.attempt);
    if (at == attempts_.end()) return;
    Attempt& attempt = at->second;
    if (!graph_.contains(attempt.id)) return finish(message.attempt);
    if (!message.object) return retry_later(message.attempt);
    if (message.part == 0) return found_object(message.attempt, attempt, *message.object);
    const OwnerLink& owner = attempt.object.owners[message.part - 1];
    if (*message.object && (*message.object)->uid == owner.uid) {
      attempt.owners[message.part - 1] = state_of(**message.object);
    }
    if (--attempt.missing == 0) act(message.attempt, attempt);
  }

  void found_object(std::uint64_t number, Attempt& attempt, const std::optional<ObjectMeta>& object) {
    const Identity identity = graph_.identity(attempt.id);
    if (!object || object->uid != identity.uid) {
      // One that was only known from references was never there, or is gone. The others' end comes with the news.
      if (!graph_.is_observed(attempt.id)) graph_.lose(identity);
      return finish(number);
    }
    attempt.object = *object;
    attempt.owners.assign(object->owners.size(), OwnerState());
    std::vector<std::pair<std::size_t, Identity>> wanted;
    for (std::size_t i = 0; i < object->owners.size(); ++i) {
      auto owner = resolve(feed_.catalogue(), *object, object->owners[i]);
      if (!owner) {
        attempt.owners[i].kind = OwnerState::Kind::kUnknown;
      } else {
        wanted.emplace_back(i + 1, std::move(*owner));
      }
    }
    attempt.missing = wanted.size();
    if (wanted.empty()) return act(number, attempt);
    for (const auto& [part, owner] : wanted) look(number, part, owner.resource, owner.ns, owner.name);
  }

  void act(std::uint64_t number, Attempt& attempt) {
    const ObjectMeta& object = attempt.object;
    DependentsView dependents;
    dependents.count = graph_.dependents(attempt.id);
    dependents.blocking = graph_.blocking_dependents(attempt.id);
    dependents.circle = graph_.waits_for_itself(attempt.id);
    attempt.decision = decide_garbage(object, attempt.owners, dependents);
    using Kind = GarbageDecision::Kind;
    const Catalogue& catalogue = feed_.catalogue();
    switch (attempt.decision.kind) {
      case Kind::kNothing:
        failures_.erase(attempt.id);
        return finish(number);
      case Kind::kDropOwners:
        return ask(number, drop_owners_request(catalogue, object, attempt.decision.uids));
      case Kind::kUnblock:
      case Kind::kUnblockAndDelete:
        return ask(number, unblock_request(catalogue, object));
      case Kind::kDelete:
        return ask(number, delete_request(catalogue, object, attempt.decision.propagation, true));
      case Kind::kRemoveFinalizer:
        return ask(number, remove_finalizer_request(catalogue, object, attempt.decision.finalizer));
    }
  }

  void ask(std::uint64_t attempt, ApiRequest request) {
    api_.ask(std::move(request), [system = &system(), me = self(), attempt](ApiAnswer answer) {
      system->send(me, make_local<Acted>(attempt, std::move(answer)));
    });
  }

  void acted(const Acted& message) {
    const auto at = attempts_.find(message.attempt);
    if (at == attempts_.end()) return;
    Attempt& attempt = at->second;
    if (message.answer.ok() && attempt.decision.kind == GarbageDecision::Kind::kUnblockAndDelete) {
      attempt.decision.kind = GarbageDecision::Kind::kDelete;
      return ask(message.attempt,
                 delete_request(feed_.catalogue(), attempt.object, attempt.decision.propagation, false));
    }
    if (message.answer.ok() || message.answer.code == 404) {
      failures_.erase(attempt.id);
      return finish(message.attempt);
    }
    if (message.answer.code == 409) {  // somebody else wrote it: look again
      graph_.enqueue(attempt.id);
      return finish(message.attempt);
    }
    retry_later(message.attempt);
  }

  void finish(std::uint64_t number) {
    const auto at = attempts_.find(number);
    graph_.release(at->second.id);
    attempts_.erase(at);
    work();
  }

  void retry_later(std::uint64_t number) {
    const OwnerGraph::Id id = attempts_.at(number).id;
    const int failures = failures_[id]++;
    after(kFirstRetry * (1 << std::min(failures, kMaxDoublings)), [this, id] {
      graph_.enqueue(id);
      work();
    });
    finish(number);
  }

  ObjectFeed& feed_;
  ApiPort& api_;
  OwnerGraph graph_;
  std::map<std::uint64_t, Attempt> attempts_;
  std::map<OwnerGraph::Id, int> failures_;
  std::uint64_t last_attempt_ = 0;
  bool synced_ = false;
};

}  // namespace

kernel::ChildSpec garbage_collector_child(ObjectFeed& feed, ApiPort& api) {
  kernel::SpawnOptions options;
  options.name = "garbage collector";
  options.type = "garbage-collector";
  options.key = "garbage-collector";
  options.mailbox_limit = 1'000'000;
  return kernel::worker("garbage collector", kernel::ActorFactory([&feed, &api]() -> std::unique_ptr<kernel::Actor> {
                          return std::make_unique<GarbageCollector>(feed, api);
                        }))
      .spawn_with(options);
}

}  // namespace troupe::controllers
