#include "kernel/registry.hpp"

#include <cstring>
#include <deque>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "kernel/detail/host.hpp"
#include "kernel/slabs.hpp"

namespace troupe::kernel {

namespace impl {

struct RegistryEntry {
  struct Queue {
    std::deque<Envelope> messages;  // while hydrating or ending
    std::vector<ActorRef> heirs;    // while the actor is an orphan; each but the last is one too
  };
  enum class State : std::uint8_t { kHydrating, kBound, kEnding };

  State state = State::kHydrating;
  ActorRef actor;                  // set unless hydrating
  std::unique_ptr<Queue> waiting;  // null: nobody waits
  std::size_t hash = 0;
  std::uint32_t key_size = 0;

  /// The key lies behind the entry, in the same piece of memory.
  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), key_size}; }

  Queue& queue() {
    if (!waiting) waiting = std::make_unique<Queue>();
    return *waiting;
  }
  ActorRef take_heir() {
    if (!waiting || waiting->heirs.empty()) return {};
    ActorRef heir = std::move(waiting->heirs.front());
    waiting->heirs.erase(waiting->heirs.begin());
    return heir;
  }

  static RegistryEntry* make(std::string_view key, std::size_t hash) {
    auto* entry = new (Slabs::take(sizeof(RegistryEntry) + key.size())) RegistryEntry;
    entry->hash = hash;
    entry->key_size = static_cast<std::uint32_t>(key.size());
    std::memcpy(static_cast<void*>(entry + 1), key.data(), key.size());
    return entry;
  }
  static void destroy(RegistryEntry* entry) {
    const std::size_t size = sizeof(RegistryEntry) + entry->key_size;
    entry->~RegistryEntry();
    Slabs::give(entry, size);
  }
};

}  // namespace impl

using impl::RegistryEntry;

namespace {

// Supervisors that died one after another while an actor of the first still ran.
constexpr std::size_t kMaxHeirs = 100;

std::size_t hash_of(std::string_view key) { return std::hash<std::string_view>()(key); }

/// Entries by key, in a table with open addressing: a look-up touches one place of it, and the entry. Entries do not
/// move.
class EntryTable {
 public:
  EntryTable() = default;
  EntryTable(const EntryTable&) = delete;
  EntryTable& operator=(const EntryTable&) = delete;
  ~EntryTable() {
    for (const Slot& slot : slots_)
      if (slot.entry != nullptr) RegistryEntry::destroy(slot.entry);
  }

  std::size_t size() const { return size_; }
  RegistryEntry* find(std::string_view key, std::size_t hash) const {
    if (size_ == 0) return nullptr;
    for (std::size_t i = home(hash);; i = next(i)) {
      const Slot& slot = slots_[i];
      if (slot.entry == nullptr) return nullptr;
      if (slot.hash == hash && slot.entry->key() == key) return slot.entry;
    }
  }
  /// `key` must not be there.
  RegistryEntry* add(std::string_view key, std::size_t hash) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    RegistryEntry* entry = RegistryEntry::make(key, hash);
    place({hash, entry});
    ++size_;
    return entry;
  }
  void erase(RegistryEntry* entry) {
    std::size_t hole = home(entry->hash);
    while (slots_[hole].entry != entry) hole = next(hole);
    // What was pushed over the hole by a collision comes back: no marks of the dead are left in the table.
    for (std::size_t i = next(hole); slots_[i].entry != nullptr; i = next(i)) {
      const std::size_t from_home = (i - home(slots_[i].hash)) & (slots_.size() - 1);
      const std::size_t from_hole = (i - hole) & (slots_.size() - 1);
      if (from_home < from_hole) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = {};
    --size_;
    RegistryEntry::destroy(entry);
    if (size_ == 0) slots_ = {};
  }

 private:
  struct Slot {
    std::size_t hash = 0;
    RegistryEntry* entry = nullptr;
  };

  // The lowest bits chose the shard.
  std::size_t home(std::size_t hash) const { return (hash >> 6) & (slots_.size() - 1); }
  std::size_t next(std::size_t i) const { return (i + 1) & (slots_.size() - 1); }
  void place(Slot slot) {
    std::size_t i = home(slot.hash);
    while (slots_[i].entry != nullptr) i = next(i);
    slots_[i] = slot;
  }
  void grow() {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 8 : slots_.size() * 2));
    for (const Slot& slot : old)
      if (slot.entry != nullptr) place(slot);
  }

  std::vector<Slot> slots_;  // a power of two, a quarter of it free
  std::size_t size_ = 0;
};

}  // namespace

struct alignas(64) Registry::Shard {
  std::mutex mutex;
  EntryTable entries;
};

namespace {

impl::ParcelPtr pack(Envelope envelope) {
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kData);
  parcel->envelope = std::move(envelope);
  return parcel;
}

using Refused = std::vector<impl::ParcelPtr>;

