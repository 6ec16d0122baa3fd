#include "api/custom/granted_names.hpp"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api::custom {

namespace {

using schema::Node;

std::vector<std::string> strings(const Node* list) {
  std::vector<std::string> out;
  if (list == nullptr) return out;
  for (const Node& item : list->items()) {
    if (item.is_string()) out.emplace_back(item.as_string());
  }
  return out;
}

Names read_names(const Node* node) {
  Names out;
  out.plural = text_member(node, "plural");
  out.singular = text_member(node, "singular");
  out.kind = text_member(node, "kind");
  out.list_kind = text_member(node, "listKind");
  out.short_names = strings(member(node, "shortNames"));
  out.categories = strings(member(node, "categories"));
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string list_json(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() == 1 ? "" : ",") + quoted(text);
  return out + "]";
}

std::string names_json(const Names& names) {
  std::string out = "{\"plural\":" + quoted(names.plural) + ",\"kind\":" + quoted(names.kind);
  if (!names.singular.empty()) out += ",\"singular\":" + quoted(names.singular);
  if (!names.list_kind.empty()) out += ",\"listKind\":" + quoted(names.list_kind);
  if (!names.short_names.empty()) out += ",\"shortNames\":" + list_json(names.short_names);
  if (!names.categories.empty()) out += ",\"categories\":" + list_json(names.categories);
  return out + "}";
}

struct Condition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
  std::string since;
};

std::vector<Condition> conditions_of(const Definition& definition) {
  std::vector<Condition> out;
  const Node* list = member(member(definition.object.root(), "status"), "conditions");
  if (list == nullptr) return out;
  for (const Node& item : list->items()) {
    out.push_back({std::string(text_member(item, "type")), std::string(text_member(item, "status")),
                   std::string(text_member(item, "reason")), std::string(text_member(item, "message")),
                   std::string(text_member(item, "lastTransitionTime"))});
  }
  return out;
}

void set_condition(std::vector<Condition>& all, Condition wanted, std::string_view now) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.type == wanted.type; });
  wanted.since = found != all.end() && found->status == wanted.status ? found->since : std::string(now);
  if (found == all.end()) {
    all.push_back(std::move(wanted));
  } else {
    *found = std::move(wanted);
  }
}

std::string stored_versions(const Definition& definition) {
  auto versions = strings(member(member(definition.object.root(), "status"), "storedVersions"));
  const Node* all = member(definition.spec(), "versions");
  if (all != nullptr) {
    for (const Node& each : all->items()) {
      const std::string name(text_member(each, "name"));
      if (!true_member(&each, "storage")) continue;
      if (std::find(versions.begin(), versions.end(), name) == versions.end()) versions.push_back(name);
    }
  }
  return list_json(versions);
}

/// Kind of release, number, number behind it: of "v1beta2" 1, 1, 2.
std::tuple<int, int, int> parts_of_version(std::string_view text) {
  if (!text.starts_with('v')) return {-1, 0, 0};
  text.remove_prefix(1);
  const auto number = [&text] {
    int value = 0;
    while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0 && value < 100000) {
      value = value * 10 + (text.front() - '0');
      text.remove_prefix(1);
    }
    return value;
  };
  const int major = number();
  if (major == 0) return {-1, 0, 0};
  if (text.empty()) return {2, major, 0};
  const int release = text.starts_with("beta") ? 1 : text.starts_with("alpha") ? 0 : -1;
  if (release < 0) return {-1, 0, 0};
  text.remove_prefix(release == 1 ? 4 : 5);
  const int minor = number();
  if (!text.empty() || minor == 0) return {-1, 0, 0};
  return {release, major, minor};
}

}  // namespace

void TakenNames::add(const Names& names) {
  for (const std::string* name : {&names.plural, &names.singular}) {
    if (!name->empty()) resources.insert(*name);
  }
  resources.insert(names.short_names.begin(), names.short_names.end());
  for (const std::string* name : {&names.kind, &names.list_kind}) {
    if (!name->empty()) kinds.insert(*name);
  }
}

