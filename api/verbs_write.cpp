#include <string>
#include <tuple>

#include "api/admission/admission.hpp"
#include "api/custom/definition_rules.hpp"
#include "api/kept_only.hpp"
#include "api/managed_fields_request.hpp"
#include "api/metadata.hpp"
#include "api/modify.hpp"
#include "api/object_codec.hpp"
#include "api/patch.hpp"
#include "api/strategy.hpp"
#include "api/validation/validation.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

constexpr int kMaxRetries = 5;

const Resource* namespaces(const Call& call) { return call.services.routes.find("", "v1", "namespaces"); }

struct Creation {
  CallPtr call;
  schema::Document object;  ///< As it was before admission.
  storage::Key key;
  storage::Record record;
  AdmissionPtr admission;
  storage::Revision namespace_revision = 0;
  std::function<void()> exists;
  bool dry = false;
  int tries = 0;
};
using Task = std::shared_ptr<Creation>;

void admit_creation(const Task& task);

/// New content needs a namespace that is there and not going away; the same commit checks that it still is.
void check_namespace(const Task& task) {
  const Call& call = *task->call;
  const Resource* spaces = namespaces(call);
  if (!call.resource->namespaced || spaces == nullptr) return admit_creation(task);
  auto key = storage::make_key(spaces->store_id, "", call.info.name_space);
  if (!key) return task->call->answer(from_store(key.error(), {"", "namespaces", call.info.name_space}));
  call.services.store.get(*key, storage::kNow, [task, spaces](Result<storage::GetResult> got) {
    Call& asked = *task->call;
    const About space{"", "namespaces", asked.info.name_space};
    if (!got) return asked.answer(from_store(got.error(), space));
    if (!got->record) return asked.answer(not_found(space));
    auto document = to_document(got->record->view(), *spaces);
    if (!document) return asked.answer(document.error());
    const schema::Node* metadata = document->root().find("metadata");
    if (metadata != nullptr && metadata->find("deletionTimestamp") != nullptr) {
      ApiError error = forbidden(asked.about(), "unable to create new content in namespace " + asked.info.name_space +
                                                    " because it is being terminated");
      error.causes.push_back({"NamespaceTerminating", "namespace " + asked.info.name_space + " is being terminated",
                              "metadata.namespace"});
      return asked.answer(error);
    }
    task->namespace_revision = got->record->header().revision;
    admit_creation(task);
  });
}

/// Tells whether the conflict is the object itself, which is there by now, or what was to be committed with it.
void after_conflict(const Task& task, const Error& error) {
  task->call->services.store.get(task->key, storage::kNow, [task, error](Result<storage::GetResult> got) {
    Call& asked = *task->call;
    if (got && got->record) {
      if (task->exists) return task->exists();
      return asked.answer(already_exists(asked.about()));
    }
    if (++task->tries < kMaxRetries) return check_namespace(task);
    asked.answer(from_store(
        error.code == ErrorCode::kAlreadyExists ? Error(ErrorCode::kConflict, error.message) : error, asked.about()));
  });
}

void put(const Task& task) {
  const Call& call = *task->call;
  storage::Batch batch = std::move(task->admission->extra);
  batch.put(task->key, storage::Record::copy_of(task->record.view()), storage::Condition::absent());
  if (task->namespace_revision != 0) {
    auto key = storage::make_key(namespaces(call)->store_id, "", call.info.name_space);
    batch.check(*key, storage::Condition::at(task->namespace_revision));
  }
  call.services.store.commit(std::move(batch), [task](Result<storage::Committed> committed) {
    task->call->services.env.post([task, committed = std::move(committed)] {
      Call& asked = *task->call;
      if (committed) return asked.answer(201, stamped(task->record, committed->revision, committed->revision).view());
      const ErrorCode code = committed.error().code;
      if (code == ErrorCode::kConflict || code == ErrorCode::kAlreadyExists) {
        return after_conflict(task, committed.error());
      }
      asked.answer(from_store(committed.error(), asked.about()));
    });
  });
}

/// The object as admission left it: checked, made a record, written.
void finish(const Task& task) {
  Call& call = *task->call;
  schema::Document& object = task->admission->object;
  auto faults = metadata_faults(object.root(), *call.resource);
  for (Cause& fault : object_faults(object.root(), *call.resource)) faults.push_back(std::move(fault));
  if (!faults.empty()) {
    return call.answer(invalid(call.resource->group, call.resource->kind, call.info.name, std::move(faults)));
  }
  schema::Diagnostics unheard;  // all was said about what the client sent
  auto record = to_record(object, *call.resource, unheard);
  if (!record) return call.answer(record.error());
  task->record = std::move(*record);
  if (task->dry) return call.answer(201, task->record.view());
  put(task);
}

void admit_creation(const Task& task) {
  task->admission = std::make_shared<Admission>();
  task->admission->call = task->call;
  task->admission->dry = task->dry;
  auto copied = task->admission->object.copy(task->object.root());
  if (!copied) return task->call->answer(too_large(copied.error().message));
  task->admission->object.root() = *copied;
  admit(task->admission, [task](ApiStatus admitted) {
    if (!admitted) return task->call->answer(admitted.error());
    finish(task);
  });
}

/// Keys that stand twice end the reading where strictness forbids them; what else it forbids is told with them.
ApiError all_that_strictness_forbids(const Call& call, MediaType media) {
  schema::Diagnostics findings(schema::Strictness::kWarn);
  auto object = parse_body(media, call.request.body, *call.resource->type, findings);
  if (object) std::ignore = to_record(*object, *call.resource, findings);
  std::string text;
  for (const std::string& each : findings.warnings()) text += (text.empty() ? "" : ", ") + each;
  return bad_request(std::move(text));
}

