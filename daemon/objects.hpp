#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/routes.hpp"
#include "base/result.hpp"
#include "storage/store.hpp"

namespace troupe::daemon {

/// An object as the store keeps it: one Cap'n Proto segment, in words.
using Segment = std::vector<std::uint64_t>;
using SegmentView = std::span<const std::uint64_t>;

/// The payload of a record as words; kUnsupported when it is kept in another form.
Result<SegmentView> segment_of(const storage::RecordView& record);

/// Reads and writes of single objects for actors: what a client does with get, update and retry on conflict, without
/// the API's front. Any thread; callbacks come on any thread.
class Objects {
 public:
  using Done = std::function<void(Status)>;
  /// From the stored object to the one to store; nothing: leave it as it is. It may be called several times.
  using Change = std::function<Result<std::optional<Segment>>(SegmentView current)>;
  /// Runs a job soon, never inside the call.
  using Post = std::function<void(std::function<void()>)>;

  /// Store and routes must outlive it.
  Objects(storage::Store& store, const api::Routes& routes, Post post);

  /// Null when there is no such resource.
  const api::Resource* resource(std::string_view group, std::string_view version, std::string_view plural) const;
  storage::Store& store() const;
  /// From now on writes that have to be tried again are dropped, without an answer: whoever asked is about to go.
  void close();

  /// Reads, changes and writes under the condition that nobody wrote in between; else again, a few times. kNotFound;
  /// the change's error; kBusy, kUnavailable, kNoSpace of the store.
  void update(const api::Resource& resource, const std::string& ns, const std::string& name, Change change, Done done);
  /// kAlreadyExists; the store's errors.
  void create(const api::Resource& resource, const std::string& ns, const std::string& name, const Segment& object,
              Done done);
  struct NewObject {
    std::string ns;
    std::string name;
    Segment object;
  };
  /// Puts objects in one write, whatever is there: of one resource, at most storage::kMaxOperations.
  void put_all(const api::Resource& resource, const std::vector<NewObject>& objects, Done done);
  /// Erases it if `may` says so (an error is the answer). kNotFound; the store's errors.
  void erase(const api::Resource& resource, const std::string& ns, const std::string& name,
             std::function<Status(SegmentView current)> may, Done done);

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace troupe::daemon
