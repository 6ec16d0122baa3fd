#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace troupe::schema {

struct Type;
struct Field;
struct JsonKey;

/// What one value of a field is: how it lies in the Cap'n Proto struct and how JSON and protobuf write it.
enum class FieldKind : std::uint8_t {
  kBool,         ///< One data bit.
  kInt32,        ///< 4 data bytes.
  kInt64,        ///< 8 data bytes.
  kFloat64,      ///< 8 data bytes.
  kText,         ///< Text pointer; null is absent.
  kBytes,        ///< Data pointer; base64 in JSON.
  kQuantity,     ///< Text pointer, canonical form; protobuf {1: string}.
  kTime,         ///< Int64 seconds since 1970 and a presence bit; RFC 3339 in JSON; protobuf {1: seconds, 2: nanos}.
  kMicroTime,    ///< Int64 microseconds since 1970 and a presence bit; protobuf as kTime.
  kDuration,     ///< Int64 nanoseconds; "1h30m0s" in JSON; protobuf {1: nanoseconds}.
  kIntOrString,  ///< Struct pointer, see IntOrStringLayout; protobuf {1: type, 2: int, 3: string}.
  kRawJson,      ///< Data pointer with JSON bytes: RawExtension, FieldsV1, apiextensions JSON; protobuf {1: bytes}.
  kStruct,       ///< Struct pointer; null is absent.
};

/// One value, a list of them, or a map from string to them.
enum class FieldShape : std::uint8_t {
  kOne,
  kList,  ///< List pointer: List(Bool|Int32|Int64|Float64|Text|Data) by kind, or a list of `Field::type` structs.
  kMap,   ///< List pointer to `Field::type` entries, sorted by key, keys unique. Nil and empty are one.
};

/// When the server writes the field in JSON.
enum class Emit : std::uint8_t {
  kIfNonZero,   ///< Scalars: not 0, "", false.
  kIfNonEmpty,  ///< Lists, maps, bytes.
  kIfSet,       ///< Pointers.
  kAlways,      ///< Also when zero: `{}` for a struct, `null` for a time or a list, `[]` for `items`.
};

enum class ListType : std::uint8_t { kNone, kAtomic, kSet, kMap };
enum class MapType : std::uint8_t { kNone, kAtomic, kGranular };

/// A struct whose JSON is no plain object.
enum class TypeForm : std::uint8_t {
  kObject,
  kIntOrString,         ///< An integer or a string.
  kSchemaOrBool,        ///< fields Allows, Schema. JSON: `Schema` when it is set, else true or false.
  kSchemaOrArray,       ///< fields Schema, JSONSchemas. JSON: `Schema` when it is set, else the array.
  kSchemaOrStringArray  ///< fields Schema, Property. JSON: `Schema` when it is set, else the array.
};

/// Where an IntOrString struct keeps its union: data word 0 holds the Int32 at byte 0 and the discriminant (uint16) at
/// byte 4; pointer 0 holds the text.
struct IntOrStringLayout {
  static constexpr std::uint16_t kDataWords = 1;
  static constexpr std::uint16_t kPointers = 1;
  static constexpr std::uint32_t kIntByte = 0;
  static constexpr std::uint32_t kWhichByte = 4;
  static constexpr std::uint16_t kIsInt = 0;
  static constexpr std::uint16_t kIsText = 1;
};

/// The values of a string field. An open set names the values known; a closed one allows no other.
struct EnumFacts {
  std::string_view name;  ///< "core/v1.Protocol"
  bool closed = false;
  std::span<const std::string_view> values;
};

/// What the API says about a field beyond its form: for defaulting, validation, patch and apply.
struct FieldFacts {
  bool optional = false;
  ListType list_type = ListType::kNone;
  MapType map_type = MapType::kNone;
  std::string_view struct_type;                     ///< "atomic" or "granular" where the field says so; "" else.
  std::span<const std::string_view> list_map_keys;  ///< JSON names of the element's key fields.
  bool patch_merge = false;                         ///< patchStrategy "merge".
  bool patch_replace = false;                       ///< patchStrategy "replace".
  bool patch_retain_keys = false;                   ///< patchStrategy "retainKeys".
  std::string_view patch_merge_key;                 ///< "" when there is none.
  const EnumFacts* values = nullptr;                ///< Null when the field is no enumeration.
  const EnumFacts* key_values = nullptr;            ///< The same of a map's keys.
  std::string_view default_json;                    ///< "" when there is none; else a JSON value.
  std::span<const std::string_view> rules;          ///< Validation markers as published: "k8s:minimum=0".
  std::span<const std::string_view> feature_gates;
};

/// One field of a type, as much as a codec needs, in one cache line and a bit.
struct Field {
  static constexpr std::uint32_t kNoPresence = 0xffffffff;

  std::string_view name{};  ///< JSON name: "imagePullPolicy". An inlined field has the name of its Go type.
  std::string_view key{};   ///< The name as JSON writes it: "\"imagePullPolicy\":".
  FieldKind kind = FieldKind::kText;
  FieldShape shape = FieldShape::kOne;
  Emit emit = Emit::kIfNonZero;
  bool pointer = false;     ///< Absent and zero differ (Go pointer).
  bool inlined = false;     ///< Its fields stand in the parent's JSON object; protobuf nests it under `proto`.
  bool wrapped = false;     ///< A named slice: protobuf puts the list into a message {1: repeated items}.
  bool embedded = false;    ///< Its JSON objects carry apiVersion and kind of `type` (volumeClaimTemplates).
  std::uint32_t proto = 0;  ///< Protobuf number; 0 when the type has no protobuf form (Table).

