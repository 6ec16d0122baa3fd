#include "api/validation/rules.hpp"

#include <algorithm>
#include <set>

#include "api/validation/formats.hpp"

namespace troupe::api {

using schema::Node;

namespace {

constexpr int kMaxDepth = 64;

std::vector<std::string_view> split(std::string_view values) {
  std::vector<std::string_view> out;
  while (!values.empty()) {
    const std::size_t bar = std::min(values.find('|'), values.size());
    out.push_back(values.substr(0, bar));
    values.remove_prefix(std::min(bar + 1, values.size()));
  }
  return out;
}

bool is_empty(const Node& value) {
  if (value.is_string()) return value.as_string().empty();
  return value.is_array() && value.size() == 0;
}

void check_number(const Rule& rule, const Node& value, const At& at, Faults& faults) {
  if (!value.is_int()) return;
  switch (rule.check) {
    case Check::kNotNegative:
      return check_not_negative(&value, at, faults);
    case Check::kPositive:
      if (value.as_int() <= 0) faults.invalid(at, value, "must be greater than 0");
      return;
    case Check::kFileMode:
      if (value.as_int() < 0 || value.as_int() > 0777) {
        faults.invalid(at, value, "must be a number between 0 and 0777 (octal), both inclusive");
      }
      return;
    case Check::kPort:
      return check_range(&value, 1, 65535, at, faults);
    default:
      return check_range(&value, rule.low, rule.high, at, faults);
  }
}

bool has_backstep(std::string_view path) {
  for (;;) {
    const std::size_t slash = path.find('/');
    if (path.substr(0, slash) == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

void check_path(Check check, std::string_view path, const At& at, Faults& faults) {
  if (check != Check::kNoBacksteps && path.front() == '/') faults.invalid(at, path, "must be a relative path");
  if (has_backstep(path)) faults.invalid(at, path, "must not contain '..'");
  if (check == Check::kFilePath && path.starts_with("..") && path != ".." && !path.starts_with("../")) {
    faults.invalid(at, path, "must not start with '..'");
  }
}

void check_text(const Rule& rule, std::string_view text, const At& at, Faults& faults) {
  if (text.empty()) return;
  switch (rule.check) {
    case Check::kOneOf: {
      const auto known = split(rule.values);
      if (std::find(known.begin(), known.end(), text) == known.end()) faults.unsupported(at, text, known);
      return;
    }
    case Check::kDnsLabel:
      return check_dns_label(text, at, faults);
    case Check::kDnsSubdomain:
      return check_dns_subdomain(text, at, faults);
    case Check::kQualifiedName:
      return check_qualified_name(text, at, faults);
    case Check::kIp:
      return check_ip(text, at, faults);
    case Check::kCidr:
      return check_cidr(text, at, faults);
    case Check::kAbsolutePath:
      if (text.front() != '/') faults.invalid(at, text, "must be an absolute path");
      return;
    case Check::kNoBacksteps:
    case Check::kDescendingPath:
    case Check::kFilePath:
      return check_path(rule.check, text, at, faults);
    default:
      return;
  }
}

void check_unique_names(const Node& list, const At& at, Faults& faults) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    const std::string_view name = text_member(list.items()[i], "name");
    if (name.empty() || seen.insert(name).second) continue;
    const At item(at, i);
    faults.duplicate(At(item, "name"), name);
  }
}

void check_one(const Rule& rule, const Node* value, const At& at, Faults& faults) {
  if (rule.check == Check::kRequired) {
    if (value == nullptr || is_empty(*value)) faults.required(at);
    return;
  }
  if (value == nullptr || rule.check == Check::kElsewhere) return;
  if (rule.check == Check::kLabels) return check_labels(value, at, faults);
  if (rule.check == Check::kPortOrName) return check_port_or_name(value, at, faults);
  if (rule.check == Check::kUniqueNames) return check_unique_names(*value, at, faults);
  if (rule.check == Check::kPercent || rule.check == Check::kAnyPercent) {
    return check_int_or_percent(value, rule.check == Check::kAnyPercent, at, faults);
  }
  if (value->is_int()) return check_number(rule, *value, at, faults);
  if (value->is_string()) return check_text(rule, value->as_string(), at, faults);
  for (std::size_t i = 0; i < value->items().size(); ++i) {  // a list: the rule is each item's
    const Node& item = value->items()[i];
    if (item.is_string()) check_text(rule, item.as_string(), At(at, i), faults);
    if (item.is_int()) check_number(rule, item, At(at, i), faults);
  }
}

const TypeRules* find_rules(std::string_view type) {
  for (const auto table : {core_rules(), other_rules()}) {
    const auto found = std::lower_bound(table.begin(), table.end(), type,
                                        [](const TypeRules& each, std::string_view name) { return each.type < name; });
    if (found != table.end() && found->type == type) return &*found;
  }
  return nullptr;
}

/// A value that a closed enumeration does not have.
void check_enumeration(const schema::EnumFacts& facts, const Node& value, const At& at, Faults& faults) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      check_enumeration(facts, value.items()[i], At(at, i), faults);
    }
  }
  if (!value.is_string() || value.as_string().empty()) return;
  if (std::find(facts.values.begin(), facts.values.end(), value.as_string()) != facts.values.end()) return;
  if (facts.name.ends_with("SelectorOperator")) {
    return faults.invalid(at, value, "not a valid selector operator");
  }
  std::vector<std::string_view> sorted(facts.values.begin(), facts.values.end());
  if (facts.name != "core/v1.RestartPolicy") std::sort(sorted.begin(), sorted.end());
  faults.unsupported(at, value.as_string(), sorted);
}

