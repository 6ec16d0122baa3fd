#include "api/metadata.hpp"
#include "api/modify.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

ApiError pod_conflict(const Call& call, std::string_view why) {
  return conflict({"", "pods/binding", call.info.name}, why);
}

/// Sets the condition PodScheduled to True.
ApiStatus mark_scheduled(schema::Document& pod, const std::string& now) {
  auto status = object_member(pod, pod.root(), "status");
  if (!status) return refuse(status.error());
  schema::Node* conditions = (*status)->find("conditions");
  if (conditions == nullptr || !conditions->is_array()) {
    auto made = pod.make_array();
    if (!made) return refuse(too_large(made.error().message));
    auto set = pod.set(**status, "conditions", *made);
    if (!set) return refuse(too_large(set.error().message));
    conditions = *set;
  }
  schema::Node* found = nullptr;
  for (schema::Node& condition : conditions->items()) {
    if (text_at(condition, "type") == "PodScheduled") found = &condition;
  }
  if (found == nullptr) {
    auto made = pod.make_object();
    if (!made) return refuse(too_large(made.error().message));
    auto added = pod.append(*conditions, *made);
    if (!added) return refuse(too_large(added.error().message));
    found = *added;
  }
  for (const auto& [key, value] : {std::pair<std::string_view, std::string_view>{"type", "PodScheduled"},
                                   {"status", "True"},
                                   {"lastTransitionTime", now}}) {
    if (auto set = set_text(pod, *found, key, value); !set) return set;
  }
  pod.erase(*found, "reason");
  pod.erase(*found, "message");
  return {};
}

}  // namespace

void bind_pod(const CallPtr& call) {
  const schema::Type* type = call->services.types.find("", "v1", "Binding");
  if (type == nullptr) return call->answer(internal_error("the schema has no Binding"));
  const std::string* header = call->request.headers.find("content-type");
  auto media = body_media_type(header != nullptr ? *header : "");
  if (!media) return call->answer(media.error());
  schema::Diagnostics diagnostics;
  auto binding = parse_body(*media, call->request.body, *type, diagnostics);
  if (!binding) return call->answer(binding.error());
  const std::string node = text_at(binding->root(), "target.name");
  const std::string kind = text_at(binding->root(), "target.kind");
  if (node.empty()) {
    return call->answer(invalid("", "Binding", call->info.name, {required("target.name")}));
  }
  if (!kind.empty() && kind != "Node") {
    return call->answer(
        invalid("", "Binding", call->info.name,
                {{"FieldValueNotSupported",
                  "Unsupported value: \"" + kind + "\": supported values: \"Node\", \"<empty>\"", "target.kind"}}));
  }
  const std::string uid(names_of(binding->root()).uid);
  const Change change = [call, node, uid](const schema::Document& current,
                                          schema::Diagnostics&) -> ApiResult<schema::Document> {
    const ObjectNames names = names_of(current.root());
    if (!uid.empty() && uid != names.uid) return refuse(pod_conflict(*call, "the pod has another UID"));
    if (!text_at(current.root(), "metadata.deletionTimestamp").empty()) {
      return refuse(pod_conflict(*call, "pod " + call->info.name + " is being deleted, cannot be assigned to a host"));
    }
    if (const std::string at = text_at(current.root(), "spec.nodeName"); !at.empty()) {
      return refuse(pod_conflict(*call, "pod " + call->info.name + " is already assigned to node \"" + at + "\""));
    }
    schema::Document pod;
    auto copied = pod.copy(current.root());
    if (!copied) return refuse(too_large(copied.error().message));
    pod.root() = *copied;
    auto spec = object_member(pod, pod.root(), "spec");
    if (!spec) return refuse(spec.error());
    if (auto set = set_text(pod, **spec, "nodeName", node); !set) return refuse(set.error());
    if (auto marked = mark_scheduled(pod, rfc3339(call->services.env.now())); !marked) return refuse(marked.error());
    return pod;
  };
  ModifyOptions options;
  options.server_made = true;
  options.respond = [](const CallPtr& asked, const storage::Record&) {
    asked->answer_json(201, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})",
                       asked->services.types.find("", "v1", "Status"));
  };
  modify_object(call, change, std::move(options));
}

}  // namespace troupe::api
