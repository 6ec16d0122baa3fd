#include "api/metadata.hpp"

#include <algorithm>
#include <span>

#include "api/custom/version.hpp"
#include "api/object_codec.hpp"
#include "api/status_rules.hpp"
#include "api/strategy.hpp"
#include "schema/codec/time.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

constexpr std::size_t kMaxGeneratedPrefix = 58;  // 63 less the suffix

std::string_view text_of(const Node& object, std::string_view key) {
  const Node* found = object.find(key);
  return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

About about(const Resource& resource, const Node& object) {
  return {resource.group, resource.plural, names_of(object).name};
}

ApiError out_of_room(const Error& error) {
  return error.code == ErrorCode::kTooLarge ? too_large(error.message) : internal_error(error.message);
}

/// Kubernetes counts generations where there is a spec that somebody acts on.
bool has_generation(const Resource& resource) {
  static constexpr std::string_view kWithout[] = {
      "Namespace",     "Node",       "Service", "PersistentVolume",       "PersistentVolumeClaim",
      "ResourceQuota", "LimitRange", "Lease",   "HorizontalPodAutoscaler"};
  if (resource.custom) return true;
  return resource.type->find_json("spec") != nullptr &&
         std::find(std::begin(kWithout), std::end(kWithout), resource.kind) == std::end(kWithout);
}

bool has_status(const Resource& resource) { return resource.find_subresource("status") != nullptr; }

ApiStatus carry_over(Document& object, Node& to, const Node& from, std::string_view key) {
  const Node* value = from.find(key);
  if (value == nullptr) {
    object.erase(to, key);
    return {};
  }
  auto copied = object.copy(*value);
  if (!copied) return refuse(out_of_room(copied.error()));
  return set_node(object, to, key, *copied);
}

/// True when something beside metadata, status and the type differs; a custom kind without a status of its own may
/// have a field of that name.
bool differs_in_spec(const Node& a, const Node& b, const Resource& resource) {
  const bool with_status = resource.custom && !has_status(resource);
  const auto is_spec = [with_status](std::string_view key) {
    return key != "metadata" && (with_status || key != "status") && key != "apiVersion" && key != "kind";
  };
  for (const auto& [left, right] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    for (const schema::Member& member : left->members()) {
      if (!is_spec(member.key)) continue;
      const Node* other = right->find(member.key);
      if (other == nullptr || !schema::same_value(member.value, *other)) return true;
    }
  }
  return false;
}

}  // namespace

ObjectNames names_of(const Node& object) {
  ObjectNames names;
  const Node* metadata = object.find("metadata");
  if (metadata == nullptr) return names;
  names.name = text_of(*metadata, "name");
  names.name_space = text_of(*metadata, "namespace");
  names.uid = text_of(*metadata, "uid");
  names.resource_version = text_of(*metadata, "resourceVersion");
  return names;
}

ApiStatus set_node(Document& document, Node& object, std::string_view key, Node value) {
  if (auto set = document.set(object, key, value); !set) return refuse(out_of_room(set.error()));
  return {};
}

ApiStatus set_text(Document& document, Node& object, std::string_view key, std::string_view value) {
  auto text = document.make_string(value);
  if (!text) return refuse(out_of_room(text.error()));
  return set_node(document, object, key, *text);
}

ApiResult<Node*> object_member(Document& document, Node& object, std::string_view key) {
  if (Node* found = object.find(key); found != nullptr && !found->is_null()) {
    if (!found->is_object()) return refuse(bad_request(std::string(key) + ": expected object"));
    return found;
  }
  auto made = document.make_object();
  if (!made) return refuse(out_of_room(made.error()));
  auto set = document.set(object, key, *made);
  if (!set) return refuse(out_of_room(set.error()));
  return *set;
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  std::string text;
  schema::append_time(text, std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  return text;
}

std::string new_uid(Environment& env) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::uint64_t high = env.random();
  std::uint64_t low = env.random();
  high = (high & ~0xf000ULL) | 0x4000ULL;
  low = (low & ~(3ULL << 62)) | (1ULL << 63);
  std::string text;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text.push_back('-');
    const std::uint64_t word = i < 16 ? high : low;
    text.push_back(kHex[(word >> (60 - 4 * (i % 16))) & 15]);
  }
  return text;
}

