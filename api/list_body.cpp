#include "api/list_body.hpp"

#include "api/object_codec.hpp"
#include "api/object_protobuf.hpp"
#include "api/views.hpp"
#include "schema/codec/protobuf.hpp"

namespace troupe::api {

namespace {

constexpr std::uint32_t kItems = 2;  ///< Number of `items` in every list's protobuf form; its metadata is 1.

std::string metadata_json(const ListMeta& meta) {
  std::string out = "{\"resourceVersion\":\"" + std::to_string(meta.revision) + "\"";
  if (!meta.token.empty()) out += ",\"continue\":\"" + meta.token + "\"";
  if (meta.remaining) out += ",\"remainingItemCount\":" + std::to_string(*meta.remaining);
  return out + "}";
}

}  // namespace

ListBody::ListBody(const Call& call, const ListQuery& query)
    : call_(call),
      query_(query),
      table_(*call.resource, call.accepted.version, include_object(call.info.query), call.services.env.now()) {}

bool ListBody::needs_length() const { return call_.accepted.media == MediaType::kProtobuf; }

void ListBody::measure() {
  measuring_ = true;
  kept_count_ = count_;
}

std::string ListBody::take() { return std::exchange(items_, {}); }

bool ListBody::add(const storage::RecordView& record) {
  if (auto added = append(record); !added) {
    error_ = added.error();
    return false;
  }
  return true;
}

ApiStatus ListBody::append(const storage::RecordView& record) {
  std::optional<schema::Document> document;
  if (call_.accepted.view != View::kObject || !query_.selects_all()) {
    auto made = to_document(record, *call_.resource);
    if (!made) return refuse(made.error());
    document.emplace(std::move(*made));
    if (!query_.matches(document->root())) return {};
  }
  const schema::Node* object = document ? &document->root() : nullptr;
  const std::size_t before = items_.size();
  ApiStatus added = needs_length() ? append_protobuf(record, object) : append_text(record, object);
  if (!added) return added;
  const std::size_t size = items_.size() - before;
  ++count_;
  if (!measuring_) {
    made_ += size;
    return {};
  }
  items_.resize(before);
  measured_ += size;
  measured_in_turn_ += size;
  return {};
}

/// JSON; or YAML, in which an item is a list of one: what a list's items look like one after the other.
ApiStatus ListBody::append_text(const storage::RecordView& record, const schema::Node* object) {
  const bool yaml = call_.accepted.media == MediaType::kYaml;
  std::string own;
  std::string& out = yaml ? own : items_;
  if (call_.accepted.view == View::kTable) {
    table_.add_row(out, *object);
  } else {
    if (!yaml && count_ != 0) out += ",";
    if (call_.accepted.view == View::kPartialMetadata) {
      append_partial(*object, call_.accepted.version, true, out);
    } else if (auto added = append_json(record, *call_.resource, false, out); !added) {
      return added;
    }
  }
  if (!yaml) return {};
  if (own.starts_with(',')) own.erase(0, 1);  // a table's rows behind the first
  return append_transcoded("[" + own + "]", nullptr, MediaType::kYaml, items_);
}

/// What has no stored form of its own in this version goes by way of its JSON.
ApiStatus ListBody::append_protobuf(const storage::RecordView& record, const schema::Node* object) {
  const bool plain = call_.accepted.view == View::kObject;
  if (plain && call_.resource->stored == nullptr) {
    return append_protobuf_field(record, *call_.resource, kItems, items_);
  }
  std::string json;
  const schema::Type* type = call_.resource->type;
  if (!plain) {
    append_partial(*object, call_.accepted.version, true, json);
    type = call_.services.types.find("meta.k8s.io", "v1", "PartialObjectMetadata");
  } else if (auto made = append_json(record, *call_.resource, false, json); !made) {
    return made;
  }
  if (type == nullptr) return refuse(internal_error("no type is known for the items of this list"));
  return append_protobuf_field(json, *type, kItems, items_);
}

std::string_view ListBody::list_kind() const {
  return call_.accepted.view == View::kPartialMetadata ? "PartialObjectMetadataList" : call_.resource->list_kind;
}

std::string ListBody::list_version() const {
  if (call_.accepted.view != View::kPartialMetadata) return call_.resource->api_version();
  return "meta.k8s.io/" + (call_.accepted.version.empty() ? "v1" : call_.accepted.version);
}

std::string ListBody::json_head(const std::optional<ListMeta>& meta) const {
  std::string out;
  if (call_.accepted.view == View::kTable) {
    table_.begin(out, meta ? metadata_json(*meta) : "{}");
    return out;
  }
  out = "{\"kind\":";
  append_json_string(out, list_kind());
  out += ",\"apiVersion\":";
  append_json_string(out, list_version());
  if (meta) out.append(",\"metadata\":").append(metadata_json(*meta));
  return out + ",\"items\":[";
}

/// What stands before the items: keys are sorted, so of a list its version alone, of a table all but the rows.
ApiStatus ListBody::append_yaml_head(const std::optional<ListMeta>& meta, std::string& out) const {
  std::string json = "{\"apiVersion\":";
  std::string_view items = "items: []\n";
  if (call_.accepted.view == View::kTable) {
    json = json_head(meta);
    table_.end(json);
    items = "rows: []\n";
  } else {
    append_json_string(json, list_version());
    json += ",\"items\":[]}";
  }
  if (auto made = append_transcoded(json, nullptr, MediaType::kYaml, out); !made) return made;
  if (!out.ends_with(items)) return refuse(internal_error("the list's items do not stand at its end"));
  if (count_ == 0) return {};
  out.resize(out.size() - std::string_view(" []\n").size());
  out += "\n";
  return {};
}

ApiStatus ListBody::append_yaml_end() {
  if (call_.accepted.view == View::kTable) return {};
  std::string json = "{\"kind\":";
  append_json_string(json, list_kind());
  if (meta_) json.append(",\"metadata\":").append(metadata_json(*meta_));
  return append_transcoded(json + "}", nullptr, MediaType::kYaml, items_);
}

/// `k8s\0`, {1: {1: apiVersion, 2: kind}, 2: {1: metadata, then the items}, 3: "", 4: ""} up to the items.
std::string ListBody::protobuf_head(const ListMeta& meta) const {
  schema::BackBuffer front;
  if (meta.remaining) front.number_field(4, *meta.remaining);
  front.bytes_field(3, meta.token);
  front.bytes_field(2, std::to_string(meta.revision));
  front.bytes_field(1, "");
  front.close(1, 0);
  const std::string metadata(front.view());
  front.clear();
  front.varint(metadata.size() + announced_);
  front.tag(2, schema::WireType::kBytes);
  const std::size_t before = front.size();
  front.bytes_field(2, list_kind());
  front.bytes_field(1, list_version());
  front.close(1, before);
  std::string out("k8s\0", 4);
  return out.append(front.view()).append(metadata);
}

void ListBody::begin(const std::optional<ListMeta>& meta) {
  std::string out;
  meta_ = meta;
  if (needs_length()) {
    announced_ = made_ + measured_;
    out = protobuf_head(meta.value_or(ListMeta()));
    if (std::exchange(measuring_, false)) count_ = kept_count_;
  } else if (call_.accepted.media == MediaType::kJson) {
    out = json_head(meta);
  } else if (auto made = append_yaml_head(meta, out); !made) {
    error_ = made.error();
  }
  items_.insert(0, out);
}

bool ListBody::end(const std::optional<ListMeta>& meta) {
  if (needs_length()) {
    schema::BackBuffer behind;
    behind.bytes_field(4, "");
    behind.bytes_field(3, "");
    items_ += behind.view();
    return made_ == announced_;
  }
  if (call_.accepted.media == MediaType::kYaml) {
    if (meta) meta_ = meta;
    return append_yaml_end().has_value();
  }
  if (call_.accepted.view == View::kTable) {
    table_.end(items_);
  } else {
    items_ += "]";
    if (meta) items_.append(",\"metadata\":").append(metadata_json(*meta));
    items_ += "}";
  }
  items_ += "\n";
  return true;
}

ApiResult<std::string> ListBody::whole(const ListMeta& meta) {
  begin(meta);
  if (!error_ && !end(std::nullopt)) error_ = internal_error("the list's end could not be encoded");
  if (error_) return refuse(*error_);
  return take();
}

}  // namespace troupe::api
