#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "kernel/slabs.hpp"

namespace troupe::kernel {

/// Values by numbers that are given in rising order and never again. Numbers near each other lie in one page of 16, so
/// a million of them cost neither a node nor a place in a hash table each. In order of the numbers; values do not move.
/// Memory is that of the pages that hold something. Not for several threads.
template <class T>
class PagedTable {
 public:
  using Id = std::uint64_t;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  T* find(Id id) {
    Page* page = page_of(id);
    return page != nullptr && page->has(id) ? &page->values[id % kPage] : nullptr;
  }
  const T* find(Id id) const { return const_cast<PagedTable*>(this)->find(id); }
  bool contains(Id id) const { return find(id) != nullptr; }

  /// Replaces what is there.
  T& put(Id id, T value) {
    Page* page = page_of(id);
    if (page == nullptr) page = new_page(id);
    size_ += page->has(id) ? 0 : 1;
    page->used |= bit(id);
    return page->values[id % kPage] = std::move(value);
  }
  /// What was there, or an empty value.
  T take(Id id) {
    Page* page = page_of(id);
    if (page == nullptr || !page->has(id)) return T();
    T value = std::exchange(page->values[id % kPage], T());
    page->used &= static_cast<std::uint16_t>(~bit(id));
    --size_;
    if (page->used == 0) drop_page(id);
    return value;
  }
  bool erase(Id id) {
    const std::size_t before = size_;
    take(id);
    return size_ != before;
  }

  /// Calls `use(id, value)` for those from `first` on, in rising order. `use` must not change the table.
  template <class Use>
  void each(Use&& use, Id first = 0) const {
    for (auto page = pages_.lower_bound(first / kPage); page != pages_.end(); ++page)
      for (std::uint16_t left = page->second->used; left != 0; left &= static_cast<std::uint16_t>(left - 1)) {
        const Id id = page->first * kPage + static_cast<Id>(std::countr_zero(left));
        if (id >= first) use(id, std::as_const(page->second->values[id % kPage]));
      }
  }

 private:
  static constexpr Id kPage = 16;

  struct Page {
    std::array<T, kPage> values{};
    std::uint16_t used = 0;
    bool has(Id id) const { return (used & bit(id)) != 0; }
    static void* operator new(std::size_t size) { return Slabs::take(size); }
    static void operator delete(void* page) { Slabs::give(page, sizeof(Page)); }
  };
  static std::uint16_t bit(Id id) { return static_cast<std::uint16_t>(1U << (id % kPage)); }

  Page* page_of(Id id) {
    const Id number = id / kPage;
    if (last_ != nullptr && last_number_ == number) return last_;
    const auto found = pages_.find(number);
    if (found == pages_.end()) return nullptr;
    last_number_ = number;
    return last_ = found->second.get();
  }
  Page* new_page(Id id) {
    std::unique_ptr<Page> page = spare_ ? std::move(spare_) : std::make_unique<Page>();
    last_number_ = id / kPage;
    last_ = page.get();
    pages_.emplace_hint(pages_.end(), last_number_, std::move(page));
    return last_;
  }
  // One page is kept: numbers that come and go at once do not allocate one each.
  void drop_page(Id id) {
    const auto found = pages_.find(id / kPage);
    spare_ = std::move(found->second);
    pages_.erase(found);
    last_ = nullptr;
  }

  std::map<Id, std::unique_ptr<Page>> pages_;
  std::unique_ptr<Page> spare_;
  Page* last_ = nullptr;  // where something was wanted last
  Id last_number_ = 0;
  std::size_t size_ = 0;
};

}  // namespace troupe::kernel
