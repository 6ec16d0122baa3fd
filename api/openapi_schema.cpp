#include "api/openapi_schema.hpp"

#include "api/error.hpp"
#include "api/openapi.hpp"

namespace troupe::api {

namespace {

using schema::Emit;
using schema::Field;
using schema::FieldFacts;
using schema::FieldKind;
using schema::FieldShape;
using schema::ListType;
using schema::MapType;

struct Special {
  FieldKind kind;
  std::string_view name;
  std::string_view v2;
  std::string_view v3;
};

constexpr std::string_view kTimeSchema =
    R"({"description":"An instant as RFC 3339 writes it.","type":"string","format":"date-time"})";
constexpr std::string_view kDurationSchema = R"({"description":"A length of time, as in 1h30m.","type":"string"})";
constexpr std::string_view kObjectSchema = R"({"description":"Any object.","type":"object"})";
constexpr std::string_view kAnySchema = R"({"description":"Any JSON value."})";
constexpr std::string_view kApiExtensionsJson = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON";
constexpr std::string_view kFieldsV1 = "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1";

/// Kinds of values that upstream's documents define by name. The first of a kind is the usual one.
constexpr Special kSpecials[] = {
    {FieldKind::kQuantity, "io.k8s.apimachinery.pkg.api.resource.Quantity",
     R"({"description":"An amount with a suffix, as in 100m or 1.5Gi.","type":"string"})",
     R"({"description":"An amount with a suffix, as in 100m or 1.5Gi.","oneOf":[{"type":"string"},{"type":"number"}]})"},
    {FieldKind::kIntOrString, "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
     R"({"description":"A number or a text.","format":"int-or-string","type":"string"})",
     R"({"description":"A number or a text.","format":"int-or-string","oneOf":[{"type":"integer"},{"type":"string"}]})"},
    {FieldKind::kTime, "io.k8s.apimachinery.pkg.apis.meta.v1.Time", kTimeSchema, kTimeSchema},
    {FieldKind::kMicroTime, "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", kTimeSchema, kTimeSchema},
    {FieldKind::kDuration, "io.k8s.apimachinery.pkg.apis.meta.v1.Duration", kDurationSchema, kDurationSchema},
    {FieldKind::kRawJson, "io.k8s.apimachinery.pkg.runtime.RawExtension", kObjectSchema, kObjectSchema},
    {FieldKind::kRawJson, kApiExtensionsJson, kAnySchema, kAnySchema},
    {FieldKind::kRawJson, kFieldsV1, kObjectSchema, kObjectSchema},
};

/// `of` is the type that has the field.
const Special* special_of(const schema::Type& of, FieldKind kind) {
  std::string_view name;
  if (kind == FieldKind::kRawJson && of.name.starts_with("apiextensions/")) name = kApiExtensionsJson;
  if (kind == FieldKind::kRawJson && of.kind == "ManagedFieldsEntry") name = kFieldsV1;
  for (const Special& special : kSpecials) {
    if (special.kind == kind && (name.empty() || special.name == name)) return &special;
  }
  return nullptr;
}

std::string_view plain_schema(FieldKind kind) {
  switch (kind) {
    case FieldKind::kBool:
      return R"("type":"boolean")";
    case FieldKind::kInt32:
      return R"("type":"integer","format":"int32")";
    case FieldKind::kInt64:
      return R"("type":"integer","format":"int64")";
    case FieldKind::kFloat64:
      return R"("type":"number","format":"double")";
    case FieldKind::kBytes:
      return R"("type":"string","format":"byte")";
    default:
      return R"("type":"string")";
  }
}

/// `"x-kubernetes-…":…,` of a field; "" when there is nothing to say.
std::string extensions(const FieldFacts& facts) {
  std::string out;
  if (facts.list_type != ListType::kNone) {
    const bool set = facts.list_type == ListType::kSet;
    out.append(R"("x-kubernetes-list-type":")");
    out.append(set ? "set" : facts.list_type == ListType::kMap ? "map" : "atomic").append("\",");
  }
  if (!facts.list_map_keys.empty()) {
    out += "\"x-kubernetes-list-map-keys\":[";
    for (std::size_t i = 0; i < facts.list_map_keys.size(); ++i) {
      if (i != 0) out += ",";
      append_json_string(out, facts.list_map_keys[i]);
    }
    out += "],";
  }
  if (facts.map_type != MapType::kNone) {
    out.append(R"("x-kubernetes-map-type":")");
    out.append(facts.map_type == MapType::kAtomic ? "atomic" : "granular").append("\",");
  }
  std::string strategy = facts.patch_merge ? "merge" : facts.patch_replace ? "replace" : "";
  if (facts.patch_retain_keys) strategy += strategy.empty() ? "retainKeys" : ",retainKeys";
  if (!strategy.empty()) out.append(R"("x-kubernetes-patch-strategy":")").append(strategy).append("\",");
  if (!facts.patch_merge_key.empty()) {
    out.append(R"("x-kubernetes-patch-merge-key":)");
    append_json_string(out, facts.patch_merge_key);
    out += ",";
  }
  return out;
}

/// Some of upstream's defaults name a constant of its source code, which says nothing to a client.
bool is_json(std::string_view text) {
  return !text.empty() && std::string_view("\"{[tfn-0123456789").find(text.front()) != std::string_view::npos;
}

bool is_required(const Field& field) {
  return !field.facts->optional && !field.inlined && field.emit == Emit::kAlways && !field.pointer &&
         field.shape != FieldShape::kMap;
}

}  // namespace

