#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "api/call.hpp"
#include "api/list_query.hpp"
#include "api/table.hpp"

namespace troupe::api {

/// A list's own metadata.
struct ListMeta {
  storage::Revision revision = 0;
  std::string token;                       ///< "" where nothing follows.
  std::optional<std::uint64_t> remaining;  ///< Objects behind this page, where that is known.
};

/// The text of a list in the form that was asked for, made item by item. Either `whole` at the end, or `begin`, `take`
/// any number of times, `end`, `take`.
class ListBody {
 public:
  /// Both outlive it.
  ListBody(const Call& call, const ListQuery& query);

  /// False when the object cannot be encoded: see error().
  bool add(const storage::RecordView& record);
  std::size_t count() const { return count_; }
  std::size_t size() const { return items_.size(); }
  const std::optional<ApiError>& error() const { return error_; }

  /// Whether its form can be sent before its end is known: JSON can.
  bool can_stream() const;
  /// The start of a list that is sent in pieces; with metadata now or at the end.
  void begin(const std::optional<ListMeta>& meta);
  std::string take() { return std::exchange(items_, {}); }
  void end(const std::optional<ListMeta>& meta);

  ApiResult<std::string> whole(const ListMeta& meta);

 private:
  ApiStatus append(const storage::RecordView& record);
  std::string head() const;
  bool direct_protobuf() const;
  std::string protobuf(const ListMeta& meta) const;
  void separate();

  const Call& call_;
  const ListQuery& query_;
  TableWriter table_;
  std::string items_;
  std::size_t count_ = 0;
  std::optional<ApiError> error_;
};

}  // namespace troupe::api
