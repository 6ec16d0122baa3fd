#include "api/field_set_walk.hpp"

#include <algorithm>
#include <utility>

#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

using schema::Member;
using schema::Node;

/// Where a walk is: the server's own fields stand at two known places.
enum class Place : std::uint8_t { kRoot, kMetadata, kInside };

bool is_servers(Place place, std::string_view key) {
  if (place == Place::kInside) return false;
  if (place == Place::kRoot) return key == "apiVersion" || key == "kind";
  static constexpr std::string_view kOwn[] = {"name",        "namespace",  "creationTimestamp", "selfLink",       "uid",
                                              "clusterName", "generation", "managedFields",     "resourceVersion"};
  return std::find(std::begin(kOwn), std::end(kOwn), key) != std::end(kOwn);
}

Place below(Place place, std::string_view key) {
  return place == Place::kRoot && key == "metadata" ? Place::kMetadata : Place::kInside;
}

std::string field_step(std::string_view name) { return std::string("f:").append(name); }

bool is_void(const Node* node) { return node == nullptr || node->is_null() || node->size() == 0; }

/// Granular containers hold nothing but their own form and null.
bool fits(const Shape& shape, const Node* node) {
  if (node == nullptr) return true;
  if (node->is_null()) return shape.form != Shape::Form::kUntyped;
  return shape.is_object() ? node->is_object() : node->is_array();
}

struct Named {
  std::string step;
  const Node* item;
};

/// The items of a list by their steps, sorted; nothing when one has none.
std::optional<std::vector<Named>> named_items(const Shape& list, const Node* node) {
  std::vector<Named> out;
  if (node == nullptr) return out;
  out.reserve(node->size());
  for (const Node& item : node->items()) {
    auto step = item_step(list, item);
    if (!step) return std::nullopt;
    out.push_back({std::move(*step), &item});
  }
  std::stable_sort(out.begin(), out.end(), [](const Named& a, const Named& b) { return a.step < b.step; });
  return out;
}

class Comparer {
 public:
  static void run(const Shape& shape, const Node* from, const Node* to, Place place, Comparison& out) {
    const bool leaf = shape.form == Shape::Form::kLeaf || !fits(shape, from) || !fits(shape, to);
    if (leaf || (is_void(from) && is_void(to))) return whole(from, to, out);
    if (shape.is_object()) {
      members(shape, from, to, place, out);
    } else if (!items(shape, from, to, out)) {
      return whole(from, to, out);
    }
    if (from == nullptr) out.added.member = true;
    if (to == nullptr) out.removed.member = true;
  }

 private:
  static void whole(const Node* from, const Node* to, Comparison& out) {
    if (from == nullptr) {
      out.added.member = to != nullptr;
    } else if (to == nullptr) {
      out.removed.member = true;
    } else if (!schema::same_value(*from, *to)) {
      out.modified.member = true;
    }
  }

  template <class Step>
  static void keep(Comparison& found, const Step& step, Comparison& out) {
    for (const auto& [child, parent] : {std::pair(&found.added, &out.added), std::pair(&found.modified, &out.modified),
                                        std::pair(&found.removed, &out.removed)}) {
      if (child->empty()) continue;
      child->step = step();
      parent->children.push_back(std::move(*child));
    }
  }

  static void sort(Comparison& out) {
    out.added.sort();
    out.modified.sort();
    out.removed.sort();
  }

  static void members(const Shape& shape, const Node* from, const Node* to, Place place, Comparison& out) {
    const auto one = [&](std::string_view key, const Node* before, const Node* after) {
      if (is_servers(place, key)) return;
      Comparison found;
      run(shape.member(key).value_or(Shape{}), before, after, below(place, key), found);
      keep(
          found, [&] { return field_step(key); }, out);
    };
    if (to != nullptr) {
      for (const Member& member : to->members()) {
        one(member.key, from != nullptr ? from->find(member.key) : nullptr, &member.value);
      }
    }
    if (from != nullptr) {
      for (const Member& member : from->members()) {
        if (to == nullptr || to->find(member.key) == nullptr) one(member.key, &member.value, nullptr);
      }
    }
    sort(out);
  }

