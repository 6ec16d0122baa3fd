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
/// any number of times, `end`, `take`. A form that begins with its length is made in two passes: `measure` when a piece
/// is full, `add` and `forget_turn` to the end, then `begin` and again what came after `measure`.
class ListBody {
 public:
  /// Both outlive it.
  ListBody(const Call& call, const ListQuery& query);

  /// False when the object cannot be encoded: see error().
  bool add(const storage::RecordView& record);
  std::size_t count() const { return count_; }
  /// Bytes made since the last `take` or `forget_turn`.
  std::size_t size() const { return measuring_ ? measured_in_turn_ : items_.size(); }
  const std::optional<ApiError>& error() const { return error_; }

  /// Whether its form begins with its length: protobuf does.
  bool needs_length() const;
  /// From now on items are only counted, until `begin`.
  void measure();
  void forget_turn() { measured_in_turn_ = 0; }
  /// The start of a list that is sent in pieces; with metadata now or at the end (not where the length is needed).
  void begin(const std::optional<ListMeta>& meta);
  std::string take();
  /// False when the list became another one than was measured.
  bool end(const std::optional<ListMeta>& meta);

  ApiResult<std::string> whole(const ListMeta& meta);

 private:
  ApiStatus append(const storage::RecordView& record);
  ApiStatus append_text(const storage::RecordView& record, const schema::Node* object);
  ApiStatus append_protobuf(const storage::RecordView& record, const schema::Node* object);
  std::string_view list_kind() const;
  std::string list_version() const;
  std::string json_head(const std::optional<ListMeta>& meta) const;
  ApiStatus append_yaml_head(const std::optional<ListMeta>& meta, std::string& out) const;
  ApiStatus append_yaml_end();
  std::string protobuf_head(const ListMeta& meta) const;

  const Call& call_;
  const ListQuery& query_;
  TableWriter table_;
  std::string items_;
  std::size_t count_ = 0;
  bool measuring_ = false;
  std::size_t kept_count_ = 0;        ///< Items in `items_` when measuring began.
  std::size_t measured_ = 0;          ///< Bytes of those behind them.
  std::size_t measured_in_turn_ = 0;  ///< Of them, since the turn began.
  std::size_t announced_ = 0;         ///< Bytes of items that the head of a stream in protobuf tells of.
  std::size_t made_ = 0;              ///< The same that were taken or stand in `items_`.
  std::optional<ListMeta> meta_;      ///< Known from the beginning, and told at the end: YAML sorts its keys.
  std::optional<ApiError> error_;
};

}  // namespace troupe::api