// Under the shard's lock; what the mailbox refuses is for afterwards.
void bind_to(RegistryEntry& entry, const ActorRef& actor, Refused& refused) {
  entry.state = RegistryEntry::State::kBound;
  entry.actor = actor;
  actor.host()->registry_entry = &entry;
  if (!entry.waiting) return;
  for (Envelope& envelope : entry.waiting->messages) {
    auto parcel = pack(std::move(envelope));
    if (!actor.host()->offer(parcel)) refused.push_back(std::move(parcel));
  }
  entry.waiting->messages.clear();
  if (entry.waiting->heirs.empty()) entry.waiting.reset();
}

// Under the shard's lock. False: whoever holds the key, or is its last heir, is there to stay; or the line is too long.
bool inherit(RegistryEntry& entry, const ActorRef& actor) {
  const bool has_heir = entry.waiting && !entry.waiting->heirs.empty();
  const ActorRef& last = has_heir ? entry.waiting->heirs.back() : entry.actor;
  if (!last.host()->orphaned() || (has_heir && entry.waiting->heirs.size() >= kMaxHeirs)) return false;
  actor.host()->waits_for_key = true;
  entry.queue().heirs.push_back(actor);
  return true;
}

}  // namespace

Registry::Registry(System& system) : system_(system), shards_(new Shard[kShards]) {}
Registry::~Registry() = default;

Registry::Shard& Registry::shard_of(std::size_t hash) const { return shards_[hash % kShards]; }

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
  const auto hydrator = hydrator_of(key);
  if (!hydrator) return hydrate_failed(key, Error(ErrorCode::kNotFound, "nobody makes actors for " + key));
  // It may run on the last turn of the actor before, where nobody could catch it.
  try {
    (*hydrator)(key);
  } catch (const std::exception& e) {
    hydrate_failed(key, Error(ErrorCode::kInternal, "the hydrator of " + key + " threw: " + e.what()));
  } catch (...) {
    hydrate_failed(key, Error(ErrorCode::kInternal, "the hydrator of " + key + " threw"));
  }
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
  const std::size_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  const MessageType* type = envelope.type();
  Envelope refused;
  std::string to_hydrate;
  bool full = false;
  {
    const std::lock_guard lock(shard.mutex);
    RegistryEntry* found = shard.entries.find(key, hash);
    if (found == nullptr) {
      found = shard.entries.add(key, hash);
      to_hydrate = key;
    }
    RegistryEntry& entry = *found;
    if (entry.state == RegistryEntry::State::kBound) {
      auto parcel = pack(std::move(envelope));
      full = !entry.actor.host()->offer(parcel);
      if (full) refused = std::move(parcel->envelope);
    } else {
      auto& messages = entry.queue().messages;
      full = messages.size() >= waiting_limit_;
      if (full) {
        refused = std::move(envelope);
      } else {
        messages.push_back(std::move(envelope));
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
  const std::size_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  const RegistryEntry* found = shard.entries.find(key, hash);
  if (found == nullptr || found->state != RegistryEntry::State::kBound) return {};
  return found->actor;
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
  std::unique_ptr<RegistryEntry::Queue> waiting;
  {
    const std::size_t hash = hash_of(key);
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    RegistryEntry* found = shard.entries.find(key, hash);
    if (found == nullptr || found->state != RegistryEntry::State::kHydrating) return;
    waiting = std::move(found->waiting);
    shard.entries.erase(found);
  }
  if (!waiting) return;
  for (Envelope& envelope : waiting->messages) {
    system_.core().undelivered(Undelivered::kDead, envelope.type(), key);
    envelope.promise.fail(error);
  }
}

bool Registry::claim(const std::string& key, const ActorRef& actor) {
  Refused refused;
  {
    const std::size_t hash = hash_of(key);
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    RegistryEntry* found = shard.entries.find(key, hash);
    if (found != nullptr && found->actor) return inherit(*found, actor);
    if (found == nullptr) found = shard.entries.add(key, hash);
    bind_to(*found, actor, refused);
  }
  for (auto& parcel : refused) actor.host()->deliver(std::move(parcel));  // refuses it again, and says so
  return true;
}

bool Registry::begin_passivation(impl::Host& host) {
  RegistryEntry& entry = *host.registry_entry;
  Shard& shard = shard_of(entry.hash);
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
  ActorRef heir;
  Refused refused;
  {
    Shard& shard = shard_of(entry.hash);
    const std::lock_guard lock(shard.mutex);
    dropped = std::move(entry.actor);
    entry.actor = {};
    heir = entry.take_heir();
    if (heir) {
      bind_to(entry, heir, refused);
    } else if (entry.waiting && !entry.waiting->messages.empty()) {
      entry.state = RegistryEntry::State::kHydrating;
      to_hydrate = entry.key();
    } else {
      shard.entries.erase(&entry);
    }
  }
  for (auto& parcel : refused) heir.host()->deliver(std::move(parcel));  // refuses it again, and says so
  if (heir) heir.host()->open();
  if (!to_hydrate.empty()) hydrate(to_hydrate);
}

}  // namespace troupe::kernel