  /// Lists whose items stand in the same places are the usual case, and need no sorting.
  static bool same_places(const Shape& list, const Node* from, const Node* to) {
    if (from == nullptr || to == nullptr || from->size() != to->size()) return false;
    for (std::size_t i = 0; i < from->size(); ++i) {
      const Node& a = from->items()[i];
      const Node& b = to->items()[i];
      if (list.form == Shape::Form::kSet) {
        if (!schema::same_value(a, b)) return false;
        continue;
      }
      for (const std::string_view key : list.keys) {
        const Node* left = a.find(key);
        const Node* right = b.find(key);
        if (left == nullptr || right == nullptr || !schema::same_value(*left, *right)) return false;
      }
    }
    return true;
  }

  static bool items(const Shape& list, const Node* from, const Node* to, Comparison& out) {
    if (same_places(list, from, to)) {
      for (std::size_t i = 0; list.form == Shape::Form::kKeyed && i < from->size(); ++i) {
        Comparison found;
        run(list.item(), &from->items()[i], &to->items()[i], Place::kInside, found);
        keep(
            found, [&] { return item_step(list, to->items()[i]).value_or(std::string("k:{}")); }, out);
      }
      merge_twins(out);
      return true;
    }
    auto before = named_items(list, from);
    auto after = named_items(list, to);
    if (!before || !after) return false;
    groups(list, *before, *after, out);
    return true;
  }

