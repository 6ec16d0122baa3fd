#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "kernel/actor.hpp"

namespace troupe::kernel::impl {

/// Makes one actor, once. As a std::function that is only moved, with room inside for what a supervisor keeps of a
/// sleeping child: a million of them have no piece of memory more for it.
class Maker {
 public:
  Maker() = default;
  template <class F, class = std::enable_if_t<!std::is_same_v<std::remove_cvref_t<F>, Maker> &&
                                              std::is_invocable_r_v<std::unique_ptr<Actor>, F&>>>
  Maker(F make)  // NOLINT: as a std::function
      : kind_(&kKind<F>) {
    static_assert(sizeof(F) <= sizeof(room_) && alignof(F) <= alignof(void*));
    static_assert(std::is_nothrow_move_constructible_v<F>);
    new (room_) F(std::move(make));
  }
  Maker(Maker&& other) noexcept : kind_(std::exchange(other.kind_, nullptr)) {
    if (kind_ != nullptr) kind_->move(other.room_, room_);
  }
  Maker& operator=(Maker&& other) noexcept {
    if (this == &other) return *this;
    reset();
    kind_ = std::exchange(other.kind_, nullptr);
    if (kind_ != nullptr) kind_->move(other.room_, room_);
    return *this;
  }
  Maker(const Maker&) = delete;
  Maker& operator=(const Maker&) = delete;
  ~Maker() { reset(); }

  explicit operator bool() const { return kind_ != nullptr; }
  std::unique_ptr<Actor> operator()() { return kind_->make(room_); }
  void reset() {
    if (kind_ != nullptr) std::exchange(kind_, nullptr)->end(room_);
  }

 private:
  struct Kind {
    std::unique_ptr<Actor> (*make)(void* room);
    void (*move)(void* from, void* to);  // ends what was there
    void (*end)(void* room);
  };
  template <class F>
  static constexpr Kind kKind{[](void* room) -> std::unique_ptr<Actor> { return (*static_cast<F*>(room))(); },
                              [](void* from, void* to) {
                                new (to) F(std::move(*static_cast<F*>(from)));
                                static_cast<F*>(from)->~F();
                              },
                              [](void* room) { static_cast<F*>(room)->~F(); }};

  const Kind* kind_ = nullptr;
  alignas(void*) std::byte room_[4 * sizeof(void*)];
};

}  // namespace troupe::kernel::impl