  /// kOne of kBool: bit in the data section. kOne of kInt32, kInt64, kFloat64, kTime, kMicroTime, kDuration: byte in
  /// the data section. All else: index in the pointer section.
  std::uint32_t offset = 0;
  /// Bit in the data section that says "present", or kNoPresence. A field is present when the bit is set **or its value
  /// is not zero**: records from before the field became a pointer have a value and no bit. A writer sets the bit.
  std::uint32_t presence_bit = kNoPresence;

  /// kStruct, kIntOrString: the struct's type. kMap: the entry, a type with exactly two fields, fields[0] the key
  /// (kText, pointer 0, proto 1) and fields[1] the value (any kind, kOne or kList, proto 2). Else null.
  const Type* type = nullptr;
  const FieldFacts* facts = nullptr;  ///< Never null.

  bool in_data_section() const;  ///< `offset` is in the data section.
};

/// A field found by its JSON name, and the inlined fields to go through to reach it (outermost first, often none).
struct JsonField {
  std::string_view name;
  const Field* field = nullptr;
  std::span<const Field* const> path;
};

/// A struct of the API. All spans live as long as the TypeTable.
struct Type {
  std::string_view name;     ///< "core/v1.Pod"; a map's entry: "core/v1.CounterEntry".
  std::string_view group;    ///< "" for core; "rbac.authorization.k8s.io".
  std::string_view version;  ///< "v1"
  std::string_view kind;     ///< "Pod": the struct's own name, whether it is an API kind or a part of one.
  std::uint64_t id = 0;      ///< Cap'n Proto's type id; 0 for types made at run time.
  std::uint16_t data_words = 0;
  std::uint16_t pointer_count = 0;
  TypeForm form = TypeForm::kObject;
  bool has_type_meta = false;      ///< JSON has apiVersion and kind, which the record header keeps, not the struct.
  bool atomic = false;             ///< structType=atomic: server-side apply owns it as one.
  bool preserves_unknown = false;  ///< A custom resource's x-kubernetes-preserve-unknown-fields.

  std::span<const JsonKey> json_keys;          ///< The same as `json_fields`, for decoders (json_key.hpp).
  std::span<const Field> fields;               ///< As declared: the order in which JSON writes them.
  std::span<const Field* const> by_proto;      ///< By ascending protobuf number: the order of that form.
  std::span<const JsonField> json_fields;      ///< Every JSON name, inlined ones too.
  std::span<const std::uint16_t> proto_index;  ///< [number] -> 1 + position in `fields`; 0: no such field.
  std::span<const std::uint16_t> json_slots;   ///< Perfect hash: slot -> 1 + position in `json_fields`.
  std::uint32_t hash_seed = 0;
  std::span<const std::string_view> markers;  ///< As published: "genclient:nonNamespaced".

  /// By JSON name, through inlined structs; null when there is none.
  const JsonField* find_json(std::string_view json_name) const;
  /// By protobuf number; null when there is none.
  const Field* find_proto(std::uint32_t number) const {
    const std::uint16_t at = number < proto_index.size() ? proto_index[number] : 0;
    return at == 0 ? nullptr : &fields[at - 1U];
  }
};

/// A type's own Cap'n Proto layout does not change how many bytes an old record has: read what lies past a struct's
/// sections as zero and as null.
///
/// Immutable once built; share it by reference. Built-in types stay as long as the program; types made from a custom
/// resource are in a table of their own (see type_builder.hpp) that may refer to these.
class TypeTable {
 public:
  /// All built-in types, from the schema compiled into the program. Fails (kInternal) only when that is damaged.
  static Result<TypeTable> built_in();

  /// The types of another description: what `capnp compile -o-` gives of files with these annotations, aligned to 8
  /// bytes; it must outlive the table. Fails (kInternal) when it lacks the annotations.
  static Result<TypeTable> from_description(std::span<const std::byte> description);

  TypeTable(TypeTable&&) noexcept;
  TypeTable& operator=(TypeTable&&) noexcept;
  ~TypeTable();

  /// An API kind as a client names it: ("", "v1", "Pod"), ("apps", "v1", "DeploymentList"). Options and WatchEvent are
  /// found in every group. Null when there is none.
  const Type* find(std::string_view group, std::string_view version, std::string_view kind) const;
  /// "core/v1.PodSpec"; null when there is none.
  const Type* find(std::string_view name) const;
  /// By Cap'n Proto's type id; null when there is none.
  const Type* find(std::uint64_t id) const;
  /// "core/v1.Protocol"; null when there is none.
  const EnumFacts* find_enum(std::string_view name) const;

  std::span<const Type* const> types() const;
  /// Bytes that the table itself holds, beside the schema in the program's read-only part.
  std::size_t memory_bytes() const;

 private:
  friend class TypeBuilder;
  struct Storage;
  explicit TypeTable(std::unique_ptr<Storage> storage);
  std::unique_ptr<Storage> storage_;
};

inline bool Field::in_data_section() const {
  if (shape != FieldShape::kOne) return false;
  switch (kind) {
    case FieldKind::kBool:
    case FieldKind::kInt32:
    case FieldKind::kInt64:
    case FieldKind::kFloat64:
    case FieldKind::kTime:
    case FieldKind::kMicroTime:
    case FieldKind::kDuration:
      return true;
    default:
      return false;
  }
}

}  // namespace troupe::schema
