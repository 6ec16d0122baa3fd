#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace troupe::storage {

template <class Signature>
class Callback;

/// A function that is moved, never copied, and called as often as its owner says (completions: exactly once).
/// Captures of up to 56 bytes live inside; larger ones on the heap. Calling an empty one is undefined.
template <class R, class... Args>
class Callback<R(Args...)> {
 public:
  Callback() = default;
  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, Callback>>>
  Callback(F&& f) {  // NOLINT(google-explicit-constructor): a lambda is meant to become one
    using Stored = std::decay_t<F>;
    if constexpr (sizeof(Stored) <= kInline && alignof(Stored) <= alignof(std::max_align_t) &&
                  std::is_nothrow_move_constructible_v<Stored>) {
      ::new (static_cast<void*>(space_)) Stored(std::forward<F>(f));
      table_ = &kInlineTable<Stored>;
    } else {
      ::new (static_cast<void*>(space_)) Stored*(new Stored(std::forward<F>(f)));
      table_ = &kHeapTable<Stored>;
    }
  }
  Callback(Callback&& other) noexcept { take(other); }
  Callback& operator=(Callback&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() { reset(); }

  explicit operator bool() const { return table_ != nullptr; }
  R operator()(Args... args) { return table_->call(space_, std::forward<Args>(args)...); }

 private:
  static constexpr std::size_t kInline = 56;
  struct Table {
    R (*call)(void*, Args&&...);
    void (*move)(void* from, void* to);
    void (*destroy)(void*);
  };

  template <class F>
  static constexpr Table kInlineTable{
      [](void* p, Args&&... args) -> R { return (*static_cast<F*>(p))(std::forward<Args>(args)...); },
      [](void* from, void* to) {
        ::new (to) F(std::move(*static_cast<F*>(from)));
        static_cast<F*>(from)->~F();
      },
      [](void* p) { static_cast<F*>(p)->~F(); }};
  template <class F>
  static constexpr Table kHeapTable{
      [](void* p, Args&&... args) -> R { return (**static_cast<F**>(p))(std::forward<Args>(args)...); },
      [](void* from, void* to) { ::new (to) F*(*static_cast<F**>(from)); },
      [](void* p) { delete *static_cast<F**>(p); }};

  void take(Callback& other) {
    table_ = std::exchange(other.table_, nullptr);
    if (table_ != nullptr) table_->move(other.space_, space_);
  }
  void reset() {
    if (table_ != nullptr) std::exchange(table_, nullptr)->destroy(space_);
  }

  const Table* table_ = nullptr;
  alignas(std::max_align_t) std::byte space_[kInline];
};

}  // namespace troupe::storage
