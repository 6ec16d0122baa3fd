#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/error.hpp"
#include "api/field_set.hpp"
#include "api/field_set_shape.hpp"
#include "api/field_set_walk.hpp"
#include "schema/codec/document.hpp"

/// metadata.managedFields: who owns which field, by whose apply or by whose writes.
namespace troupe::api {

/// Who makes a change, and as what.
struct Editor {
  std::string manager;      ///< "" counts as "unknown".
  std::string api_version;  ///< Of the request: "apps/v1".
  std::string subresource;  ///< "", "status", "scale".
  std::string time;         ///< RFC 3339.
};

/// One entry of managedFields. Its set is read from the document when it is needed, and written when it was changed.
class ManagedEntry {
 public:
  std::string manager;
  bool applied = false;  ///< Operation Apply, else Update.
  std::string api_version;
  std::string subresource;
  std::string time;  ///< "" for none.

  ManagedEntry() = default;
  /// The node lives as long as the entry.
  explicit ManagedEntry(const schema::Node& fields) : fields_(&fields) {}

  /// True for the same manager, operation and subresource and, of updates, the same version.
  bool is_same(const ManagedEntry& other) const;
  const FieldSet& set() const;
  FieldSet& edit();
  bool touches(const FieldSet& other) const;
  void subtract(const FieldSet& other);
  bool empty() const;
  ApiResult<schema::Node> write(schema::Document& document) const;

 private:
  const schema::Node* fields_ = nullptr;
  mutable FieldSet set_;
  mutable bool read_ = false;
  bool edited_ = false;
};

class ManagedFields {
 public:
  static constexpr std::size_t kMaxUpdates = 10;

  ManagedFields() = default;
  /// Of an object's metadata.managedFields, which must outlive this. BadRequest when an entry is malformed.
  static ApiResult<ManagedFields> read(const schema::Node* entries);

  std::vector<ManagedEntry>& entries() { return entries_; }
  const std::vector<ManagedEntry>& entries() const { return entries_; }

  /// Takes what was changed or removed from everybody but the entry `except` (npos: nobody is spared).
  void disown(const FieldSet& changed, const FieldSet& removed, std::size_t except);
  /// The entry of the same manager, or npos.
  std::size_t find(const ManagedEntry& like) const;
  /// Adds fields to the manager's Update entry, makes the entry when it has none, sets its time.
  void own_by_update(const Editor& editor, FieldSet fields);
  /// Drops empty entries; merges the oldest updates of a version when there are over ten: "ancient-changes".
  void tidy();
  /// Replaces metadata.managedFields of the document's object; without entries there is none.
  ApiStatus write(schema::Document& object) const;

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

 private:
  std::vector<ManagedEntry> entries_;
};

/// `"kubectl" using apps/v1`, `"hpa" with subresource "scale" using apps/v1`, for an Apply entry `"me"`.
std::string manager_text(const ManagedEntry& entry);

/// Brings managedFields of `object`, which a create, update or patch made out of `live`, up to date: what differs is
/// the editor's from now on and nobody else's. The request's own managedFields count when they are well-formed and not
/// empty, but for a subresource; `[{}]` forgets all. An object that nobody tracks stays so until it is applied. Both
/// must be in normal form (as stored). `live_is_new`: the object is being created, `live` is the kind's empty object.
ApiStatus track_update(schema::Document& object, const schema::Node& live, bool live_is_new, const Shape& shape,
                       const Editor& editor);

}  // namespace troupe::api
