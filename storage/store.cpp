#include "storage/store.hpp"

#include <algorithm>
#include <future>
#include <string_view>

namespace troupe::storage {

Status validate(const Batch& batch) {
  if (batch.operations.empty()) return fail(ErrorCode::kInvalidArgument, "batch without operations");
  if (batch.operations.size() > kMaxOperations) {
    return fail(ErrorCode::kTooLarge, "batch of " + std::to_string(batch.operations.size()) + " operations, at most " +
                                          std::to_string(kMaxOperations) + " are allowed");
  }
  std::vector<std::string_view> keys;
  keys.reserve(batch.operations.size());
  std::size_t total = 0;
  for (const Operation& operation : batch.operations) {
    if (operation.key.empty()) return fail(ErrorCode::kInvalidArgument, "operation without a key");
    keys.push_back(operation.key.bytes());
    if (operation.kind != Operation::Kind::kPut) continue;
    if (!operation.record) {
      return fail(ErrorCode::kInvalidArgument, "put of " + printable(operation.key.bytes()) + " without a record");
    }
    const std::size_t size = operation.record.payload().size();
    if (size > kMaxPayload) {
      return fail(ErrorCode::kTooLarge, printable(operation.key.bytes()) + " has " + std::to_string(size) +
                                            " bytes, at most " + std::to_string(kMaxPayload) + " are allowed");
    }
    total += size;
  }
  if (total > kMaxBatchBytes) {
    return fail(ErrorCode::kTooLarge, "batch of " + std::to_string(total) + " bytes, at most " +
                                          std::to_string(kMaxBatchBytes) + " are allowed");
  }
  if (keys.size() > 1) {
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
      return fail(ErrorCode::kInvalidArgument, "two operations of a batch on " + printable(*twice));
    }
  }
  return {};
}

Result<GetResult> get_now(Store& store, const Key& key, Revision at) {
  Result<GetResult> result = fail(ErrorCode::kUnsupported, "store does not answer on the caller's thread");
  store.get(key, at, [&result](Result<GetResult> r) { result = std::move(r); });
  return result;
}

Result<ListEnd> list_now(Store& store, ListRequest request, Visit visit) {
  Result<ListEnd> result = fail(ErrorCode::kUnsupported, "store does not answer on the caller's thread");
  store.list(std::move(request), std::move(visit), [&result](Result<ListEnd> r) { result = std::move(r); });
  return result;
}

Result<Committed> commit_and_wait(Store& store, Batch batch) {
  // Shared: the store's thread may still be inside set_value when the answer is already taken.
  auto promise = std::make_shared<std::promise<Result<Committed>>>();
  auto answer = promise->get_future();
  store.commit(std::move(batch), [promise](Result<Committed> r) { promise->set_value(std::move(r)); });
  return answer.get();
}

Status compact_and_wait(Store& store, Revision revision) {
  auto promise = std::make_shared<std::promise<Status>>();
  auto answer = promise->get_future();
  store.compact(revision, [promise](Status r) { promise->set_value(std::move(r)); });
  return answer.get();
}

}  // namespace troupe::storage