ApiStatus check_identity(Document& object, const Resource& resource, const RequestInfo& info) {
  Node& root = object.root();
  if (!root.is_object()) return refuse(bad_request("the body is no object"));
  const std::string api_version = resource.api_version();
  for (const auto& [key, expected] :
       {std::pair<std::string_view, std::string_view>{"apiVersion", api_version}, {"kind", resource.kind}}) {
    const std::string_view given = text_of(root, key);
    if (given.empty()) {
      if (auto set = set_text(object, root, key, expected); !set) return set;
    } else if (given != expected) {
      return refuse(bad_request("the " + std::string(key == "kind" ? "kind" : "API version") + " in the data (" +
                                std::string(given) + ") does not match the expected " +
                                (key == "kind" ? "kind" : "API version") + " (" + std::string(expected) + ")"));
    }
  }
  auto metadata = object_member(object, root, "metadata");
  if (!metadata) return refuse(metadata.error());
  const std::string_view given = text_of(**metadata, "namespace");
  if (!resource.namespaced) {
    object.erase(**metadata, "namespace");
  } else if (given.empty()) {
    if (auto set = set_text(object, **metadata, "namespace", info.name_space); !set) return set;
  } else if (given != info.name_space) {
    return refuse(bad_request("the namespace of the provided object does not match the namespace sent on the request"));
  }
  const std::string_view name = text_of(**metadata, "name");
  if (!info.name.empty() && name.empty()) return set_text(object, **metadata, "name", info.name);
  if (!info.name.empty() && name != info.name) {
    return refuse(bad_request("the name of the object (" + std::string(name) +
                              ") does not match the name on the URL (" + info.name + ")"));
  }
  return {};
}

