#include "api/object_codec.hpp"

#include <cstring>

#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/stored.hpp"
#include "schema/codec/yaml.hpp"

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
  const int size =
      std::snprintf(revision, sizeof revision, "%llu", static_cast<unsigned long long>(record.header->revision));
  schema::EncodeOptions options;
  options.api_version = api_version;
  if (type_meta) options.kind = resource.kind;
  options.resource_version = std::string_view(revision, static_cast<std::size_t>(size));
  schema::encode_json(*resource.type, view_of(record), options, out);
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

ApiResult<storage::Record> to_record(schema::Document& object, const Resource& resource,
                                     schema::Diagnostics& diagnostics) {
  StoredBuilder& out = builder();
  if (schema::Node* metadata = object.root().find("metadata"); metadata != nullptr && metadata->is_object()) {
    object.erase(*metadata, "resourceVersion");
  }
  if (auto decoded = schema::decode_node(object.root(), *resource.type, schema::Limits{}, out, diagnostics); !decoded) {
    ApiError error = unreadable(decoded.error());
    const bool strict = diagnostics.strictness() == schema::Strictness::kStrict && !diagnostics.findings().empty() &&
                        diagnostics.findings().front().what != schema::Finding::What::kWrongValue;
    if (strict) error.message = "strict decoding error: " + error.message;
    return refuse(std::move(error));
  }
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
  if (auto good = check_form(record, resource); !good) return refuse(good.error());
  ByteBuffer& json = buffer();
  encode(record, resource, true, json);
  return parse_json(json.view());
}

ApiStatus append_json(const storage::RecordView& record, const Resource& resource, bool type_meta, std::string& out) {
  if (auto good = check_form(record, resource); !good) return good;
  ByteBuffer& json = buffer();
  encode(record, resource, type_meta, json);
  out.append(json.view());
  return {};
}

ApiStatus append_object(const storage::RecordView& record, const Resource& resource, MediaType media,
                        std::string& out) {
  if (auto good = check_form(record, resource); !good) return good;
  if (media == MediaType::kProtobuf) {
    const std::string api_version = resource.api_version();
    const std::string revision = std::to_string(record.header->revision);
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
