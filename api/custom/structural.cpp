#include "api/custom/structural.hpp"

#include <algorithm>

#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api::custom {

namespace {

using schema::Document;
using schema::Node;
using schema::PathStep;

Structural::Type type_of(std::string_view name) {
  if (name == "object") return Structural::Type::kObject;
  if (name == "array") return Structural::Type::kArray;
  if (name == "string") return Structural::Type::kString;
  if (name == "integer") return Structural::Type::kInteger;
  if (name == "number") return Structural::Type::kNumber;
  if (name == "boolean") return Structural::Type::kBoolean;
  return Structural::Type::kAny;
}

std::optional<std::int64_t> count(const Node& schema, std::string_view name) {
  const Node* value = member(schema, name);
  if (value == nullptr || !value->is_int()) return std::nullopt;
  return value->as_int();
}

std::optional<double> number(const Node& schema, std::string_view name) {
  const Node* value = member(schema, name);
  const bool numeric = value != nullptr && (value->is_int() || value->kind() == Node::Kind::kDouble);
  return numeric ? std::optional<double>(value->as_double()) : std::nullopt;
}

std::vector<std::string> strings(const Node& schema, std::string_view name) {
  std::vector<std::string> out;
  const Node* list = member(schema, name);
  if (list == nullptr) return out;
  for (const Node& item : list->items()) {
    if (item.is_string()) out.emplace_back(item.as_string());
  }
  return out;
}

class Compiler {
 public:
  explicit Compiler(std::size_t& room) : room_(room) {}

  Result<Structural> compile(const Node& schema, int depth) {
    if (depth > Structural::kMaxDepth) return fail(ErrorCode::kTooLarge, "the schema nests too deeply");
    Structural out;
    out.type = type_of(text_member(schema, "type"));
    out.nullable = true_member(&schema, "nullable");
    out.preserves_unknown = true_member(&schema, "x-kubernetes-preserve-unknown-fields");
    out.embedded = true_member(&schema, "x-kubernetes-embedded-resource");
    out.int_or_string = true_member(&schema, "x-kubernetes-int-or-string");
    out.default_value = member(schema, "default");
    out.list_type = text_member(schema, "x-kubernetes-list-type");
    out.list_map_keys = strings(schema, "x-kubernetes-list-map-keys");
    out.atomic_map = text_member(schema, "x-kubernetes-map-type") == "atomic";
    if (auto read = read_rules(schema, out); !read) return fail(read.error());
    if (auto read = read_children(schema, out, depth); !read) return fail(read.error());
    if (auto read = read_junctors(schema, out, depth); !read) return fail(read.error());
    return out;
  }

 private:
  Status read_rules(const Node& schema, Structural& out) {
    if (const Node* values = member(schema, "enum")) {
      for (const Node& value : values->items()) out.values.push_back(&value);
    }
    out.minimum = number(schema, "minimum");
    out.maximum = number(schema, "maximum");
    out.multiple_of = number(schema, "multipleOf");
    out.exclusive_minimum = true_member(&schema, "exclusiveMinimum");
    out.exclusive_maximum = true_member(&schema, "exclusiveMaximum");
    out.unique_items = true_member(&schema, "uniqueItems");
    out.min_length = count(schema, "minLength");
    out.max_length = count(schema, "maxLength");
    out.min_items = count(schema, "minItems");
    out.max_items = count(schema, "maxItems");
    out.min_properties = count(schema, "minProperties");
    out.max_properties = count(schema, "maxProperties");
    out.format = text_member(schema, "format");
    out.required = strings(schema, "required");
    const std::string_view text = text_member(schema, "pattern");
    if (text.empty()) return {};
    auto pattern = Pattern::compile(text);
    if (!pattern) return fail(pattern.error());
    if (pattern->size() > room_) return fail(ErrorCode::kTooLarge, "the patterns of the schema are too large together");
    room_ -= pattern->size();
    out.pattern = std::move(*pattern);
    return {};
  }

  Result<std::unique_ptr<Structural>> child(const Node& schema, int depth) {
    auto compiled = compile(schema, depth + 1);
    if (!compiled) return fail(compiled.error());
    return std::make_unique<Structural>(std::move(*compiled));
  }

  Status read_children(const Node& schema, Structural& out, int depth) {
    if (const Node* properties = member(schema, "properties")) {
      out.properties.reserve(properties->size());
      for (const schema::Member& property : properties->members()) {
        auto compiled = child(property.value, depth);
        if (!compiled) return fail(compiled.error());
        out.properties.push_back({std::string(property.key), std::move(*compiled)});
      }
      std::sort(out.properties.begin(), out.properties.end(),
                [](const auto& a, const auto& b) { return a.name < b.name; });
    }
    if (const Node* other = member(schema, "additionalProperties")) {
      if (other->is_object()) {
        auto compiled = child(*other, depth);
        if (!compiled) return fail(compiled.error());
        out.additional = std::move(*compiled);
      } else {
        out.any_additional = other->kind() == Node::Kind::kBool && other->as_bool();
      }
    }
    if (const Node* items = member(schema, "items"); items != nullptr && items->is_object()) {
      auto compiled = child(*items, depth);
      if (!compiled) return fail(compiled.error());
      out.items = std::move(*compiled);
    }
    return {};
  }

