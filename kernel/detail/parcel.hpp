#pragma once

#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/type_erased_tuple.hpp>
#include <cstdint>
#include <memory>
#include <utility>

#include "kernel/actor.hpp"
#include "kernel/envelope.hpp"

namespace troupe::kernel::impl {

enum class ParcelKind : std::uint8_t { kData, kInit, kExit, kDown, kChildStarted, kChildExited, kTimer, kReply };

/// What control messages carry; data has none.
struct Control {
  ActorId actor = 0;
  ExitReason reason;
  StartOutcome outcome = StartOutcome::kStarted;
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
  /// Takes over a list that leads from the newest to the oldest. This one must be empty.
  void adopt_reversed(Parcel* newest) {
    last_ = newest;
    while (newest != nullptr) {
      Parcel* older = following(newest);
      newest->next = first_;
      first_ = newest;
      newest = older;
    }
  }

 private:
  Parcel* first_ = nullptr;
  Parcel* last_ = nullptr;
};

/// Data in order of arrival. It comes in batches, newest first, as the inbox gives them; a batch is turned round when
/// its first parcel is wanted. So what waits costs nothing to an actor that ends before it gets there.
class Backlog {
 public:
  Backlog() = default;
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;
  ~Backlog() {
    while (!empty()) drop_one();
  }

  bool empty() const { return sorted_.empty() && first_ == nullptr; }
  /// `newest` and what its `next` leads to.
  void add_batch(Parcel* newest) {
    newest->next_batch = nullptr;
    (last_ == nullptr ? first_ : last_->next_batch) = newest;
    last_ = newest;
  }
  /// The oldest. It must not be empty.
  ParcelPtr pop() {
    if (sorted_.empty()) sorted_.adopt_reversed(take_batch());
    return sorted_.pop();
  }
  /// Any one, at O(1). It must not be empty.
  ParcelPtr drop_one() {
    if (!sorted_.empty()) return sorted_.pop();
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
  Parcel* first_ = nullptr;  // a batch's newest
  Parcel* last_ = nullptr;
};

}  // namespace troupe::kernel::impl
