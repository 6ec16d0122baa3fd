#include "actors/controllers/requests.hpp"

#include <algorithm>

#include "schema/codec/json_text.hpp"

namespace troupe::controllers {
namespace {

ApiRequest patch(const Catalogue& catalogue, const ObjectMeta& object, std::string_view type, std::string members) {
  ApiRequest request;
  request.method = "PATCH";
  request.target = target_of(catalogue, object);
  request.content_type = type;
  request.body = R"({"metadata":{"uid":)" + quoted(object.uid) + R"(,"resourceVersion":")" +
                 std::to_string(object.revision) + "\"," + std::move(members) + "}}";
  return request;
}

/// All references as they stand, but some and with none that blocks if so wished: a custom kind's patch cannot name
/// one.
std::string owners_json(const ObjectMeta& object, const std::vector<std::string>& without, bool unblock) {
  std::string out = "\"ownerReferences\":[";
  bool first = true;
  for (const OwnerLink& owner : object.owners) {
    if (std::find(without.begin(), without.end(), owner.uid) != without.end()) continue;
    out += first ? "{" : ",{";
    first = false;
    out += "\"apiVersion\":" + quoted(owner.api_version) + ",\"kind\":" + quoted(owner.kind) +
           ",\"name\":" + quoted(owner.name) + ",\"uid\":" + quoted(owner.uid);
    if (owner.controller) out += ",\"controller\":true";
    if (owner.block_owner_deletion) out += std::string(",\"blockOwnerDeletion\":") + (unblock ? "false" : "true");
    out += "}";
  }
  return out + "]";
}

ApiRequest owners_patch(const Catalogue& catalogue, const ObjectMeta& object, const std::vector<std::string>& without,
                        bool unblock) {
  return patch(catalogue, object, "application/merge-patch+json", owners_json(object, without, unblock));
}

}  // namespace

std::string quoted(std::string_view text) {
  schema::ByteBuffer out;
  schema::append_json_string(out, text);
  return std::string(out.view());
}

ApiTarget target_of(const Catalogue& catalogue, const ObjectMeta& object) {
  const CatalogueEntry& entry = catalogue[object.resource];
  return {entry.group, entry.version, entry.plural, object.ns, object.name, ""};
}

ApiRequest delete_request(const Catalogue& catalogue, const ObjectMeta& object, std::string_view propagation,
                          bool same_revision) {
  ApiRequest request;
  request.method = "DELETE";
  request.target = target_of(catalogue, object);
  request.body = R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":)" + quoted(propagation) +
                 R"(,"preconditions":{"uid":)" + quoted(object.uid);
  if (same_revision) request.body += R"(,"resourceVersion":")" + std::to_string(object.revision) + "\"";
  request.body += "}}";
  return request;
}

ApiRequest drop_owners_request(const Catalogue& catalogue, const ObjectMeta& object,
                               const std::vector<std::string>& uids) {
  if (catalogue[object.resource].custom) return owners_patch(catalogue, object, uids, false);
  std::string members = "\"ownerReferences\":[";
  for (std::size_t i = 0; i < uids.size(); ++i) {
    members += std::string(i == 0 ? "" : ",") + R"({"$patch":"delete","uid":)" + quoted(uids[i]) + "}";
  }
  return patch(catalogue, object, "application/strategic-merge-patch+json", members + "]");
}

ApiRequest unblock_request(const Catalogue& catalogue, const ObjectMeta& object) {
  if (catalogue[object.resource].custom) return owners_patch(catalogue, object, {}, true);
  std::string members = "\"ownerReferences\":[";
  for (std::size_t i = 0; i < object.owners.size(); ++i) {
    members +=
        std::string(i == 0 ? "" : ",") + R"({"blockOwnerDeletion":false,"uid":)" + quoted(object.owners[i].uid) + "}";
  }
  return patch(catalogue, object, "application/strategic-merge-patch+json", members + "]");
}

ApiRequest remove_finalizer_request(const Catalogue& catalogue, const ObjectMeta& object, std::string_view finalizer) {
  std::string members = "\"finalizers\":[";
  bool first = true;
  for (const std::string& one : object.finalizers) {
    if (one == finalizer) continue;
    if (!first) members += ",";
    first = false;
    members += quoted(one);
  }
  return patch(catalogue, object, "application/merge-patch+json", members + "]");
}

bool is_transient(const ApiAnswer& answer) { return answer.code == 429 || answer.code >= 500; }

}  // namespace troupe::controllers
