#include "api/object_protobuf.hpp"

#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/stored.hpp"

namespace troupe::api {

ApiStatus append_protobuf_field(const storage::RecordView& record, const Resource& resource, std::uint32_t number,
                                std::string& out) {
  if (record.header->form != storage::Form::kCapnp) {
    return refuse(internal_error("a stored object of " + resource.qualified() + " has no form for protobuf"));
  }
  const std::string revision = std::to_string(record.header->revision);
  schema::EncodeOptions options;
  options.resource_version = revision;
  thread_local schema::BackBuffer bytes;
  bytes.clear();
  const auto* words = reinterpret_cast<const std::uint64_t*>(record.payload.data());  // records are aligned to 8
  const auto object = schema::StructView::root(std::span(words, record.payload.size() / sizeof(std::uint64_t)));
  schema::encode_protobuf(*resource.type, object, options, bytes);
  bytes.close(number, 0);
  out.append(bytes.view());
  return {};
}

ApiStatus append_protobuf_field(std::string_view json, const schema::Type& type, std::uint32_t number,
                                std::string& out) {
  thread_local schema::JsonDecoder decoder;
  thread_local schema::StoredBuilder stored;
  thread_local schema::BackBuffer bytes;
  schema::Diagnostics diagnostics;
  if (auto decoded = decoder.decode(json, type, stored, diagnostics); !decoded) {
    return refuse(internal_error(decoded.error().message));
  }
  bytes.clear();
  schema::encode_protobuf(type, schema::StructView::root(stored.words()), {}, bytes);
  bytes.close(number, 0);
  out.append(bytes.view());
  return {};
}

}  // namespace troupe::api
