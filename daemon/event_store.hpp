#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "kernel/log.hpp"
#include "storage/behind_store.hpp"
#include "storage/split_store.hpp"

namespace troupe::daemon {

/// The store as everybody sees it: Events (the API kind) live in memory with a counter of their own and a journal
/// written behind, everything else in the main store.
class EventsApart {
 public:
  /// `main` and `logger` outlive it; `events` is the number of the resource; `folder`: of the journal, made when it is
  /// missing; empty: nothing is kept.
  static Result<std::unique_ptr<EventsApart>> open(storage::Store& main, storage::ResourceId events,
                                                   const std::string& folder, kernel::Logger& logger);

  storage::Store& store() { return split_; }

 private:
  EventsApart(storage::Store& main, storage::ResourceId events, std::unique_ptr<storage::BehindStore> behind)
      : behind_(std::move(behind)), split_(main, behind_->store(), storage::prefix_of(events)) {}

  std::unique_ptr<storage::BehindStore> behind_;
  storage::SplitStore split_;
};

}  // namespace troupe::daemon
