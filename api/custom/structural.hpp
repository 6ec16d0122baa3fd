#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/custom/pattern.hpp"
#include "api/error.hpp"
#include "base/result.hpp"
#include "schema/codec/diagnostics.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api::custom {

/// A custom resource's structural schema, ready for use. Its nodes are lent from the definition's document.
struct Structural {
  static constexpr int kMaxDepth = 64;  ///< Of schemas in schemas.
  /// Sizes of all patterns of a definition together: 2.5 MB.
  static constexpr std::size_t kMaxPatterns = 250'000;

  enum class Type : std::uint8_t { kAny, kObject, kArray, kString, kInteger, kNumber, kBoolean };
  struct Property {
    std::string name;
    std::unique_ptr<Structural> schema;
  };

  Type type = Type::kAny;
  bool nullable = false;
  bool preserves_unknown = false;
  bool embedded = false;
  bool int_or_string = false;
  bool any_additional = false;             ///< additionalProperties: true
  std::vector<Property> properties;        ///< By name.
  std::unique_ptr<Structural> additional;  ///< Of an object's other values.
  std::unique_ptr<Structural> items;
  const schema::Node* default_value = nullptr;

  std::string list_type;  ///< "atomic", "set", "map"; "" says atomic.
  std::vector<std::string> list_map_keys;
  bool atomic_map = false;  ///< x-kubernetes-map-type: atomic

  // What a value must be like.
  std::vector<const schema::Node*> values;  ///< enum
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::optional<double> multiple_of;
  bool exclusive_minimum = false;
  bool exclusive_maximum = false;
  bool unique_items = false;
  std::optional<std::int64_t> min_length;
  std::optional<std::int64_t> max_length;
  std::optional<std::int64_t> min_items;
  std::optional<std::int64_t> max_items;
  std::optional<std::int64_t> min_properties;
  std::optional<std::int64_t> max_properties;
  std::optional<Pattern> pattern;
  std::string format;
  std::vector<std::string> required;
  std::vector<Structural> all_of;
  std::vector<Structural> any_of;
  std::vector<Structural> one_of;
  std::unique_ptr<Structural> negated;

  const Structural* property(std::string_view name) const;
  /// The schema of an object's member: the property's, or that of the others. Null: not known.
  const Structural* member(std::string_view name) const;
};

/// Reads a schema that validation found good. `schema` must outlive the result. `room` is what its patterns may take,
/// and shrinks by that. kInvalidArgument, kTooLarge.
Result<Structural> compile_structural(const schema::Node& schema, std::size_t& room);
Result<Structural> compile_structural(const schema::Node& schema);

/// Removes what the schema does not know, telling `diagnostics`. Of the root and of embedded resources apiVersion, kind
/// and metadata stay.
void prune(schema::Document& document, schema::Node& value, const Structural& schema, bool is_resource,
           schema::Diagnostics& diagnostics);

/// Fills in defaults; a null that may not be is replaced by the default, or goes.
ApiStatus fill_structural_defaults(schema::Document& document, schema::Node& value, const Structural& schema);

/// What is wrong with a value, each fault with its path, in kube-apiserver's words.
std::vector<Cause> value_faults(const schema::Node& object, const Structural& schema);

/// The names that a resource keeps whatever its schema says.
bool is_type_or_metadata(std::string_view name);

}  // namespace troupe::api::custom
