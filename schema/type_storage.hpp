#pragma once

#include <deque>
#include <functional>
#include <memory_resource>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/type_table.hpp"

namespace troupe::schema {

/// Counts what an arena takes from the heap.
class CountingResource : public std::pmr::memory_resource {
 public:
  std::size_t bytes() const { return bytes_; }

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    bytes_ += size;
    return std::pmr::new_delete_resource()->allocate(size, alignment);
  }
  void do_deallocate(void* at, std::size_t size, std::size_t alignment) override {
    bytes_ -= size;
    std::pmr::new_delete_resource()->deallocate(at, size, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  std::size_t bytes_ = 0;
};

struct KindKey {
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  friend bool operator==(const KindKey&, const KindKey&) = default;
};

struct KindKeyHash {
  std::size_t operator()(const KindKey& key) const {
    const std::hash<std::string_view> hash;
    return (hash(key.group) * 31 + hash(key.version)) * 31 + hash(key.kind);
  }
};

/// What a TypeTable owns: everything lies in one arena.
struct TypeTable::Storage {
  CountingResource counted;
  std::pmr::monotonic_buffer_resource arena{256UL * 1024, &counted};
  std::pmr::deque<Type> types{&arena};
  std::pmr::deque<EnumFacts> enums{&arena};
  std::pmr::vector<const Type*> list{&arena};
  std::pmr::unordered_map<std::string_view, Type*> by_name{&arena};
  std::pmr::unordered_map<std::string_view, const EnumFacts*> enum_by_name{&arena};
  std::pmr::unordered_map<std::uint64_t, const Type*> by_id{&arena};
  std::pmr::unordered_map<KindKey, const Type*, KindKeyHash> kinds{&arena};
};

}  // namespace troupe::schema
