#include "daemon/interning.hpp"

#include <charconv>
#include <map>
#include <memory>
#include <string>

namespace troupe::daemon {
namespace {

/// One table: names in the order of the store, the largest number given out so far.
class Table {
 public:
  Table(storage::Store& store, std::string table) : store_(store), table_(std::move(table)) {}

  Result<std::uint32_t> number(std::string_view name) {
    if (!loaded_) {
      if (auto status = load(); !status) return fail(status.error());
    }
    if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
    const std::uint32_t next = largest_ + 1;
    auto key = storage::make_key(storage::kSystemResource, table_, name);
    if (!key) return fail(key.error());
    storage::RecordMeta meta;
    meta.form = storage::Form::kRaw;
    storage::Batch batch;
    batch.put(std::move(*key), storage::Record::of(meta, std::to_string(next)), storage::Condition::absent());
    auto committed = storage::commit_and_wait(store_, std::move(batch));
    if (!committed) return fail(committed.error().with_context("number for " + std::string(name)));
    numbers_.emplace(name, next);
    largest_ = next;
    return next;
  }

 private:
  Status load() {
    storage::ListRequest request;
    auto prefix = storage::prefix_of(storage::kSystemResource, table_);
    if (!prefix) return fail(prefix.error());
    request.prefix = *prefix;
    request.limit = 1'000'000;
    Status bad;
    auto end = storage::list_now(store_, request, [&](std::string_view key, const storage::RecordView& record) {
      const auto parts = storage::split_key(key);
      const std::string_view text = record.text();
      std::uint32_t value = 0;
      const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (!parts || error != std::errc() || value == 0) {
        bad = fail(ErrorCode::kCorrupt, "the store's table of " + table_ + " has an entry that is no number");
        return false;
      }
      numbers_.emplace(parts->name, value);
      largest_ = std::max(largest_, value);
      return true;
    });
    if (!end) return fail(end.error());
    if (!bad) return bad;
    loaded_ = true;
    return {};
  }

  storage::Store& store_;
  std::string table_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::uint32_t largest_ = 0;
  bool loaded_ = false;
};

}  // namespace

api::Interning interning(storage::Store& store) {
  auto resources = std::make_shared<Table>(store, "resources");
  auto kinds = std::make_shared<Table>(store, "kinds");
  api::Interning out;
  out.resource = [resources](std::string_view name) { return resources->number(name); };
  out.kind = [kinds](std::string_view name) { return kinds->number(name); };
  return out;
}

}  // namespace troupe::daemon
