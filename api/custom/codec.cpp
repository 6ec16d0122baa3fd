#include "api/custom/codec.hpp"

#include "api/custom/version.hpp"
#include "api/object_codec.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/json.hpp"

namespace troupe::api::custom {

namespace {

using schema::Document;
using schema::Node;

constexpr std::string_view kStart = R"({"metadata":{)";

ApiError unreadable(const Error& error) {
  return error.code == ErrorCode::kTooLarge ? too_large(error.message) : bad_request(error.message);
}

/// The object's metadata by the rules of its type: `{"metadata":{...}}`.
ApiStatus append_metadata(const Node& object, const Resource& resource, schema::Diagnostics& diagnostics,
                          schema::ByteBuffer& out) {
  const Version& version = *resource.custom;
  Document wrapper;
  auto root = wrapper.make_object(1);
  if (!root) return refuse(too_large(root.error().message));
  wrapper.root() = *root;
  if (const Node* metadata = object.find("metadata")) {
    if (auto set = wrapper.set(wrapper.root(), "metadata", *metadata); !set)
      return refuse(too_large(set.error().message));
  }
  schema::StoredBuilder stored;
  auto decoded = schema::decode_node(wrapper.root(), *version.metadata_type, schema::Limits{}, stored, diagnostics);
  if (!decoded) return refuse(not_handled(unreadable(decoded.error()), resource, diagnostics));
  schema::encode_json(*version.metadata_type, schema::StructView::root(stored.words()), {}, out);
  return {};
}

std::string type_meta(const storage::RecordView& record, const Resource& resource) {
  std::string out = "{\"apiVersion\":";
  append_json_string(out, resource.api_version());
  out += ",\"kind\":";
  append_json_string(out, resource.kind);
  out += ",\"metadata\":{";
  if (record.header->revision == 0) return out;  // a dry run would have created it
  return out.append("\"resourceVersion\":\"").append(std::to_string(record.header->revision)).append("\"");
}

/// The text as it is stored, under the head that clients see.
ApiStatus append_shown(const storage::RecordView& record, const Resource& resource, std::string& out) {
  const std::string_view text = record.text();
  if (record.header->form != storage::Form::kJson || !text.starts_with(kStart)) {
    return refuse(
        internal_error("a stored object of " + resource.qualified() + " has a form this version cannot read"));
  }
  out += type_meta(record, resource);
  const std::string_view rest = text.substr(kStart.size());
  if (!rest.starts_with('}') && !out.ends_with('{')) out += ",";
  out += rest;
  return {};
}

}  // namespace

ApiResult<storage::Record> to_record(Document& object, const Resource& resource, schema::Diagnostics& diagnostics) {
  const Version& version = *resource.custom;
  Node& root = object.root();
  if (!root.is_object()) return refuse(bad_request("the body is no object"));
  if (Node* metadata = root.find("metadata"); metadata != nullptr && metadata->is_object()) {
    object.erase(*metadata, "resourceVersion");
  }
  prune(object, root, version.schema, true, diagnostics);
  schema::ByteBuffer out;
  if (auto written = append_metadata(root, resource, diagnostics, out); !written) return refuse(written.error());
  std::string text(out.view());
  if (text == "{}") text = R"({"metadata":{}})";
  text.pop_back();
  for (const schema::Member& each : root.members()) {
    if (is_type_or_metadata(each.key)) continue;
    text += ",";
    append_json_string(text, each.key);
    text += ":";
    api::append_json(each.value, text);
  }
  text += "}";
  if (text.size() > storage::kMaxPayload) {
    return refuse(too_large("the object needs " + std::to_string(text.size()) + " bytes, at most " +
                            std::to_string(storage::kMaxPayload) + " are stored"));
  }
  storage::RecordMeta meta;
  meta.kind = resource.kind_id;
  meta.form = storage::Form::kJson;
  meta.schema_generation = version.generation;
  return storage::Record::of(meta, text);
}

ApiResult<Document> to_document(const storage::RecordView& record, const Resource& resource) {
  std::string text;
  if (auto shown = append_shown(record, resource, text); !shown) return refuse(shown.error());
  auto document = parse_json(text);
  if (!document || record.header->schema_generation == resource.custom->generation) return document;
  schema::Diagnostics unheard;  // the schema has changed since
  prune(*document, document->root(), resource.custom->schema, true, unheard);
  if (auto filled = fill_structural_defaults(*document, document->root(), resource.custom->schema); !filled) {
    return refuse(filled.error());
  }
  return document;
}

ApiStatus append_json(const storage::RecordView& record, const Resource& resource, std::string& out) {
  if (record.header->schema_generation == resource.custom->generation) return append_shown(record, resource, out);
  auto document = custom::to_document(record, resource);
  if (!document) return refuse(document.error());
  api::append_json(document->root(), out);
  return {};
}

}  // namespace troupe::api::custom
