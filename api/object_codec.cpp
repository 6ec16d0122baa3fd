#include "api/object_codec.hpp"

#include <charconv>
#include <cstring>

#include "api/custom/codec.hpp"
#include "schema/carry_unknown.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/stored.hpp"
#include "schema/codec/yaml.hpp"
#include "schema/conversion.hpp"

namespace troupe::api {

namespace {

using schema::ByteBuffer;
using schema::StoredBuilder;
using schema::StructView;

/// Decoders and buffers keep their memory between requests of a thread.
schema::JsonDecoder& decoder() {
  thread_local schema::JsonDecoder instance;
  return instance;
}

ByteBuffer& buffer() {
  thread_local ByteBuffer instance;
  instance.clear();
  return instance;
}

schema::BackBuffer& back_buffer() {
  thread_local schema::BackBuffer instance;
  instance.clear();
  return instance;
}

StoredBuilder& builder() {
  thread_local StoredBuilder instance;
  return instance;
}

ApiError unreadable(const Error& error) {
  if (error.code == ErrorCode::kTooLarge) return too_large(error.message);
  return bad_request(error.message);
}

StructView view_of(const storage::RecordView& record) {
  return StructView::root({reinterpret_cast<const std::uint64_t*>(record.payload.data()), record.payload.size() / 8});
}

/// The record's object as JSON in this thread's buffer.
void encode(const storage::RecordView& record, const Resource& resource, bool type_meta, ByteBuffer& out) {
  const std::string api_version = type_meta ? resource.api_version() : std::string();
  char revision[24];
  const auto revision_end = std::to_chars(revision, revision + sizeof revision, record.header->revision);
  schema::EncodeOptions options;
  options.api_version = api_version;
  if (type_meta) options.kind = resource.kind;
  // What a dry run would have created has none.
  const auto digits = record.header->revision == 0 ? 0 : revision_end.ptr - revision;
  options.resource_version = std::string_view(revision, static_cast<std::size_t>(digits));
  schema::encode_json(*resource.type, view_of(record), options, out);
}

/// Objects of this resource are stored in another version.
bool is_converted(const Resource& resource) { return resource.stored != nullptr; }

ApiStatus convert_document(schema::Document& document, const Resource& to) {
  auto converted = schema::convert(document, document.root(), to.api_version());
  if (!converted) return refuse(internal_error("conversion to " + to.api_version() + ": " + converted.error().message));
  return {};
}

/// The record's object in the version of a resource that is not the stored one, as JSON in this thread's buffer.
ApiStatus encode_converted(const storage::RecordView& record, const Resource& resource, bool type_meta,
                           ByteBuffer& out) {
  auto document = to_document(record, resource);
  if (!document) return refuse(document.error());
  if (!type_meta) {
    document->erase(document->root(), "kind");
    document->erase(document->root(), "apiVersion");
  }
  out.clear();
  schema::encode_json(document->root(), out);
  return {};
}

/// By way of the stored form and its JSON: presence in protobuf says no more than that.
ApiResult<schema::Document> parse_protobuf(std::string_view body, const schema::Type& type) {
  auto envelope = schema::open_envelope(body);
  if (!envelope) return refuse(unreadable(envelope.error()));
  StoredBuilder& stored = builder();
  schema::Diagnostics diagnostics;
  if (auto decoded = schema::decode_protobuf(envelope->raw, type, schema::Limits{}, stored, diagnostics); !decoded) {
    return refuse(unreadable(decoded.error()));
  }
  schema::EncodeOptions options;
  options.api_version = envelope->api_version;
  options.kind = envelope->kind;
  ByteBuffer& json = buffer();
  schema::encode_json(type, StructView::root(stored.words()), options, json);
  schema::Document document;
  if (auto parsed = decoder().parse(json.view(), document, diagnostics); !parsed) {
    return refuse(unreadable(parsed.error()));
  }
  return document;
}

ApiStatus check_form(const storage::RecordView& record, const Resource& resource) {
  if (record.header->form == storage::Form::kCapnp) return {};
  return refuse(internal_error("a stored object of " + resource.qualified() + " has a form this version cannot read"));
}

}  // namespace

ApiError not_handled(ApiError error, const Resource& resource, const schema::Diagnostics& diagnostics) {
  const bool strict = diagnostics.strictness() == schema::Strictness::kStrict && !diagnostics.findings().empty() &&
                      diagnostics.findings().front().what != schema::Finding::What::kWrongValue;
  const std::string kind(resource.kind);
  error.message = kind + " in version \"" + std::string(resource.version) + "\" cannot be handled as a " + kind + ": " +
                  (strict ? "strict decoding error: " : "") + error.message;
  return error;
}

ApiResult<schema::Document> parse_body(MediaType media, std::string_view body, const schema::Type& type,
                                       schema::Diagnostics& diagnostics) {
  if (body.empty()) return refuse(bad_request("the request has no body"));
  schema::Document document;
  if (media == MediaType::kJson) {
    if (auto parsed = decoder().parse(body, document, diagnostics); !parsed) return refuse(unreadable(parsed.error()));
    return document;
  }
  if (media == MediaType::kProtobuf) return parse_protobuf(body, type);
  schema::YamlReader reader(body);
  auto found = reader.next(document, diagnostics);
  if (!found) return refuse(unreadable(found.error()));
  if (!*found) return refuse(bad_request("the request's body holds no YAML document"));
  return document;
}

ApiResult<schema::Document> parse_json(std::string_view json) {
  schema::Document document;
  schema::Diagnostics diagnostics;
  if (auto parsed = decoder().parse(json, document, diagnostics); !parsed) return refuse(unreadable(parsed.error()));
  return document;
}

namespace {

ApiStatus decode(const schema::Document& object, const Resource& resource, StoredBuilder& out,
                 schema::Diagnostics& diagnostics) {
  auto decoded = schema::decode_node(object.root(), *resource.type, schema::Limits{}, out, diagnostics);
  if (decoded) return {};
  return refuse(not_handled(unreadable(decoded.error()), resource, diagnostics));
}

/// The object, checked against the type of its own version, as one of the version that is stored.
ApiResult<schema::Document> in_stored_version(schema::Document& object, const Resource& resource,
                                              schema::Diagnostics& diagnostics) {
  if (auto decoded = decode(object, resource, builder(), diagnostics); !decoded) return refuse(decoded.error());
  schema::Document other;
  auto copied = other.copy(object.root());
  if (!copied) return refuse(too_large(copied.error().message));
  other.root() = *copied;
  for (const auto& [key, value] : {std::pair<std::string_view, std::string>("kind", std::string(resource.kind)),
                                   {"apiVersion", resource.api_version()}}) {
    auto text = other.make_string(value);
    auto set = text ? other.set(other.root(), key, *text) : fail(text.error());
    if (!set) return refuse(too_large(set.error().message));
  }
  if (auto converted = convert_document(other, *resource.stored); !converted) return refuse(converted.error());
  return other;
}

}  // namespace

ApiResult<storage::Record> to_record(schema::Document& object, const Resource& resource,
                                     schema::Diagnostics& diagnostics) {
  if (resource.custom) return custom::to_record(object, resource, diagnostics);
  if (is_converted(resource)) {
    auto other = in_stored_version(object, resource, diagnostics);
    if (!other) return refuse(other.error());
    schema::Diagnostics unheard;  // all was said about what the client sent
    return to_record(*other, *resource.stored, unheard);
  }
  StoredBuilder& out = builder();
  if (schema::Node* metadata = object.root().find("metadata"); metadata != nullptr && metadata->is_object()) {
    object.erase(*metadata, "resourceVersion");
  }
  if (auto decoded = decode(object, resource, out, diagnostics); !decoded) return refuse(decoded.error());
  const auto words = out.words();
  if (words.size_bytes() > storage::kMaxPayload) {
    return refuse(too_large("the object needs " + std::to_string(words.size_bytes()) + " bytes, at most " +
                            std::to_string(storage::kMaxPayload) + " are stored"));
  }
  storage::RecordMeta meta;
  meta.kind = resource.kind_id;
  meta.form = storage::Form::kCapnp;
  storage::Record record = storage::Record::allocate(meta, words.size_bytes());
  std::memcpy(record.mutable_payload().data(), words.data(), words.size_bytes());
  return record;
}

ApiResult<schema::Document> to_document(const storage::RecordView& record, const Resource& resource) {
  if (resource.custom) return custom::to_document(record, resource);
  if (auto good = check_form(record, resource); !good) return refuse(good.error());
  ByteBuffer& json = buffer();
  const Resource& stored = is_converted(resource) ? *resource.stored : resource;
  encode(record, stored, true, json);
  auto document = parse_json(json.view());
  if (!document || !is_converted(resource)) return document;
  if (auto converted = convert_document(*document, resource); !converted) return refuse(converted.error());
  return document;
}

ApiResult<storage::Record> with_unknown_of(const storage::RecordView& before, storage::Record after,
                                           const Resource& resource) {
  if (before.header->form != storage::Form::kCapnp || after.header().form != storage::Form::kCapnp) return after;
  const schema::Type& type = is_converted(resource) ? *resource.stored->type : *resource.type;
  const auto words_of = [](std::span<const std::byte> bytes) {
    return std::span(reinterpret_cast<const std::uint64_t*>(bytes.data()), bytes.size() / 8);
  };
  std::vector<std::uint64_t> words;
  if (!schema::carry_unknown(type, words_of(before.payload), words_of(after.payload()), words)) return after;
  const std::size_t bytes = words.size() * sizeof(std::uint64_t);
  if (bytes > storage::kMaxPayload) return refuse(too_large("the object and what a later release knows of it"));
  storage::RecordMeta meta;
  meta.kind = after.header().kind;
  storage::Record record = storage::Record::allocate(meta, bytes);
  std::memcpy(record.mutable_payload().data(), words.data(), bytes);
  return record;
}

ApiStatus append_json(const storage::RecordView& record, const Resource& resource, bool type_meta, std::string& out) {
  if (resource.custom) return custom::append_json(record, resource, out);
  if (auto good = check_form(record, resource); !good) return good;
  ByteBuffer& json = buffer();
  if (!is_converted(resource)) {
    encode(record, resource, type_meta, json);
  } else if (auto encoded = encode_converted(record, resource, type_meta, json); !encoded) {
    return encoded;
  }
  out.append(json.view());
  return {};
}

ApiStatus append_object(const storage::RecordView& record, const Resource& resource, MediaType media,
                        std::string& out) {
  if (resource.custom) {
    std::string text;
    if (auto written = custom::append_json(record, resource, text); !written) return written;
    return append_transcoded(text, nullptr, media, out);
  }
  if (auto good = check_form(record, resource); !good) return good;
  if (is_converted(resource)) {
    ByteBuffer& json = buffer();
    if (auto encoded = encode_converted(record, resource, true, json); !encoded) return encoded;
    const std::string text(json.view());
    return append_transcoded(text, resource.type, media, out);
  }
  if (media == MediaType::kProtobuf) {
    const std::string api_version = resource.api_version();
    const std::string revision = record.header->revision == 0 ? "" : std::to_string(record.header->revision);
    schema::EncodeOptions options;
    options.api_version = api_version;
    options.kind = resource.kind;
    options.resource_version = revision;
    schema::BackBuffer& bytes = back_buffer();
    schema::encode_enveloped(*resource.type, view_of(record), options, bytes);
    out.append(bytes.view());
    return {};
  }
  ByteBuffer& json = buffer();
  encode(record, resource, true, json);
  if (media == MediaType::kJson) {
    out.append(json.view());
    return {};
  }
  const std::string text(json.view());
  return append_transcoded(text, resource.type, media, out);
}

void append_json(const schema::Node& value, std::string& out) {
  ByteBuffer& json = buffer();
  schema::encode_json(value, json);
  out.append(json.view());
}

ApiStatus append_transcoded(std::string_view json, const schema::Type* type, MediaType media, std::string& out) {
  if (media == MediaType::kJson) {
    out.append(json);
    return {};
  }
  if (media == MediaType::kProtobuf && type != nullptr) {
    StoredBuilder& stored = builder();
    schema::Diagnostics diagnostics;
    if (auto decoded = decoder().decode(json, *type, stored, diagnostics); !decoded) {
      return refuse(internal_error(decoded.error().message));
    }
    auto meta = decoder().type_meta(json);
    if (!meta) return refuse(internal_error(meta.error().message));
    schema::EncodeOptions options;
    options.api_version = meta->api_version;
    options.kind = meta->kind;
    schema::BackBuffer& bytes = back_buffer();
    schema::encode_enveloped(*type, StructView::root(stored.words()), options, bytes);
    out.append(bytes.view());
    return {};
  }
  if (media != MediaType::kYaml) return refuse(not_acceptable("application/json, application/yaml"));
  auto document = parse_json(json);
  if (!document) return refuse(document.error());
  ByteBuffer& text = buffer();
  schema::encode_yaml(document->root(), text);
  out.append(text.view());
  return {};
}

ApiStatus append_watch_frame(std::string_view type, std::string_view json, const schema::Type* object_type,
                             MediaType media, std::string& out) {
  if (media == MediaType::kJson) {
    out.append("{\"type\":\"").append(type).append("\",\"object\":").append(json).append("}\n");
    return {};
  }
  std::string object;
  if (auto made = append_transcoded(json, object_type, media, object); !made) return made;
  schema::BackBuffer& bytes = back_buffer();
  bytes.bytes(object);
  schema::wrap_watch_frame(type, bytes);
  out.append(bytes.view());
  return {};
}

}  // namespace troupe::api
