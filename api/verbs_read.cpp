#include <limits>

#include "api/list_query.hpp"
#include "api/object_codec.hpp"
#include "api/table.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

/// Builds a list's items in the form that was asked for, while the store visits them.
class ListBody {
 public:
  ListBody(const Call& call, const ListQuery& query)
      : call_(call),
        query_(query),
        table_(*call.resource, call.accepted.version, include_object(call.info.query), call.services.env.now()) {}

  /// False when the page is full.
  bool add(const storage::RecordView& record) {
    const bool plain = call_.accepted.view == View::kObject;
    if (plain && query_.selects_all()) {
      if (auto added = append_item(record); !added) return stop(added.error());
    } else {
      auto document = to_document(record, *call_.resource);
      if (!document) return stop(document.error());
      if (!query_.matches(document->root())) return true;
      if (plain) {
        if (auto added = append_item(record); !added) return stop(added.error());
      } else if (call_.accepted.view == View::kTable) {
        table_.add_row(items_, document->root());
      } else {
        separate();
        append_partial(document->root(), call_.accepted.version, true, items_);
      }
    }
    ++count_;
    return query_.limit == 0 || count_ < query_.limit;
  }

  std::string finish(std::string_view metadata) {
    std::string out;
    const Resource& resource = *call_.resource;
    if (call_.accepted.view == View::kTable) {
      table_.begin(out, metadata);
      out += items_;
      table_.end(out);
      return out;
    }
    const bool partial = call_.accepted.view == View::kPartialMetadata;
    out += "{\"kind\":";
    append_json_string(out, partial ? "PartialObjectMetadataList" : resource.list_kind);
    out += ",\"apiVersion\":";
    const std::string version = call_.accepted.version.empty() ? "v1" : call_.accepted.version;
    append_json_string(out, partial ? "meta.k8s.io/" + version : resource.api_version());
    out.append(",\"metadata\":").append(metadata).append(",\"items\":[");
    out.append(items_).append("]}");
    return out;
  }

  std::size_t count() const { return count_; }
  const std::optional<ApiError>& error() const { return error_; }

 private:
  ApiStatus append_item(const storage::RecordView& record) {
    separate();
    // A list in protobuf is made from its JSON, which needs no type in its items either.
    return append_json(record, *call_.resource, false, items_);
  }
  void separate() {
    if (count_ != 0) items_ += ",";
  }
  bool stop(ApiError error) {
    error_ = std::move(error);
    return false;
  }

  const Call& call_;
  const ListQuery& query_;
  TableWriter table_;
  std::string items_;
  std::size_t count_ = 0;
  std::optional<ApiError> error_;
};

std::string list_metadata(storage::Revision revision, const std::string& token,
                          std::optional<std::uint64_t> remaining) {
  std::string out = "{\"resourceVersion\":\"" + std::to_string(revision) + "\"";
  if (!token.empty()) out += ",\"continue\":\"" + token + "\"";
  if (remaining) out += ",\"remainingItemCount\":" + std::to_string(*remaining);
  return out + "}";
}

const schema::Type* list_type_of(const Call& call) {
  if (call.accepted.view == View::kPartialMetadata) {
    return call.services.types.find("meta.k8s.io", "v1", "PartialObjectMetadataList");
  }
  return call.resource->list_type;
}

}  // namespace

void get_object(const CallPtr& call) {
  auto key = storage::make_key(call->resource->store_id, call->info.name_space, call->info.name);
  if (call->info.resource == "namespaces" || !call->resource->namespaced) {
    key = storage::make_key(call->resource->store_id, "", call->info.name);
  }
  if (!key) return call->answer(from_store(key.error(), call->about()));
  auto wanted = call->info.query.number("resourceVersion");
  if (!wanted) return call->answer(wanted.error());
  const storage::Revision newest = call->services.store.revision();
  if (wanted->value_or(0) > newest) return call->answer(future_revision(**wanted, newest));
  call->services.store.get(*key, storage::kNow, [call](Result<storage::GetResult> got) {
    if (!got) return call->answer(from_store(got.error(), call->about()));
    if (!got->record) return call->answer(not_found(call->about()));
    call->answer(200, got->record->view());
  });
}

void list_objects(const CallPtr& call) {
  auto query = parse_list_query(call->info, *call->resource);
  if (!query) return call->answer(query.error());
  auto prefix = prefix_for(call->info, *call->resource);
  if (!prefix) return call->answer(prefix.error());
  const storage::Revision newest = call->services.store.revision();
  const storage::Revision least = std::max(query->at_least, query->at);
  if (least > newest) return call->answer(future_revision(least, newest));

  struct State {
    ListQuery query;
    std::optional<ListBody> body;
  };
  auto state = std::make_shared<State>();
  state->query = std::move(*query);
  state->body.emplace(*call, state->query);
  storage::ListRequest request;
  request.prefix = *prefix;
  request.after = state->query.after;
  request.at = state->query.at;
  request.limit = std::numeric_limits<std::size_t>::max();
  call->services.store.list(
      std::move(request),
      [state](std::string_view, const storage::RecordView& record) { return state->body->add(record); },
      [call, state, prefix = *prefix](Result<storage::ListEnd> end) {
        if (!end) {
          ApiError error = from_store(end.error(), call->about());
          return call->answer(error);
        }
        if (state->body->error()) return call->answer(*state->body->error());
        std::string token;
        std::optional<std::uint64_t> remaining;
        if (end->more && state->query.limit != 0) {
          token = continue_token(end->revision, end->last);
          const auto all = call->services.store.count(prefix);
          const bool first_page = state->query.after.empty();
          if (first_page && state->query.selects_all() && all && *all > state->body->count()) {
            remaining = *all - state->body->count();
          }
        }
        call->answer_json(200, state->body->finish(list_metadata(end->revision, token, remaining)),
                          list_type_of(*call));
      });
}

}  // namespace troupe::api
