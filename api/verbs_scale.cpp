#include "api/custom/version.hpp"
#include "api/metadata.hpp"
#include "api/modify.hpp"
#include "api/object_codec.hpp"
#include "api/patch.hpp"
#include "api/selectors.hpp"
#include "api/verbs.hpp"

// NAME/scale shows a workload's replica count as autoscaling/v1 Scale, and writes nothing but that count.
namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

std::int64_t replicas_at(const Node& object, std::string_view path) {
  const std::string text = text_at(object, path);
  return text.empty() ? 0 : std::strtoll(text.c_str(), nullptr, 10);
}

/// matchLabels and matchExpressions as a selector's text; a ReplicationController's selector is a plain map.
std::string selector_text(const Node& object) {
  const Node* spec = object.find("spec");
  const Node* selector = spec != nullptr ? spec->find("selector") : nullptr;
  if (selector == nullptr) return {};
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ",") + part; };
  const Node* labels = selector->find("matchLabels");
  const Node* expressions = selector->find("matchExpressions");
  if (labels == nullptr && expressions == nullptr) labels = selector;
  if (labels != nullptr) {
    for (const schema::Member& label : labels->members()) {
      if (label.value.is_string()) add(std::string(label.key) + "=" + std::string(label.value.as_string()));
    }
  }
  if (expressions == nullptr) return text;
  for (const Node& expression : expressions->items()) {
    const std::string key = text_at(expression, "key");
    const std::string op = text_at(expression, "operator");
    if (op == "Exists") add(key);
    if (op == "DoesNotExist") add("!" + key);
    if (op != "In" && op != "NotIn") continue;
    std::string values;
    if (const Node* list = expression.find("values")) {
      for (const Node& value : list->items()) {
        if (value.is_string()) values.append(values.empty() ? "" : ",").append(value.as_string());
      }
    }
    add(key + (op == "In" ? " in (" : " notin (") + values + ")");
  }
  return text;
}

/// Where a custom kind's definition says the parts of its scale are.
const custom::ScalePaths* scale_paths(const Resource& resource) {
  return resource.custom && resource.custom->scale ? &*resource.custom->scale : nullptr;
}

