#include "tests/unit/schema/codec/object_maker.hpp"

#include <algorithm>
#include <array>

#include "schema/codec/json_text.hpp"
#include "schema/codec/scalars.hpp"
#include "schema/codec/time.hpp"

namespace troupe::schema {

namespace {

constexpr std::size_t kEnough = 100'000;  // bytes, from which on structs are left out

}  // namespace

std::string ObjectMaker::make(const Type& type, int max_depth) {
  out_.clear();
  if (type.form != TypeForm::kObject) {
    form(type, max_depth);
    return std::string(out_.view());
  }
  out_.push('{');
  if (type.has_type_meta) {
    const std::string group(type.group);
    const std::string version = group.empty() ? std::string(type.version) : group + "/" + std::string(type.version);
    out_.append("\"kind\":\"" + std::string(type.kind) + "\",\"apiVersion\":\"" + version + "\",");
  }
  members(type, max_depth);
  close('}');
  return std::string(out_.view());
}

void ObjectMaker::close(char bracket) {
  if (out_.back() == ',') {
    out_.back() = bracket;
  } else {
    out_.push(bracket);
  }
}

void ObjectMaker::object(const Type& type, int depth) {
  if (type.form != TypeForm::kObject) return form(type, depth);
  out_.push('{');
  open_.push_back(&type);
  if (depth > 0) members(type, depth);
  open_.pop_back();
  close('}');
}

/// A schema inside a schema is enough: three would be a million fields.
bool ObjectMaker::is_nested(const Type& type) const { return std::count(open_.begin(), open_.end(), &type) >= 2; }

void ObjectMaker::members(const Type& type, int depth) {
  for (const Field& f : type.fields) field(f, depth);
}

void ObjectMaker::form(const Type& type, int depth) {
  const bool schema = depth > 1 && out_.size() < kEnough && below(2) == 0;
  for (const Field& f : type.fields) {
    if (schema && f.name == "Schema" && !is_nested(*f.type)) return object(*f.type, depth - 1);
    if (f.name == "Schema") continue;
    if (type.form == TypeForm::kSchemaOrBool) return out_.append("true");
    out_.push('[');
    value(f, depth - 1);
    out_.push(']');
  }
}

void ObjectMaker::field(const Field& f, int depth) {
  if (f.inlined) return members(*f.type, depth);
  if (f.kind == FieldKind::kStruct && (depth <= 1 || out_.size() > kEnough || is_nested(*f.type))) return;
  out_.append(f.key);
  if (f.shape == FieldShape::kOne) {
    value(f, depth);
  } else if (f.shape == FieldShape::kList) {
    out_.push('[');
    for (std::uint64_t n = 1 + below(2); n > 0; --n) {
      value(f, depth);
      out_.push(',');
    }
    close(']');
  } else {
    const Field& entry = f.type->fields[1];
    out_.push('{');
    for (const char* key : {"Zeta", "a.example.com/x", "b", "\xc3\xa4"}) {
      if (below(3) == 0) continue;
      append_json_string(out_, key);
      out_.push(':');
      if (entry.shape == FieldShape::kList) out_.push('[');
      value(entry, depth);
      if (entry.shape == FieldShape::kList) out_.push(']');
      out_.push(',');
    }
    append_json_string(out_, "z");
    out_.push(':');
    if (entry.shape == FieldShape::kList) out_.push('[');
    value(entry, depth);
    if (entry.shape == FieldShape::kList) out_.push(']');
    out_.push('}');
  }
  out_.push(',');
}

void ObjectMaker::value(const Field& f, int depth) {
  switch (f.kind) {
    case FieldKind::kStruct:
      return object(*f.type, depth - 1);
    case FieldKind::kText:
      return text(f.name);
    case FieldKind::kQuantity:
      return quantity();
    case FieldKind::kRawJson: {
      constexpr std::array<std::string_view, 5> kRaw = {R"({"a":[1,null,"x y"],"b":{"c":-2.5}})", "[true,1e+30]",
                                                        R"("text \"quoted\" \\ \u003ca\u003e")", "7", "{}"};
      return out_.append(kRaw[below(kRaw.size())]);
    }
    default:
      return scalar(f);
  }
}

void ObjectMaker::scalar(const Field& f) {
  switch (f.kind) {
    case FieldKind::kBool:
      return out_.append("true");
    case FieldKind::kInt32:
      return append_int(out_, static_cast<std::int32_t>(random_()) | 1);
    case FieldKind::kInt64:
      return append_int(out_, static_cast<std::int64_t>(random_()) | 1);
    case FieldKind::kFloat64:
      return append_json_double(out_, static_cast<double>(1 + below(1'000'000)) / 7);
    case FieldKind::kIntOrString:
      if (below(2) == 0) return append_int(out_, static_cast<std::int64_t>(1 + below(65535)));
      return out_.append("\"25%\"");
    case FieldKind::kBytes: {
      std::string bytes;
      for (std::uint64_t n = 1 + below(20); n > 0; --n) bytes.push_back(static_cast<char>(below(256)));
      out_.push('"');
      append_base64(out_, bytes);
      return out_.push('"');
    }
    default:
      break;
  }
  out_.push('"');
  const auto seconds = static_cast<std::int64_t>(1 + below(4'000'000'000));
  const auto micros = static_cast<std::int64_t>(below(1'000'000));
  append_time_field(out_, f.kind, f.kind == FieldKind::kTime ? seconds : seconds * 1'000'000 + micros);
  out_.push('"');
}

void ObjectMaker::text(std::string_view name) {
  constexpr std::array<std::string_view, 20> kTexts = {
      "x",
      "on",
      "0644",
      "1e3",
      "<a&b>",
      "line\nbreak\n",
      "tab\there",
      "\xe2\x80\xa8",
      "null",
      "true",
      "~",
      "- a",
      "key: value",
      "#no comment",
      "2006-01-02T15:04:05Z",
      "\"'\\",
      " padded ",
      "\xf0\x9f\x98\x80",
      "1_000",
      "0x1f\x01",
  };
  const std::string tail = below(3) == 0 ? "" : std::string(kTexts[below(kTexts.size())]);
  append_json_string(out_, std::string(name).append("-").append(std::to_string(below(1000))).append(tail));
}

void ObjectMaker::quantity() {
  constexpr std::array<std::string_view, 9> kQuantities = {"1",  "100m", "1536Mi",  "2Gi", "15e3",
                                                           "-3", "7n",   "999999k", "1Ei"};
  append_json_string(out_, kQuantities[below(kQuantities.size())]);
}

}  // namespace troupe::schema
