#include <algorithm>
#include <string>
#include <vector>

#include "api/patch.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Field;
using schema::FieldKind;
using schema::FieldShape;
using schema::Node;
using schema::Type;

constexpr std::string_view kDirective = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kDeleteFrom = "$deleteFromPrimitiveList/";
constexpr std::string_view kOrder = "$setElementOrder/";

ApiError cannot(std::string message) {
  ApiError error = invalid("", "", "", {});
  error.message = "strategic merge patch: " + std::move(message);
  return error;
}

/// Upstream answers BadRequest where a directive itself is malformed.
ApiError bad_format(std::string_view what) { return bad_request("invalid patch format of " + std::string(what)); }

ApiError out_of_room(const Error& error) {
  return error.code == ErrorCode::kTooLarge ? too_large(error.message) : internal_error(error.message);
}

/// What the type says about a value: how its lists merge, and what is inside. Without a type all merge as plain JSON.
struct Guide {
  const Type* type = nullptr;  ///< Of this object, or of the items of this list.
  bool merge_list = false;
  bool replace = false;
  std::string_view merge_key;
};

Guide guide_of(const Type* type, std::string_view name) {
  Guide guide;
  if (type == nullptr) return guide;
  const schema::JsonField* found = type->find_json(name);
  if (found == nullptr) return guide;
  const Field& field = *found->field;
  guide.merge_list = field.facts->patch_merge && field.shape == FieldShape::kList;
  guide.replace = field.facts->patch_replace;
  guide.merge_key = field.facts->patch_merge_key;
  if (field.shape != FieldShape::kMap && field.kind == FieldKind::kStruct) guide.type = field.type;
  return guide;
}

