#include <algorithm>
#include <cmath>

#include "api/custom/structural.hpp"
#include "api/custom/value_formats.hpp"
#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/json_text.hpp"

namespace troupe::api::custom {

namespace {

using schema::Node;
using Type = Structural::Type;

constexpr int kMaxDepth = 200;

std::string_view type_name(Type type) {
  switch (type) {
    case Type::kObject:
      return "object";
    case Type::kArray:
      return "array";
    case Type::kString:
      return "string";
    case Type::kInteger:
      return "integer";
    case Type::kNumber:
      return "number";
    case Type::kBoolean:
      return "boolean";
    case Type::kAny:
      break;
  }
  return "";
}

std::string_view kind_name(const Node& value) {
  switch (value.kind()) {
    case Node::Kind::kNull:
      return "null";
    case Node::Kind::kBool:
      return "boolean";
    case Node::Kind::kInt:
      return "integer";
    case Node::Kind::kDouble:
      return "number";
    case Node::Kind::kString:
      return "string";
    case Node::Kind::kArray:
      return "array";
    case Node::Kind::kObject:
      return "object";
  }
  return "";
}

bool is_number(const Node& value) { return value.is_int() || value.kind() == Node::Kind::kDouble; }

bool is_of_type(const Node& value, const Structural& schema) {
  if (schema.int_or_string) return value.is_int() || value.is_string();
  switch (schema.type) {
    case Type::kObject:
      return value.is_object();
    case Type::kArray:
      return value.is_array();
    case Type::kString:
      return value.is_string();
    case Type::kInteger:
      return value.is_int() ||
             (value.kind() == Node::Kind::kDouble && std::trunc(value.as_double()) == value.as_double());
    case Type::kNumber:
      return is_number(value);
    case Type::kBoolean:
      return value.kind() == Node::Kind::kBool;
    case Type::kAny:
      break;
  }
  return true;
}

std::string number_text(double value) {
  schema::ByteBuffer out;
  schema::append_json_double(out, value);
  return std::string(out.view());
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

class Checker {
 public:
  explicit Checker(Faults& faults) : faults_(faults) {}

  void check(const Node& value, const Structural& schema, const At& at, int depth, bool is_resource) {
    if (depth > kMaxDepth) return;
    if (value.is_null() && schema.nullable) return;
    if (!is_of_type(value, schema)) return wrong_type(value, schema, at);
    if (!schema.values.empty()) check_enum(value, schema, at);
    if (value.is_string()) check_text(value, schema, at);
    if (is_number(value)) check_number(value, schema, at);
    if (value.is_array()) check_list(value, schema, at, depth);
    if (value.is_object()) check_object(value, schema, at, depth, is_resource);
    check_junctors(value, schema, at, depth);
  }

 private:
  std::string in_body(const At& at, std::string_view rest) const {
    const std::string path = at.text();
    return path + (path.empty() ? "in body " : " in body ") + std::string(rest);
  }

  void wrong_type(const Node& value, const Structural& schema, const At& at) {
    const std::string wanted = schema.int_or_string ? "integer,string" : std::string(type_name(schema.type));
    const std::string has = "\"" + std::string(kind_name(value)) + "\"";
    faults_.invalid_json(at, has, in_body(at, "must be of type " + wanted + ": " + has));
  }

  void check_enum(const Node& value, const Structural& schema, const At& at) {
    for (const Node* each : schema.values) {
      if (schema::same_value(*each, value)) return;
    }
    std::vector<std::string> texts;
    texts.reserve(schema.values.size());
    for (const Node* each : schema.values) {
      std::string text;
      if (each->is_string()) {
        text = each->as_string();
      } else {
        append_json(*each, text);
      }
      texts.push_back(std::move(text));
    }
    std::string text;
    if (value.is_string()) {
      text = value.as_string();
    } else {
      append_json(value, text);
    }
    faults_.unsupported(at, text, {texts.begin(), texts.end()});
  }

  void check_text(const Node& value, const Structural& schema, const At& at) {
    const std::string_view text = value.as_string();
    if (schema.max_length || schema.min_length) {
      const auto length = static_cast<std::int64_t>(characters(text));
      if (schema.max_length && length > *schema.max_length) {
        faults_.too_long(at, static_cast<std::size_t>(std::max<std::int64_t>(*schema.max_length, 0)));
      }
      if (schema.min_length && length < *schema.min_length) {
        faults_.invalid(at, value,
                        in_body(at, "should be at least " + std::to_string(*schema.min_length) + " chars long"));
      }
    }
    if (schema.pattern && !schema.pattern->matches(text)) {
      faults_.invalid(at, value, in_body(at, "should match '" + schema.pattern->text() + "'"));
    }
    if (!schema.format.empty() && !has_format(text, schema.format)) {
      std::string shown;
      append_json_string(shown, text);
      faults_.invalid(at, value, in_body(at, "must be of type " + schema.format + ": " + shown));
    }
  }

  void check_number(const Node& value, const Structural& schema, const At& at) {
    const double number = value.as_double();
    if (schema.maximum && (schema.exclusive_maximum ? number >= *schema.maximum : number > *schema.maximum)) {
      faults_.invalid(at, value,
                      in_body(at, std::string("should be less than ") +
                                      (schema.exclusive_maximum ? "" : "or equal to ") + number_text(*schema.maximum)));
    }
    if (schema.minimum && (schema.exclusive_minimum ? number <= *schema.minimum : number < *schema.minimum)) {
      faults_.invalid(at, value,
                      in_body(at, std::string("should be greater than ") +
                                      (schema.exclusive_minimum ? "" : "or equal to ") + number_text(*schema.minimum)));
    }
    if (schema.multiple_of && *schema.multiple_of > 0) {
      const double times = number / *schema.multiple_of;
      if (std::trunc(times) != times) {
        faults_.invalid(at, value, in_body(at, "should be a multiple of " + number_text(*schema.multiple_of)));
      }
    }
    const bool whole = schema.type == Type::kInteger || schema.int_or_string;
    if (whole && schema.format == "int32" && (number > 2147483647.0 || number < -2147483648.0)) {
      faults_.invalid(at, value, in_body(at, "must be of type int32: \"" + number_text(number) + "\""));
    }
  }

  void check_list(const Node& value, const Structural& schema, const At& at, int depth) {
    const auto size = static_cast<std::int64_t>(value.size());
    if (schema.max_items && size > *schema.max_items) {
      faults_.too_many(at, value.size(), static_cast<std::size_t>(std::max<std::int64_t>(*schema.max_items, 0)));
    }
    if (schema.min_items && size < *schema.min_items) {
      faults_.invalid_json(at, std::to_string(size),
                           in_body(at, "should have at least " + std::to_string(*schema.min_items) + " items"));
    }
    if (schema.items != nullptr) {
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        check(value.items()[i], *schema.items, At(at, i), depth + 1, schema.items->embedded);
      }
    }
    check_duplicates(value, schema, at);
  }

  /// By its text, so that a long list costs n log n.
  void check_duplicates(const Node& value, const Structural& schema, const At& at) {
    if (schema.list_type != "set" && schema.list_type != "map") return;
    std::vector<std::pair<std::string, std::size_t>> texts;
    texts.reserve(value.items().size());
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      const Node& item = value.items()[i];
      std::string text;
      if (schema.list_type == "set") {
        append_json(item, text);
      } else {
        append_keys(item, schema, text);
      }
      texts.emplace_back(std::move(text), i);
    }
    std::sort(texts.begin(), texts.end());
    for (std::size_t i = 1; i < texts.size(); ++i) {
      if (texts[i].first == texts[i - 1].first) faults_.duplicate_json(At(at, texts[i].second), texts[i].first);
    }
  }