/// The rules themselves say which values the field may have.
bool lists_values(const TypeRules* rules, std::string_view field) {
  return rules != nullptr && std::any_of(rules->rules.begin(), rules->rules.end(), [&](const Rule& rule) {
           return (rule.check == Check::kOneOf || rule.check == Check::kElsewhere) && rule.field == field;
         });
}

struct Walk {
  Faults& faults;
  const Node& root;

  void value(const Node& node, const schema::Field& field, const At& at, int depth) const {
    if (field.kind != schema::FieldKind::kStruct || field.type == nullptr) return;
    if (field.shape == schema::FieldShape::kOne) return object(node, *field.type, at, depth);
    if (field.shape != schema::FieldShape::kList) return;
    for (std::size_t i = 0; i < node.items().size(); ++i) object(node.items()[i], *field.type, At(at, i), depth);
  }

  void object(const Node& node, const schema::Type& type, const At& at, int depth) const {
    if (!node.is_object() || depth > kMaxDepth) return;
    const TypeRules* rules = find_rules(type.name);
    if (rules != nullptr) {
      check_rules(rules->rules, node, at, faults);
      if (rules->check != nullptr) rules->check({node, at, faults, root});
    }
    for (const schema::Member& each : node.members()) {
      if (depth == 0 && (each.key == "metadata" || each.key == "status")) continue;
      const schema::JsonField* field = each.value.is_null() ? nullptr : type.find_json(each.key);
      if (field == nullptr) continue;
      const schema::EnumFacts* values = field->field->facts->values;
      if (values != nullptr && values->closed && !lists_values(rules, each.key)) {
        check_enumeration(*values, each.value, At(at, each.key), faults);
      }
      value(each.value, *field->field, At(at, each.key), depth + 1);
    }
  }
};

}  // namespace

void check_rules(std::span<const Rule> rules, const Node& value, const At& at, Faults& faults) {
  for (const Rule& rule : rules) check_one(rule, member(value, rule.field), At(at, rule.field), faults);
}

void check_type(const Node& value, const schema::Type& type, const At& at, Faults& faults, const Node& root) {
  Walk{faults, root}.object(value, type, at, 0);
}

}  // namespace troupe::api
