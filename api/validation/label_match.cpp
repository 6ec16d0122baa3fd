#include "api/validation/label_match.hpp"

#include <algorithm>
#include <string_view>

#include "api/validation/faults.hpp"

namespace troupe::api {

using schema::Node;

bool map_matches(const Node* wanted, const Node* labels) {
  if (wanted == nullptr) return true;
  const auto members = wanted->members();
  return std::all_of(members.begin(), members.end(), [&](const schema::Member& each) {
    const Node* has = member(labels, each.key);
    return has != nullptr && schema::same_value(*has, each.value);
  });
}

bool selector_matches(const Node* selector, const Node* labels) {
  if (selector == nullptr) return false;
  if (!map_matches(member(selector, "matchLabels"), labels)) return false;
  const Node* expressions = member(selector, "matchExpressions");
  if (expressions == nullptr) return true;
  const auto fits = [&](const Node& each) {
    const std::string_view op = text_member(each, "operator");
    const Node* has = member(labels, text_member(each, "key"));
    const Node* values = member(each, "values");
    const bool listed = has != nullptr && values != nullptr &&
                        std::any_of(values->items().begin(), values->items().end(),
                                    [&](const Node& value) { return schema::same_value(value, *has); });
    if (op == "In") return listed;
    if (op == "NotIn") return !listed;
    if (op == "Exists") return has != nullptr;
    return op == "DoesNotExist" && has == nullptr;
  };
  return std::all_of(expressions->items().begin(), expressions->items().end(), fits);
}

}  // namespace troupe::api
