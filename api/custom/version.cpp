#include "api/custom/version.hpp"

#include <functional>

#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api::custom {

namespace {

using schema::Node;

constexpr std::string_view kStatusVerbs[] = {"get", "patch", "update"};

std::vector<std::string> names_on(std::string_view path) {
  std::vector<std::string> out;
  if (path.empty()) return out;
  auto parsed = JsonPath::parse(path);
  if (!parsed || !parsed->is_simple()) return out;
  const auto names = parsed->names();
  out.assign(names.begin(), names.end());
  return out;
}

/// FNV-1a: the same on every machine, for it is kept.
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash == 0 ? 1 : hash;
}

void read_subresources(const Node& node, Version& out) {
  const Node* subresources = member(node, "subresources");
  out.has_status = member(subresources, "status") != nullptr;
  if (out.has_status) {
    out.subresources.push_back({"status", out.of->group(), out.name, out.names.kind, kStatusVerbs});
  }
  const Node* scale = member(subresources, "scale");
  if (scale == nullptr) return;
  ScalePaths paths;
  paths.spec_replicas = names_on(text_member(scale, "specReplicasPath"));
  paths.status_replicas = names_on(text_member(scale, "statusReplicasPath"));
  paths.selector = names_on(text_member(scale, "labelSelectorPath"));
  out.scale = std::move(paths);
  out.subresources.push_back({"scale", "autoscaling", "v1", "Scale", kStatusVerbs});
}

void add_column(Version& out, schema::Column column, JsonPath path, std::string description) {
  out.columns.push_back(column);
  out.column_paths.push_back(std::move(path));
  out.descriptions.push_back(std::move(description));
}

Status read_columns(const Node& node, Version& out) {
  add_column(
      out, {"Name", "string", "name", 0}, JsonPath::parse(".metadata.name").value(),
      "Name must be unique within a namespace. Is required when creating resources, although some resources may "
      "allow a client to request the generation of an appropriate name automatically. Name is primarily intended "
      "for creation idempotence and configuration definition. Cannot be updated. More info: "
      "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names");
  const Node* columns = member(node, "additionalPrinterColumns");
  if (columns == nullptr || columns->size() == 0) {
    add_column(out, {"Age", "date", "", 0}, JsonPath::parse(".metadata.creationTimestamp").value(),
               "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
               "guaranteed to be set in happens-before order across separate operations. Clients may not set this "
               "value. It is represented in RFC3339 form and is in UTC.");
    return {};
  }
  for (const Node& column : columns->items()) {
    const std::string_view text = text_member(column, "jsonPath");
    auto path = JsonPath::parse(text);
    if (!path) return fail(path.error().with_context(text));
    std::string description(text_member(column, "description"));
    if (description.empty()) {
      description = "Custom resource definition column (in JSONPath format): " + std::string(text);
    }
    add_column(out,
               {text_member(column, "name"), text_member(column, "type"), text_member(column, "format"),
                static_cast<std::int32_t>(int_member(&column, "priority"))},
               std::move(*path), std::move(description));
  }
  return {};
}

void read_selectable(const Node& node, bool namespaced, Version& out) {
  out.selectable.emplace_back("metadata.name");
  if (namespaced) out.selectable.emplace_back("metadata.namespace");
  const Node* fields = member(node, "selectableFields");
  if (fields == nullptr) return;
  for (const Node& field : fields->items()) {
    std::string_view path = text_member(field, "jsonPath");
    if (path.starts_with('.')) path.remove_prefix(1);
    out.selectable.push_back(path);
  }
}

}  // namespace

std::string_view Definition::name() const { return text_member(member(object.root(), "metadata"), "name"); }
const Node* Definition::spec() const { return member(object.root(), "spec"); }
std::string_view Definition::group() const { return text_member(spec(), "group"); }
std::string_view Definition::plural() const { return text_member(member(spec(), "names"), "plural"); }
std::string_view Definition::kind() const { return text_member(member(spec(), "names"), "kind"); }
bool Definition::namespaced() const { return text_member(spec(), "scope") == "Namespaced"; }
bool Definition::deleting() const { return member(member(object.root(), "metadata"), "deletionTimestamp") != nullptr; }

Result<std::shared_ptr<const Version>> Version::make(std::shared_ptr<const Definition> of, const Node& node,
                                                     Names names, const schema::TypeTable& types) {
  static const Node kAnything{};
  auto made = std::make_shared<Version>();
  Version& out = *made;
  out.of = std::move(of);
  out.name = text_member(node, "name");
  out.names = std::move(names);
  out.short_names.assign(out.names.short_names.begin(), out.names.short_names.end());
  out.categories.assign(out.names.categories.begin(), out.names.categories.end());
  const Node* schema = member(member(node, "schema"), "openAPIV3Schema");
  out.schema_node = schema != nullptr ? schema : &kAnything;
  auto compiled = compile_structural(*out.schema_node);
  if (!compiled) return fail(compiled.error());
  out.schema = std::move(*compiled);
  if (true_member(out.of->spec(), "preserveUnknownFields")) out.schema.preserves_unknown = true;
  std::string json;
  append_json(*out.schema_node, json);
  out.generation = hash_of(json);
  auto table = shape_types(out.schema, types);
  if (!table) return fail(table.error());
  out.table = std::move(*table);
  out.type = out.table->find(kShapeRoot);
  out.metadata_type = out.table->find(kShapeMetadata);
  read_subresources(node, out);
  if (auto read = read_columns(node, out); !read) return fail(read.error());
  read_selectable(node, out.of->namespaced(), out);
  if (true_member(&node, "deprecated")) {
    out.deprecation = text_member(node, "deprecationWarning");
    if (out.deprecation.empty()) {
      out.deprecation =
          std::string(out.of->group()) + "/" + std::string(out.name) + " " + out.names.kind + " is deprecated";
    }
  }
  return std::shared_ptr<const Version>(std::move(made));
}

}  // namespace troupe::api::custom
