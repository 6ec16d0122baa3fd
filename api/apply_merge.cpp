#include "api/apply_merge.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "api/field_set_walk.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

ApiError out_of_room(const Error& error) {
  return error.code == ErrorCode::kTooLarge ? too_large(error.message) : internal_error(error.message);
}

bool is_void(const Node& node) { return node.is_null() || node.size() == 0; }

struct Items {
  std::vector<std::string> steps;                        // one an item
  std::unordered_map<std::string_view, std::size_t> at;  // the first item of a step

  bool has(const std::string& step) const { return at.contains(step); }
};

ApiResult<Items> items_of(const Shape& list, const Node& node) {
  Items out;
  out.steps.reserve(node.size());
  for (const Node& item : node.items()) {
    auto step = item_step(list, item);
    if (!step) return refuse(step.error());
    out.steps.push_back(std::move(*step));
  }
  for (std::size_t i = 0; i < out.steps.size(); ++i) out.at.emplace(out.steps[i], i);
  return out;
}

class Merger {
 public:
  explicit Merger(Document& document) : document_(document) {}

  ApiStatus value(const Shape& shape, Node& target, const Node& config) {
    const bool object = shape.is_object() && (config.is_object() || config.is_null());
    const bool list = shape.is_list() && (config.is_array() || config.is_null());
    if ((!object && !list) || (is_void(target) && is_void(config))) return replace(target, config);
    if (config.is_null()) return shape.form == Shape::Form::kUntyped ? replace(target, config) : ApiStatus{};
    if (object) return target.is_object() ? members(shape, target, config) : replace(target, config);
    return target.is_array() && target.size() != 0 ? items(shape, target, config) : replace(target, config);
  }

 private:
  ApiStatus replace(Node& target, const Node& config) {
    auto copied = document_.copy(config);
    if (!copied) return refuse(out_of_room(copied.error()));
    target = *copied;
    return {};
  }

  ApiStatus members(const Shape& shape, Node& target, const Node& config) {
    for (const schema::Member& member : config.members()) {
      if (Node* found = target.find(member.key)) {
        const Shape inside = shape.member(member.key).value_or(Shape{});
        if (auto done = value(inside, *found, member.value); !done) return done;
        continue;
      }
      auto copied = document_.copy(member.value);
      if (!copied) return refuse(out_of_room(copied.error()));
      if (auto set = document_.set(target, member.key, *copied); !set) return refuse(out_of_room(set.error()));
    }
    return {};
  }

  /// Where a merged item comes from: positions in the old list and in the configuration, or kNone.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Source {
    std::size_t old = kNone;
    std::size_t wanted = kNone;
  };

  /// The order of structured merge: shared items as the configuration has them, others as near to their place as that
  /// allows.
  static std::vector<Source> order(const Items& old, const Items& wanted) {
    std::vector<Source> out;
    std::size_t shared = 0;  // the next item of the configuration that the old list has too
    const auto find_shared = [&] {
      while (shared < wanted.steps.size() && !old.has(wanted.steps[shared])) ++shared;
    };
    const auto take_wanted = [&](std::size_t at) {
      const auto found = old.at.find(wanted.steps[at]);
      out.push_back({found != old.at.end() ? found->second : kNone, at});
      if (at != shared) return;
      ++shared;
      find_shared();
    };
    find_shared();
    std::size_t l = 0;
    std::size_t r = 0;
    while (l < old.steps.size() || r < wanted.steps.size()) {
      if (l < old.steps.size() && r < wanted.steps.size() && old.steps[l] == wanted.steps[r]) {
        ++l;
        take_wanted(r++);
        continue;
      }
      if (l < old.steps.size()) {
        if (!wanted.has(old.steps[l])) {
          out.push_back({l++, kNone});
          continue;
        }
        if (shared == wanted.steps.size() || wanted.steps[shared] != old.steps[l]) {
          ++l;  // comes at another place
          continue;
        }
      }
      if (r < wanted.steps.size()) {
        take_wanted(r++);
      } else {
        ++l;
      }
    }
    return out;
  }

  ApiStatus items(const Shape& list, Node& target, const Node& config) {
    auto wanted = items_of(list, config);
    if (!wanted) return refuse(wanted.error());
    auto old = items_of(list, target);
    if (!old) return replace(target, config);  // a stored list whose items cannot be told apart
    const std::vector<Source> sources = order(*old, *wanted);
    auto merged = document_.make_array(sources.size());
    if (!merged) return refuse(out_of_room(merged.error()));
    for (const Source& from : sources) {
      Node item = from.old != kNone ? target.items()[from.old] : Node();
      if (from.wanted != kNone) {
        const Node& given = config.items()[from.wanted];
        auto done = from.old != kNone ? value(list.item(), item, given) : replace(item, given);
        if (!done) return done;
      }
      if (auto added = document_.append(*merged, item); !added) return refuse(out_of_room(added.error()));
    }
    target = *merged;
    return {};
  }

  Document& document_;
};

