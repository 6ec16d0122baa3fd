#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/error.hpp"
#include "schema/codec/document.hpp"
#include "schema/type_table.hpp"

namespace troupe::api {

/// How apply sees one value: as one (a leaf), or by its members or items.
struct Shape {
  enum class Form : std::uint8_t {
    kLeaf,     ///< A scalar, or a list, map or struct that belongs to its owner as a whole.
    kStruct,   ///< An object of `type`.
    kMap,      ///< An object with any keys; values are as `entry`.
    kSet,      ///< A list of scalars, each there once.
    kKeyed,    ///< A list of objects of `type`, told apart by the values of `keys`.
    kUntyped,  ///< Nothing is known: objects by their members, all else is one.
  };

  Form form = Form::kUntyped;
  const schema::Type* type = nullptr;
  const schema::Field* entry = nullptr;
  std::span<const std::string_view> keys;

  bool is_object() const { return form == Form::kStruct || form == Form::kMap || form == Form::kUntyped; }
  bool is_list() const { return form == Form::kSet || form == Form::kKeyed; }

  /// The shape of a member. Nothing when the type has no such field and keeps no unknown ones.
  std::optional<Shape> member(std::string_view name) const;
  /// True when the member is a field that the type declares: no key of a map.
  bool declares(std::string_view name) const;
  /// The shape of an item of a kSet or kKeyed.
  Shape item() const;
};

/// Of a whole object; without a type kUntyped.
Shape shape_of(const schema::Type* type);

/// The step that names an item of a kSet or kKeyed list: `v:"a"`, `k:{"containerPort":80,"protocol":"TCP"}`. A key
/// that is absent has the default of its type. The message of a failure is what is wrong with the item.
ApiResult<std::string> item_step(const Shape& list, const schema::Node& item);

}  // namespace troupe::api
