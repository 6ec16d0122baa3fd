#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/error.hpp"
#include "api/request_info.hpp"
#include "api/routes.hpp"
#include "api/selectors.hpp"
#include "storage/store.hpp"

namespace troupe::api {

/// What a list or a watch asks for, read from the query.
struct ListQuery {
  LabelSelector labels;
  FieldSelector fields;
  std::uint64_t limit = 0;               ///< 0: all.
  storage::Revision at = storage::kNow;  ///< For a list: the exact revision, or kNow.
  storage::Revision at_least = 0;        ///< Not older than this one.
  bool has_revision = false;             ///< The query names a resourceVersion.
  storage::Revision revision = 0;        ///< As named.
  storage::Key after;                    ///< From a continue token.
  bool inconsistent = false;             ///< The token is of a list that goes on at whatever revision is the newest.
  bool allow_bookmarks = false;
  bool send_initial_events = false;
  std::optional<std::uint64_t> timeout_seconds;

  bool selects_all() const { return labels.matches_all() && fields.matches_all(); }
  bool matches(const schema::Node& object) const;
};

/// BadRequest or Invalid with the reason; a field selector may name only the resource's selectable fields.
ApiResult<ListQuery> parse_list_query(const RequestInfo& info, const Resource& resource);

/// A continue token: which revision is shown, and behind which key to go on.
std::string continue_token(storage::Revision revision, const storage::Key& last);

/// A continue token that shows the newest state behind a key, for where the state that was shown is no longer kept.
std::string inconsistent_token(const storage::Key& last);

/// The keys of a request: a namespace of the resource, or all of it.
ApiResult<storage::Prefix> prefix_for(const RequestInfo& info, const Resource& resource);

}  // namespace troupe::api
