#include "api/custom/definition_rules.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "api/custom/json_path.hpp"
#include "api/custom/structural.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/validation/formats.hpp"

namespace troupe::api::custom {

namespace {

using schema::Document;
using schema::Node;

constexpr std::string_view kFinalizer = "customresourcecleanup.apiextensions.k8s.io";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string json_of(const Node& value) {
  std::string out;
  append_json(value, out);
  return out;
}

void check_name(const Node* names, std::string_view field, const At& at, Faults& faults) {
  const std::string_view text = text_member(names, field);
  if (text.empty()) return faults.required(At(at, field));
  Faults own;
  check_dns_1035_label(lower(text), At(at, field), own);
  for (const Cause& cause : own.take()) {
    const std::size_t colon = cause.message.rfind("\": ");
    const std::string why = colon == std::string::npos ? cause.message : cause.message.substr(colon + 3);
    const bool mixed = field == "kind" || field == "listKind";
    faults.invalid(At(at, field), text, mixed ? "may have mixed case, but should otherwise match: " + why : why);
  }
}

void check_names(const Node* names, const At& at, Faults& faults) {
  for (const std::string_view field : {"plural", "singular", "kind", "listKind"}) check_name(names, field, at, faults);
  const std::string_view kind = text_member(names, "kind");
  if (!kind.empty() && kind == text_member(names, "listKind")) {
    faults.invalid(At(at, "listKind"), kind, "kind and listKind may not be the same");
  }
  for (const std::string_view field : {"shortNames", "categories"}) {
    const Node* list = member(names, field);
    if (list == nullptr) continue;
    const At here(at, field);
    for (std::size_t i = 0; i < list->items().size(); ++i) {
      if (list->items()[i].is_string()) check_dns_1035_label(list->items()[i].as_string(), At(here, i), faults);
    }
  }
}

void check_group(const Node& object, std::string_view group, const At& spec, Faults& faults) {
  const At at(spec, "group");
  if (group.empty()) return faults.required(at);
  check_dns_subdomain(group, at, faults);
  if (group.find('.') == std::string_view::npos) faults.invalid(at, group, "should be a domain with at least one dot");
  const bool is_protected =
      group == "k8s.io" || group == "kubernetes.io" || group.ends_with(".k8s.io") || group.ends_with(".kubernetes.io");
  const Node* annotations = member(member(object, "metadata"), "annotations");
  if (!is_protected || member(annotations, "api-approved.kubernetes.io") != nullptr) return;
  const At root;
  const At metadata(root, "metadata");
  const At notes(metadata, "annotations");
  faults.required(At::key(notes, "api-approved.kubernetes.io"),
                  "protected groups must have approval annotation \"api-approved.kubernetes.io\", see "
                  "https://github.com/kubernetes/enhancements/pull/1111");
}

void check_scale_path(const Node& scale, std::string_view field, bool needed,
                      std::initializer_list<std::string_view> under, const At& at, Faults& faults) {
  const std::string_view text = text_member(scale, field);
  const At here(at, field);
  if (text.empty()) {
    if (needed) faults.required(here);
    return;
  }
  auto path = JsonPath::parse(text);
  if (!path || !path->is_simple()) return faults.invalid(here, text, "is an invalid json path");
  for (const std::string_view start : under) {
    if (text.starts_with("." + std::string(start) + ".")) return;
  }
  const std::string where = under.size() == 2 ? "either .spec or .status" : "." + std::string(*under.begin());
  faults.invalid(here, text, "should be a json path under " + where);
}

void check_subresources(const Node& version, const At& at, Faults& faults) {
  const Node* scale = member(member(version, "subresources"), "scale");
  if (scale == nullptr) return;
  const At subresources(at, "subresources");
  const At here(subresources, "scale");
  check_scale_path(*scale, "specReplicasPath", true, {"spec"}, here, faults);
  check_scale_path(*scale, "statusReplicasPath", true, {"status"}, here, faults);
  check_scale_path(*scale, "labelSelectorPath", false, {"status", "spec"}, here, faults);
}

void check_columns(const Node& version, const At& at, Faults& faults) {
  static constexpr std::string_view kTypes[] = {"boolean", "date", "integer", "number", "string"};
  const Node* columns = member(version, "additionalPrinterColumns");
  if (columns == nullptr) return;
  const At list(at, "additionalPrinterColumns");
  for (std::size_t i = 0; i < columns->items().size(); ++i) {
    const Node& column = columns->items()[i];
    const At here(list, i);
    if (text_member(column, "name").empty()) faults.required(At(here, "name"));
    const std::string_view type = text_member(column, "type");
    if (type.empty()) {
      faults.required(At(here, "type"), "must be one of \"boolean\",\"date\",\"integer\",\"number\",\"string\"");
    } else if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
      faults.invalid(At(here, "type"), type, "must be one of \"boolean\",\"date\",\"integer\",\"number\",\"string\"");
    }
    const std::string_view text = text_member(column, "jsonPath");
    if (text.empty()) {
      faults.required(At(here, "jsonPath"));
    } else if (auto path = JsonPath::parse(text); !path) {
      faults.invalid(At(here, "jsonPath"), text, path.error().message);
    }
  }
}

void check_version(const Node& version, const At& at, Faults& faults, std::size_t& room) {
  const std::string_view name = text_member(version, "name");
  if (name.empty()) {
    faults.required(At(at, "name"));
  } else {
    check_dns_1035_label(name, At(at, "name"), faults);
  }
  const At schema_at(at, "schema");
  const At open_at(schema_at, "openAPIV3Schema");
  const Node* schema = member(member(version, "schema"), "openAPIV3Schema");
  if (schema == nullptr) {
    faults.required(open_at, "schemas are required");
  } else {
    schema_faults(*schema, open_at, faults, room);
  }
  check_subresources(version, at, faults);
  check_columns(version, at, faults);
}

void check_versions(const Node* spec, const At& at, Faults& faults) {
  const At list(at, "versions");
  const Node* versions = member(spec, "versions");
  if (versions == nullptr || versions->size() == 0) return faults.required(list, "must have at least one version");
  std::set<std::string_view> names;
  bool twice = false;
  int stored = 0;
  std::string shown = "[";
  std::size_t room = Structural::kMaxPatterns;
  for (std::size_t i = 0; i < versions->items().size(); ++i) {
    const Node& version = versions->items()[i];
    const std::string_view name = text_member(version, "name");
    twice = !names.insert(name).second || twice;
    stored += true_member(&version, "storage") ? 1 : 0;
    shown.append(i == 0 ? "\"" : ",\"").append(name).append("\"");
    check_version(version, At(list, i), faults, room);
  }
  shown += "]";
  if (twice) faults.invalid_json(list, shown, "must contain unique version names");
  if (stored != 1) faults.invalid_json(list, shown, "must have exactly one version marked as storage version");
}

const Node* finalizers_of(const Node& object) { return member(member(object, "metadata"), "finalizers"); }

}  // namespace

