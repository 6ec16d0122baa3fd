#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/document.hpp"
#include "schema/codec/stored.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// A read-only view of a value, whatever holds it: the stored form (through the type's tables) or a Document.
/// Selectors, columns, validation and patch read objects through it alone. Cheap to copy; lives as long as what it
/// looks at.
class Value {
 public:
  enum class Kind : std::uint8_t {
    kAbsent,  ///< No such field, or not set.
    kNull,    ///< An explicit null: Documents only.
    kBool,
    kInt,
    kDouble,
    kText,  ///< Also quantities, and times, durations and bytes in the stored form: text() has them as JSON does.
    kRaw,   ///< Any JSON that the stored form keeps as text: raw_json().
    kList,
    kMap,  ///< String keys, values of one type. A Document without a type has objects only.
    kObject,
  };

  Value() = default;
  /// An object in the stored form.
  Value(const Type& type, const StructView& object) : type_(&type), object_(object), source_(Source::kStruct) {}
  /// A document's value, of which the type is known or null.
  explicit Value(const Node& node, const Type* type = nullptr) : node_(&node), type_(type), source_(Source::kNode) {}

  Kind kind() const;
  explicit operator bool() const { return kind() != Kind::kAbsent; }
  /// Of an object; null when it is not known.
  const Type* type() const { return type_; }
  /// The field that this is the value (or an item) of; null for a root, and where no type is known.
  const Field* field() const { return field_; }

  /// Zero of each type when this is something else.
  bool as_bool() const;
  std::int64_t as_int() const;
  double as_double() const;
  /// kText that lies somewhere as text: strings, quantities, an IntOrString's string. Else "".
  std::string_view as_text() const;
  std::string_view raw_json() const;
  /// Any scalar as JSON shows it, without quotes: "true", "12", "2006-01-02T15:04:05Z". "" for the rest.
  void append_text(ByteBuffer& out) const;
  std::string text() const;

  /// Items of a list, entries of a map, members of a Document's object.
  std::size_t size() const;
  /// Of a list.
  Value at(std::size_t i) const;
  /// Of an object, by JSON name through inlined structs, or a map, by key.
  Value get(std::string_view name) const;
  /// "spec.containers[0].name", "metadata.labels[app.kubernetes.io/name]": as paths are reported. Absent when any step
  /// is.
  Value find(std::string_view path) const;

  /// f(key, Value) for every entry of a map or member that is set of an object, f(Value) for every item of a list;
  /// stops when f returns false.
  template <class F>
  void for_each_member(F&& f) const {
    const std::size_t n = member_slots();
    for (std::size_t i = 0; i < n; ++i) {
      const auto [key, value] = member(i);
      if (value && !f(key, value)) return;
    }
  }
  template <class F>
  void for_each_item(F&& f) const {
    const std::size_t n = kind() == Kind::kList ? size() : 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (!f(at(i))) return;
    }
  }

 private:
  enum class Source : std::uint8_t { kNothing, kNode, kStruct, kField, kItem };
  static Value of_field(const Field& field, const StructView& owner);
  Kind field_kind() const;
  Kind item_kind() const;
  bool is_set() const;
  std::size_t member_slots() const;
  std::pair<std::string_view, Value> member(std::size_t i) const;
  Value get_field(std::string_view name) const;
  Value get_entry(std::string_view key) const;
  Value get_node(std::string_view name) const;
  std::int64_t stored_number() const;
  std::string_view stored_text() const;
  std::string_view stored_bytes() const;
  StructView stored_struct() const;

  const Node* node_ = nullptr;
  const Type* type_ = nullptr;
  const Field* field_ = nullptr;
  StructView object_;  // kStruct: the object. kField: the struct that holds the field.
  ListView list_;      // kItem: the list.
  std::uint32_t index_ = 0;
  Source source_ = Source::kNothing;
};

}  // namespace troupe::schema
