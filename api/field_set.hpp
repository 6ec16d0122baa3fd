#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/error.hpp"
#include "schema/codec/document.hpp"

/// Sets of field paths, as managedFields keeps them (fieldsV1).
namespace troupe::api {

/// A tree of steps. A step is written as in fieldsV1: `f:spec`, `k:{"name":"web"}` (an item of a list by its keys),
/// `v:"a"` (an item of a set), `i:0`. A path belongs to the set when the node at its end is a member.
struct FieldSet {
  std::string step;                ///< "" at the root.
  bool member = false;             ///< `.` in fieldsV1.
  std::vector<FieldSet> children;  ///< Sorted by step; none of them is empty.

  bool empty() const { return !member && children.empty(); }
  const FieldSet* find(std::string_view wanted) const;
  bool operator==(const FieldSet&) const = default;

  /// Adds a path of steps. For tests and tables: building by walking is cheaper.
  void insert(const std::vector<std::string>& path);
  /// Sorts children that were appended in any order.
  void sort();

  void unite(const FieldSet& other);
  /// Takes the other's members out, one by one: what lies below them stays.
  void subtract(const FieldSet& other);
  FieldSet intersection(const FieldSet& other) const;
};

/// True when the set that `fields` (fieldsV1) shows and `other` have a member in common. Reads only what both have.
bool intersects(const schema::Node& fields, const FieldSet& other);

/// The set that fieldsV1 shows. BadRequest when it is none.
ApiResult<FieldSet> read_field_set(const schema::Node& fields);

/// The set as fieldsV1 in the document's arena.
ApiResult<schema::Node> write_field_set(const FieldSet& set, schema::Document& document);

/// All members as clients read them: `.spec.containers[name="web"].image`, in the tree's order.
std::vector<std::string> path_texts(const FieldSet& set);

/// One step as clients read it: `.spec`, `[name="web"]`, `[="a"]`, `[0]`.
std::string step_text(std::string_view step);

}  // namespace troupe::api
