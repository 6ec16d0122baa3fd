#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// Makes a TypeTable: the built-in one from the schema's annotations; at run time one from a custom resource's schema,
/// whose fields may point to types of another table that must live longer (ObjectMeta).
///
///   TypeBuilder b;
///   Type& t = b.add_type("example.com/v1.Widget");
///   t.kind = ...; auto fields = b.add_fields(t, 2); fields[0].name = b.keep("size"); ...
///   b.add_kind("example.com", "v1", "Widget", t);
///   Result<TypeTable> table = std::move(b).build(Layout::kAssign);
///
/// Types and fields do not move, so a field may point to a type whose own fields come later.
class TypeBuilder {
 public:
  static constexpr std::size_t kMaxFields = 4096;   ///< Of one type.
  static constexpr std::size_t kMaxTypes = 100000;  ///< Of one table.

  /// Who decides where a field lies in its struct.
  enum class Layout : std::uint8_t {
    kGiven,   ///< `offset`, `presence_bit`, `data_words` and `pointer_count` are filled in.
    kAssign,  ///< build() lays the fields out in their order.
  };

  TypeBuilder();
  TypeBuilder(TypeBuilder&&) noexcept;
  ~TypeBuilder();

  /// A copy of the text that lives as long as the table.
  std::string_view keep(std::string_view text);
  /// Room for `count` values that lives as long as the table.
  template <class T>
  std::span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    // Arrays of pointers are meant where T is one.
    T* first = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));  // NOLINT(bugprone-sizeof-expression)
    std::uninitialized_value_construct_n(first, count);
    return {first, count};
  }
  /// A new type; `name` is kept as it is, not copied.
  Type& add_type(std::string_view name);
  /// The type's fields, to fill in. Once for each type.
  std::span<Field> add_fields(Type& type, std::size_t count);
  /// Lets clients find the type. "*" as group and version stands for all.
  void add_kind(std::string_view group, std::string_view version, std::string_view kind, const Type& type);
  EnumFacts& add_enum(std::string_view name);
  /// Null when there is none (yet).
  Type* find(std::string_view name);
  const EnumFacts* find_enum(std::string_view name);

  /// Orders the fields and builds the look-ups. Fails (kInvalidArgument) on two fields of one name or number, inlined
  /// structs that contain themselves, and over the limits.
  Result<TypeTable> build(Layout layout) &&;

 private:
  struct Impl;
  void* allocate(std::size_t bytes, std::size_t alignment);
  std::unique_ptr<Impl> impl_;
};

}  // namespace troupe::schema
