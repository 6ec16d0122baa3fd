#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.hpp"

namespace troupe::storage {

/// Numbers for names, kept for ever in one of the store's own tables (keyspace.hpp, resource 0): a name that has none
/// gets the next one, from 1, and the number is durable before it is used. One caller at a time; waits for the store,
/// so never on an event loop.
class Interner {
 public:
  /// `table`: "resources" or "kinds". The store outlives it.
  Interner(Store& store, std::string table) : store_(store), table_(std::move(table)) {}

  /// kCorrupt: the table holds something else than numbers. Otherwise as make_key and Store::commit.
  Result<std::uint32_t> number(std::string_view name);

  /// Numbers those of the names that have none, in their order and in as few commits as the store takes them in.
  Status number_all(const std::vector<std::string>& names);

 private:
  Status load();
  Status add(Batch& batch, std::string_view name, std::uint32_t number) const;

  Store& store_;
  std::string table_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::uint32_t largest_ = 0;
  bool loaded_ = false;
};

}  // namespace troupe::storage
