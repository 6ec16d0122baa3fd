#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "kernel/types.hpp"

namespace troupe::kernel {

namespace impl {
class Host;
void retain(Host* host) noexcept;
void release(Host* host) noexcept;
}  // namespace impl

/// An address of an actor, alive or dead. Copies are cheap (one atomic increment) and safe on any thread.
/// An actor's state is destroyed when it ends, whoever still holds its address; the address itself costs about
/// 1 kB until the last copy is dropped. Long-lived tables hold keys or ids instead.
class ActorRef {
 public:
  ActorRef() = default;
  /// Takes over one reference.
  explicit ActorRef(impl::Host* adopted) noexcept : host_(adopted) {}
  ActorRef(const ActorRef& other) noexcept : host_(other.host_) {
    if (host_ != nullptr) impl::retain(host_);
  }
  ActorRef(ActorRef&& other) noexcept : host_(std::exchange(other.host_, nullptr)) {}
  ActorRef& operator=(ActorRef other) noexcept {
    std::swap(host_, other.host_);
    return *this;
  }
  ~ActorRef() {
    if (host_ != nullptr) impl::release(host_);
  }

  explicit operator bool() const { return host_ != nullptr; }
  /// 0 for nobody.
  ActorId id() const;
  /// The name given at spawn; empty for nobody.
  const std::string& name() const;
  /// False once it ended. A true answer may be old by the time it arrives.
  bool alive() const;
  /// Data messages that wait in its mailbox now.
  std::size_t mailbox_depth() const;

  friend bool operator==(const ActorRef& a, const ActorRef& b) { return a.host_ == b.host_; }

  impl::Host* host() const { return host_; }

 private:
  impl::Host* host_ = nullptr;
};

}  // namespace troupe::kernel

template <>
struct std::hash<troupe::kernel::ActorRef> {
  std::size_t operator()(const troupe::kernel::ActorRef& ref) const noexcept {
    return std::hash<troupe::kernel::ActorId>()(ref.id());
  }
};
