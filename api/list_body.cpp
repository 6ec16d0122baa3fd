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

bool ListBody::can_stream() const { return call_.accepted.media == MediaType::kJson; }

bool ListBody::direct_protobuf() const {
  return call_.accepted.media == MediaType::kProtobuf && call_.accepted.view == View::kObject &&
         call_.resource->stored == nullptr;
}

void ListBody::separate() {
  if (count_ != 0) items_ += ",";
}

bool ListBody::add(const storage::RecordView& record) {
  if (auto added = append(record); !added) {
    error_ = added.error();
    return false;
  }
  return true;
}

ApiStatus ListBody::append(const storage::RecordView& record) {
  const bool plain = call_.accepted.view == View::kObject;
  std::optional<schema::Document> document;
  if (!plain || !query_.selects_all()) {
    auto made = to_document(record, *call_.resource);
    if (!made) return refuse(made.error());
    document.emplace(std::move(*made));
    if (!query_.matches(document->root())) return {};
  }
  if (call_.accepted.view == View::kTable) {
    table_.add_row(items_, document->root());
  } else if (!plain) {
    separate();
    append_partial(document->root(), call_.accepted.version, true, items_);
  } else if (direct_protobuf()) {
    if (auto added = append_protobuf_field(record, *call_.resource, kItems, items_); !added) return added;
  } else {
    separate();
    // A list in another form is made from its JSON, which needs no type in its items either.
    if (auto added = append_json(record, *call_.resource, false, items_); !added) return added;
  }
  ++count_;
  return {};
}

std::string ListBody::head() const {
  const bool partial = call_.accepted.view == View::kPartialMetadata;
  const std::string version = call_.accepted.version.empty() ? "v1" : call_.accepted.version;
  std::string out = "{\"kind\":";
  append_json_string(out, partial ? "PartialObjectMetadataList" : call_.resource->list_kind);
  out += ",\"apiVersion\":";
  append_json_string(out, partial ? "meta.k8s.io/" + version : call_.resource->api_version());
  return out;
}

void ListBody::begin(const std::optional<ListMeta>& meta) {
  std::string out;
  if (call_.accepted.view == View::kTable) {
    table_.begin(out, meta ? metadata_json(*meta) : "{}");
  } else {
    out = head();
    if (meta) out.append(",\"metadata\":").append(metadata_json(*meta));
    out += ",\"items\":[";
  }
  items_.insert(0, out);
}

void ListBody::end(const std::optional<ListMeta>& meta) {
  if (call_.accepted.view == View::kTable) {
    table_.end(items_);
  } else {
    items_ += "]";
    if (meta) items_.append(",\"metadata\":").append(metadata_json(*meta));
    items_ += "}";
  }
  items_ += "\n";
}

/// `k8s\0`, {1: {1: apiVersion, 2: kind}, 2: {1: metadata, 2: item, 2: item, …}, 3: "", 4: ""}
std::string ListBody::protobuf(const ListMeta& meta) const {
  schema::BackBuffer front;
  if (meta.remaining) front.number_field(4, *meta.remaining);
  front.bytes_field(3, meta.token);
  front.bytes_field(2, std::to_string(meta.revision));
  front.bytes_field(1, "");
  front.close(1, 0);
  const std::string metadata(front.view());
  front.clear();
  front.varint(metadata.size() + items_.size());
  front.tag(2, schema::WireType::kBytes);
  const std::size_t before = front.size();
  front.bytes_field(2, call_.resource->list_kind);
  front.bytes_field(1, call_.resource->api_version());
  front.close(1, before);
  schema::BackBuffer behind;
  behind.bytes_field(4, "");
  behind.bytes_field(3, "");
  std::string out("k8s\0", 4);
  out.reserve(out.size() + front.size() + metadata.size() + items_.size() + behind.size());
  return out.append(front.view()).append(metadata).append(items_).append(behind.view());
}

ApiResult<std::string> ListBody::whole(const ListMeta& meta) {
  if (direct_protobuf()) return protobuf(meta);
  begin(meta);
  end(std::nullopt);
  if (call_.accepted.media == MediaType::kJson) return take();
  items_.pop_back();  // the line break
  const schema::Type* type = call_.accepted.view == View::kPartialMetadata
                                 ? call_.services.types.find("meta.k8s.io", "v1", "PartialObjectMetadataList")
                                 : call_.resource->list_type;
  std::string out;
  if (auto made = append_transcoded(items_, type, call_.accepted.media, out); !made) return refuse(made.error());
  return out;
}

}  // namespace troupe::api
