#pragma once

#include "storage/store.hpp"

namespace troupe::storage {

/// Two stores as one: what is under a prefix lives in a store of its own, with revisions of its own; everything else,
/// and what is asked of the whole, in the main one. Both complete inline and outlive this.
///
/// A batch writes into one of them. One that writes apart may also check keys of the main store: those conditions are
/// looked at before the write, not together with it.
class SplitStore final : public Store {
 public:
  SplitStore(Store& main, Store& apart, Prefix prefix) : main_(main), apart_(apart), prefix_(std::move(prefix)) {}

  void get(const Key& key, Revision at, GetDone done) override;
  void list(ListRequest request, Visit visit, ListDone done) override;
  void commit(Batch batch, CommitDone done) override;
  Result<std::unique_ptr<Watch>> watch(WatchRequest request, Ready ready) override;
  void compact(Revision revision, Callback<void(Status)> done) override;
  Revision revision() const override { return main_.revision(); }
  StoreStats stats() const override { return main_.stats(); }
  Result<std::uint64_t> count(const Prefix& prefix) const override { return of(prefix.bytes()).count(prefix); }
  bool completes_inline() const override { return main_.completes_inline() && apart_.completes_inline(); }

  /// The store that holds what is under a prefix (or a key).
  Store& of(std::string_view bytes) const { return prefix_.matches(bytes) ? apart_ : main_; }

 private:
  Status check_main(Batch& batch) const;

  Store& main_;
  Store& apart_;
  const Prefix prefix_;
};

/// The store whose counter numbers what is under a prefix: the given one, or a part of it.
Store& part_of(Store& store, const Prefix& prefix);

}  // namespace troupe::storage
