#include "api/managed_fields_request.hpp"

#include <algorithm>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

using schema::Document;

constexpr std::size_t kMaxManager = 128;

/// Upstream asks whether it is printable Unicode; what is not ASCII is taken as such.
bool is_printable(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; }

std::string user_agent_manager(const Call& call) {
  const std::string* agent = call.request.headers.find("user-agent");
  if (agent == nullptr) return {};
  std::string out = agent->substr(0, agent->find('/'));
  std::erase_if(out, [](char c) { return !is_printable(c); });
  if (out.size() > kMaxManager) out.resize(kMaxManager);
  return out;
}

std::vector<Cause> option_faults(const Query& query, bool apply, bool patch) {
  std::vector<Cause> causes;
  const std::string_view manager = query.get("fieldManager");
  if (apply && manager.empty()) causes.push_back(required("fieldManager", "is required for apply patch"));
  if (patch && !apply && query.has("force")) {
    causes.push_back(forbidden_field("force", "may not be specified for non-apply patch"));
  }
  if (manager.size() > kMaxManager) {
    causes.push_back({"FieldValueTooLong", "Too long: may not be more than 128 bytes", "fieldManager"});
  }
  if (!std::all_of(manager.begin(), manager.end(), is_printable)) {
    std::string value;
    append_json_string(value, manager);
    causes.push_back(invalid_value("fieldManager", value, "should only contain printable characters"));
  }
  return causes;
}

}  // namespace

ApiResult<Editor> editor_of(const Call& call, bool apply) {
  const std::string& verb = call.info.verb;
  if (auto faults = option_faults(call.info.query, apply, verb == "patch"); !faults.empty()) {
    return refuse(invalid("meta.k8s.io", options_kind(verb), "", std::move(faults)));
  }
  Editor editor;
  editor.manager = call.info.query.get("fieldManager");
  if (editor.manager.empty()) editor.manager = user_agent_manager(call);
  editor.api_version = call.resource->api_version();
  editor.subresource = call.info.subresource;
  editor.time = rfc3339(call.services.env.now());
  return editor;
}

ApiResult<Document> normalized(Document object, const Resource& resource, schema::Diagnostics& diagnostics) {
  const std::string revision(names_of(object.root()).resource_version);
  auto record = to_record(object, resource, diagnostics);
  if (!record) return refuse(record.error());
  auto normal = to_document(record->view(), resource);
  if (!normal) return normal;
  auto metadata = object_member(*normal, normal->root(), "metadata");
  if (!metadata) return refuse(metadata.error());
  if (revision.empty()) {
    normal->erase(**metadata, "resourceVersion");
  } else if (auto set = set_text(*normal, **metadata, "resourceVersion", revision); !set) {
    return refuse(set.error());
  }
  return normal;
}

ApiResult<Document> empty_object(const Resource& resource) {
  auto nothing = parse_json("{}");
  if (!nothing) return nothing;
  schema::Diagnostics ignored;
  return normalized(std::move(*nothing), resource, ignored);
}

ApiStatus track_create(const Call& call, Document& object, schema::Diagnostics& diagnostics) {
  auto editor = editor_of(call, false);
  if (!editor) return refuse(editor.error());
  auto normal = normalized(std::move(object), *call.resource, diagnostics);
  if (!normal) return refuse(normal.error());
  object = std::move(*normal);
  auto empty = empty_object(*call.resource);
  if (!empty) return refuse(empty.error());
  if (call.resource->find_subresource("status") != nullptr) {  // is not the creator's to write
    object.erase(object.root(), "status");
    empty->erase(empty->root(), "status");
  }
  return track_update(object, empty->root(), true, shape_of(call.resource->type), *editor);
}

}  // namespace troupe::api
