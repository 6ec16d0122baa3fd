#include "api/object_codec.hpp"

#include <cstring>

#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/stored.hpp"

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

ApiStatus check_form(const storage::RecordView& record, const Resource& resource) {
  if (record.header->form == storage::Form::kCapnp) return {};
  return refuse(internal_error("a stored object of " + resource.qualified() + " has a form this version cannot read"));
}

}  // namespace

ApiResult<schema::Document> parse_body(MediaType media, std::string_view body, const schema::Type& type,
                                       schema::Diagnostics& diagnostics) {
  static_cast<void>(type);
  if (body.empty()) return refuse(bad_request("the request has no body"));
  schema::Document document;
  if (media == MediaType::kJson) {
    if (auto parsed = decoder().parse(body, document, diagnostics); !parsed) return refuse(unreadable(parsed.error()));
    return document;
  }
  return refuse(unsupported_media_type(content_type_of(media), "application/json"));
}

ApiResult<schema::Document> parse_json(std::string_view json) {
  schema::Document document;
  schema::Diagnostics diagnostics;
  if (auto parsed = decoder().parse(json, document, diagnostics); !parsed) return refuse(unreadable(parsed.error()));
  return document;
}

ApiResult<storage::Record> to_record(const schema::Node& object, const Resource& resource,
                                     schema::Diagnostics& diagnostics) {
  StoredBuilder& out = builder();
  if (auto decoded = schema::decode_node(object, *resource.type, schema::Limits{}, out, diagnostics); !decoded) {
    return refuse(unreadable(decoded.error()));
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
  static_cast<void>(type);
  if (media == MediaType::kJson) {
    out.append(json);
    return {};
  }
  return refuse(not_acceptable("application/json"));
}

}  // namespace troupe::api
