#include "storage/interner.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::storage {

Result<std::uint32_t> Interner::number(std::string_view name) {
  if (!loaded_) {
    if (auto status = load(); !status) return fail(std::move(status.error()));
  }
  if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
  const std::uint32_t next = largest_ + 1;
  Batch batch;
  if (auto added = add(batch, name, next); !added) return fail(std::move(added.error()));
  auto committed = commit_and_wait(store_, std::move(batch));
  if (!committed) return fail(committed.error().with_context("number for " + std::string(name)));
  numbers_.emplace(name, next);
  largest_ = next;
  return next;
}

Status Interner::number_all(const std::vector<std::string>& names) {
  if (!loaded_) {
    if (auto status = load(); !status) return status;
  }
  for (auto at = names.begin(); at != names.end();) {
    Batch batch;
    std::map<std::string, std::uint32_t, std::less<>> given;
    for (; at != names.end() && batch.operations.size() < kMaxOperations; ++at) {
      if (numbers_.contains(*at) || given.contains(*at)) continue;
      const auto next = largest_ + static_cast<std::uint32_t>(given.size()) + 1;
      if (auto added = add(batch, *at, next); !added) return added;
      given.emplace(*at, next);
    }
    if (batch.operations.empty()) break;
    auto committed = commit_and_wait(store_, std::move(batch));
    if (!committed) return fail(committed.error().with_context("numbers of " + table_));
    largest_ += static_cast<std::uint32_t>(given.size());
    numbers_.merge(given);
  }
  return {};
}

Status Interner::add(Batch& batch, std::string_view name, std::uint32_t number) const {
  auto key = make_key(kSystemResource, table_, name);
  if (!key) return fail(std::move(key.error()));
  RecordMeta meta;
  meta.form = Form::kRaw;
  batch.put(std::move(*key), Record::of(meta, std::to_string(number)), Condition::absent());
  return {};
}

Status Interner::load() {
  ListRequest request;
  auto prefix = prefix_of(kSystemResource, table_);
  if (!prefix) return fail(std::move(prefix.error()));
  request.prefix = *prefix;
  request.limit = 1'000'000;
  Status bad;
  auto end = list_now(store_, request, [&](std::string_view key, const RecordView& record) {
    const auto parts = split_key(key);
    const std::string_view text = record.text();
    std::uint32_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!parts || error != std::errc() || stop != text.data() + text.size() || value == 0) {
      bad = fail(ErrorCode::kCorrupt, "the store's table of " + table_ + " has an entry that is no number");
      return false;
    }
    numbers_.emplace(parts->name, value);
    largest_ = std::max(largest_, value);
    return true;
  });
  if (!end) return fail(std::move(end.error()));
  if (!bad) return bad;
  loaded_ = true;
  return {};
}

}  // namespace troupe::storage