void SchemaWriter::need(const schema::Type* type) {
  if (type != nullptr && known_.insert(type).second) waiting_.push_back(type);
}

std::string SchemaWriter::reference(std::string_view name) const {
  std::string out = "\"$ref\":";
  const bool v2 = dialect_ == OpenApiDialect::kV2;
  append_json_string(out, (v2 ? "#/definitions/" : "#/components/schemas/") + std::string(name));
  return out;
}

void SchemaWriter::write_reference(std::string_view name, std::string& out) const {
  if (dialect_ == OpenApiDialect::kV2) {
    out += reference(name);
  } else {
    out.append("\"allOf\":[{").append(reference(name)).append("}]");
  }
}

std::string SchemaWriter::write(const schema::TypeTable& types) {
  static_cast<void>(types);
  std::string out;
  while (!waiting_.empty()) {
    const schema::Type* type = waiting_.back();
    waiting_.pop_back();
    if (!out.empty()) out += ",";
    write_type(*type, out);
  }
  for (const std::string& name : specials_) {
    for (const Special& special : kSpecials) {
      if (special.name != name) continue;
      out += out.empty() ? "" : ",";
      append_json_string(out, name);
      out.append(":").append(dialect_ == OpenApiDialect::kV2 ? special.v2 : special.v3);
    }
  }
  return out;
}

void SchemaWriter::write_type(const schema::Type& type, std::string& out) {
  append_json_string(out, definition_name(type));
  out += ":{\"description\":";
  append_json_string(out, type.kind);
  if (type.form != schema::TypeForm::kObject) {  // an object, or something else: no one type
    out += "}";
    return;
  }
  out += ",\"type\":\"object\",\"properties\":{";
  bool first = true;
  if (type.has_type_meta) {
    out += R"("apiVersion":{"description":"Group and version of this object.","type":"string"},)";
    out += R"("kind":{"description":"Kind of this object.","type":"string"})";
    first = false;
  }
  std::string required;
  for (const schema::JsonField& at : type.json_fields) {
    if (!first) out += ",";
    first = false;
    append_json_string(out, at.name);
    out += ":";
    write_field(type, *at.field, out);
    if (at.path.empty() && is_required(*at.field)) {
      required += required.empty() ? "" : ",";
      append_json_string(required, at.name);
    }
  }
  out += "}";
  if (!required.empty()) out.append(",\"required\":[").append(required).append("]");
  if (type.has_type_meta) {
    out += ",\"x-kubernetes-group-version-kind\":[{\"group\":";
    append_json_string(out, type.group == "meta.k8s.io" ? "" : type.group);
    out += ",\"version\":";
    append_json_string(out, type.version);
    out += ",\"kind\":";
    append_json_string(out, type.kind);
    out += "}]";
  }
  if (type.atomic) out += R"(,"x-kubernetes-map-type":"atomic")";
  out += "}";
}

void SchemaWriter::write_field(const schema::Type& of, const Field& field, std::string& out) {
  out.append("{").append(extensions(*field.facts));
  const bool v3 = dialect_ == OpenApiDialect::kV3;
  if (v3 && is_json(field.facts->default_json))
    out.append("\"default\":").append(field.facts->default_json).append(",");
  if (v3 && field.facts->values != nullptr && !field.facts->values->values.empty() && field.facts->values->closed) {
    out += "\"enum\":[";
    for (std::size_t i = 0; i < field.facts->values->values.size(); ++i) {
      if (i != 0) out += ",";
      append_json_string(out, field.facts->values->values[i]);
    }
    out += "],";
  }
  out += "\"description\":";
  append_json_string(out, field.name);
  out += ",";
  if (field.shape == FieldShape::kList) {
    out += R"("type":"array","items":{)";
    write_value(of, field, out);
    out += "}";
  } else if (field.shape == FieldShape::kMap) {
    write_map(of, field, out);
  } else {
    write_value(of, field, out);
  }
  out += "}";
}

void SchemaWriter::write_map(const schema::Type& of, const Field& field, std::string& out) {
  out += R"("type":"object","additionalProperties":{)";
  const Field& value = field.type->fields[1];
  if (value.shape == FieldShape::kList) {
    out += R"("type":"array","items":{)";
    write_value(of, value, out);
    out += "}";
  } else {
    write_value(of, value, out);
  }
  out += "}";
}

void SchemaWriter::write_value(const schema::Type& of, const Field& field, std::string& out) {
  if (const Special* special = special_of(of, field.kind)) {
    specials_.emplace(special->name);
    write_reference(special->name, out);
  } else if (field.kind == FieldKind::kStruct && field.type != nullptr) {
    need(field.type);
    write_reference(definition_name(*field.type), out);
  } else {
    out += plain_schema(field.kind);
  }
}

}  // namespace troupe::api