  /// Items that stand twice gave two children of one step.
  static void merge_twins(Comparison& out) {
    sort(out);
    for (FieldSet* set : {&out.added, &out.modified, &out.removed}) {
      auto& all = set->children;
      for (std::size_t i = all.size(); i-- > 1;) {
        if (all[i].step != all[i - 1].step) continue;
        all[i - 1].unite(all[i]);
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }

  static void groups(const Shape& list, const std::vector<Named>& before, const std::vector<Named>& after,
                     Comparison& out) {
    std::size_t b = 0;
    std::size_t a = 0;
    while (b < before.size() || a < after.size()) {
      const bool from_before = a == after.size() || (b < before.size() && before[b].step <= after[a].step);
      std::string step = from_before ? before[b].step : after[a].step;
      const std::size_t b0 = b;
      const std::size_t a0 = a;
      while (b < before.size() && before[b].step == step) ++b;
      while (a < after.size() && after[a].step == step) ++a;
      Comparison found;
      if (b - b0 <= 1 && a - a0 <= 1) {
        run(list.item(), b > b0 ? before[b0].item : nullptr, a > a0 ? after[a0].item : nullptr, Place::kInside, found);
      } else {
        twins({before.begin() + static_cast<std::ptrdiff_t>(b0), before.begin() + static_cast<std::ptrdiff_t>(b)},
              {after.begin() + static_cast<std::ptrdiff_t>(a0), after.begin() + static_cast<std::ptrdiff_t>(a)}, found);
      }
      keep(
          found, [&] { return step; }, out);
    }
  }

  /// Items that stand twice are compared as one.
  static void twins(const std::vector<Named>& before, const std::vector<Named>& after, Comparison& out) {
    if (before.empty()) {
      out.added.member = true;
    } else if (after.empty()) {
      out.removed.member = true;
    } else if (!std::equal(before.begin(), before.end(), after.begin(), after.end(),
                           [](const Named& x, const Named& y) { return schema::same_value(*x.item, *y.item); })) {
      out.modified.member = true;
    }
  }
};

/// Walks a configuration (faults are collected) or a stored object (they are not).
class Collector {
 public:
  explicit Collector(bool strict) : strict_(strict) {}

  void value(const Shape& shape, const Node& node, Place place, FieldSet& out) {
    if (shape.form == Shape::Form::kLeaf || (shape.form == Shape::Form::kUntyped && !node.is_object())) {
      out.member = true;
      return;
    }
    if (node.is_null()) return;
    if (!fits(shape, &node)) {
      fault(std::string("expected ") + (shape.is_object() ? "map" : "list") + ", got " + text_of(node));
      out.member = true;
      return;
    }
    if (shape.is_object()) return members(shape, node, place, out);
    items(shape, node, out);
  }

  ApiStatus result() const {
    if (faults_.empty()) return {};
    ApiError error;
    error.message = faults_.front();
    if (faults_.size() > 1) {
      error.message = "errors:";
      for (const std::string& each : faults_) error.message.append("\n  ").append(each);
    }
    return refuse(std::move(error));
  }

 private:
  static constexpr std::size_t kMaxFaults = 64;

  static std::string text_of(const Node& node) {
    std::string out;
    append_json(node, out);
    if (out.size() > 80) out = out.substr(0, 77) + "...";
    return out;
  }

  void fault(std::string_view what) {
    if (!strict_ || faults_.size() == kMaxFaults) return;
    faults_.push_back((path_.empty() ? "." : path_) + ": " + std::string(what));
  }

  void members(const Shape& shape, const Node& node, Place place, FieldSet& out) {
    out.children.reserve(node.size());
    for (const Member& member : node.members()) {
      if (is_servers(place, member.key)) continue;
      const std::size_t size = path_.size();
      if (strict_) path_.append(".").append(member.key);
      const auto inside = shape.member(member.key);
      if (!inside) fault("field not declared in schema");
      FieldSet child;
      value(inside.value_or(Shape{}), member.value, below(place, member.key), child);
      const bool is_empty = member.value.is_null() || (member.value.is_object() && member.value.size() == 0);
      if (is_empty || !shape.declares(member.key)) child.member = true;
      add(std::move(child), field_step(member.key), out);
      path_.resize(size);
    }
    out.sort();
  }

  void items(const Shape& list, const Node& node, FieldSet& out) {
    auto named = named_items(list, &node);
    if (!named) {
      for (const Node& item : node.items()) {
        if (auto step = item_step(list, item); !step) fault("element: " + step.error().message);
      }
      out.member = true;
      return;
    }
    for (std::size_t i = 0; i < named->size(); ++i) {
      Named& each = (*named)[i];
      if (i > 0 && !out.children.empty() && out.children.back().step == each.step) {
        fault("duplicate entries for key " + step_text(each.step));
        continue;
      }
      const std::size_t size = path_.size();
      if (strict_) path_ += step_text(each.step);
      FieldSet child;
      value(list.item(), *each.item, Place::kInside, child);
      child.member = true;
      add(std::move(child), std::move(each.step), out);
      path_.resize(size);
    }
  }

  static void add(FieldSet child, std::string step, FieldSet& out) {
    if (child.empty()) return;
    child.step = std::move(step);
    out.children.push_back(std::move(child));
  }

  const bool strict_;
  std::string path_;
  std::vector<std::string> faults_;
};

}  // namespace

FieldSet Comparison::changed() const {
  FieldSet all = added;
  all.unite(modified);
  return all;
}

Comparison compare_fields(const Shape& shape, const Node* from, const Node* to) {
  Comparison out;
  Comparer::run(shape, from, to, Place::kRoot, out);
  out.added.member = out.modified.member = out.removed.member = false;
  return out;
}

ApiResult<FieldSet> fields_of(const Shape& shape, const Node& configuration) {
  FieldSet out;
  Collector collector(true);
  collector.value(shape, configuration, Place::kRoot, out);
  if (auto good = collector.result(); !good) return refuse(good.error());
  out.member = false;
  return out;
}

FieldSet stored_fields_of(const Shape& shape, const Node& object) {
  FieldSet out;
  Collector(false).value(shape, object, Place::kRoot, out);
  out.member = false;
  return out;
}

}  // namespace troupe::api
