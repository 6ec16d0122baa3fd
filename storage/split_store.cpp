#include "storage/split_store.hpp"

#include <algorithm>
#include <utility>

#include "storage/conditions.hpp"

namespace troupe::storage {

void SplitStore::get(const Key& key, Revision at, GetDone done) { of(key.bytes()).get(key, at, std::move(done)); }

void SplitStore::list(ListRequest request, Visit visit, ListDone done) {
  Store& part = of(request.prefix.bytes());
  part.list(std::move(request), std::move(visit), std::move(done));
}

/// Takes the conditions on keys of the main store out of a batch that writes apart.
Status SplitStore::check_main(Batch& batch) const {
  std::vector<Operation> kept;
  kept.reserve(batch.operations.size());
  for (Operation& operation : batch.operations) {
    if (prefix_.matches(operation.key.bytes())) {
      kept.push_back(std::move(operation));
      continue;
    }
    if (operation.kind != Operation::Kind::kCheck) {
      return fail(ErrorCode::kInvalidArgument, "a batch that writes into two stores");
    }
    auto got = get_now(main_, operation.key);
    if (!got) return fail(got.error());
    auto good = check_condition(operation, got->record ? &got->record->header() : nullptr);
    if (!good) return good;
  }
  batch.operations = std::move(kept);
  return {};
}

void SplitStore::commit(Batch batch, CommitDone done) {
  const bool writes_apart =
      std::any_of(batch.operations.begin(), batch.operations.end(), [this](const Operation& operation) {
        return operation.kind != Operation::Kind::kCheck && prefix_.matches(operation.key.bytes());
      });
  if (!writes_apart) return main_.commit(std::move(batch), std::move(done));
  if (auto good = check_main(batch); !good) return done(fail(good.error()));
  apart_.commit(std::move(batch), std::move(done));
}

Result<std::unique_ptr<Watch>> SplitStore::watch(WatchRequest request, Ready ready) {
  Store& part = of(request.prefix.bytes());
  return part.watch(std::move(request), std::move(ready));
}

void SplitStore::compact(Revision revision, Callback<void(Status)> done) { main_.compact(revision, std::move(done)); }

Store& part_of(Store& store, const Prefix& prefix) {
  const auto* split = dynamic_cast<const SplitStore*>(&store);
  return split != nullptr ? split->of(prefix.bytes()) : store;
}

}  // namespace troupe::storage
