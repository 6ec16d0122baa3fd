#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

namespace troupe::kernel {

/// What kind of message a block holds: one object per type in the whole program, compared by address.
struct MessageType {
  std::uint64_t id;       ///< The schema's type id; 0 for a plain C++ struct, which never leaves the process.
  std::string_view name;  ///< "troupe::test::Ping"
};

namespace impl {

template <class T>
constexpr std::string_view type_name() {
  const std::string_view text = __PRETTY_FUNCTION__;
  const auto begin = text.find("T = ") + 4;
  const auto end = text.find_first_of(";]", begin);
  return text.substr(begin, end - begin);
}

template <class T>
constexpr std::uint64_t schema_id() {
  if constexpr (requires { T::_capnpPrivate::typeId; }) {
    return T::_capnpPrivate::typeId;
  } else {
    return 0;
  }
}

/// A reference-counted payload. A Cap'n Proto message follows the header in one piece; a plain struct is in a subclass.
struct MessageBlock;
void retain(const MessageBlock* block) noexcept;
void release(const MessageBlock* block) noexcept;
const MessageType* type_of(const MessageBlock* block) noexcept;
const std::uint64_t* words_of(const MessageBlock* block) noexcept;
std::size_t word_count_of(const MessageBlock* block) noexcept;
const void* object_of(const MessageBlock* block) noexcept;
/// Room for `words` zeroed words; the caller fills it before anybody else sees it.
MessageBlock* new_words(const MessageType* type, std::size_t words, std::uint64_t** data);
/// Room for one object, which the caller builds in `*place` before anybody else sees the block; `destroy` ends it.
MessageBlock* new_object(const MessageType* type, std::size_t size, std::size_t align, void (*destroy)(void*),
                         void** place);
/// Gives back a block whose object was never built.
void forget_object(MessageBlock* block) noexcept;

}  // namespace impl

/// The type object of T, a generated Cap'n Proto struct or a plain C++ struct. T must be complete.
template <class T>
const MessageType* message_type() {
  static const MessageType type{impl::schema_id<T>(), impl::type_name<T>()};
  return &type;
}

/// An immutable message of any type; copies share it.
class AnyMsg {
 public:
  AnyMsg() = default;
  /// Takes over one reference.
  explicit AnyMsg(const impl::MessageBlock* adopted) noexcept : block_(adopted) {}
  AnyMsg(const AnyMsg& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) impl::retain(block_);
  }
  AnyMsg(AnyMsg&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  AnyMsg& operator=(AnyMsg other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~AnyMsg() {
    if (block_ != nullptr) impl::release(block_);
  }

  explicit operator bool() const { return block_ != nullptr; }
  /// Null for an empty message.
  const MessageType* type() const { return block_ == nullptr ? nullptr : impl::type_of(block_); }
  template <class T>
  bool is() const {
    return block_ != nullptr && impl::type_of(block_) == message_type<T>();
  }
  const impl::MessageBlock* block() const { return block_; }

 private:
  const impl::MessageBlock* block_ = nullptr;
};

/// An immutable Cap'n Proto message with typed reading. Naming `Msg<Pod>` needs only `struct Pod;`; building and
/// reading need "kernel/msg_capnp.hpp" and the generated header.
template <class T>
class Msg : public AnyMsg {
 public:
  Msg() = default;
  explicit Msg(const impl::MessageBlock* adopted) noexcept : AnyMsg(adopted) {}
  /// Empty when `any` is of another type.
  static Msg from(const AnyMsg& any) {
    Msg typed;
    if (any.is<T>()) static_cast<AnyMsg&>(typed) = any;
    return typed;
  }

  /// The typed reader. Valid, with everything read from it, as long as this message is held. The message must not
  /// be empty. Reading has no traversal limit: what is in a mailbox was built or checked by this process.
  template <class U = T>
  typename U::Reader read() const;

  /// `msg->getFoo()`.
  template <class U = T>
  auto operator->() const {
    struct Arrow {
      typename U::Reader reader;
      typename U::Reader* operator->() { return &reader; }
    };
    return Arrow{this->template read<U>()};
  }
};

/// An immutable plain C++ struct as a message: for use inside the process only (callbacks, addresses, exit reasons).
template <class T>
class Local : public AnyMsg {
 public:
  Local() = default;
  template <class... Args>
  static Local make(Args&&... args) {
    void* place = nullptr;
    impl::MessageBlock* block = impl::new_object(
        message_type<T>(), sizeof(T), alignof(T), [](void* p) { static_cast<T*>(p)->~T(); }, &place);
    try {
      new (place) T{std::forward<Args>(args)...};
    } catch (...) {
      impl::forget_object(block);
      throw;
    }
    Local local;
    static_cast<AnyMsg&>(local) = AnyMsg(block);
    return local;
  }
  static Local from(const AnyMsg& any) {
    Local typed;
    if (any.is<T>()) static_cast<AnyMsg&>(typed) = any;
    return typed;
  }
  const T& operator*() const { return *static_cast<const T*>(impl::object_of(block())); }
  const T* operator->() const { return &**this; }
};

template <class T, class... Args>
Local<T> make_local(Args&&... args) {
  return Local<T>::make(std::forward<Args>(args)...);
}

}  // namespace troupe::kernel