std::string_view directive_of(const Node& object) {
  const Node* found = object.find(kDirective);
  return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

bool is_directive_key(std::string_view key) {
  return key == kDirective || key == kRetainKeys || key.starts_with(kDeleteFrom) || key.starts_with(kOrder);
}

class Merger {
 public:
  explicit Merger(Document& document) : document_(document) {}

  ApiStatus object(Node& target, const Node& patch, const Type* type) {
    const std::string_view directive = directive_of(patch);
    if (directive == "delete" || directive == "replace") {
      auto fresh = document_.make_object();
      if (!fresh) return refuse(out_of_room(fresh.error()));
      target = *fresh;
      if (directive == "delete") return {};
    } else if (!directive.empty() && directive != "merge") {
      return refuse(cannot("unknown $patch directive '" + std::string(directive) + "'"));
    }
    if (const Node* keys = patch.find(kRetainKeys)) {
      if (auto done = retain(target, *keys, patch); !done) return done;
    }
    for (const schema::Member& member : patch.members()) {
      if (is_directive_key(member.key)) continue;
      if (auto done = this->member(target, member, type, patch); !done) return done;
    }
    for (const schema::Member& member : patch.members()) {
      if (auto done = list_directive(target, member, type, patch); !done) return done;
    }
    return {};
  }

 private:
  ApiStatus member(Node& target, const schema::Member& member, const Type* type, const Node& patch) {
    if (member.value.is_null()) {
      document_.erase(target, member.key);
      return {};
    }
    const Guide guide = guide_of(type, member.key);
    Node* existing = target.find(member.key);
    if (member.value.is_object() && !guide.replace) {
      if (existing == nullptr || !existing->is_object()) {
        // A deleting directive makes nothing of nothing.
        if (directive_of(member.value) == "delete") return erase(target, member.key);
        auto made = document_.make_object();
        if (!made) return refuse(out_of_room(made.error()));
        auto set = document_.set(target, member.key, *made);
        if (!set) return refuse(out_of_room(set.error()));
        existing = *set;
      } else if (directive_of(member.value) == "delete") {
        return erase(target, member.key);
      }
      return object(*existing, member.value, guide.type);
    }
    if (member.value.is_array() && guide.merge_list) {
      if (existing == nullptr || !existing->is_array()) {
        auto made = document_.make_array();
        if (!made) return refuse(out_of_room(made.error()));
        auto set = document_.set(target, member.key, *made);
        if (!set) return refuse(out_of_room(set.error()));
        existing = *set;
      }
      const Node* order = patch.find(std::string(kOrder) + std::string(member.key));
      return list(*existing, member.value, guide, order);
    }
    auto copied = document_.copy(member.value);
    if (!copied) return refuse(out_of_room(copied.error()));
    if (auto set = document_.set(target, member.key, *copied); !set) return refuse(out_of_room(set.error()));
    return {};
  }

  ApiStatus erase(Node& target, std::string_view key) {
    document_.erase(target, key);
    return {};
  }

  /// $deleteFromPrimitiveList, and $setElementOrder of a list that the patch does not change otherwise.
  ApiStatus list_directive(Node& target, const schema::Member& member, const Type* type, const Node& patch) {
    if (member.key.starts_with(kDeleteFrom)) {
      Node* found = target.find(member.key.substr(kDeleteFrom.size()));
      if (!member.value.is_array()) return refuse(bad_format("primitive list"));
      if (found == nullptr || !found->is_array()) return {};
      for (std::size_t i = found->size(); i-- > 0;) {
        const auto gone = member.value.items();
        const bool erase_it = std::any_of(
            gone.begin(), gone.end(), [&](const Node& value) { return schema::same_value(value, found->items()[i]); });
        if (erase_it) document_.erase_item(*found, i);
      }
    } else if (member.key.starts_with(kOrder)) {
      const std::string_view name = member.key.substr(kOrder.size());
      if (!member.value.is_array()) return refuse(bad_format("setElementOrder list"));
      const Node* changed = patch.find(name);
      Node* found = target.find(name);
      if (found == nullptr || !found->is_array() || (changed != nullptr && changed->is_array())) return {};
      const std::vector<Node> before(found->items().begin(), found->items().end());
      put_in_order(*found, before, member.value, guide_of(type, name).merge_key);
    }
    return {};
  }

  /// A patch that sets what it does not retain contradicts itself.
  ApiStatus retain(Node& target, const Node& keys, const Node& patch) {
    if (!keys.is_array()) return refuse(bad_format("retainKeys"));
    const auto is_kept = [&](std::string_view name) {
      const auto kept = keys.items();
      return std::any_of(kept.begin(), kept.end(),
                         [&](const Node& key) { return key.is_string() && key.as_string() == name; });
    };
    for (const schema::Member& member : patch.members()) {
      if (member.value.is_null() || is_directive_key(member.key) || is_kept(member.key)) continue;
      return refuse(bad_format("retainKeys"));
    }
    std::vector<std::string_view> gone;
    for (const schema::Member& member : target.members()) {
      if (!is_kept(member.key)) gone.push_back(member.key);
    }
    for (const std::string_view key : gone) document_.erase(target, key);
    return {};
  }

  static bool same_key(const Node& a, const Node& b, std::string_view merge_key) {
    if (merge_key.empty()) return schema::same_value(a, b);
    const Node* left = a.find(merge_key);
    const Node* right = b.find(merge_key);
    return left != nullptr && right != nullptr && schema::same_value(*left, *right);
  }

  static std::size_t position(std::span<const Node> items, const Node& wanted, std::string_view merge_key) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (same_key(items[i], wanted, merge_key)) return i;
    }
    return items.size();
  }

  ApiStatus list(Node& target, const Node& patch, const Guide& guide, const Node* order) {
    const std::vector<Node> before(target.items().begin(), target.items().end());
    const bool objects = !guide.merge_key.empty();
    const auto patch_items = patch.items();
    const bool replace_all = objects && std::any_of(patch_items.begin(), patch_items.end(),
                                                    [](const Node& item) { return directive_of(item) == "replace"; });
    if (replace_all) {
      auto fresh = document_.make_array(patch.size());
      if (!fresh) return refuse(out_of_room(fresh.error()));
      target = *fresh;
    }
    for (const Node& item : patch_items) {
      if (auto done = objects ? list_object(target, item, guide) : list_scalar(target, item); !done) return done;
    }
    // Without an order of its own, the patch's is kept: what is new in it comes first, as upstream does it.
    put_in_order(target, before, order != nullptr && order->is_array() ? *order : patch, guide.merge_key);
    return {};
  }

  ApiStatus list_scalar(Node& target, const Node& item) {
    if (position(target.items(), item, {}) < target.size()) return {};
    auto copied = document_.copy(item);
    if (!copied) return refuse(out_of_room(copied.error()));
    if (auto added = document_.append(target, *copied); !added) return refuse(out_of_room(added.error()));
    return {};
  }

  ApiStatus list_object(Node& target, const Node& item, const Guide& guide) {
    if (!item.is_object()) return refuse(cannot("an item of a list that merges by key is no object"));
    const std::string_view directive = directive_of(item);
    if (directive == "replace") return {};  // said of the whole list
    if (directive == "merge") return refuse(cannot("merging lists cannot yet be specified in the patch"));
    if (item.find(guide.merge_key) == nullptr) {
      return refuse(cannot("map: an item does not contain declared merge key: " + std::string(guide.merge_key)));
    }
    std::size_t at = position(target.items(), item, guide.merge_key);
    if (directive == "delete") {
      while (at < target.size()) {
        document_.erase_item(target, at);
        at = position(target.items(), item, guide.merge_key);
      }
      return {};
    }
    if (at < target.size()) return object(target.items()[at], item, guide.type);
    auto made = document_.make_object();
    if (!made) return refuse(out_of_room(made.error()));
    auto added = document_.append(target, *made);
    if (!added) return refuse(out_of_room(added.error()));
    return object(**added, item, guide.type);
  }

  /// Items named by `order` come in its order; the others keep their place among them as in `before`.
  static void put_in_order(Node& target, const std::vector<Node>& before, const Node& order,
                           std::string_view merge_key) {
    std::vector<Node> named;
    std::vector<Node> others;
    // A key may stand twice (a port of two protocols): all its items go where the key goes.
    for (const Node& wanted : order.items()) {
      if (position(named, wanted, merge_key) < named.size()) continue;
      for (const Node& item : target.items()) {
        if (same_key(item, wanted, merge_key)) named.push_back(item);
      }
    }
    for (const Node& item : target.items()) {
      if (position(named, item, merge_key) == named.size()) others.push_back(item);
    }
    const auto all = target.items();
    std::size_t n = 0;
    std::size_t o = 0;
    for (std::size_t i = 0; i < all.size() && n + o < all.size(); ++i) {
      bool take_other = n == named.size();
      if (!take_other && o < others.size()) {
        const std::size_t named_at = position(before, named[n], merge_key);
        take_other = named_at < before.size() && position(before, others[o], merge_key) < named_at;
      }
      all[i] = take_other ? others[o++] : named[n++];
    }
  }

  Document& document_;
};

}  // namespace

ApiStatus apply_strategic_merge_patch(Document& document, const Node& patch, const Type& type) {
  if (!patch.is_object()) return refuse(bad_request("a strategic merge patch of an object is an object"));
  return Merger(document).object(document.root(), patch, &type);
}

}  // namespace troupe::api