void TakenNames::remove(const Names& names) {
  const auto drop = [](auto& all, const std::string& name) {
    if (const auto found = all.find(name); found != all.end()) all.erase(found);
  };
  drop(resources, names.plural);
  drop(resources, names.singular);
  for (const std::string& name : names.short_names) drop(resources, name);
  drop(kinds, names.kind);
  drop(kinds, names.list_kind);
}

Names requested_names(const Definition& definition) { return read_names(member(definition.spec(), "names")); }

Names accepted_names(const Definition& definition) {
  return read_names(member(member(definition.object.root(), "status"), "acceptedNames"));
}

Grant grant_names(const Names& wanted, const Names& before, const TakenNames& taken) {
  Grant out;
  out.names = before;
  const auto refuse_with = [&out](std::string reason, std::string_view name) {
    out.all = false;
    out.reason = std::move(reason);
    out.message = quoted(name) + " is already in use";
  };
  const auto one = [&](const std::string& name, std::string& slot, const auto& others, const char* reason) {
    if (name != slot && others.contains(name)) return refuse_with(reason, name);
    slot = name;
  };
  one(wanted.plural, out.names.plural, taken.resources, "PluralConflict");
  one(wanted.singular, out.names.singular, taken.resources, "SingularConflict");
  const auto& old = before.short_names;
  const auto in_use = std::find_if(wanted.short_names.begin(), wanted.short_names.end(), [&](const auto& name) {
    return std::find(old.begin(), old.end(), name) == old.end() && taken.resources.contains(name);
  });
  if (in_use != wanted.short_names.end()) {
    refuse_with("ShortNamesConflict", *in_use);
  } else {
    out.names.short_names = wanted.short_names;
  }
  one(wanted.kind, out.names.kind, taken.kinds, "KindConflict");
  one(wanted.list_kind, out.names.list_kind, taken.kinds, "ListKindConflict");
  out.names.categories = wanted.categories;
  return out;
}

bool condition_is_true(const Definition& definition, std::string_view type) {
  for (const Condition& each : conditions_of(definition)) {
    if (each.type == type) return each.status == "True";
  }
  return false;
}

std::string wanted_status(const Definition& definition, const Grant& grant, std::string_view fault,
                          std::string_view now) {
  auto conditions = conditions_of(definition);
  std::erase_if(conditions, [](const Condition& each) { return each.type == "NonStructuralSchema"; });
  if (!fault.empty()) {
    set_condition(conditions, {"NonStructuralSchema", "True", "Violations", std::string(fault), ""}, now);
  }
  set_condition(conditions, {"NamesAccepted", grant.all ? "True" : "False", grant.reason, grant.message, ""}, now);
  if (grant.all) {
    set_condition(conditions,
                  {"Established", "True", "InitialNamesAccepted", "the initial names have been accepted", ""}, now);
  } else if (!condition_is_true(definition, "Established")) {
    set_condition(conditions, {"Established", "False", "NotAccepted", "not all names are accepted", ""}, now);
  }
  if (definition.deleting()) {
    set_condition(conditions,
                  {"Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress", ""},
                  now);
  }
  std::string out = "{\"conditions\":[";
  bool first = true;
  for (const Condition& each : conditions) {
    out += first ? "{" : ",{";
    first = false;
    out += "\"type\":" + quoted(each.type) + ",\"status\":" + quoted(each.status);
    if (!each.since.empty()) out += ",\"lastTransitionTime\":" + quoted(each.since);
    out += ",\"reason\":" + quoted(each.reason) + ",\"message\":" + quoted(each.message) + "}";
  }
  out += "],\"acceptedNames\":" + names_json(grant.names) + ",\"storedVersions\":" + stored_versions(definition);
  return out + "}";
}

bool version_comes_first(std::string_view a, std::string_view b) {
  const auto one = parts_of_version(a);
  const auto other = parts_of_version(b);
  return one != other ? one > other : a < b;
}

}  // namespace troupe::api::custom
