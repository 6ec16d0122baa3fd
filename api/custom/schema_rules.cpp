#include <algorithm>

#include "api/custom/definition_rules.hpp"
#include "api/custom/structural.hpp"
#include "api/object_codec.hpp"

namespace troupe::api::custom {

namespace {

using schema::Node;

enum class Level { kRoot, kField, kItem };

constexpr int kMaxDepth = Structural::kMaxDepth - 4;
constexpr std::string_view kTypes[] = {"array", "boolean", "integer", "number", "object", "string"};
constexpr std::string_view kListTypes[] = {"atomic", "map", "set"};

bool is_one_of(std::string_view text, std::span<const std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

void check_type(const Node& schema, const At& at, Level level, Faults& faults) {
  const std::string_view type = text_member(schema, "type");
  const bool int_or_string = true_member(&schema, "x-kubernetes-int-or-string");
  const At here(at, "type");
  if (!type.empty() && !is_one_of(type, kTypes)) {
    faults.unsupported(here, type, {std::begin(kTypes), std::end(kTypes)});
    return;
  }
  if (int_or_string && !type.empty()) {
    faults.invalid(here, type, "must be empty if x-kubernetes-int-or-string is true");
  }
  if (level == Level::kRoot && !type.empty() && type != "object") {
    faults.invalid(here, type, "must be object at the root");
  }
  if (type.empty() && !int_or_string &&
      (level == Level::kRoot || !true_member(&schema, "x-kubernetes-preserve-unknown-fields"))) {
    faults.required(here, level == Level::kRoot   ? "must not be empty at the root"
                          : level == Level::kItem ? "must not be empty for specified array items"
                                                  : "must not be empty for specified object fields");
  }
  if (!true_member(&schema, "x-kubernetes-embedded-resource")) return;
  if (!type.empty() && type != "object") {
    faults.invalid(here, type, "must be object if x-kubernetes-embedded-resource is true");
  }
  const Node* properties = member(schema, "properties");
  if ((properties == nullptr || properties->size() == 0) &&
      !true_member(&schema, "x-kubernetes-preserve-unknown-fields")) {
    faults.required(At(at, "properties"),
                    "must not be empty if x-kubernetes-embedded-resource is true without "
                    "x-kubernetes-preserve-unknown-fields");
  }
}

/// What OpenAPI has and a structural schema may not.
void check_unsupported(const Node& schema, const At& at, Faults& faults) {
  for (const std::string_view field :
       {"$ref", "$schema", "id", "definitions", "dependencies", "patternProperties", "additionalItems"}) {
    if (member(schema, field) != nullptr) faults.forbidden(At(at, field), std::string(field) + " is not supported");
  }
  if (true_member(&schema, "uniqueItems")) {
    faults.forbidden(At(at, "uniqueItems"),
                     "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
  }
  if (const Node* items = member(schema, "items"); items != nullptr && items->is_array()) {
    faults.forbidden(At(at, "items"), "items must be a schema object and not an array");
  }
  const Node* keep = member(schema, "x-kubernetes-preserve-unknown-fields");
  if (keep != nullptr && !true_member(&schema, "x-kubernetes-preserve-unknown-fields")) {
    faults.invalid_json(At(at, "x-kubernetes-preserve-unknown-fields"), "false", "must be true or undefined");
  }
}

void check_pattern(const Node& schema, const At& at, Faults& faults) {
  const std::string_view text = text_member(schema, "pattern");
  if (text.empty()) return;
  if (auto pattern = Pattern::compile(text); !pattern) {
    faults.invalid(At(at, "pattern"), text,
                   "must be a valid regular expression, but isn't: " + pattern.error().message);
  }
}

bool contains(const Node* list, std::string_view text) {
  if (list == nullptr) return false;
  const auto items = list->items();
  return std::any_of(items.begin(), items.end(),
                     [text](const Node& item) { return item.is_string() && item.as_string() == text; });
}

void check_list_type(const Node& schema, const At& at, Faults& faults) {
  const std::string_view list_type = text_member(schema, "x-kubernetes-list-type");
  const Node* keys = member(schema, "x-kubernetes-list-map-keys");
  const bool has_keys = keys != nullptr && keys->size() != 0;
  const At type_at(at, "x-kubernetes-list-type");
  const At keys_at(at, "x-kubernetes-list-map-keys");
  if (!list_type.empty() && !is_one_of(list_type, kListTypes)) {
    faults.unsupported(type_at, list_type, {std::begin(kListTypes), std::end(kListTypes)});
  }
  if (!list_type.empty() && text_member(schema, "type") != "array") {
    faults.invalid(At(at, "type"), text_member(schema, "type"), "must be array if x-kubernetes-list-type is specified");
  }
  if (has_keys && list_type != "map") {
    faults.invalid(type_at, list_type, "must be map if x-kubernetes-list-map-keys is non-empty");
  }
  if (list_type != "map") return;
  if (!has_keys) return faults.required(keys_at, "must not be empty if x-kubernetes-list-type is map");
  const Node* items = member(schema, "items");
  const Node* properties = member(items, "properties");
  const At items_at(at, "items");
  const At properties_at(items_at, "properties");
  for (std::size_t i = 0; i < keys->items().size(); ++i) {
    const Node& item = keys->items()[i];
    if (!item.is_string()) continue;
    const std::string_view key = item.as_string();
    const Node* property = member(properties, key);
    if (property == nullptr) {
      faults.invalid(At(keys_at, i), key, "entries must all be names of item properties");
      continue;
    }
    const bool told = contains(member(items, "required"), key) || member(*property, "default") != nullptr;
    const At property_at = At::key(properties_at, key);
    if (!told) {
      faults.required(At(property_at, "default"),
                      "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required "
                      "property");
    }
  }
}

void check_map_type(const Node& schema, const At& at, Faults& faults) {
  const std::string_view map_type = text_member(schema, "x-kubernetes-map-type");
  if (map_type.empty()) return;
  if (map_type != "atomic" && map_type != "granular") {
    faults.unsupported(At(at, "x-kubernetes-map-type"), map_type, {"atomic", "granular"});
  }
  if (text_member(schema, "type") != "object") {
    faults.invalid(At(at, "type"), text_member(schema, "type"), "must be object if x-kubernetes-map-type is specified");
  }
}

/// A default must be what the schema itself would let in.
void check_default(const Node& schema, const At& at, Level level, Faults& faults) {
  const Node* value = member(schema, "default");
  if (value == nullptr) return;
  const At here(at, "default");
  if (level == Level::kRoot && !value->is_object()) return faults.invalid(here, *value, "must be an object");
  auto compiled = compile_structural(schema);
  if (!compiled) return;
  schema::Document copy;
  auto copied = copy.copy(*value);
  if (!copied) return;
  copy.root() = *copied;
  schema::Diagnostics unknown(schema::Strictness::kWarn);
  prune(copy, copy.root(), *compiled, compiled->embedded, unknown);
  if (!unknown.findings().empty()) return faults.invalid(here, *value, "must not have unknown fields");
  if (!fill_structural_defaults(copy, copy.root(), *compiled)) return;
  for (const Cause& cause : value_faults(copy.root(), *compiled)) {
    const std::size_t colon = cause.message.find(": ");
    faults.invalid(here, *value, colon == std::string::npos ? cause.message : cause.message.substr(colon + 2));
  }
}

/// Inside allOf, anyOf, oneOf and not only validation may be said, about what the schema around specifies.
void check_nested(const Node& schema, const At& at, Faults& faults, int depth) {
  if (depth > kMaxDepth) return;
  for (const std::string_view field :
       {"default", "description", "title", "type", "nullable", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
        "x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string", "additionalProperties"}) {
    const Node* there = member(schema, field);
    if (there == nullptr || (there->kind() == Node::Kind::kBool && !there->as_bool())) continue;
    const bool text = field == "description" || field == "title" || field == "type";
    faults.forbidden(At(at, field), text ? "must be empty to be structural" : "must be undefined to be structural");
  }
  check_pattern(schema, at, faults);
  if (const Node* properties = member(schema, "properties")) {
    const At list(at, "properties");
    for (const schema::Member& each : properties->members()) {
      check_nested(each.value, At::key(list, each.key), faults, depth + 1);
    }
  }
  if (const Node* items = member(schema, "items")) check_nested(*items, At(at, "items"), faults, depth + 1);
  for (const std::string_view field : {"allOf", "anyOf", "oneOf"}) {
    const Node* list = member(schema, field);
    const At here(at, field);
    for (std::size_t i = 0; list != nullptr && i < list->items().size(); ++i) {
      check_nested(list->items()[i], At(here, i), faults, depth + 1);
    }
  }
  if (const Node* none = member(schema, "not")) check_nested(*none, At(at, "not"), faults, depth + 1);
}

/// `x-kubernetes-int-or-string` is written with an anyOf that names both types.
bool is_int_or_string_form(const Node& schema, std::string_view field, const Node& list) {
  if (field != "anyOf" || !true_member(&schema, "x-kubernetes-int-or-string")) return false;
  const auto items = list.items();
  return items.size() == 2 && text_member(items[0], "type") == "integer" && text_member(items[1], "type") == "string";
}

void check_junctors(const Node& schema, const At& at, Faults& faults, int depth) {
  for (const std::string_view field : {"allOf", "anyOf", "oneOf"}) {
    const Node* list = member(schema, field);
    if (list == nullptr || is_int_or_string_form(schema, field, *list)) continue;
    const At here(at, field);
    for (std::size_t i = 0; i < list->items().size(); ++i) {
      const Node& each = list->items()[i];
      const Node* inner = member(each, "anyOf");
      if (field == "allOf" && inner != nullptr && is_int_or_string_form(schema, "anyOf", *inner)) continue;
      check_nested(each, At(here, i), faults, depth + 1);
    }
  }
  if (const Node* none = member(schema, "not")) check_nested(*none, At(at, "not"), faults, depth + 1);
}

void check_schema(const Node& schema, const At& at, Level level, Faults& faults, int depth);

void check_children(const Node& schema, const At& at, Level level, Faults& faults, int depth) {
  const Node* properties = member(schema, "properties");
  if (properties != nullptr) {
    const At list(at, "properties");
    const bool is_resource = level == Level::kRoot || true_member(&schema, "x-kubernetes-embedded-resource");
    for (const schema::Member& each : properties->members()) {
      if (is_resource && is_type_or_metadata(each.key)) continue;
      check_schema(each.value, At::key(list, each.key), Level::kField, faults, depth + 1);
    }
  }
  if (const Node* other = member(schema, "additionalProperties")) {
    const At here(at, "additionalProperties");
    if (properties != nullptr && properties->size() != 0) {
      faults.forbidden(here, "additionalProperties and properties are mutual exclusive");
    }
    if (level == Level::kRoot) faults.forbidden(here, "must not be used at the root");
    if (other->is_object()) check_schema(*other, here, Level::kField, faults, depth + 1);
    if (other->kind() == Node::Kind::kBool && !other->as_bool()) {
      faults.forbidden(here, "additionalProperties cannot be set to false");
    }
  }
  const Node* items = member(schema, "items");
  if (items != nullptr && items->is_object()) {
    check_schema(*items, At(at, "items"), Level::kItem, faults, depth + 1);
  } else if (items == nullptr && text_member(schema, "type") == "array") {
    faults.required(At(at, "items"), "must be specified");
  }
}

void check_schema(const Node& schema, const At& at, Level level, Faults& faults, int depth) {
  if (depth > kMaxDepth) return faults.forbidden(at, "the schema nests too deeply");
  check_type(schema, at, level, faults);
  check_unsupported(schema, at, faults);
  check_pattern(schema, at, faults);
  check_list_type(schema, at, faults);
  check_map_type(schema, at, faults);
  check_junctors(schema, at, faults, depth);
  check_children(schema, at, level, faults, depth);
  check_default(schema, at, level, faults);
}

/// Of metadata only name and generateName may be described.
void check_metadata(const Node& schema, const At& at, Faults& faults) {
  const Node* metadata = member(member(schema, "properties"), "metadata");
  if (metadata == nullptr) return;
  const At list(at, "properties");
  const At here = At::key(list, "metadata");
  bool good = text_member(*metadata, "type") == "object";
  for (const schema::Member& each : metadata->members()) {
    good = good && (each.key == "type" || each.key == "properties" || each.key == "description");
  }
  if (const Node* properties = member(*metadata, "properties")) {
    for (const schema::Member& each : properties->members()) {
      good = good && (each.key == "name" || each.key == "generateName");
    }
  }
  if (!good) {
    faults.forbidden(here,
                     "must not specify anything other than name and generateName, but metadata is implicitly "
                     "specified");
  }
}

}  // namespace

void schema_faults(const Node& schema, const At& at, Faults& faults, std::size_t& room) {
  check_schema(schema, at, Level::kRoot, faults, 0);
  check_metadata(schema, at, faults);
  const auto whole = compile_structural(schema, room);
  if (!whole && whole.error().code == ErrorCode::kTooLarge) faults.forbidden(at, whole.error().message);
}

}  // namespace troupe::api::custom
