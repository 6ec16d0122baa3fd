#include <algorithm>
#include <string>

#include "api/metadata.hpp"
#include "api/names.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"

// What is wrong with an object's metadata, in Kubernetes' words.
namespace troupe::api {

namespace {

using schema::Node;

constexpr std::size_t kMaxAnnotations = 256 * 1024;

std::string json_of(const Node& value) {
  std::string out;
  append_json(value, out);
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void label_faults(const Node& metadata, std::vector<Cause>& causes) {
  const Node* labels = metadata.find("labels");
  if (labels == nullptr) return;
  for (const schema::Member& label : labels->members()) {
    if (auto fault = label_key_fault(label.key); !fault.empty()) {
      causes.push_back(invalid_value("metadata.labels", quoted(label.key), fault));
    }
    if (!label.value.is_string()) continue;
    if (auto fault = label_value_fault(label.value.as_string()); !fault.empty()) {
      causes.push_back(invalid_value("metadata.labels", json_of(label.value), fault));
    }
  }
}

void annotation_faults(const Node& metadata, std::vector<Cause>& causes) {
  const Node* annotations = metadata.find("annotations");
  if (annotations == nullptr) return;
  std::size_t total = 0;
  for (const schema::Member& annotation : annotations->members()) {
    std::string key(annotation.key);
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    if (auto fault = label_key_fault(key); !fault.empty()) {
      causes.push_back(invalid_value("metadata.annotations", quoted(annotation.key), fault));
    }
    total += annotation.key.size();
    if (annotation.value.is_string()) total += annotation.value.as_string().size();
  }
  if (total > kMaxAnnotations) {
    causes.push_back({"FieldValueTooLong",
                      "Too long: may not be more than " + std::to_string(kMaxAnnotations) + " bytes",
                      "metadata.annotations"});
  }
}

/// Custom kinds and what defines them have always had finalizers without a path.
bool wants_domain(const Resource& resource) {
  return !resource.custom && resource.group != "apiextensions.k8s.io" && resource.group != "apiregistration.k8s.io";
}

bool is_standard_finalizer(std::string_view name) {
  return name == "kubernetes" || name == "orphan" || name == "foregroundDeletion";
}

void finalizer_faults(const Node& metadata, const Resource& resource, std::vector<Cause>& causes) {
  const Node* finalizers = metadata.find("finalizers");
  if (finalizers == nullptr) return;
  for (std::size_t i = 0; i < finalizers->items().size(); ++i) {
    const Node& item = finalizers->items()[i];
    if (!item.is_string()) continue;
    const std::string_view name = item.as_string();
    const std::string field = "metadata.finalizers[" + std::to_string(i) + "]";
    if (auto fault = label_key_fault(name); !fault.empty()) {
      causes.push_back(invalid_value(field, quoted(name), fault));
    } else if (wants_domain(resource) && name.find('/') == std::string_view::npos && !is_standard_finalizer(name)) {
      causes.push_back(
          invalid_value(field, quoted(name), "name is neither a standard finalizer name nor is it fully qualified"));
    }
  }
}

void owner_faults(const Node& owner, const std::string& field, std::vector<Cause>& causes) {
  const std::string version = text_at(owner, "apiVersion");
  if (version.empty() || version.ends_with('/')) {
    causes.push_back(invalid_value(field + ".apiVersion", quoted(version), "version must not be empty"));
  }
  for (const std::string_view key : {"kind", "name", "uid"}) {
    if (!text_at(owner, key).empty()) continue;
    causes.push_back(invalid_value(field + "." + std::string(key), "\"\"", "must not be empty"));
  }
  if (version == "v1" && text_at(owner, "kind") == "Event") {
    causes.push_back(invalid_value(field, json_of(owner), "/v1, Kind=Event is disallowed from being an owner"));
  }
}

void owners_faults(const Node& metadata, std::vector<Cause>& causes) {
  const Node* owners = metadata.find("ownerReferences");
  if (owners == nullptr) return;
  std::string controller;
  bool controlled = false;
  for (std::size_t i = 0; i < owners->items().size(); ++i) {
    const Node& owner = owners->items()[i];
    owner_faults(owner, "metadata.ownerReferences[" + std::to_string(i) + "]", causes);
    if (text_at(owner, "controller") != "true") continue;
    if (controlled) {
      causes.push_back(invalid_value("metadata.ownerReferences", json_of(*owners),
                                     "Only one reference can have Controller set to true. Found \"true\" in references "
                                     "for " +
                                         controller + " and " + text_at(owner, "name")));
    } else {
      controller = text_at(owner, "name");
    }
    controlled = true;
  }
}

}  // namespace

std::vector<Cause> metadata_faults(const Node& object, const Resource& resource) {
  std::vector<Cause> causes;
  const Node* metadata = object.find("metadata");
  if (metadata == nullptr) return causes;
  const std::string prefix = text_at(*metadata, "generateName");
  if (!prefix.empty()) {  // what follows a dash at its end makes it a name
    auto fault = object_name_fault(resource.group, resource.plural,
                                   prefix.ends_with('-') ? prefix.substr(0, prefix.size() - 1) + "a" : prefix);
    if (!fault.empty()) causes.push_back(invalid_value("metadata.generateName", quoted(prefix), fault));
  }
  const std::string name = text_at(*metadata, "name");
  if (name.empty()) {
    causes.push_back(required("metadata.name", "name or generateName is required"));
  } else if (auto fault = object_name_fault(resource.group, resource.plural, name); !fault.empty()) {
    causes.push_back(invalid_value("metadata.name", quoted(name), fault));
  }
  label_faults(*metadata, causes);
  annotation_faults(*metadata, causes);
  owners_faults(*metadata, causes);
  finalizer_faults(*metadata, resource, causes);
  return causes;
}

std::vector<std::string> finalizer_warnings(const Node& object, const Node* old) {
  std::vector<std::string> warnings;
  const Node* metadata = object.find("metadata");
  const Node* finalizers = metadata != nullptr ? metadata->find("finalizers") : nullptr;
  if (finalizers == nullptr) return warnings;
  const Node* old_metadata = old != nullptr ? old->find("metadata") : nullptr;
  const Node* before = old_metadata != nullptr ? old_metadata->find("finalizers") : nullptr;
  for (const Node& item : finalizers->items()) {
    if (!item.is_string() || item.as_string().find('/') != std::string_view::npos) continue;
    const auto same = [&item](const Node& other) { return schema::same_value(item, other); };
    const bool known = before != nullptr && std::any_of(before->items().begin(), before->items().end(), same);
    if (known || is_standard_finalizer(item.as_string())) continue;
    warnings.push_back("metadata.finalizers: " + json_of(item) +
                       ": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts "
                       "with other finalizer writers");
  }
  return warnings;
}

}  // namespace troupe::api
