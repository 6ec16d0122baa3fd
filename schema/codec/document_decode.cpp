#include "schema/codec/json.hpp"
#include "schema/codec/typed_decoder.hpp"

namespace troupe::schema {

namespace {

struct NodeSource {
  using Value = Node;

  static JsonKind kind(const Node& v) {
    static_assert(static_cast<int>(Node::Kind::kObject) == static_cast<int>(JsonKind::kObject));
    return static_cast<JsonKind>(v.kind());
  }
  static bool is_null(const Node& v) { return v.is_null(); }
  static bool is_object(const Node& v) { return v.is_object(); }
  static bool is_array(const Node& v) { return v.is_array(); }
  static bool get_bool(const Node& v, bool& out) {
    if (v.kind() == Node::Kind::kBool) out = v.as_bool();
    return v.kind() == Node::Kind::kBool;
  }
  static bool get_int(const Node& v, std::int64_t& out) {
    if (v.kind() == Node::Kind::kInt) out = v.as_int();
    return v.kind() == Node::Kind::kInt;
  }
  static bool get_number(const Node& v, double& out) {
    if (v.kind() == Node::Kind::kInt) out = static_cast<double>(v.as_int());
    if (v.kind() == Node::Kind::kDouble) out = v.as_double();
    return v.kind() == Node::Kind::kInt || v.kind() == Node::Kind::kDouble;
  }
  static bool get_string(const Node& v, std::string_view& out) {
    if (v.is_string()) out = v.as_string();
    return v.is_string();
  }
  static std::size_t count(const Node& v) { return v.size(); }
  template <class F>
  static void for_each_member(const Node& v, F&& f) {
    for (const Member& member : v.members()) {
      if (!f(member.key, member.value)) return;
    }
  }
  template <class F>
  static void for_each_item(const Node& v, F&& f) {
    for (const Node& item : v.items()) {
      if (!f(item)) return;
    }
  }
};

}  // namespace

Status decode_node(const Node& node, const Type& type, const Limits& limits, StoredBuilder& out,
                   Diagnostics& diagnostics) {
  NodeSource source;
  TypedDecoder<NodeSource>::Memory memory;
  return TypedDecoder<NodeSource>(source, out, diagnostics, limits, memory).decode(type, node);
}

const Type* find_type(const TypeTable& table, std::string_view api_version, std::string_view kind) {
  const std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return table.find("", api_version, kind);
  return table.find(api_version.substr(0, slash), api_version.substr(slash + 1), kind);
}

TypeMeta type_meta(const Node& node) {
  TypeMeta meta;
  const Node* version = node.find("apiVersion");
  const Node* kind = node.find("kind");
  if (version != nullptr && version->is_string()) meta.api_version = version->as_string();
  if (kind != nullptr && kind->is_string()) meta.kind = kind->as_string();
  return meta;
}

}  // namespace troupe::schema
