#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace troupe::schema {

/// Bytes that an encoder appends to, made to be reused: clear() keeps the memory, growing does not zero it.
class ByteBuffer {
 public:
  std::string_view view() const { return {data_.get(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t capacity() const { return capacity_; }
  void clear() { size_ = 0; }
  /// Cuts to `size`, which must not be more than there is.
  void truncate(std::size_t size) { size_ = size; }
  char& back() { return data_[size_ - 1]; }

  void push(char c) {
    if (size_ == capacity_) grow(1);
    data_[size_++] = c;
  }
  void append(std::string_view text) {
    if (text.empty()) return;
    char* to = reserve(text.size());
    std::memcpy(to, text.data(), text.size());
    size_ += text.size();
  }
  /// Room for at least `n` more bytes; advance() says how many were written.
  char* reserve(std::size_t n) {
    if (capacity_ - size_ < n) grow(n);
    return data_.get() + size_;
  }
  void advance(std::size_t n) { size_ += n; }

 private:
  void grow(std::size_t n) {
    std::size_t capacity = capacity_ == 0 ? 1024 : capacity_ * 2;
    while (capacity - size_ < n) capacity *= 2;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace troupe::schema