/// Builds new lists and objects of what stays: erasing one by one would take quadratic time.
class Remover {
 public:
  explicit Remover(Document& document) : document_(document) {}

  ApiStatus value(const Shape& shape, Node& target, const FieldSet& set) {
    if (shape.is_object() && target.is_object()) return members(shape, target, set);
    if (shape.is_list() && target.is_array()) return items(shape, target, set);
    return {};
  }

 private:
  ApiStatus inside(const Shape& shape, Node& target, const FieldSet& set) {
    if (target.size() == 0) return {};
    if (auto done = value(shape, target, set); !done) return done;
    if (target.is_object() || target.is_array()) {
      if (target.size() == 0) target = Node();
    }
    return {};
  }

  ApiStatus members(const Shape& shape, Node& target, const FieldSet& set) {
    auto kept = document_.make_object(target.size());
    if (!kept) return refuse(out_of_room(kept.error()));
    for (const schema::Member& member : target.members()) {
      const FieldSet* named = set.find("f:" + std::string(member.key));
      if (named != nullptr && named->member) continue;
      Node value = member.value;
      if (named != nullptr) {
        auto done = inside(shape.member(member.key).value_or(Shape{}), value, *named);
        if (!done) return done;
      }
      auto added = document_.append_member(*kept, member.key, value);
      if (!added) return refuse(out_of_room(added.error()));
    }
    target = *kept;
    return {};
  }

  ApiStatus items(const Shape& list, Node& target, const FieldSet& set) {
    auto kept = document_.make_array(target.size());
    if (!kept) return refuse(out_of_room(kept.error()));
    for (Node item : target.items()) {
      auto step = item_step(list, item);
      const FieldSet* named = step ? set.find(*step) : nullptr;
      if (named != nullptr && named->member) continue;
      if (named != nullptr) {
        if (auto done = inside(list.item(), item, *named); !done) return done;
      }
      if (auto added = document_.append(*kept, item); !added) return refuse(out_of_room(added.error()));
    }
    target = *kept;
    return {};
  }

  Document& document_;
};

/// Makes the fields that types declare members wherever the set goes through them.
void name_fields(const Shape& shape, FieldSet& set) {
  for (FieldSet& child : set.children) {
    if (!child.step.starts_with("f:")) {
      name_fields(shape.is_list() ? shape.item() : Shape{}, child);
      continue;
    }
    const std::string_view name = std::string_view(child.step).substr(2);
    if (shape.declares(name)) child.member = true;
    name_fields(shape.is_object() ? shape.member(name).value_or(Shape{}) : Shape{}, child);
  }
}

FieldSet named(const Shape& shape, FieldSet set) {
  name_fields(shape, set);
  return set;
}

ApiResult<FieldSet> fields_without(const Document& merged, const Shape& shape, const FieldSet& gone) {
  Document copy;
  auto root = copy.copy(merged.root());
  if (!root) return refuse(out_of_room(root.error()));
  copy.root() = *root;
  if (auto done = Remover(copy).value(shape, copy.root(), gone); !done) return refuse(done.error());
  return named(shape, stored_fields_of(shape, copy.root()));
}

}  // namespace

ApiStatus merge_configuration(Document& document, const Shape& shape, Node& target, const Node& configuration) {
  return Merger(document).value(shape, target, configuration);
}

ApiStatus remove_fields(Document& document, const Shape& shape, Node& target, const FieldSet& set) {
  return Remover(document).value(shape, target, set);
}

ApiStatus prune_fields(Document& merged, const Shape& shape, const FieldSet& last, const FieldSet& owned) {
  FieldSet given_up = last;
  given_up.subtract(owned);
  if (given_up.empty()) return {};
  const FieldSet former = named(shape, last);
  const FieldSet all = named(shape, stored_fields_of(shape, merged.root()));

  // First all that the applier had goes, with what stands in it; then what others own comes back.
  auto kept = fields_without(merged, shape, former);
  if (!kept) return refuse(kept.error());
  kept->unite(named(shape, owned));
  FieldSet gone = all;
  gone.subtract(*kept);

  // Of what that leaves out, only what the applier had goes in the end: what nobody owned stays where its parent does.
  auto left = fields_without(merged, shape, gone);
  if (!left) return refuse(left.error());
  gone = all;
  gone.subtract(*left);
  return Remover(merged).value(shape, merged.root(), gone.intersection(former));
}

}  // namespace troupe::api
