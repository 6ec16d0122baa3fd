#include "api/deletion_rules.hpp"

#include <algorithm>
#include <utility>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

constexpr std::string_view kOrphan = "orphan";
constexpr std::string_view kForeground = "foregroundDeletion";

const Node* finalizers_of(const Node& object, std::string_view part) {
  const Node* holder = object.find(part);
  const Node* list = holder != nullptr ? holder->find("finalizers") : nullptr;
  return list != nullptr && list->is_array() && list->size() != 0 ? list : nullptr;
}

bool contains(const Node* list, std::string_view text) {
  if (list == nullptr) return false;
  const auto items = list->items();
  return std::any_of(items.begin(), items.end(),
                     [text](const Node& item) { return item.is_string() && item.as_string() == text; });
}

/// spec.finalizers as they were.
ApiStatus keep_spec_finalizers(Document& object, const Node& old) {
  const Node* before = finalizers_of(old, "spec");
  Node* spec = object.root().find("spec");
  if (before == nullptr) {
    if (spec != nullptr) object.erase(*spec, "finalizers");
    return {};
  }
  auto made = object_member(object, object.root(), "spec");
  if (!made) return refuse(made.error());
  auto copied = object.copy(*before);
  if (!copied) return refuse(too_large(copied.error().message));
  return set_node(object, **made, "finalizers", *copied);
}

}  // namespace

bool is_namespace(const Resource& resource) { return resource.group.empty() && resource.kind == "Namespace"; }

bool is_gone(const Node& object, const Resource& resource) {
  const Node* metadata = object.find("metadata");
  if (metadata == nullptr || metadata->find("deletionTimestamp") == nullptr) return false;
  if (finalizers_of(object, "metadata") != nullptr) return false;
  if (is_namespace(resource) && finalizers_of(object, "spec") != nullptr) return false;
  const Node* grace = metadata->find("deletionGracePeriodSeconds");
  return grace == nullptr || (grace->is_int() && grace->as_int() == 0);
}

ApiStatus keep_finalizer_rules(Document& object, const Node& old, const Resource& resource,
                               std::string_view subresource) {
  if (is_namespace(resource) && subresource != "finalize") {
    if (auto kept = keep_spec_finalizers(object, old); !kept) return kept;
  }
  const Node* metadata = old.find("metadata");
  if (metadata == nullptr || metadata->find("deletionTimestamp") == nullptr) return {};
  const Node* wanted = finalizers_of(object.root(), "metadata");
  if (wanted == nullptr) return {};
  const Node* before = finalizers_of(old, "metadata");
  std::string added;
  for (const Node& item : wanted->items()) {
    if (!item.is_string() || contains(before, item.as_string())) continue;
    if (!added.empty()) added += ", ";
    append_json_string(added, item.as_string());
  }
  if (added.empty()) return {};
  const std::string why =
      "no new finalizers can be added if the object is being deleted, found new finalizers []string{" + added + "}";
  return refuse(
      invalid(resource.group, resource.kind, names_of(old).name, {forbidden_field("metadata.finalizers", why)}));
}

ApiResult<bool> set_disruption_target(Document& pod, std::string_view now) {
  constexpr std::string_view kType = "DisruptionTarget";
  constexpr std::string_view kReason = "EvictionByEvictionAPI";
  auto status = object_member(pod, pod.root(), "status");
  if (!status) return refuse(status.error());
  Node* list = (*status)->find("conditions");
  if (list == nullptr || !list->is_array()) {
    auto made = pod.make_array();
    if (!made) return refuse(too_large(made.error().message));
    if (auto set = set_node(pod, **status, "conditions", *made); !set) return refuse(set.error());
    list = (*status)->find("conditions");
  }
  Node* mine = nullptr;
  for (Node& each : list->items()) {
    if (text_at(each, "type") == kType) mine = &each;
  }
  if (mine != nullptr && text_at(*mine, "status") == "True" && text_at(*mine, "reason") == kReason) return false;
  if (mine == nullptr) {
    auto made = pod.make_object();
    auto added = made ? pod.append(*list, *made) : Result<Node*>(fail(made.error()));
    if (!added) return refuse(too_large(added.error().message));
    mine = *added;
  }
  const bool is_new = text_at(*mine, "status") != "True";
  const std::pair<std::string_view, std::string_view> members[] = {
      {"type", kType}, {"status", "True"}, {"reason", kReason}, {"message", "Eviction API: evicting"}};
  for (const auto& [key, value] : members) {
    if (auto set = set_text(pod, *mine, key, value); !set) return refuse(set.error());
  }
  if (!is_new) return true;
  if (auto set = set_text(pod, *mine, "lastTransitionTime", now); !set) return refuse(set.error());
  return true;
}

ApiResult<bool> set_propagation(Document& object, std::string_view propagation) {
  if (propagation.empty()) return false;
  auto metadata = object_member(object, object.root(), "metadata");
  if (!metadata) return refuse(metadata.error());
  const Node* before = finalizers_of(object.root(), "metadata");
  const std::string_view wanted = propagation == "Orphan" ? kOrphan : propagation == "Foreground" ? kForeground : "";
  const bool is_right = (wanted.empty() || contains(before, wanted)) &&
                        (wanted == kOrphan || !contains(before, kOrphan)) &&
                        (wanted == kForeground || !contains(before, kForeground));
  if (is_right) return false;
  auto list = object.make_array();
  if (!list) return refuse(too_large(list.error().message));
  if (before != nullptr) {
    for (const Node& item : before->items()) {
      if (item.is_string() && (item.as_string() == kOrphan || item.as_string() == kForeground)) continue;
      if (auto added = object.append(*list, item); !added) return refuse(too_large(added.error().message));
    }
  }
  if (!wanted.empty()) {
    auto text = object.make_string(wanted);
    auto added = text ? object.append(*list, *text) : fail(text.error());
    if (!added) return refuse(too_large(added.error().message));
  }
  if (list->size() == 0) {
    object.erase(**metadata, "finalizers");
  } else if (auto set = set_node(object, **metadata, "finalizers", *list); !set) {
    return refuse(set.error());
  }
  return true;
}

}  // namespace troupe::api