const Node* node_at(const Node& object, const std::vector<std::string>& names) {
  const Node* node = &object;
  for (const std::string& name : names) {
    node = node->find(name);
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::int64_t number_at(const Node& object, const std::vector<std::string>& names) {
  const Node* node = node_at(object, names);
  return node != nullptr && node->is_int() ? node->as_int() : 0;
}

struct ScaleParts {
  std::int64_t wanted = 0;
  std::int64_t current = 0;
  std::string selector;
};

ScaleParts scale_parts(const Node& object, const Resource& resource) {
  const custom::ScalePaths* paths = scale_paths(resource);
  if (paths == nullptr) {
    return {replicas_at(object, "spec.replicas"), replicas_at(object, "status.replicas"), selector_text(object)};
  }
  ScaleParts parts{number_at(object, paths->spec_replicas), number_at(object, paths->status_replicas), ""};
  const Node* selector = paths->selector.empty() ? nullptr : node_at(object, paths->selector);
  if (selector != nullptr && selector->is_string()) parts.selector = selector->as_string();
  return parts;
}

std::string scale_json(const Node& object, const Resource& resource) {
  const ScaleParts parts = scale_parts(object, resource);
  std::string out = R"({"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{)";
  bool first = true;
  for (const std::string_view key : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    const std::string value = text_at(object, "metadata." + std::string(key));
    if (value.empty()) continue;
    out.append(first ? "\"" : ",\"").append(key).append("\":");
    append_json_string(out, value);
    first = false;
  }
  out += "},\"spec\":{\"replicas\":" + std::to_string(parts.wanted);
  out += "},\"status\":{\"replicas\":" + std::to_string(parts.current) + ",\"selector\":";
  append_json_string(out, parts.selector);
  return out + "}}";
}

void answer_scale(const CallPtr& call, const storage::Record& record) {
  auto object = to_document(record.view(), *call->resource);
  if (!object) return call->answer(object.error());
  const custom::ScalePaths* paths = scale_paths(*call->resource);
  if (paths != nullptr && node_at(object->root(), paths->spec_replicas) == nullptr) {
    std::string path;
    for (const std::string& name : paths->spec_replicas) path += "." + name;
    return call->answer(internal_error("the spec replicas field \"" + path + "\" does not exist"));
  }
  call->answer_json(200, scale_json(object->root(), *call->resource),
                    call->services.types.find("autoscaling", "v1", "Scale"));
}

/// The Scale that the client wants, from its body or by its patch of the current one.
ApiResult<Document> wanted_scale(const Call& call, const Document& current) {
  const std::string* header = call.request.headers.find("content-type");
  const std::string type = media_essence(header != nullptr ? *header : "");
  const schema::Type* scale_type = call.services.types.find("autoscaling", "v1", "Scale");
  if (scale_type == nullptr) return refuse(internal_error("the schema has no Scale"));
  if (call.info.verb == "update") {
    auto media = body_media_type(type);
    if (!media) return refuse(media.error());
    schema::Diagnostics ignored;
    return parse_body(*media, call.request.body, *scale_type, ignored);
  }
  auto scale = parse_json(scale_json(current.root(), *call.resource));
  if (!scale) return scale;
  auto patch = parse_json(call.request.body);
  if (!patch) return patch;
  ApiStatus applied;
  if (type == "application/json-patch+json") {
    applied = apply_json_patch(*scale, patch->root());
  } else if (type == "application/merge-patch+json") {
    applied = apply_merge_patch(*scale, patch->root());
  } else if (type == "application/strategic-merge-patch+json") {
    applied = apply_strategic_merge_patch(*scale, patch->root(), *scale_type);
  } else {
    return refuse(unsupported_media_type(type,
                                         "application/json-patch+json, application/merge-patch+json, "
                                         "application/strategic-merge-patch+json"));
  }
  if (!applied) return refuse(applied.error());
  return scale;
}

ApiStatus set_replicas(Document& object, const Resource& resource, std::int64_t replicas) {
  static const std::vector<std::string> kUsual = {"spec", "replicas"};
  const custom::ScalePaths* paths = scale_paths(resource);
  const std::vector<std::string>& names = paths != nullptr ? paths->spec_replicas : kUsual;
  Node* at = &object.root();
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    auto next = object_member(object, *at, names[i]);
    if (!next) return refuse(next.error());
    at = *next;
  }
  return set_node(object, *at, names.back(), Node(replicas));
}

}  // namespace

void scale_object(const CallPtr& call) {
  if (call->info.verb == "get") {
    auto key = key_of(*call);
    if (!key) return call->answer(key.error());
    call->services.store.get(*key, storage::kNow, [call](Result<storage::GetResult> got) {
      if (!got) return call->answer(from_store(got.error(), call->about()));
      if (!got->record) return call->answer(not_found(call->about()));
      answer_scale(call, *got->record);
    });
    return;
  }
  const Change change = [call](const Document& current, schema::Diagnostics&) -> ApiResult<Document> {
    auto scale = wanted_scale(*call, current);
    if (!scale) return scale;
    const std::string revision = text_at(scale->root(), "metadata.resourceVersion");
    if (call->info.verb == "update" && !revision.empty() && revision != names_of(current.root()).resource_version) {
      return refuse(modified_meanwhile(call->about()));
    }
    const std::int64_t replicas = replicas_at(scale->root(), "spec.replicas");
    if (replicas < 0) {
      return refuse(
          invalid("autoscaling", "Scale", call->info.name,
                  {invalid_value("spec.replicas", std::to_string(replicas), "must be greater than or equal to 0")}));
    }
    Document object;
    auto copied = object.copy(current.root());
    if (!copied) return refuse(too_large(copied.error().message));
    object.root() = *copied;
    if (auto set = set_replicas(object, *call->resource, replicas); !set) return refuse(set.error());
    return object;
  };
  ModifyOptions options;
  options.subresource = "scale";
  options.respond = answer_scale;
  modify_object(call, change, std::move(options));
}

}  // namespace troupe::api