ApiResult<schema::Document> read_body(const Call& call, schema::Diagnostics& diagnostics) {
  const std::string* content_type = call.request.headers.find("content-type");
  auto media = body_media_type(content_type != nullptr ? *content_type : "");
  if (!media) return refuse(media.error());
  if (call.resource->custom && *media == MediaType::kProtobuf) {
    return refuse(unsupported_media_type(*content_type, "application/json, application/yaml"));
  }
  auto object = parse_body(*media, call.request.body, *call.resource->type, diagnostics);
  if (object || diagnostics.findings().empty()) return object;
  const bool twice = diagnostics.strictness() == schema::Strictness::kStrict &&
                     diagnostics.findings().front().what == schema::Finding::What::kDuplicateField;
  ApiError error = twice ? all_that_strictness_forbids(call, *media) : object.error();
  return refuse(not_handled(std::move(error), *call.resource, diagnostics));
}

ApiStatus prepare(Call& call, schema::Document& object, schema::Diagnostics& diagnostics, bool tracked) {
  const Resource& resource = *call.resource;
  if (auto good = check_identity(object, resource, call.info); !good) return good;
  if (auto good = sign_request(object, resource, call.info.user.get()); !good) return good;
  if (auto good = apply_defaults(object, resource); !good) return good;
  if (!tracked) {
    if (auto good = track_create(call, object, diagnostics); !good) return good;
  }
  if (auto good = prepare_create(object, resource, call.services.env); !good) return good;
  call.info.name = names_of(object.root()).name;
  auto faults = metadata_faults(object.root(), resource);  // before its name is looked for
  if (faults.empty()) return {};
  for (Cause& fault : object_faults(object.root(), resource)) faults.push_back(std::move(fault));
  return refuse(invalid(resource.group, resource.kind, call.info.name, std::move(faults)));
}

}  // namespace

void create_document(const CallPtr& call, schema::Document object, schema::Diagnostics& diagnostics, Birth birth) {
  auto dry = dry_run(call->info);
  if (!dry) return call->answer(dry.error());
  auto task = std::make_shared<Creation>();
  task->call = call;
  task->exists = std::move(birth.exists);
  if (auto good = prepare(*call, object, diagnostics, birth.tracked); !good) return call->answer(good.error());
  auto key = key_of(*call);
  if (!key) return call->answer(key.error());
  for (std::string& warning : diagnostics.warnings()) call->warnings.push_back(std::move(warning));
  if (custom::is_definition(*call->resource)) {
    for (std::string& warning : custom::definition_warnings(object.root())) {
      call->warnings.push_back(std::move(warning));
    }
  }
  if (std::string warning = idle_warning(*call->resource); !warning.empty())
    call->warnings.push_back(std::move(warning));
  for (std::string& warning : kept_only_warnings(*call->resource, object.root())) {
    call->warnings.push_back(std::move(warning));
  }
  if (call->resource->custom) {
    for (std::string& warning : finalizer_warnings(object.root(), nullptr)) {
      call->warnings.push_back(std::move(warning));
    }
  }
  task->key = std::move(*key);
  task->object = std::move(object);
  task->dry = *dry;
  check_namespace(task);
}

void create_object(const CallPtr& call) {
  auto strictness = field_validation(call->info);
  if (!strictness) return call->answer(strictness.error());
  if (call->resource->namespaced && call->info.name_space.empty()) {
    return call->answer(bad_request("an object of this kind is created in a namespace"));
  }
  schema::Diagnostics diagnostics(*strictness);
  auto object = read_body(*call, diagnostics);
  if (!object) return call->answer(object.error());
  create_document(call, std::move(*object), diagnostics, {});
}

void update_object(const CallPtr& call) {
  const Change change = [call](const schema::Document&, schema::Diagnostics& diagnostics) {
    return read_body(*call, diagnostics);
  };
  ModifyOptions options;
  options.subresource = call->info.subresource;
  modify_object(call, change, std::move(options));
}

void patch_object(const CallPtr& call) {
  static constexpr std::string_view kTypes =
      "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
      "application/apply-patch+yaml";
  const std::string* header = call->request.headers.find("content-type");
  const std::string type = media_essence(header != nullptr ? *header : "");
  if (type == "application/apply-patch+yaml") return apply_object(call);
  const bool json = type == "application/json-patch+json";
  const bool merge = type == "application/merge-patch+json";
  if (call->resource->custom && !json && !merge) {
    return call->answer(unsupported_media_type(
        type, "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"));
  }
  if (!json && !merge && type != "application/strategic-merge-patch+json") {
    return call->answer(unsupported_media_type(type, kTypes));
  }
  if (auto editor = editor_of(*call, false); !editor) return call->answer(editor.error());
  auto parsed = parse_json(call->request.body);
  if (!parsed) return call->answer(parsed.error());
  auto patch = std::make_shared<schema::Document>(std::move(*parsed));
  const Change change = [call, patch, json, merge](const schema::Document& current,
                                                   schema::Diagnostics&) -> ApiResult<schema::Document> {
    schema::Document object;
    auto copied = object.copy(current.root());
    if (!copied) return refuse(too_large(copied.error().message));
    object.root() = *copied;
    ApiStatus applied = json    ? apply_json_patch(object, patch->root())
                        : merge ? apply_merge_patch(object, patch->root())
                                : apply_strategic_merge_patch(object, patch->root(), *call->resource->type);
    if (!applied) {
      ApiError error = applied.error();
      if (error.name.empty() && error.reason != "Invalid") error.name = call->info.name;
      return refuse(std::move(error));
    }
    return object;
  };
  ModifyOptions options;
  options.subresource = call->info.subresource;
  modify_object(call, change, std::move(options));
}

}  // namespace troupe::api
