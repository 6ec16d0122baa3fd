#include "api/apply.hpp"
#include "api/managed_fields_request.hpp"
#include "api/metadata.hpp"
#include "api/modify.hpp"
#include "api/object_codec.hpp"
#include "api/status_rules.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

constexpr int kMaxRounds = 5;

struct Apply {
  CallPtr call;
  schema::Document configuration;
  Editor editor;
  bool force = false;
  std::vector<std::string> warnings;
  int rounds = 0;
};
using Task = std::shared_ptr<Apply>;

void run(const Task& task);

ApiResult<schema::Document> configured(const Apply& task, const schema::Node& live, bool live_is_new,
                                       schema::Diagnostics& diagnostics) {
  const Resource& resource = *task.call->resource;
  const Application wanted{task.configuration.root(), task.editor, task.force};
  ApplyKind kind;
  kind.kind = resource.kind;
  kind.shape = shape_of(resource.type);
  kind.has_status = resource.find_subresource("status") != nullptr;
  kind.status_takes_metadata = status_takes_metadata(resource);
  kind.kept_by_status = kept_by_status(resource);
  // Defaults first: in normal form some fields that are absent show as zero, and would stay so.
  kind.normalize = [&](schema::Document object) -> ApiResult<schema::Document> {
    if (auto filled = apply_defaults(object, resource); !filled) return refuse(filled.error());
    return normalized(std::move(object), resource, diagnostics);
  };
  auto empty = empty_object(resource);
  if (!empty) return empty;
  kind.empty = &empty->root();
  return apply_configuration(live, live_is_new, wanted, kind);
}

/// The configuration's names must be those of the path: nothing else is merged into another object.
ApiStatus check_names(const Apply& task) {
  const ObjectNames names = names_of(task.configuration.root());
  const RequestInfo& info = task.call->info;
  if (!names.name.empty() && names.name != info.name) {
    return refuse(bad_request("the name of the object (" + std::string(names.name) +
                              ") does not match the name on the URL (" + info.name + ")"));
  }
  return {};
}

/// There is nothing to apply to: the configuration becomes a new object.
void create(const Task& task) {
  const CallPtr& call = task->call;
  if (!call->info.subresource.empty()) return call->answer(not_found(call->about()));
  const ObjectNames names = names_of(task->configuration.root());
  if (!names.uid.empty()) {
    return call->answer(conflict(call->about(), "uid mismatch: the provided object specified uid " +
                                                    std::string(names.uid) + ", and no existing object was found"));
  }
  auto empty = empty_object(*call->resource);
  if (!empty) return call->answer(empty.error());
  schema::Diagnostics diagnostics;
  auto object = configured(*task, empty->root(), true, diagnostics);
  if (!object) return call->answer(object.error());
  auto metadata = object_member(*object, object->root(), "metadata");
  if (!metadata) return call->answer(metadata.error());
  if (auto named = set_text(*object, **metadata, "name", call->info.name); !named) return call->answer(named.error());
  call->warnings = task->warnings;
  Birth birth;
  birth.tracked = true;
  birth.exists = [task] {
    if (++task->rounds < kMaxRounds) return run(task);
    task->call->answer(already_exists(task->call->about()));
  };
  create_document(call, std::move(*object), diagnostics, std::move(birth));
}

void run(const Task& task) {
  ModifyOptions options;
  options.subresource = task->call->info.subresource;
  options.tracked = true;
  options.warnings = task->warnings;
  options.absent = [task] { create(task); };
  const Change change = [task](const schema::Document& current, schema::Diagnostics& diagnostics) {
    return configured(*task, current.root(), false, diagnostics);
  };
  modify_object(task->call, change, std::move(options));
}

}  // namespace

void apply_object(const CallPtr& call) {
  auto strictness = field_validation(call->info);
  if (!strictness) return call->answer(strictness.error());
  auto editor = editor_of(*call, true);
  if (!editor) return call->answer(editor.error());
  // Only keys that stand twice are a question of strictness: unknown fields cannot be owned and are always refused.
  schema::Diagnostics diagnostics(*strictness);
  auto configuration = parse_body(MediaType::kYaml, call->request.body, *call->resource->type, diagnostics);
  if (!configuration) {
    ApiError error = configuration.error();
    error.message = "error decoding YAML: " + error.message;
    return call->answer(error);
  }
  if (auto good = diagnostics.status(); !good) {
    return call->answer(bad_request("error strict decoding YAML: " + good.error().message));
  }
  auto task = std::make_shared<Apply>();
  task->call = call;
  task->configuration = std::move(*configuration);
  task->editor = std::move(*editor);
  task->force = call->info.query.flag("force");
  task->warnings = diagnostics.warnings();
  if (auto good = check_names(*task); !good) return call->answer(good.error());
  run(task);
}

}  // namespace troupe::api
