#include "api/modify.hpp"

#include <algorithm>
#include <charconv>

#include "api/allocation.hpp"
#include "api/custom/definition_rules.hpp"
#include "api/deletion_rules.hpp"
#include "api/kept_only.hpp"
#include "api/managed_fields_request.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/validation/validation.hpp"

namespace troupe::api {

namespace {

using CallPtr = std::shared_ptr<Call>;
constexpr int kMaxRetries = 5;

struct Modification {
  CallPtr call;
  storage::Key key;
  Change change;
  ModifyOptions options;
  bool dry = false;
  int tries = 0;
};
using Task = std::shared_ptr<Modification>;

void run(const Task& task);

/// True when both show the same to clients, whatever order their parts lie in.
ApiResult<bool> is_same_object(const storage::Record& a, const storage::Record& b, const Resource& resource) {
  const auto one = a.payload();
  const auto other = b.payload();
  if (std::equal(one.begin(), one.end(), other.begin(), other.end())) return true;
  if (resource.custom) {  // kept in the order of its members
    auto before = to_document(a.view(), resource);
    auto after = to_document(b.view(), resource);
    if (!before || !after) return refuse(!before ? before.error() : after.error());
    for (schema::Document* each : {&*before, &*after}) {
      if (schema::Node* metadata = each->root().find("metadata")) each->erase(*metadata, "resourceVersion");
    }
    return schema::same_value(before->root(), after->root());
  }
  std::string texts[2];
  for (const auto& [record, text] : {std::pair(&a, &texts[0]), std::pair(&b, &texts[1])}) {
    storage::RecordHeader header = record->header();
    header.revision = 0;
    const storage::RecordView view{&header, record->payload()};
    if (auto written = append_json(view, resource, false, *text); !written) return refuse(written.error());
  }
  return texts[0] == texts[1];
}

void answer(const Task& task, const storage::Record& record) {
  if (task->options.respond) return task->options.respond(task->call, record);
  task->call->answer(200, record.view());
}

/// The resourceVersion that the client based its change on must be the current one.
ApiStatus check_revision(const Task& task, const schema::Node& wanted, storage::Revision current, bool& given) {
  const std::string_view text = names_of(wanted).resource_version;
  given = false;
  if (text.empty() || text == "0") return {};
  storage::Revision revision = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
  if (error != std::errc() || end != text.data() + text.size()) {
    std::string value;
    append_json_string(value, text);
    return refuse(invalid(task->call->info.group, task->call->resource->kind, task->call->info.name,
                          {invalid_value("metadata.resourceVersion", value, "must be an unsigned integer")}));
  }
  if (revision != current) return refuse(modified_meanwhile(task->call->about()));
  given = true;
  return {};
}

schema::Node managed_fields_of(const schema::Node& object) {
  const schema::Node* metadata = object.find("metadata");
  const schema::Node* managed = metadata != nullptr ? metadata->find("managedFields") : nullptr;
  return managed != nullptr ? *managed : schema::Node();
}

/// managedFields follow the change, or are those that the change set (a status takes the old metadata back).
ApiStatus track(const Task& task, schema::Document& object, const schema::Document& old, const schema::Node& managed) {
  if (!task->options.tracked) {
    auto editor = editor_of(*task->call, false);
    if (!editor) return refuse(editor.error());
    return track_update(object, old.root(), false, shape_of(task->call->resource->type), *editor);
  }
  auto metadata = object_member(object, object.root(), "metadata");
  if (!metadata) return refuse(metadata.error());
  if (!managed.is_null()) return set_node(object, **metadata, "managedFields", managed);
  object.erase(**metadata, "managedFields");
  return {};
}

/// What holds for every change that a client makes.
ApiStatus by_the_rules(const Task& task, schema::Document& object, const schema::Document& old,
                       storage::Revision current, schema::Diagnostics& diagnostics, bool& revision_given) {
  const Call& call = *task->call;
  const Resource& resource = *call.resource;
  if (auto same = check_identity(object, resource, call.info); !same) return same;
  // A patch starts from the current object and so carries its revision; a later one is the client's own demand.
  if (auto good = check_revision(task, object.root(), current, revision_given); !good) return good;
  if (call.info.verb == "patch") revision_given = false;
  if (auto filled = apply_defaults(object, resource); !filled) return filled;
  auto normal = normalized(std::move(object), resource, diagnostics);
  if (!normal) return refuse(normal.error());
  object = std::move(*normal);
  if (auto kept = keep_allocated(object, old.root(), resource); !kept) return kept;
  const schema::Node managed = managed_fields_of(object.root());
  if (auto kept = prepare_update(object, old.root(), resource, task->options.subresource, call.info); !kept) {
    return kept;
  }
  if (auto kept = keep_finalizer_rules(object, old.root(), resource, task->options.subresource); !kept) return kept;
  if (auto set = track(task, object, old, managed); !set) return set;
  auto faults = metadata_faults(object.root(), resource);
  for (Cause& fault : change_faults(object.root(), old.root(), resource, task->options.subresource)) {
    faults.push_back(std::move(fault));
  }
  if (faults.empty()) return {};
  return refuse(invalid(resource.group, resource.kind, call.info.name, std::move(faults)));
}

ApiResult<storage::Record> build(const Task& task, const storage::Record& current, schema::Document& out,
                                 bool& revision_given) {
  const Resource& resource = *task->call->resource;
  auto old = to_document(current.view(), resource);
  if (!old) return refuse(old.error());
  auto strictness = field_validation(task->call->info);
  if (!strictness) return refuse(strictness.error());
  schema::Diagnostics diagnostics(*strictness);
  auto wanted = task->change(*old, diagnostics);
  if (!wanted) return refuse(wanted.error());
  out = std::move(*wanted);
  if (!task->options.server_made) {
    if (auto good = by_the_rules(task, out, *old, current.header().revision, diagnostics, revision_given); !good) {
      return refuse(good.error());
    }
  }
  task->call->warnings = task->options.warnings;
  for (std::string& warning : diagnostics.warnings()) task->call->warnings.push_back(std::move(warning));
  if (custom::is_definition(resource) && !task->options.server_made) {
    for (std::string& warning : custom::definition_warnings(out.root())) {
      task->call->warnings.push_back(std::move(warning));
    }
  }
  if (!task->options.server_made) {
    for (std::string& warning : kept_only_warnings(resource, out.root())) {
      task->call->warnings.push_back(std::move(warning));
    }
  }
  if (resource.custom && !task->options.server_made) {
    for (std::string& warning : finalizer_warnings(out.root(), &old->root())) {
      task->call->warnings.push_back(std::move(warning));
    }
  }
  schema::Diagnostics unheard;  // all was said about what the client sent
  auto record = to_record(out, resource, unheard);
  if (!record) return record;
  return with_unknown_of(current.view(), std::move(*record), resource);
}

void commit(const Task& task, const storage::Record& current, storage::Record wanted, bool erase, bool revision_given,
            storage::Batch batch) {
  const storage::Revision at = current.header().revision;
  storage::Record copy = storage::Record::copy_of(wanted.view());
  if (erase) {
    batch = {};
    append_releases(task->call->services, *task->call->resource, current.view(), batch);
    batch.erase(task->key, storage::Condition::at(at));
  } else {
    batch.put(task->key, std::move(wanted), storage::Condition::at(at));
  }
  const storage::Revision created = current.header().create_revision;
  auto done = [task, copy = std::move(copy), created, revision_given](Result<storage::Committed> committed) mutable {
    task->call->services.env.post(
        [task, copy = std::move(copy), created, revision_given, committed = std::move(committed)] {
          if (committed) return answer(task, stamped(copy, committed->revision, created));
          const ErrorCode code = committed.error().code;  // kAlreadyExists: what was to be allocated is taken by now
          const bool again = code == ErrorCode::kAlreadyExists || (code == ErrorCode::kConflict && !revision_given);
          if (again && ++task->tries < kMaxRetries) return run(task);
          task->call->answer(from_store(committed.error(), task->call->about()));
        });
  };
  task->call->services.store.commit(std::move(batch), std::move(done));
}

/// Writes what a change came to, if it changes anything; `extra` goes with it.
void conclude(const Task& task, const storage::Record& current, const schema::Document& wanted, storage::Record record,
              bool revision_given, storage::Batch extra) {
  const bool erase = is_gone(wanted.root(), *task->call->resource);
  auto same = is_same_object(current, record, *task->call->resource);
  if (!same) return task->call->answer(same.error());
  if (!erase && *same) return answer(task, current);
  if (task->dry) return answer(task, stamped(record, current.header().revision, current.header().create_revision));
  commit(task, current, std::move(record), erase, revision_given, std::move(extra));
}

/// The plugins that are about changes of the kind see the object before it is written.
void admit_change(const Task& task, const storage::Record& current, schema::Document wanted, bool revision_given) {
  auto old = to_document(current.view(), *task->call->resource);
  if (!old) return task->call->answer(old.error());
  auto admission = std::make_shared<Admission>();
  admission->call = task->call;
  admission->object = std::move(wanted);
  admission->old = std::move(*old);
  admission->dry = task->dry;
  admit(admission, [task, current, admission, revision_given](ApiStatus admitted) {
    if (!admitted) return task->call->answer(admitted.error());
    schema::Diagnostics unheard;
    auto record = to_record(admission->object, *task->call->resource, unheard);
    if (!record) return task->call->answer(record.error());
    conclude(task, current, admission->object, std::move(*record), revision_given, std::move(admission->extra));
  });
}

void write_change(const Task& task, const storage::Record& current) {
  schema::Document wanted;
  bool revision_given = false;
  auto record = build(task, current, wanted, revision_given);
  if (!record) return task->call->answer(record.error());
  const Resource& resource = *task->call->resource;
  if (resource.group.empty() && resource.kind == "Service" && task->options.subresource.empty()) {
    return admit_change(task, current, std::move(wanted), revision_given);
  }
  conclude(task, current, wanted, std::move(*record), revision_given, {});
}

void absent(const Task& task) {
  if (task->options.absent) return task->options.absent();
  task->call->answer(not_found(task->call->about()));
}

void run(const Task& task) {
  task->call->services.store.get(task->key, storage::kNow, [task](Result<storage::GetResult> got) {
    if (!got) return task->call->answer(from_store(got.error(), task->call->about()));
    if (!got->record) return absent(task);
    write_change(task, *got->record);
  });
}

}  // namespace

std::string_view store_namespace(const RequestInfo& info, const Resource& resource) {
  return resource.namespaced ? std::string_view(info.name_space) : std::string_view();
}

ApiResult<storage::Key> key_of(const Call& call) {
  auto key = storage::make_key(call.resource->store_id, store_namespace(call.info, *call.resource), call.info.name);
  if (!key) return refuse(from_store(key.error(), call.about()));
  return *key;
}

storage::Record stamped(const storage::Record& record, storage::Revision revision, storage::Revision created) {
  storage::Record copy = storage::Record::copy_of(record.view());
  copy.mutable_header().revision = revision;
  copy.mutable_header().create_revision = created;
  return copy;
}

void modify_object(const CallPtr& call, Change change, ModifyOptions options) {
  auto key = key_of(*call);
  if (!key) return call->answer(key.error());
  auto dry = dry_run(call->info);
  if (!dry) return call->answer(dry.error());
  auto task = std::make_shared<Modification>();
  task->call = call;
  task->key = std::move(*key);
  task->change = std::move(change);
  task->options = std::move(options);
  task->dry = *dry;
  run(task);
}

}  // namespace troupe::api
