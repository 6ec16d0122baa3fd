#pragma once

#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/type_erased_tuple.hpp>
#include <cstdint>
#include <memory>
#include <utility>

#include "kernel/actor.hpp"
#include "kernel/envelope.hpp"
#include "kernel/slabs.hpp"

namespace troupe::kernel::impl {

enum class ParcelKind : std::uint8_t {
  kData,
  kInit,
  kExit,
  kCrash,  ///< End as if a handler had thrown the reason's detail; a promise hears when that is done.
  kDown,
  kChildStarted,
  kChildExited,
  kTimer,
  kReply
};

/// What control messages carry; data has none.
struct Control {
  ActorId actor = 0;
  ExitReason reason;
  StartOutcome outcome = StartOutcome::kStarted;
  std::uint64_t tag = 0;  ///< SpawnOptions::tag of a child
};

/// The one message type that CAF sees in this program: an envelope, or a control message of the kernel. It is the
/// mailbox element itself, so that a message costs one allocation.
class Parcel final : public caf::mailbox_element {
 public:
  explicit Parcel(ParcelKind k)
      : caf::mailbox_element(
            nullptr,
            caf::make_message_id(k == ParcelKind::kData ? caf::message_priority::normal : caf::message_priority::high),
            {}),
        kind(k) {}

  static void* operator new(std::size_t size) { return Slabs::take(size); }
  static void operator delete(void* parcel) { Slabs::give(parcel, sizeof(Parcel)); }

  ParcelKind kind;
  Envelope envelope;
  std::uint64_t token = 0;  ///< timer, monitor or request
  std::unique_ptr<Control> control;
  std::unique_ptr<Error> error;  ///< kReply: there is no message
  Parcel* next_batch = nullptr;  ///< in a Backlog

  // CAF looks into messages only to match them against behaviors, which these actors do not have.
  caf::type_erased_tuple& content() override { return none_; }
  const caf::type_erased_tuple& content() const override { return none_; }
  caf::message move_content_to_message() override { return {}; }
  caf::message copy_content_to_message() const override { return {}; }

 private:
  static caf::empty_type_erased_tuple none_;
};

using ParcelPtr = std::unique_ptr<Parcel>;

/// The next one in a list, or null.
inline Parcel* following(const Parcel* parcel) {
  return static_cast<Parcel*>(static_cast<caf::mailbox_element*>(parcel->next));
}

/// Parcels in order of arrival; a list through their own links.
class ParcelList {
 public:
  ParcelList() = default;
  ParcelList(const ParcelList&) = delete;
  ParcelList& operator=(const ParcelList&) = delete;
  ~ParcelList() {
    while (!empty()) pop();
  }

  bool empty() const { return first_ == nullptr; }
  void push(Parcel* parcel) {
    parcel->next = nullptr;
    if (last_ == nullptr) {
      first_ = parcel;
    } else {
      last_->next = parcel;
    }
    last_ = parcel;
  }
  ParcelPtr pop() {
    ParcelPtr parcel(first_);
    first_ = following(first_);
    if (first_ == nullptr) last_ = nullptr;
    return parcel;
  }
  /// Takes over a list in order of arrival. This one must be empty.
  void adopt(Parcel* first, Parcel* last) {
    first_ = first;
    last_ = last;
  }

 private:
  Parcel* first_ = nullptr;
  Parcel* last_ = nullptr;
};

/// Data in order of arrival. It comes in batches, newest first, as the inbox gives them; a batch is turned round when
/// its first parcel is wanted, a slice at a time. So what waits costs nothing to an actor that ends before it gets
/// there, and control that comes meanwhile does not wait for it.
class Backlog {
 public:
  Backlog() = default;
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;
  ~Backlog() {
    while (!empty()) drop_one();
  }

  bool empty() const { return sorted_.empty() && turned_ == nullptr && to_turn_ == nullptr && first_ == nullptr; }
  /// The oldest is at hand.
  bool ready() const { return !sorted_.empty(); }
  /// `newest` and what its `next` leads to.
  void add_batch(Parcel* newest) {
    newest->next_batch = nullptr;
    (last_ == nullptr ? first_ : last_->next_batch) = newest;
    last_ = newest;
  }
  /// The oldest. It must be ready.
  ParcelPtr pop() { return sorted_.pop(); }
  /// Works on the oldest batch until it is ready, for `steps` parcels at most. It must be neither empty nor ready.
  void turn_round(std::size_t steps) {
    if (to_turn_ == nullptr) turned_last_ = to_turn_ = take_batch();
    for (; steps != 0 && to_turn_ != nullptr; --steps) {
      Parcel* older = following(to_turn_);
      to_turn_->next = turned_;
      turned_ = to_turn_;
      to_turn_ = older;
    }
    if (to_turn_ == nullptr) sorted_.adopt(std::exchange(turned_, nullptr), turned_last_);
  }
  /// Any one, at O(1). It must not be empty.
  ParcelPtr drop_one() {
    if (!sorted_.empty()) return sorted_.pop();
    if (turned_ != nullptr) return ParcelPtr(std::exchange(turned_, following(turned_)));
    if (to_turn_ != nullptr) return ParcelPtr(std::exchange(to_turn_, following(to_turn_)));
    ParcelPtr newest(take_batch());
    if (Parcel* rest = following(newest.get())) {
      rest->next_batch = first_;
      first_ = rest;
      if (last_ == nullptr) last_ = rest;
    }
    return newest;
  }

 private:
  Parcel* take_batch() {
    Parcel* batch = first_;
    first_ = batch->next_batch;
    if (first_ == nullptr) last_ = nullptr;
    return batch;
  }

  ParcelList sorted_;
  Parcel* turned_ = nullptr;  // of the batch that is being turned round: what is in order already
  Parcel* turned_last_ = nullptr;
  Parcel* to_turn_ = nullptr;  // its rest, the newest first
  Parcel* first_ = nullptr;    // a batch's newest
  Parcel* last_ = nullptr;
};

}  // namespace troupe::kernel::impl
