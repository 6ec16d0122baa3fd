#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/result.hpp"
#include "kernel/actor_ref.hpp"
#include "kernel/msg.hpp"
#include "kernel/types.hpp"

namespace troupe::kernel {

/// Takes the answer of a request: called once, on the thread of the actor that answers, or of whoever finds out that
/// there will be no answer. It must be quick and must not throw.
using ReplySink = std::function<void(Result<AnyMsg>)>;

/// The right to answer one request, once. Dropped unanswered, it answers `kUnavailable`: a request to an actor that
/// dies, or never lived, fails at once and not by its deadline.
class Promise {
 public:
  Promise() = default;
  /// The answer goes to the actor `to` as the answer of its request `id`.
  Promise(ActorRef to, RequestHandle id) : to_(std::move(to)), id_(id) {}
  /// The answer goes to `sink`.
  explicit Promise(std::shared_ptr<const ReplySink> sink) : sink_(std::move(sink)) {}
  Promise(Promise&& other) noexcept = default;
  Promise& operator=(Promise&& other) noexcept {
    if (this != &other) {
      abandon();
      to_ = std::move(other.to_);
      sink_ = std::move(other.sink_);
      id_ = other.id_;
    }
    return *this;
  }
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  ~Promise() { abandon(); }

  /// True while somebody waits for the answer here.
  explicit operator bool() const { return to_ || sink_; }
  void fulfil(AnyMsg answer) { settle(Result<AnyMsg>(std::move(answer))); }
  void fail(Error error) { settle(Result<AnyMsg>(tl::unexpected<Error>(std::move(error)))); }
  void settle(Result<AnyMsg> answer);

 private:
  void abandon();

  ActorRef to_;
  RequestHandle id_;
  std::shared_ptr<const ReplySink> sink_;
};

/// A data message as its receiver sees it.
class Envelope {
 public:
  AnyMsg message;
  TraceId trace;
  ActorRef sender;  ///< Nobody when it was sent from outside the actors.
  Promise promise;  ///< Set when it is a request. Move it out to answer later.

  bool is_request() const { return static_cast<bool>(promise); }
  const MessageType* type() const { return message.type(); }
  void reply(AnyMsg answer) { promise.fulfil(std::move(answer)); }
  void fail(ErrorCode code, std::string reason) { promise.fail(Error(code, std::move(reason))); }
};

namespace impl {

template <class F>
struct HandlerTraits : HandlerTraits<decltype(&F::operator())> {};
template <class C, class R, class M>
struct HandlerTraits<R (C::*)(M) const> {
  using Message = std::remove_cvref_t<M>;
};
template <class C, class R, class M>
struct HandlerTraits<R (C::*)(M)> {
  using Message = std::remove_cvref_t<M>;
};

template <class F>
bool try_handler(Envelope& envelope, F& handler) {
  using Message = typename HandlerTraits<std::remove_cvref_t<F>>::Message;
  const Message typed = Message::from(envelope.message);
  if (!typed) return false;
  handler(typed);
  return true;
}

}  // namespace impl

/// Calls the first handler whose parameter (`const Msg<T>&` or `const Local<T>&`) fits; false when none does.
///
///     return match(envelope, [&](const Msg<Ping>& ping) { envelope.reply(pong(ping->getNumber())); },
///                            [&](const Local<Stop>&) { quit(); });
template <class... Handlers>
bool match(Envelope& envelope, Handlers&&... handlers) {
  return (impl::try_handler(envelope, handlers) || ...);
}

}  // namespace troupe::kernel