  static void append_keys(const Node& item, const Structural& schema, std::string& out) {
    out = "{";
    for (const std::string& key : schema.list_map_keys) {
      const Node* value = item.find(key);
      if (value == nullptr) continue;
      if (out.size() > 1) out += ",";
      append_json_string(out, key);
      out += ":";
      append_json(*value, out);
    }
    out += "}";
  }

  void check_object(const Node& value, const Structural& schema, const At& at, int depth, bool is_resource) {
    for (const std::string& name : schema.required) {
      if (value.find(name) == nullptr) faults_.required(At(at, name));
    }
    const auto size = static_cast<std::int64_t>(value.size());
    if (schema.max_properties && size > *schema.max_properties) {
      faults_.too_many(at, value.size(), static_cast<std::size_t>(std::max<std::int64_t>(*schema.max_properties, 0)));
    }
    if (schema.min_properties && size < *schema.min_properties) {
      faults_.invalid_json(
          at, std::to_string(size),
          in_body(at, "should have at least " + std::to_string(*schema.min_properties) + " properties"));
    }
    for (const schema::Member& each : value.members()) {
      const Structural* known = schema.member(each.key);
      if (known == nullptr || (is_resource && (each.key == "apiVersion" || each.key == "kind"))) continue;
      check(each.value, *known, At(at, each.key), depth + 1, known->embedded);
    }
  }

  static bool accepts(const Node& value, const Structural& schema, int depth, std::vector<Cause>& causes) {
    Faults own;
    Checker(own).check(value, schema, At(), depth + 1, false);
    causes = own.take();
    return causes.empty();
  }

  static std::size_t count_accepting(const Node& value, const std::vector<Structural>& all, int depth) {
    std::vector<Cause> ignored;
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const Structural& each) { return accepts(value, each, depth, ignored); }));
  }

  void composite(const At& at, std::string_view what) {
    faults_.invalid_json(at, "\"\"", "\"" + at.text() + "\" " + std::string(what));
  }

  void check_junctors(const Node& value, const Structural& schema, const At& at, int depth) {
    if (!schema.any_of.empty() && count_accepting(value, schema.any_of, depth) == 0) {
      composite(at, "must validate at least one schema (anyOf)");
    }
    if (!schema.one_of.empty()) {
      const std::size_t good = count_accepting(value, schema.one_of, depth);
      if (good != 1) {
        composite(at, "must validate one and only one schema (oneOf). " +
                          (good == 0 ? std::string("Found none valid")
                                     : "Found " + std::to_string(good) + " valid alternatives"));
      }
    }
    // Each is visited once: twice would be 2^n times for n of them in one another. Where no more faults are kept, this
    // one needs no composite either.
    const std::size_t before = faults_.count();
    for (const Structural& each : schema.all_of) check(value, each, at, depth + 1, false);
    if (faults_.count() != before) composite(at, "must validate all the schemas (allOf)");
    std::vector<Cause> ignored;
    if (schema.negated != nullptr && accepts(value, *schema.negated, depth, ignored)) {
      composite(at, "must not validate the schema (not)");
    }
  }

  Faults& faults_;
};

}  // namespace

std::vector<Cause> value_faults(const Node& object, const Structural& schema) {
  Faults faults;
  Checker(faults).check(object, schema, At(), 0, true);
  return faults.take();
}

}  // namespace troupe::api::custom
