#include "kernel/registry.hpp"

#include <deque>
#include <utility>
#include <vector>

#include "kernel/detail/host.hpp"

namespace troupe::kernel {

namespace impl {

struct RegistryEntry {
  enum class State : std::uint8_t { kHydrating, kBound, kEnding };

  State state = State::kHydrating;
  ActorRef actor;                                 // set unless hydrating
  std::unique_ptr<std::deque<Envelope>> waiting;  // while hydrating or ending
  const std::string* key = nullptr;
};

}  // namespace impl

using impl::RegistryEntry;

struct alignas(64) Registry::Shard {
  std::mutex mutex;
  std::unordered_map<std::string, RegistryEntry, KeyHash, std::equal_to<>> entries;
};

namespace {

impl::ParcelPtr pack(Envelope envelope) {
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kData);
  parcel->envelope = std::move(envelope);
  return parcel;
}

}  // namespace

Registry::Registry(System& system) : system_(system), shards_(new Shard[kShards]) {}
Registry::~Registry() = default;

Registry::Shard& Registry::shard_of(std::string_view key) const { return shards_[KeyHash()(key) % kShards]; }

void Registry::set_hydrator(std::string kind, Hydrator hydrator) {
  const std::lock_guard lock(hydrators_mutex_);
  if (hydrator) {
    hydrators_[std::move(kind)] = std::make_shared<const Hydrator>(std::move(hydrator));
  } else {
    hydrators_.erase(kind);
  }
}

std::shared_ptr<const Registry::Hydrator> Registry::hydrator_of(std::string_view key) const {
  const std::string_view kind = key.substr(0, key.find('/'));
  const std::lock_guard lock(hydrators_mutex_);
  const auto found = hydrators_.find(kind);
  return found == hydrators_.end() ? nullptr : found->second;
}

void Registry::hydrate(const std::string& key) {
  if (const auto hydrator = hydrator_of(key)) return (*hydrator)(key);
  hydrate_failed(key, Error(ErrorCode::kNotFound, "nobody makes actors for " + key));
}

void Registry::send(std::string_view key, AnyMsg message, TraceId trace, ActorRef sender) {
  Envelope envelope;
  envelope.message = std::move(message);
  envelope.trace = trace;
  envelope.sender = std::move(sender);
  deliver(key, std::move(envelope));
}

void Registry::request(std::string_view key, AnyMsg message, Duration timeout, ReplySink then, TraceId trace) {
  Envelope envelope;
  envelope.message = std::move(message);
  envelope.trace = trace;
  envelope.promise = system_.promise(timeout, std::move(then));
  deliver(key, std::move(envelope));
}

// Whatever may run foreign code (answers, hydrators) runs after the lock is gone.
void Registry::deliver(std::string_view key, Envelope envelope) {
  Shard& shard = shard_of(key);
  const MessageType* type = envelope.type();
  Envelope refused;
  std::string to_hydrate;
  bool full = false;
  {
    const std::lock_guard lock(shard.mutex);
    auto found = shard.entries.find(key);
    if (found == shard.entries.end()) {
      found = shard.entries.try_emplace(std::string(key)).first;
      found->second.key = &found->first;
      to_hydrate = found->first;
    }
    RegistryEntry& entry = found->second;
    if (entry.state == RegistryEntry::State::kBound) {
      auto parcel = pack(std::move(envelope));
      full = !entry.actor.host()->offer(parcel);
      if (full) refused = std::move(parcel->envelope);
    } else {
      if (!entry.waiting) entry.waiting = std::make_unique<std::deque<Envelope>>();
      full = entry.waiting->size() >= waiting_limit_;
      if (full) {
        refused = std::move(envelope);
      } else {
        entry.waiting->push_back(std::move(envelope));
      }
    }
  }
  if (full) {
    system_.core().undelivered(Undelivered::kFull, type, key);
    refused.promise.fail(Error(ErrorCode::kBusy, "too many messages wait for " + std::string(key)));
  }
  if (!to_hydrate.empty()) hydrate(to_hydrate);
}

ActorRef Registry::find(std::string_view key) const {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end() || found->second.state != RegistryEntry::State::kBound) return {};
  return found->second.actor;
}

std::size_t Registry::size() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    total += shards_[i].entries.size();
  }
  return total;
}

void Registry::hydrate_failed(const std::string& key, const Error& error) {
  std::unique_ptr<std::deque<Envelope>> waiting;
  {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(key);
    if (found == shard.entries.end() || found->second.state != RegistryEntry::State::kHydrating) return;
    waiting = std::move(found->second.waiting);
    shard.entries.erase(found);
  }
  if (!waiting) return;
  for (Envelope& envelope : *waiting) {
    system_.core().undelivered(Undelivered::kDead, envelope.type(), key);
    envelope.promise.fail(error);
  }
}

bool Registry::claim(const std::string& key, const ActorRef& actor) {
  std::vector<impl::ParcelPtr> refused;
  {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto [found, is_new] = shard.entries.try_emplace(key);
    RegistryEntry& entry = found->second;
    if (entry.actor) return false;
    entry.key = &found->first;
    entry.state = RegistryEntry::State::kBound;
    entry.actor = actor;
    actor.host()->registry_entry = &entry;
    if (const auto waiting = std::move(entry.waiting))
      for (Envelope& envelope : *waiting) {
        auto parcel = pack(std::move(envelope));
        if (!actor.host()->offer(parcel)) refused.push_back(std::move(parcel));
      }
  }
  for (auto& parcel : refused) actor.host()->deliver(std::move(parcel));  // refuses it again, and says so
  return true;
}

bool Registry::begin_passivation(impl::Host& host) {
  RegistryEntry& entry = *host.registry_entry;
  Shard& shard = shard_of(*entry.key);
  const std::lock_guard lock(shard.mutex);
  if (host.depth() != 0) return false;
  entry.state = RegistryEntry::State::kEnding;
  return true;
}

void Registry::release(impl::Host& host) {
  RegistryEntry& entry = *host.registry_entry;
  host.registry_entry = nullptr;
  std::string to_hydrate;
  ActorRef dropped;
  {
    Shard& shard = shard_of(*entry.key);
    const std::lock_guard lock(shard.mutex);
    dropped = std::move(entry.actor);
    entry.actor = {};
    if (entry.waiting && !entry.waiting->empty()) {
      entry.state = RegistryEntry::State::kHydrating;
      to_hydrate = *entry.key;
    } else {
      shard.entries.erase(*entry.key);
    }
  }
  if (!to_hydrate.empty()) hydrate(to_hydrate);
}

}  // namespace troupe::kernel
