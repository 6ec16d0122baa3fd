#include "actors/controllers/namespace_controller.hpp"
#include "schema/codec/json.hpp"

namespace troupe::controllers {
namespace {

using schema::Document;
using schema::Node;

bool parse(const std::string& text, Document& out) {
  schema::JsonDecoder decoder;
  schema::Diagnostics diagnostics;
  return decoder.parse(text, out, diagnostics) && out.root().is_object();
}

std::string json_of(const Node& node) {
  schema::ByteBuffer out;
  schema::encode_json(node, out);
  return std::string(out.view());
}

std::string_view text_of(const Node& object, std::string_view key) {
  const Node* value = object.find(key);
  return value != nullptr && value->is_string() ? value->as_string() : std::string_view();
}

bool set_text(Document& document, Node& object, std::string_view key, std::string_view value) {
  auto text = document.make_string(value);
  return text && document.set(object, key, *text);
}

/// "pods. has 2 resource instances, secrets. has 1 resource instances"
std::string joined(const std::map<std::string, std::size_t>& counts, std::string_view between) {
  std::string out;
  for (const auto& [name, count] : counts) {
    if (!out.empty()) out += ", ";
    out.append(name).append(between).append(std::to_string(count)).append(" resource instances");
  }
  return out;
}

/// The list at `key` of an object, made when it is not there.
Node* list_at(Document& document, Node& object, std::string_view key) {
  if (Node* found = object.find(key); found != nullptr && found->is_array()) return found;
  auto made = document.make_array();
  if (!made) return nullptr;
  auto set = document.set(object, key, *made);
  return set ? *set : nullptr;
}

Node* find_condition(Node& list, std::string_view type) {
  for (Node& item : list.items()) {
    if (text_of(item, "type") == type) return &item;
  }
  return nullptr;
}

}  // namespace

std::vector<NamespaceCondition> conditions_of(const Remaining& remaining) {
  std::vector<NamespaceCondition> out;
  out.push_back(
      {"NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered"});
  out.push_back({"NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
                 "All legacy kube types successfully parsed"});
  const bool failed = !remaining.failure.empty();
  out.push_back({"NamespaceDeletionContentFailure", failed, failed ? "ContentDeletionFailed" : "ContentDeleted",
                 failed ? "Failed to delete all resource types, 1 remaining: " + remaining.failure
                        : "All content successfully deleted, may be waiting on finalization"});
  const bool content = !remaining.resources.empty();
  out.push_back({"NamespaceContentRemaining", content, content ? "SomeResourcesRemain" : "ContentRemoved",
                 content ? "Some resources are remaining: " + joined(remaining.resources, " has ")
                         : "All content successfully removed"});
  const bool finalizers = !remaining.finalizers.empty();
  out.push_back(
      {"NamespaceFinalizersRemaining", finalizers, finalizers ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
       finalizers ? "Some content in the namespace has finalizers remaining: " + joined(remaining.finalizers, " in ")
                  : "All content-preserving finalizers finished"});
  return out;
}

std::string with_conditions(const std::string& object, const std::vector<NamespaceCondition>& conditions,
                            const std::string& now) {
  Document document;
  if (!parse(object, document)) return {};
  Node* status = document.root().find("status");
  if (status == nullptr || !status->is_object()) return {};
  Node* list = list_at(document, *status, "conditions");
  if (list == nullptr) return {};
  bool changed = false;
  for (const NamespaceCondition& wanted : conditions) {
    Node* found = find_condition(*list, wanted.type);
    if (found == nullptr) {
      auto made = document.make_object();
      auto added = made ? document.append(*list, *made) : fail(made.error());
      if (!added) return {};
      found = *added;
    }
    const std::string_view value = wanted.is_true ? "True" : "False";
    const bool same_status = text_of(*found, "status") == value;
    if (same_status && text_of(*found, "reason") == wanted.reason && text_of(*found, "message") == wanted.message) {
      continue;
    }
    changed = true;
    bool good = set_text(document, *found, "type", wanted.type) && set_text(document, *found, "status", value) &&
                set_text(document, *found, "reason", wanted.reason) &&
                set_text(document, *found, "message", wanted.message);
    if (!same_status) good = good && set_text(document, *found, "lastTransitionTime", now);
    if (!good) return {};
  }
  return changed ? json_of(document.root()) : std::string();
}

std::string without_kubernetes_finalizer(const std::string& object) {
  Document document;
  if (!parse(object, document)) return {};
  Node* spec = document.root().find("spec");
  Node* finalizers = spec != nullptr ? spec->find("finalizers") : nullptr;
  if (finalizers == nullptr || !finalizers->is_array()) return {};
  for (std::size_t i = 0; i < finalizers->size(); ++i) {
    const Node& item = finalizers->items()[i];
    if (!item.is_string() || item.as_string() != "kubernetes") continue;
    document.erase_item(*finalizers, i);
    return json_of(document.root());
  }
  return {};
}

}  // namespace troupe::controllers
