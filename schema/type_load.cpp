// Fills the built-in TypeTable: walks the description of schema/*.capnp that is embedded in the program.
#include <capnp/schema.capnp.h>
#include <capnp/serialize.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "schema/embedded.hpp"
#include "schema/kubernetes.capnp.h"
#include "schema/type_builder.hpp"

namespace troupe::schema {
namespace {

using capnp::schema::Node;
using RawField = capnp::schema::Field;
using RawType = capnp::schema::Type;

std::string_view view(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

/// The annotations of schema/kubernetes.capnp, by the ids that the compiler gave them.
struct AnnotationIds {
  std::uint64_t field = 0;
  std::uint64_t presence = 0;
  std::uint64_t reserved = 0;
  std::uint64_t type = 0;
  std::uint64_t entry = 0;
  std::uint64_t package = 0;

  bool complete() const {
    return field != 0 && presence != 0 && reserved != 0 && type != 0 && entry != 0 && package != 0;
  }
  void take(std::string_view name, std::uint64_t id) {
    if (name == "f") field = id;
    if (name == "presence") presence = id;
    if (name == "reserved") reserved = id;
    if (name == "type") type = id;
    if (name == "entry") entry = id;
    if (name == "package") package = id;
  }
};

template <class Annotated>
std::optional<capnp::schema::Value::Reader> annotation(const Annotated& annotated, std::uint64_t id) {
  for (auto a : annotated.getAnnotations()) {
    if (a.getId() == id) return a.getValue();
  }
  return std::nullopt;
}

FieldKind special_kind(k8s::Kind kind, FieldKind plain) {
  switch (kind) {
    case k8s::Kind::QUANTITY:
      return FieldKind::kQuantity;
    case k8s::Kind::TIME:
      return FieldKind::kTime;
    case k8s::Kind::MICRO_TIME:
      return FieldKind::kMicroTime;
    case k8s::Kind::DURATION:
      return FieldKind::kDuration;
    case k8s::Kind::RAW_JSON:
      return FieldKind::kRawJson;
    default:
      return plain;
  }
}

FieldKind plain_kind(RawType::Reader type) {
  switch (type.which()) {
    case RawType::BOOL:
      return FieldKind::kBool;
    case RawType::INT32:
      return FieldKind::kInt32;
    case RawType::INT64:
      return FieldKind::kInt64;
    case RawType::FLOAT64:
      return FieldKind::kFloat64;
    case RawType::DATA:
      return FieldKind::kBytes;
    case RawType::STRUCT:
      return FieldKind::kStruct;
    default:
      return FieldKind::kText;
  }
}

/// capnp counts a slot's offset in multiples of its size; the table in bits (bool), bytes, or pointers.
std::uint32_t offset_of(FieldKind kind, bool data, std::uint32_t slot) {
  if (!data || kind == FieldKind::kBool) return slot;
  return kind == FieldKind::kInt32 ? slot * 4 : slot * 8;
}

class Loader {
 public:
  explicit Loader(capnp::schema::CodeGeneratorRequest::Reader request) : request_(request) {}

  Result<TypeTable> load();

 private:
  struct Package {
    std::string_view name;
    std::string_view group;
    std::string_view version;
  };

  bool find_annotations();
  void add_package(Node::Reader file, k8s::PackageFacts::Reader facts);
  void add_struct(const Package& package, std::string_view ident, Node::Reader node);
  Status add_fields(Type& type, Node::Reader node);
  Status fill(Field& field, RawField::Reader raw, k8s::FieldFacts::Reader facts);
  FieldKind map_value_kind(std::uint64_t entry_id);
  const FieldFacts* facts_of(k8s::FieldFacts::Reader facts);
  std::span<const std::string_view> texts(capnp::List<capnp::Text>::Reader list);

  capnp::schema::CodeGeneratorRequest::Reader request_;
  AnnotationIds ids_;
  std::unordered_map<std::uint64_t, Node::Reader> nodes_;
  std::unordered_map<std::uint64_t, Type*> by_id_;
  TypeBuilder builder_;
};

std::span<const std::string_view> Loader::texts(capnp::List<capnp::Text>::Reader list) {
  const auto out = builder_.array<std::string_view>(list.size());
  for (unsigned i = 0; i < list.size(); ++i) out[i] = view(list[i]);
  return out;
}

bool Loader::find_annotations() {
  for (const auto& [id, node] : nodes_) {
    if (!node.isFile() || !view(node.getDisplayName()).ends_with("schema/kubernetes.capnp")) continue;
    for (auto nested : node.getNestedNodes()) ids_.take(view(nested.getName()), nested.getId());
  }
  return ids_.complete();
}

void Loader::add_struct(const Package& package, std::string_view ident, Node::Reader node) {
  const auto type_facts = annotation(node, ids_.type);
  const auto facts = type_facts ? type_facts->getStruct().getAs<k8s::TypeFacts>() : k8s::TypeFacts::Reader();
  const std::string_view kind = facts.getName().size() > 0 ? view(facts.getName()) : ident;
  Type& type = builder_.add_type(builder_.keep(std::string(package.name) + "." + std::string(kind)));
  type.group = package.group;
  type.version = package.version;
  type.kind = kind;
  type.id = node.getId();
  type.data_words = node.getStruct().getDataWordCount();
  type.pointer_count = node.getStruct().getPointerCount();
  type.form = static_cast<TypeForm>(facts.getForm());
  type.has_type_meta = facts.getTypeMeta();
  type.markers = texts(facts.getMarkers());
  for (const std::string_view marker : type.markers) type.atomic = type.atomic || marker == "structType=atomic";
  by_id_.emplace(type.id, &type);
  if (type.has_type_meta) builder_.add_kind(type.group, type.version, kind, type);
  for (auto also : facts.getKinds()) builder_.add_kind(view(also.getGroup()), view(also.getVersion()), kind, type);
}

void Loader::add_package(Node::Reader file, k8s::PackageFacts::Reader facts) {
  const Package package{view(facts.getName()), view(facts.getGroup()), view(facts.getVersion())};
  for (auto values : facts.getEnums()) {
    EnumFacts& known = builder_.add_enum(view(values.getName()));
    known.closed = values.getClosed();
    known.values = texts(values.getValues());
  }
  for (auto nested : file.getNestedNodes()) {
    const auto it = nodes_.find(nested.getId());
    if (it == nodes_.end() || !it->second.isStruct()) continue;
    const bool shared = view(file.getDisplayName()).ends_with("schema/kubernetes.capnp");
    if (shared && !annotation(it->second, ids_.type) && !annotation(it->second, ids_.entry)) continue;
    add_struct(package, view(nested.getName()), it->second);
  }
}

const FieldFacts* Loader::facts_of(k8s::FieldFacts::Reader facts) {
  FieldFacts& out = builder_.array<FieldFacts>(1)[0];
  out.optional = facts.getOptional();
  out.list_type = static_cast<ListType>(facts.getListType());
  out.map_type = static_cast<MapType>(facts.getMapType());
  out.struct_type = view(facts.getStructType());
  out.list_map_keys = texts(facts.getKeys());
  const std::string_view patch = view(facts.getPatch());
  out.patch_merge = patch.find("merge") != std::string_view::npos;
  out.patch_replace = patch.find("replace") != std::string_view::npos;
  out.patch_retain_keys = patch.find("retainKeys") != std::string_view::npos;
  out.patch_merge_key = view(facts.getMergeKey());
  out.values = builder_.find_enum(view(facts.getValues()));
  out.key_values = builder_.find_enum(view(facts.getKeyValues()));
  out.default_json = view(facts.getDefault());
  out.rules = texts(facts.getRules());
  out.feature_gates = texts(facts.getGates());
  return &out;
}

FieldKind Loader::map_value_kind(std::uint64_t entry_id) {
  for (auto field : nodes_.at(entry_id).getStruct().getFields()) {
    if (view(field.getName()) != "value") continue;
    const auto type = field.getSlot().getType();
    return plain_kind(type.isList() ? type.getList().getElementType() : type);
  }
  return FieldKind::kText;
}

Status Loader::fill(Field& field, RawField::Reader raw, k8s::FieldFacts::Reader facts) {
  auto type = raw.getSlot().getType();
  if (facts.getKind() == k8s::Kind::MAP) {
    field.shape = FieldShape::kMap;
  } else if (type.isList()) {
    field.shape = FieldShape::kList;
  }
  if (type.isList()) type = type.getList().getElementType();
  if (type.isStruct()) {
    const auto it = by_id_.find(type.getStruct().getTypeId());
    if (it == by_id_.end()) {
      return fail(ErrorCode::kInternal, "schema: field " + std::string(view(raw.getName())) + " has an unknown struct");
    }
    field.type = it->second;
  }
  const bool int_or_string = field.type != nullptr && field.type->form == TypeForm::kIntOrString;
  const k8s::Kind special = field.shape == FieldShape::kMap ? facts.getOf() : facts.getKind();
  const FieldKind plain = field.shape == FieldShape::kMap ? map_value_kind(field.type->id) : plain_kind(type);
  field.kind = int_or_string ? FieldKind::kIntOrString : special_kind(special, plain);
  field.name = view(facts.getJson().size() > 0 ? facts.getJson() : raw.getName());
  field.emit = static_cast<Emit>(facts.getEmit());
  field.pointer = facts.getPointer();
  field.inlined = facts.getInlined();
  field.wrapped = facts.getWrapped();
  field.embedded = facts.getEmbedded();
  field.proto = facts.getProto();
  field.offset = offset_of(field.kind, field.in_data_section(), raw.getSlot().getOffset());
  field.facts = facts_of(facts);
  return {};
}

Status Loader::add_fields(Type& type, Node::Reader node) {
  struct Declared {
    RawField::Reader raw;
    k8s::FieldFacts::Reader facts;
  };
  std::vector<Declared> declared;
  std::unordered_map<std::string_view, std::uint32_t> presence;
  for (auto raw : node.getStruct().getFields()) {
    if (auto of = annotation(raw, ids_.presence)) presence[view(of->getText())] = raw.getSlot().getOffset();
    const auto facts = annotation(raw, ids_.field);
    if (facts) declared.push_back({raw, facts->getStruct().getAs<k8s::FieldFacts>()});
  }
  std::sort(declared.begin(), declared.end(),
            [](const Declared& a, const Declared& b) { return a.raw.getCodeOrder() < b.raw.getCodeOrder(); });
  const auto fields = builder_.add_fields(type, declared.size());
  for (std::size_t i = 0; i < declared.size(); ++i) {
    if (auto done = fill(fields[i], declared[i].raw, declared[i].facts); !done) return done;
    const auto it = presence.find(view(declared[i].raw.getName()));
    if (it != presence.end()) fields[i].presence_bit = it->second;
  }
  return {};
}

Result<TypeTable> Loader::load() {
  for (auto node : request_.getNodes()) nodes_.emplace(node.getId(), node);
  if (!find_annotations()) return fail(ErrorCode::kInternal, "schema: the embedded description has no annotations");
  for (auto node : request_.getNodes()) {
    if (!node.isFile()) continue;
    if (const auto facts = annotation(node, ids_.package)) {
      add_package(node, facts->getStruct().getAs<k8s::PackageFacts>());
    }
  }
  for (const auto& [id, type] : by_id_) {
    if (auto done = add_fields(*type, nodes_.at(id)); !done) return fail(done.error());
  }
  return std::move(builder_).build(TypeBuilder::Layout::kGiven);
}

}  // namespace

Result<TypeTable> TypeTable::built_in() { return from_description(embedded_api_schema()); }

Result<TypeTable> TypeTable::from_description(std::span<const std::byte> bytes) {
  capnp::ReaderOptions trusted;
  trusted.traversalLimitInWords = UINT64_MAX;
  const auto words = kj::arrayPtr(reinterpret_cast<const capnp::word*>(bytes.data()), bytes.size() / 8);
  capnp::FlatArrayMessageReader message(words, trusted);
  return Loader(message.getRoot<capnp::schema::CodeGeneratorRequest>()).load();
}

}  // namespace troupe::schema
