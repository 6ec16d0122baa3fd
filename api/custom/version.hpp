#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/custom/json_path.hpp"
#include "api/custom/structural.hpp"
#include "base/result.hpp"
#include "schema/codec/document.hpp"
#include "schema/resource_table.hpp"
#include "schema/type_table.hpp"

namespace troupe::api::custom {

/// A CustomResourceDefinition as it is stored. What it lends lives as long as it does.
struct Definition {
  schema::Document object;
  std::uint64_t revision = 0;

  std::string_view name() const;
  std::string_view group() const;
  std::string_view plural() const;
  std::string_view kind() const;
  const schema::Node* spec() const;
  bool namespaced() const;
  bool deleting() const;
};

/// The names that a definition was granted.
struct Names {
  std::string plural;
  std::string singular;
  std::string kind;
  std::string list_kind;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;

  friend bool operator==(const Names&, const Names&) = default;
};

/// Where a scale stands in an object: the members on the way.
struct ScalePaths {
  std::vector<std::string> spec_replicas;
  std::vector<std::string> status_replicas;
  std::vector<std::string> selector;  ///< Empty: there is none.
};

/// One version of a custom kind, ready to serve. Immutable.
struct Version {
  /// `node` is the version in the definition's spec; `types` must outlive the result. kInvalidArgument for what
  /// validation would have refused.
  static Result<std::shared_ptr<const Version>> make(std::shared_ptr<const Definition> of, const schema::Node& node,
                                                     Names names, const schema::TypeTable& types);

  std::shared_ptr<const Definition> of;
  std::string_view name;
  std::string deprecation;  ///< A warning for each request; empty: not deprecated.
  Names names;
  const schema::Node* schema_node = nullptr;
  Structural schema;
  /// Tells records written by this schema from others; in their headers.
  std::uint32_t generation = 0;
  bool has_status = false;
  std::optional<ScalePaths> scale;

  std::optional<schema::TypeTable> table;
  const schema::Type* type = nullptr;           ///< The shape of the schema, for apply.
  const schema::Type* metadata_type = nullptr;  ///< An object of nothing but metadata.

  std::vector<std::string_view> short_names;
  std::vector<std::string_view> categories;
  std::vector<std::string_view> selectable;
  std::vector<schema::Subresource> subresources;
  std::vector<schema::Column> columns;
  std::vector<JsonPath> column_paths;     ///< As columns.
  std::vector<std::string> descriptions;  ///< As columns.
  std::deque<std::string> kept;           ///< Text that the others lend.
};

/// Types that show apply how a schema's lists and maps are merged: `root` first, then those inside.
Result<schema::TypeTable> shape_types(const Structural& schema, const schema::TypeTable& built_in);

inline constexpr std::string_view kShapeRoot = "custom";
inline constexpr std::string_view kShapeMetadata = "custom.metadata";

}  // namespace troupe::api::custom