ApiStatus prepare_create(Document& object, const Resource& resource, Environment& env) {
  Node& root = object.root();
  Node& metadata = *root.find("metadata");
  if (!text_of(metadata, "resourceVersion").empty()) {
    return refuse(bad_request("resourceVersion should not be set on objects to be created"));
  }
  for (const char* key : {"resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    object.erase(metadata, key);
  }
  const std::string_view prefix = text_of(metadata, "generateName");
  if (text_of(metadata, "name").empty() && !prefix.empty()) {
    static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";  // no words, nothing to misread
    std::string name(prefix.substr(0, kMaxGeneratedPrefix));
    for (int i = 0; i < 5; ++i) name.push_back(kAlphabet[env.random() % kAlphabet.size()]);
    if (auto set = set_text(object, metadata, "name", name); !set) return set;
  }
  if (auto set = set_text(object, metadata, "uid", new_uid(env)); !set) return set;
  if (auto set = set_text(object, metadata, "creationTimestamp", rfc3339(env.now())); !set) return set;
  object.erase(metadata, "generation");
  if (has_generation(resource)) {
    if (auto set = set_node(object, metadata, "generation", Node(std::int64_t{1})); !set) return set;
  }
  if (has_status(resource)) object.erase(root, "status");
  return prepare_birth(object, resource);
}

namespace {

/// Of metadata, what only the server decides stays as it was, and what `kept` names.
ApiStatus keep_metadata(Document& object, Node& metadata, const Node& old, std::span<const std::string_view> kept) {
  static constexpr std::string_view kServers[] = {
      "name",       "namespace",         "uid",          "creationTimestamp",
      "generation", "deletionTimestamp", "generateName", "deletionGracePeriodSeconds",
      "selfLink"};
  for (const std::span<const std::string_view> keys : {std::span<const std::string_view>(kServers), kept}) {
    for (const std::string_view key : keys) {
      if (auto carried = carry_over(object, metadata, old, key); !carried) return carried;
    }
  }
  return {};
}

/// Only the status is written, and of metadata what the kind lets it.
ApiStatus prepare_status(Document& object, const Node& old, const Resource& resource) {
  Node& root = object.root();
  for (const schema::Member& member : old.members()) {
    if (member.key == "status" || member.key == "metadata") continue;
    if (auto carried = carry_over(object, root, old, member.key); !carried) return carried;
  }
  std::vector<std::string> extra;
  for (const schema::Member& member : root.members()) {
    if (member.key != "status" && old.find(member.key) == nullptr) extra.emplace_back(member.key);
  }
  for (const std::string& key : extra) object.erase(root, key);
  if (!status_takes_metadata(resource)) return carry_over(object, root, old, "metadata");
  if (auto kept = keep_of_status(object, old, resource); !kept) return kept;
  return keep_metadata(object, *root.find("metadata"), *old.find("metadata"), kept_by_status(resource));
}

}  // namespace

ApiStatus prepare_update(Document& object, const Node& old, const Resource& resource, std::string_view subresource,
                         const RequestInfo& info) {
  Node& root = object.root();
  const Node* old_metadata = old.find("metadata");
  if (old_metadata == nullptr) return refuse(internal_error("a stored object has no metadata"));
  const std::string_view uid = names_of(root).uid;
  if (!uid.empty() && uid != names_of(old).uid) {
    if (info.verb == "patch") {  // asks for no precondition, as a whole object does
      return refuse(invalid(resource.group, resource.kind, info.name,
                            {invalid_value("metadata.uid", "\"" + std::string(uid) + "\"", "field is immutable")}));
    }
    return refuse(conflict(about(resource, old), "Precondition failed: UID in precondition: " + std::string(uid) +
                                                     ", UID in object meta: " + std::string(names_of(old).uid)));
  }
  if (subresource == "status") return prepare_status(object, old, resource);
  static_cast<void>(info);
  if (has_status(resource)) {
    if (auto carried = carry_over(object, root, old, "status"); !carried) return carried;
  }
  Node& metadata = *root.find("metadata");
  if (auto kept = keep_metadata(object, metadata, *old_metadata, {}); !kept) return kept;
  if (has_generation(resource) && differs_in_spec(root, old, resource)) {
    const Node* before = old_metadata->find("generation");
    const std::int64_t next = (before != nullptr && before->is_int() ? before->as_int() : 0) + 1;
    return set_node(object, metadata, "generation", Node(next));
  }
  return {};
}

namespace {

ApiStatus fill_defaults(Document& document, Node& object, const schema::Type& type, int depth) {
  if (!object.is_object() || depth > 64) return {};
  for (const schema::JsonField& at : type.json_fields) {
    const schema::Field& field = *at.field;
    Node* value = object.find(at.name);
    if ((value == nullptr || value->is_null()) && !field.facts->default_json.empty() && at.path.empty()) {
      auto parsed = parse_json(field.facts->default_json);
      if (!parsed) continue;  // a constant of upstream's source code, not a value
      auto copied = document.copy(parsed->root());
      if (!copied) return refuse(out_of_room(copied.error()));
      if (auto set = set_node(document, object, at.name, *copied); !set) return set;
      value = object.find(at.name);
    }
    if (value == nullptr || field.kind != schema::FieldKind::kStruct || field.type == nullptr) continue;
    if (field.shape == schema::FieldShape::kOne) {
      if (auto done = fill_defaults(document, *value, *field.type, depth + 1); !done) return done;
    } else if (field.shape == schema::FieldShape::kList) {
      for (Node& item : value->items()) {
        if (auto done = fill_defaults(document, item, *field.type, depth + 1); !done) return done;
      }
    }
  }
  return {};
}

}  // namespace

ApiStatus apply_defaults(Document& object, const Resource& resource) {
  if (resource.custom) return custom::fill_structural_defaults(object, object.root(), resource.custom->schema);
  if (auto filled = fill_defaults(object, object.root(), *resource.type, 0); !filled) return filled;
  return apply_kind_defaults(object, resource);
}

}  // namespace troupe::api