bool is_definition(const Resource& resource) {
  return resource.kind == "CustomResourceDefinition" && resource.group == "apiextensions.k8s.io";
}

ApiStatus default_definition(Document& object) {
  Node* spec = object.root().find("spec");
  if (spec == nullptr || !spec->is_object()) return {};
  Node* names = spec->find("names");
  if (names != nullptr && names->is_object()) {
    const std::string kind(text_member(*names, "kind"));
    if (!kind.empty() && text_member(*names, "singular").empty()) {
      if (auto set = set_text(object, *names, "singular", lower(kind)); !set) return set;
    }
    if (!kind.empty() && text_member(*names, "listKind").empty()) {
      if (auto set = set_text(object, *names, "listKind", kind + "List"); !set) return set;
    }
  }
  if (member(*spec, "conversion") != nullptr) return {};
  auto conversion = object_member(object, *spec, "conversion");
  if (!conversion) return refuse(conversion.error());
  return set_text(object, **conversion, "strategy", "None");
}

std::string status_at_birth(const Node& object) {
  std::string stored;
  const Node* versions = member(member(object, "spec"), "versions");
  for (const Node& version : versions != nullptr ? versions->items() : std::span<const Node>()) {
    if (true_member(&version, "storage")) append_json_string(stored, text_member(version, "name"));
  }
  return R"({"conditions":[],"acceptedNames":{"plural":"","kind":""},"storedVersions":[)" + stored + "]}";
}

namespace {

bool has_rules(const Node& schema) {
  const Node* rules = member(schema, "x-kubernetes-validations");
  if (rules != nullptr && rules->size() != 0) return true;
  if (schema.is_array()) return std::any_of(schema.items().begin(), schema.items().end(), has_rules);
  if (!schema.is_object()) return false;
  const auto& members = schema.members();
  return std::any_of(members.begin(), members.end(), [](const schema::Member& each) { return has_rules(each.value); });
}

}  // namespace

std::vector<std::string> definition_warnings(const Node& object) {
  std::vector<std::string> out;
  const Node* versions = member(member(object, "spec"), "versions");
  if (versions == nullptr) return out;
  for (std::size_t i = 0; i < versions->size(); ++i) {
    const Node* schema = member(member(versions->items()[i], "schema"), "openAPIV3Schema");
    if (schema == nullptr || !has_rules(*schema)) continue;
    out.push_back("spec.versions[" + std::to_string(i) +
                  "].schema.openAPIV3Schema: x-kubernetes-validations are stored and not enforced by this server");
  }
  return out;
}

