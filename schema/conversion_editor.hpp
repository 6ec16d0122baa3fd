#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "schema/codec/document.hpp"

namespace troupe::schema {

/// Builds nodes and keeps the first failure, so that a conversion reads as what it does and is checked once at its end.
class NodeEditor {
 public:
  explicit NodeEditor(Document& document) : document_(document) {}

  Document& document() { return document_; }
  const Status& status() const { return status_; }

  Node object() { return take(document_.make_object()); }
  Node array() { return take(document_.make_array()); }
  Node text(std::string_view value) { return take(document_.make_string(value)); }
  Node copy(const Node& value) { return take(document_.copy(value)); }
  void set(Node& object, std::string_view key, Node value) { keep(document_.set(object, key, value)); }
  void append(Node& array, Node value) { keep(document_.append(array, value)); }

  /// Sets `to` to the member `from` of another object, when it is there and not null.
  void move(const Node& source, std::string_view from, Node& target, std::string_view to) {
    const Node* value = source.find(from);
    if (value != nullptr && !value->is_null()) set(target, to, *value);
  }

  using Names = std::span<const std::pair<std::string_view, std::string_view>>;
  /// The object with other member names; names that are not listed stay.
  Node renamed(const Node& source, Names names) {
    Node out = object();
    for (const Member& member : source.members()) {
      std::string_view key = member.key;
      for (const auto& [from, to] : names) {
        if (from == member.key) key = to;
      }
      set(out, key, member.value);
    }
    return out;
  }

 private:
  Node take(Result<Node> made) {
    if (made) return *made;
    if (status_) status_ = fail(made.error());
    return {};
  }
  void keep(const Result<Node*>& done) {
    if (!done && status_) status_ = fail(done.error());
  }

  Document& document_;
  Status status_;
};

/// Member of an object, or null where it is absent, JSON null, or not of that kind.
inline const Node* object_member(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr && found->is_object() ? found : nullptr;
}
inline const Node* array_member(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr && found->is_array() ? found : nullptr;
}
inline std::string_view text_member(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

void autoscaler_to_v1(NodeEditor& edit, Node& object);
void autoscaler_to_v2(NodeEditor& edit, Node& object);

}  // namespace troupe::schema
