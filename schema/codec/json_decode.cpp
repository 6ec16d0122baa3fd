#include <simdjson.h>

#include <array>

#include "schema/codec/json.hpp"
#include "schema/codec/json_repair.hpp"
#include "schema/codec/one_pass_internal.hpp"
#include "schema/codec/typed_decoder.hpp"

namespace troupe::schema {

namespace {

namespace dom = simdjson::dom;

struct DomSource {
  using Value = dom::element;

  /// By simdjson's letter for the type; UINT64, which is beyond int64, is a double, as in Kubernetes.
  static JsonKind kind(const Value& v) {
    static constexpr auto kKinds = [] {
      std::array<JsonKind, 256> kinds{};
      const auto set = [&kinds](dom::element_type type, JsonKind k) { kinds[static_cast<unsigned char>(type)] = k; };
      set(dom::element_type::ARRAY, JsonKind::kArray);
      set(dom::element_type::OBJECT, JsonKind::kObject);
      set(dom::element_type::INT64, JsonKind::kInt);
      set(dom::element_type::UINT64, JsonKind::kDouble);
      set(dom::element_type::DOUBLE, JsonKind::kDouble);
      set(dom::element_type::STRING, JsonKind::kString);
      set(dom::element_type::BOOL, JsonKind::kBool);
      return kinds;  // all others: kNull
    }();
    return kKinds[static_cast<unsigned char>(v.type())];
  }
  static bool is_null(const Value& v) { return v.is_null(); }
  static bool is_object(const Value& v) { return v.is_object(); }
  static bool is_array(const Value& v) { return v.is_array(); }
  static bool get_bool(const Value& v, bool& out) { return v.get_bool().get(out) == simdjson::SUCCESS; }
  static bool get_int(const Value& v, std::int64_t& out) {
    return v.is_int64() && v.get_int64().get(out) == simdjson::SUCCESS;
  }
  static bool get_number(const Value& v, double& out) { return v.get_double().get(out) == simdjson::SUCCESS; }
  static bool get_string(const Value& v, std::string_view& out) { return v.get_string().get(out) == simdjson::SUCCESS; }
  static std::size_t count(const Value& v) {
    constexpr std::size_t kSaturated = 0xffffff;
    const dom::array array = v.get_array().value_unsafe();
    const std::size_t size = array.size();
    if (size < kSaturated) return size;
    return static_cast<std::size_t>(std::distance(array.begin(), array.end()));
  }
  template <class F>
  static void for_each_member(const Value& v, F&& f) {
    const dom::object object = v.get_object().value_unsafe();
    // Not through key_value_pair: a view that is written in halves and read as one waits for the memory each time.
    for (auto member = object.begin(); member != object.end(); ++member) {
      if (!f(member.key(), member.value())) return;
    }
  }
  template <class F>
  static void for_each_item(const Value& v, F&& f) {
    const dom::array array = v.get_array().value_unsafe();
    for (const dom::element item : array) {
      if (!f(item)) return;
    }
  }
};

/// simdjson's tree → Document.
class DocumentMaker {
 public:
  DocumentMaker(Document& out, Diagnostics& diagnostics) : out_(out), diagnostics_(diagnostics) {}

  Result<Node> make(const dom::element& value, const PathStep* path, std::size_t depth) {
    if (depth > out_.limits().max_depth) {
      return fail(ErrorCode::kTooLarge, "nested deeper than " + std::to_string(out_.limits().max_depth) + " levels");
    }
    switch (DomSource::kind(value)) {
      case JsonKind::kNull:
        return Node();
      case JsonKind::kBool:
        return Node(value.get_bool().value_unsafe());
      case JsonKind::kInt:
        return Node(value.get_int64().value_unsafe());
      case JsonKind::kDouble:
        return Node(value.get_double().value_unsafe());
      case JsonKind::kString:
        return out_.make_string(value.get_string().value_unsafe());
      case JsonKind::kArray:
        return make_array(value, path, depth);
      case JsonKind::kObject:
        break;
    }
    return make_object(value, path, depth);
  }

 private:
  Result<Node> make_array(const dom::element& value, const PathStep* path, std::size_t depth) {
    auto array = out_.make_array(DomSource::count(value));
    if (!array) return array;
    Status status;
    std::size_t i = 0;
    DomSource::for_each_item(value, [&](const dom::element& item) {
      const PathStep step(path, i++);
      status = add_item(*array, item, &step, depth);
      return status.has_value();
    });
    if (!status) return fail(status.error());
    return array;
  }

  Status add_item(Node& array, const dom::element& item, const PathStep* path, std::size_t depth) {
    auto node = make(item, path, depth + 1);
    if (!node) return fail(node.error());
    if (auto added = out_.append(array, *node); !added) return fail(added.error());
    return {};
  }