void definition_faults(const Node& object, Faults& faults) {
  const At root;
  const At at(root, "spec");
  const Node* spec = member(object, "spec");
  const std::string_view group = text_member(spec, "group");
  const Node* names = member(spec, "names");
  const std::string wanted = std::string(text_member(names, "plural")) + "." + std::string(group);
  const At metadata(root, "metadata");
  const std::string_view name = text_member(member(object, "metadata"), "name");
  if (name != wanted) faults.invalid(At(metadata, "name"), name, "must be spec.names.plural+\".\"+spec.group");
  check_group(object, group, at, faults);
  const std::string_view scope = text_member(spec, "scope");
  if (scope.empty()) {
    faults.required(At(at, "scope"));
  } else if (scope != "Cluster" && scope != "Namespaced") {
    faults.unsupported(At(at, "scope"), scope, {"Cluster", "Namespaced"});
  }
  check_names(names, At(at, "names"), faults);
  check_versions(spec, at, faults);
  const Node* conversion = member(spec, "conversion");
  if (text_member(conversion, "strategy") == "Webhook") {
    const At here(at, "conversion");
    faults.unsupported(At(here, "strategy"), "Webhook", {"None"});  // conversion by webhooks is not there yet
  }
  if (true_member(spec, "preserveUnknownFields")) {
    faults.invalid_json(At(at, "preserveUnknownFields"), "true",
                        "must be false in order to use defaults in the schema");
  }
}

void definition_change_faults(const Node& object, const Node& old, Faults& faults) {
  const At root;
  const At at(root, "spec");
  const Node* now = member(object, "spec");
  const Node* before = member(old, "spec");
  const auto keep = [&faults](const Node* a, const Node* b, std::string_view field, const At& where) {
    if (same_member(a, b, field)) return;
    const Node* value = member(a, field);
    faults.invalid_json(At(where, field), value != nullptr ? json_of(*value) : "null", "field is immutable");
  };
  const At names(at, "names");
  keep(now, before, "group", at);
  keep(member(now, "names"), member(before, "names"), "plural", names);
  bool established = false;
  const Node* status = member(old, "status");
  const Node* conditions = member(status, "conditions");
  for (const Node& each : conditions != nullptr ? conditions->items() : std::span<const Node>()) {
    established = established || (text_member(each, "type") == "Established" && text_member(each, "status") == "True");
  }
  if (established) {
    keep(now, before, "scope", at);
    keep(member(now, "names"), member(before, "names"), "kind", names);
  }
  const Node* stored = member(status, "storedVersions");
  const Node* versions = member(now, "versions");
  if (stored == nullptr || versions == nullptr) return;
  const At status_at(root, "status");
  const At list(status_at, "storedVersions");
  for (std::size_t i = 0; i < stored->items().size(); ++i) {
    if (!stored->items()[i].is_string()) continue;
    const std::string name(stored->items()[i].as_string());
    const auto all = versions->items();
    if (std::any_of(all.begin(), all.end(), [&](const Node& each) { return text_member(each, "name") == name; }))
      continue;
    faults.invalid(At(list, i), name,
                   "missing from spec.versions; " + name + " was previously a storage version, and must remain in " +
                       "spec.versions until a storage migration ensures no data remains persisted in " + name +
                       " and removes " + name + " from status.storedVersions");
  }
}

bool has_cleanup_finalizer(const Node& object) {
  const Node* list = finalizers_of(object);
  if (list == nullptr) return false;
  const auto items = list->items();
  return std::any_of(items.begin(), items.end(),
                     [](const Node& item) { return item.is_string() && item.as_string() == kFinalizer; });
}

ApiStatus add_cleanup_finalizer(Document& object) {
  if (has_cleanup_finalizer(object.root())) return {};
  auto metadata = object_member(object, object.root(), "metadata");
  if (!metadata) return refuse(metadata.error());
  if (finalizers_of(object.root()) == nullptr) {
    auto list = object.make_array(1);
    if (!list) return refuse(too_large(list.error().message));
    if (auto set = set_node(object, **metadata, "finalizers", *list); !set) return set;
  }
  auto text = object.make_string(kFinalizer);
  auto added = text ? object.append(*(*metadata)->find("finalizers"), *text) : fail(text.error());
  if (!added) return refuse(too_large(added.error().message));
  return {};
}

std::string other_finalizers_json(const Node& object) {
  std::string out = "[";
  const Node* list = finalizers_of(object);
  for (const Node& item : list != nullptr ? list->items() : std::span<const Node>()) {
    if (!item.is_string() || item.as_string() == kFinalizer) continue;
    if (out.size() > 1) out += ",";
    append_json_string(out, item.as_string());
  }
  return out + "]";
}

}  // namespace troupe::api::custom
