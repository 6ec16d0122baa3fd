#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/diagnostics.hpp"
#include "schema/codec/document.hpp"
#include "schema/codec/limits.hpp"
#include "schema/codec/stored.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// apiVersion and kind of an object.
struct TypeMeta {
  std::string api_version;
  std::string kind;
  friend bool operator==(const TypeMeta&, const TypeMeta&) = default;
};

/// The type that a client names by apiVersion and kind; null when the table has none.
const Type* find_type(const TypeTable& table, std::string_view api_version, std::string_view kind);

/// Parses JSON, of objects of a known type straight into the stored form. Keep one a thread: its memory is reused.
/// Findings of strictness and wrong values go to `diagnostics`; the Status is an error when the text is no JSON, over a
/// limit, or diagnostics has errors.
class JsonDecoder {
 public:
  explicit JsonDecoder(const Limits& limits = {});
  JsonDecoder(JsonDecoder&&) noexcept;
  JsonDecoder& operator=(JsonDecoder&&) noexcept;
  ~JsonDecoder();

  /// JSON → the stored form of `type`, in `out`.
  Status decode(std::string_view json, const Type& type, StoredBuilder& out, Diagnostics& diagnostics);
  /// JSON → Document. Of a key that stands twice the last one stays.
  Status parse(std::string_view json, Document& out, Diagnostics& diagnostics);
  /// apiVersion and kind as they stand in the text; empty where there is none.
  Result<TypeMeta> type_meta(std::string_view json);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A Document's value → the stored form of `type`.
Status decode_node(const Node& node, const Type& type, const Limits& limits, StoredBuilder& out,
                   Diagnostics& diagnostics);
TypeMeta type_meta(const Node& node);

/// What is written around an object, because it is not in it.
struct EncodeOptions {
  std::string_view api_version;                      ///< Nothing is written when empty.
  std::string_view kind;                             ///< Nothing is written when empty.
  const TypeTable* table = nullptr;                  ///< For JSON of enveloped objects inside an object; else null.
  int depth = 0;                                     ///< Of enveloped objects inside each other.
  std::optional<std::string_view> resource_version;  ///< In place of the object's own metadata.resourceVersion.
};

/// Stored form → JSON as a Kubernetes server writes it, appended to `out`.
void encode_json(const Type& type, const StructView& object, const EncodeOptions& options, ByteBuffer& out);
/// Document's value → JSON, members in their order.
void encode_json(const Node& node, ByteBuffer& out);
/// The same, indented by four spaces as kubectl prints it (without a newline at the end).
void encode_pretty_json(const Node& node, ByteBuffer& out);

/// Well-formed JSON text (numbers of any size), judged without building anything.
bool is_json(std::string_view text);

/// Line, column and reason of the first error: "line 3, column 7: expected ',' or '}'".
std::string locate_json_error(std::string_view json);

/// The next JSON value of a stream of them (white space between, as `kubectl get -o json` files put together), taken
/// off the front of `stream`. Nothing when only white space is left. What is no JSON comes back as a whole.
std::optional<std::string_view> next_json(std::string_view& stream);

}  // namespace troupe::schema