  Result<Node> make_object(const dom::element& value, const PathStep* path, std::size_t depth) {
    auto object = out_.make_object(value.get_object().value_unsafe().size());
    if (!object) return object;
    Status status;
    DomSource::for_each_member(value, [&](std::string_view key, const dom::element& member) {
      const PathStep step(path, key);
      status = add_member(*object, key, member, &step, depth);
      return status.has_value();
    });
    if (!status) return fail(status.error());
    drop_duplicates(out_, *object, path, diagnostics_);
    return object;
  }

  Status add_member(Node& object, std::string_view key, const dom::element& member, const PathStep* path,
                    std::size_t depth) {
    auto node = make(member, path, depth + 1);
    if (!node) return fail(node.error());
    auto name = out_.copy_text(key);
    if (!name) return fail(name.error());
    if (auto added = out_.append_member(object, *name, *node); !added) return fail(added.error());
    return {};
  }

  Document& out_;
  Diagnostics& diagnostics_;
};

}  // namespace

struct JsonDecoder::Impl {
  explicit Impl(const Limits& l) : limits(l), parser(l.max_bytes) {}

  Result<dom::element> parse(std::string_view json) {
    if (json.size() > limits.max_bytes) {
      return fail(ErrorCode::kTooLarge, "the JSON text has more than " + std::to_string(limits.max_bytes) + " bytes");
    }
    auto parsed = parse_padded(json);
    if (parsed.error() == simdjson::SUCCESS) return parsed.value_unsafe();
    if (auto repaired = repair_json(json)) {  // what Go accepts and simdjson does not
      parsed = parse_padded(*repaired);
      if (parsed.error() == simdjson::SUCCESS) return parsed.value_unsafe();
    }
    if (parsed.error() == simdjson::DEPTH_ERROR)
      return fail(ErrorCode::kTooLarge, "the JSON text is nested too deeply");
    return fail(ErrorCode::kInvalidArgument, "no valid JSON: " + locate_json_error(json));
  }

  /// The quick way, for what has nothing to report. False: nothing is said about the text.
  bool decode_in_one_pass(std::string_view json, const Type& type, StoredBuilder& out) {
    IndexedJson indexed;
    if (json.size() > limits.max_bytes || !index.open(parser, pad(json), indexed)) return false;
    Diagnostics none(Strictness::kStrict);
    return OnePassDecoder(indexed, out, none, limits, one_pass_memory).decode(type);
  }

  simdjson::simdjson_result<dom::element> parse_padded(std::string_view json) {
    const std::string_view text = pad(json);
    return parser.parse(text.data(), text.size(), false);
  }

  /// A copy with room behind it to read.
  std::string_view pad(std::string_view json) {
    const std::size_t needed = json.size() + IndexedJson::kPadding;
    if (needed > capacity) {
      capacity = needed * 2;
      padded = std::make_unique_for_overwrite<char[]>(capacity);
    }
    if (!json.empty()) std::memcpy(padded.get(), json.data(), json.size());
    std::memset(padded.get() + json.size(), 0, IndexedJson::kPadding);
    return {padded.get(), json.size()};
  }

  Limits limits;
  dom::parser parser;
  std::unique_ptr<char[]> padded;
  std::size_t capacity = 0;
  JsonIndex index;
  OnePassDecoder::Memory one_pass_memory;
  TypedDecoder<DomSource>::Memory memory;
};

JsonDecoder::JsonDecoder(const Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}
JsonDecoder::JsonDecoder(JsonDecoder&&) noexcept = default;
JsonDecoder& JsonDecoder::operator=(JsonDecoder&&) noexcept = default;
JsonDecoder::~JsonDecoder() = default;

Status JsonDecoder::decode(std::string_view json, const Type& type, StoredBuilder& out, Diagnostics& diagnostics) {
  if (impl_->decode_in_one_pass(json, type, out)) return {};
  const auto root = impl_->parse(json);
  if (!root) return fail(root.error());
  DomSource source;
  return TypedDecoder<DomSource>(source, out, diagnostics, impl_->limits, impl_->memory).decode(type, *root);
}

Status JsonDecoder::parse(std::string_view json, Document& out, Diagnostics& diagnostics) {
  out.clear();
  const auto root = impl_->parse(json);
  if (!root) return fail(root.error());
  auto node = DocumentMaker(out, diagnostics).make(*root, nullptr, 0);
  if (!node) return fail(node.error());
  out.root() = *node;
  return diagnostics.status();
}

Result<TypeMeta> JsonDecoder::type_meta(std::string_view json) {
  const auto root = impl_->parse(json);
  if (!root) return fail(root.error());
  TypeMeta meta;
  if (DomSource::kind(*root) != JsonKind::kObject) return meta;
  DomSource::for_each_member(*root, [&](std::string_view key, const dom::element& value) {
    if (DomSource::kind(value) != JsonKind::kString) return true;
    if (key == "apiVersion") meta.api_version = value.get_string().value_unsafe();
    if (key == "kind") meta.kind = value.get_string().value_unsafe();
    return true;
  });
  return meta;
}

}  // namespace troupe::schema
