#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/routes.hpp"

namespace troupe::api::custom {

/// The watches of custom kinds: each ends, behind all that happened, when its kind is no longer served as it was when
/// the watch began (its definition is gone or has another schema). A client then lists again or finds nothing there.
/// Any thread.
class Watches {
 public:
  /// `end` is called at most once, while `alive` lives: by `check`, or at once when the kind is not served so any more.
  /// `live` has told, or will tell, its newest routes to `check`.
  void add(const Resource& resource, const LiveRoutes& live, std::weak_ptr<void> alive, std::function<void()> end);
  /// Ends the watches of what these routes do not have as it was.
  void check(const Routes& now);

 private:
  struct Entry {
    std::string group;
    std::string version;
    std::string plural;
    std::uint32_t schema = 0;  ///< The generation of the version that is watched.
    std::weak_ptr<void> alive;
    std::function<void()> end;

    bool is_served(const Routes& now) const;
  };
  std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace troupe::api::custom