  Status read_junctors(const Node& schema, Structural& out, int depth) {
    for (const auto& [name, to] : {std::pair<std::string_view, std::vector<Structural>*>{"allOf", &out.all_of},
                                   {"anyOf", &out.any_of},
                                   {"oneOf", &out.one_of}}) {
      const Node* list = member(schema, name);
      if (list == nullptr) continue;
      to->reserve(list->size());
      for (const Node& each : list->items()) {
        auto compiled = compile(each, depth + 1);
        if (!compiled) return fail(compiled.error());
        to->push_back(std::move(*compiled));
      }
    }
    if (const Node* none = member(schema, "not")) {
      auto compiled = child(*none, depth);
      if (!compiled) return fail(compiled.error());
      out.negated = std::move(*compiled);
    }
    return {};
  }

  std::size_t& room_;
};

class Pruner {
 public:
  Pruner(Document& document, schema::Diagnostics& diagnostics) : document_(document), diagnostics_(diagnostics) {}

  void prune(Node& value, const Structural& schema, bool is_resource, const PathStep* at) {
    if (value.is_array()) {
      if (schema.items == nullptr) return;
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        const PathStep step(at, i);
        prune(value.items()[i], *schema.items, schema.items->embedded, &step);
      }
      return;
    }
    if (!value.is_object()) return;
    std::vector<std::string> unknown;
    for (schema::Member& each : value.members()) {
      if (is_resource && is_type_or_metadata(each.key)) continue;
      const Structural* known = schema.member(each.key);
      if (known != nullptr) {
        const PathStep step(at, each.key);
        prune(each.value, *known, known->embedded, &step);
      } else if (!schema.preserves_unknown && !schema.any_additional) {
        unknown.emplace_back(each.key);
      }
    }
    for (const std::string& name : unknown) {
      diagnostics_.unknown_field(at, name);
      document_.erase(value, name);
    }
  }

 private:
  Document& document_;
  schema::Diagnostics& diagnostics_;
};

ApiStatus put_default(Document& document, Node& value, const Node& wanted) {
  auto copied = document.copy(wanted);
  if (!copied) return refuse(too_large(copied.error().message));
  value = *copied;
  return {};
}

ApiStatus default_members(Document& document, Node& value, const Structural& schema) {
  for (const Structural::Property& property : schema.properties) {
    const Structural& of = *property.schema;
    Node* there = value.find(property.name);
    const bool bad_null = there != nullptr && there->is_null() && !of.nullable;
    if (there != nullptr && !bad_null) continue;
    if (of.default_value == nullptr) {
      if (bad_null) document.erase(value, property.name);
      continue;
    }
    auto copied = document.copy(*of.default_value);
    auto set = copied ? document.set(value, property.name, *copied) : fail(copied.error());
    if (!set) return refuse(too_large(set.error().message));
  }
  for (schema::Member& each : value.members()) {
    const Structural* known = schema.member(each.key);
    if (known == nullptr) continue;
    if (each.value.is_null() && !known->nullable && known->default_value != nullptr) {
      if (auto put = put_default(document, each.value, *known->default_value); !put) return put;
    }
    if (auto filled = fill_structural_defaults(document, each.value, *known); !filled) return filled;
  }
  return {};
}

}  // namespace

bool is_type_or_metadata(std::string_view name) { return name == "apiVersion" || name == "kind" || name == "metadata"; }

const Structural* Structural::property(std::string_view name) const {
  const auto found = std::lower_bound(properties.begin(), properties.end(), name,
                                      [](const Property& each, std::string_view wanted) { return each.name < wanted; });
  return found != properties.end() && found->name == name ? found->schema.get() : nullptr;
}

const Structural* Structural::member(std::string_view name) const {
  const Structural* known = property(name);
  return known != nullptr ? known : additional.get();
}

Result<Structural> compile_structural(const Node& schema, std::size_t& room) {
  return Compiler(room).compile(schema, 0);
}

Result<Structural> compile_structural(const Node& schema) {
  std::size_t room = Structural::kMaxPatterns;
  return compile_structural(schema, room);
}

void prune(Document& document, Node& value, const Structural& schema, bool is_resource,
           schema::Diagnostics& diagnostics) {
  Pruner(document, diagnostics).prune(value, schema, is_resource, nullptr);
}

ApiStatus fill_structural_defaults(Document& document, Node& value, const Structural& schema) {
  if (value.is_object()) return default_members(document, value, schema);
  if (!value.is_array() || schema.items == nullptr) return {};
  for (Node& item : value.items()) {
    if (item.is_null() && !schema.items->nullable && schema.items->default_value != nullptr) {
      if (auto put = put_default(document, item, *schema.items->default_value); !put) return put;
    }
    if (auto filled = fill_structural_defaults(document, item, *schema.items); !filled) return filled;
  }
  return {};
}

}  // namespace troupe::api::custom
