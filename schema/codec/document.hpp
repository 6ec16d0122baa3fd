#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "schema/codec/limits.hpp"

namespace troupe::schema {

class Document;
struct Member;

/// A JSON value in a Document's arena: 16 bytes, cheap to copy; a copy shares its children and lives as long as the
/// Document. Integers that fit int64 are kInt, all other numbers kDouble, as in Kubernetes.
class Node {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

  Node() = default;
  explicit Node(bool value) : kind_(Kind::kBool) { value_.boolean = value; }
  explicit Node(std::int64_t value) : kind_(Kind::kInt) { value_.integer = value; }
  explicit Node(double value) : kind_(Kind::kDouble) { value_.number = value; }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_int() const { return kind_ == Kind::kInt; }

  /// Each is valid for its kind only.
  bool as_bool() const { return value_.boolean; }
  std::int64_t as_int() const { return value_.integer; }
  double as_double() const { return kind_ == Kind::kInt ? static_cast<double>(value_.integer) : value_.number; }
  std::string_view as_string() const { return {value_.text, size_}; }

  /// Members of an object, items of an array; else 0.
  std::size_t size() const { return is_object() || is_array() ? size_ : 0; }
  std::span<const Node> items() const {
    return is_array() ? std::span<const Node>(value_.items, size_) : std::span<const Node>();
  }
  std::span<Node> items() { return is_array() ? std::span<Node>(value_.items, size_) : std::span<Node>(); }
  std::span<const Member> members() const;
  std::span<Member> members();

  /// The member's value, or null when this is no object or has no such member. A key that stands twice: the last one.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

 private:
  friend class Document;
  struct Members;
  union {
    bool boolean;
    std::int64_t integer = 0;
    double number;
    const char* text;
    Node* items;
    Members* members;
  } value_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ : 29 = 0;  // items only, in units of 4
  Kind kind_ : 3 = Kind::kNull;
};
static_assert(sizeof(Node) == 16);

/// One member of an object, in the order of the text.
struct Member {
  std::string_view key;
  Node value;
};

/// Equal kinds and values; objects regardless of order; 1 and 1.0 are equal.
bool same_value(const Node& a, const Node& b);

/// Owns a tree of Nodes in an arena that only grows and is bounded by Limits. Edits copy nothing but what they insert.
/// Every function that allocates fails with kTooLarge when a bound is reached.
class Document {
 public:
  explicit Document(const Limits& limits = {});
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  const Node& root() const { return root_; }
  Node& root() { return root_; }
  const Limits& limits() const { return limits_; }
  std::size_t memory_bytes() const { return total_; }
  std::size_t node_count() const { return nodes_; }

  /// Forgets everything and keeps one block of memory for the next use.
  void clear();

  Result<Node> make_string(std::string_view text);
  /// The text must live as long as the Document.
  Result<Node> make_string_view(std::string_view text);
  Result<Node> make_array(std::size_t capacity = 0);
  Result<Node> make_object(std::size_t capacity = 0);
  /// A deep copy of a value of this or another document.
  Result<Node> copy(const Node& value);

  /// Sets a member: replaces in place, else appends. The key is copied when it is new.
  Result<Node*> set(Node& object, std::string_view key, Node value);
  /// Appends without looking whether the key is there: for parsers. The key must live as long as the Document.
  Result<Node*> append_member(Node& object, std::string_view key, Node value);
  /// False when there is no such member. Order of the others stays.
  bool erase(Node& object, std::string_view key);
  Result<Node*> append(Node& array, Node value);
  /// `index` up to size().
  Result<Node*> insert(Node& array, std::size_t index, Node value);
  void erase_item(Node& array, std::size_t index);

  /// Copies text into the arena.
  Result<std::string_view> copy_text(std::string_view text);

 private:
  Result<void*> allocate(std::size_t bytes);
  Status count_node();
  Status grow(Node& array);
  Status reserve_members(Node& object, std::uint32_t capacity);
  Result<Node> copy_at(const Node& value, std::size_t depth);

  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t used_ = 0;   // of the last block
  std::size_t total_ = 0;  // of all blocks
  std::size_t nodes_ = 0;
  Limits limits_;
  Node root_;
};

}  // namespace troupe::schema
