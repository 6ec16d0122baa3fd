#include <limits>
#include <optional>

#include "api/allocation.hpp"
#include "api/custom/definition_rules.hpp"
#include "api/deletion_rules.hpp"
#include "api/list_query.hpp"
#include "api/metadata.hpp"
#include "api/modify.hpp"
#include "api/object_codec.hpp"
#include "api/revision_wait.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

constexpr int kMaxRetries = 5;

struct DeleteOptions {
  std::optional<std::int64_t> grace_seconds;
  std::string uid;               ///< Precondition; empty: none.
  std::string resource_version;  ///< Precondition; empty: none.
  std::string propagation;       ///< "", Orphan, Background, Foreground.
  bool dry = false;
  bool evicted = false;
};

/// orphanDependents: the form of propagationPolicy before Kubernetes 1.7.
ApiStatus read_orphan_dependents(const schema::Node& root, DeleteOptions& options) {
  const schema::Node* orphan = root.find("orphanDependents");
  if (orphan == nullptr || orphan->kind() != schema::Node::Kind::kBool) return {};
  if (!options.propagation.empty()) {
    return refuse(invalid("meta.k8s.io", "DeleteOptions", "",
                          {invalid_value("propagationPolicy", "\"" + options.propagation + "\"",
                                         "orphanDependents and deletionPropagation cannot be both set")}));
  }
  options.propagation = orphan->as_bool() ? "Orphan" : "Background";
  return {};
}

ApiStatus read_dry_run(const schema::Node& root, DeleteOptions& options) {
  const schema::Node* list = root.find("dryRun");
  if (list == nullptr) return {};
  for (const schema::Node& item : list->items()) {
    if (text_at(item, "") == "All") {
      options.dry = true;
      continue;
    }
    std::string given;
    append_json(*list, given);
    return refuse(invalid(
        "meta.k8s.io", "DeleteOptions", "",
        {{"FieldValueNotSupported", "Unsupported value: " + given + R"(: supported values: "All")", "dryRun"}}));
  }
  return {};
}

ApiStatus read_grace(const schema::Node& root, DeleteOptions& options) {
  const schema::Node* seconds = root.find("gracePeriodSeconds");
  if (seconds == nullptr || seconds->is_null()) return {};
  if (!seconds->is_int()) {
    return refuse(bad_request("DeleteOptions: gracePeriodSeconds: a whole number of seconds is needed"));
  }
  options.grace_seconds = seconds->as_int();
  return {};
}

/// From the body and from the query.
ApiStatus check_propagation(const DeleteOptions& options) {
  for (const std::string_view known : {"", "Orphan", "Background", "Foreground"}) {
    if (options.propagation == known) return {};
  }
  return refuse(invalid("meta.k8s.io", "DeleteOptions", "",
                        {{"FieldValueNotSupported",
                          "Unsupported value: \"" + options.propagation +
                              R"(": supported values: "Foreground", "Background", "Orphan", "nil")",
                          "propagationPolicy"}}));
}

ApiResult<DeleteOptions> read_options(const Call& call) {
  DeleteOptions options;
  auto dry = dry_run(call.info);
  if (!dry) return refuse(dry.error());
  options.dry = *dry;
  auto grace = call.info.query.number("gracePeriodSeconds");
  if (!grace) return refuse(grace.error());
  if (grace->has_value()) options.grace_seconds = static_cast<std::int64_t>(**grace);
  options.propagation = call.info.query.get("propagationPolicy");
  if (call.request.body.empty()) {
    if (auto good = check_propagation(options); !good) return refuse(good.error());
    return options;
  }
  const std::string* header = call.request.headers.find("content-type");
  auto media = body_media_type(header != nullptr ? *header : "");
  if (!media) return refuse(media.error());
  const schema::Type* type = call.services.types.find("", "v1", "DeleteOptions");
  if (type == nullptr) return refuse(internal_error("the schema has no DeleteOptions"));
  schema::Diagnostics ignored;
  auto body = parse_body(*media, call.request.body, *type, ignored);
  if (!body) return refuse(body.error());
  const schema::Node& root = body->root();
  // What was meant for something else must not delete.
  const std::string kind = text_at(root, "kind");
  if (!root.is_object() || (!kind.empty() && kind != "DeleteOptions")) {
    return refuse(bad_request("decoded object cannot be converted to DeleteOptions"));
  }
  if (auto read = read_grace(root, options); !read) return refuse(read.error());
  if (const auto text = text_at(root, "propagationPolicy"); !text.empty()) options.propagation = text;
  if (auto old = read_orphan_dependents(root, options); !old) return refuse(old.error());
  options.uid = text_at(root, "preconditions.uid");
  options.resource_version = text_at(root, "preconditions.resourceVersion");
  if (auto dry_list = read_dry_run(root, options); !dry_list) return refuse(dry_list.error());
  if (auto good = check_propagation(options); !good) return refuse(good.error());
  return options;
}

ApiStatus check_preconditions(const DeleteOptions& options, const schema::Node& object, const About& about) {
  const ObjectNames names = names_of(object);
  if (!options.uid.empty() && options.uid != names.uid) {
    return refuse(conflict(about, "Precondition failed: UID in precondition: " + options.uid +
                                      ", UID in object meta: " + std::string(names.uid)));
  }
  if (!options.resource_version.empty() && options.resource_version != names.resource_version) {
    return refuse(conflict(about, "Precondition failed: ResourceVersion in precondition: " + options.resource_version +
                                      ", ResourceVersion in object meta: " + std::string(names.resource_version)));
  }
  return {};
}

/// Seconds the object is given to end by itself; 0 for all but pods that run somewhere.
std::int64_t grace_of(const Resource& resource, const schema::Node& object, const DeleteOptions& options) {
  if (resource.kind != "Pod" || !resource.group.empty() || text_at(object, "spec.nodeName").empty()) return 0;
  const std::string phase = text_at(object, "status.phase");
  if (phase == "Succeeded" || phase == "Failed") return 0;
  const std::string own = text_at(object, "spec.terminationGracePeriodSeconds");
  const std::int64_t wanted = options.grace_seconds ? *options.grace_seconds
                              : own.empty()         ? 30
                                                    : std::strtoll(own.c_str(), nullptr, 10);
  return wanted < 0 ? 1 : wanted;
}

/// What becomes of an object: it goes at once, or is marked and goes when its time or its last finalizer is over.
struct Decision {
  bool erase = false;
  bool unchanged = false;
  schema::Document marked;
};

/// Sets what says that the object is being deleted, and from when on it may be gone.
ApiStatus mark(const Call& call, schema::Document& document, std::int64_t grace) {
  schema::Node& root = document.root();
  schema::Node& metadata = *root.find("metadata");
  const bool is_first = metadata.find("deletionTimestamp") == nullptr;
  const auto end = call.services.env.now() + std::chrono::seconds(grace);
  if (auto set = set_text(document, metadata, "deletionTimestamp", rfc3339(end)); !set) return set;
  if (auto set = set_node(document, metadata, "deletionGracePeriodSeconds", schema::Node(grace)); !set) return set;
  const schema::Node* generation = metadata.find("generation");
  if (is_first && generation != nullptr && generation->is_int() && generation->as_int() > 0) {
    const schema::Node next(generation->as_int() + 1);
    if (auto set = set_node(document, metadata, "generation", next); !set) return set;
  }
  if (!is_namespace(*call.resource)) return {};
  auto status = object_member(document, root, "status");
  if (!status) return refuse(status.error());
  return set_text(document, **status, "phase", "Terminating");
}

ApiResult<Decision> decide(const Call& call, const storage::Record& current, const DeleteOptions& options) {
  Decision decision;
  const Resource& resource = *call.resource;
  auto document = to_document(current.view(), resource);
  if (!document) return refuse(document.error());
  schema::Node& root = document->root();
  if (auto good = check_preconditions(options, root, call.about()); !good) return refuse(good.error());
  schema::Node& metadata = *root.find("metadata");
  const std::string_view name = names_of(root).name;
  if (is_namespace(resource) && (name == "default" || name == "kube-system" || name == "kube-public")) {
    return refuse(forbidden(call.about(), "this namespace may not be deleted"));
  }
  auto changed = set_propagation(*document, options.propagation);
  if (!changed) return refuse(changed.error());
  if (custom::is_definition(resource) && metadata.find("deletionTimestamp") == nullptr) {
    if (auto added = custom::add_cleanup_finalizer(*document); !added) return refuse(added.error());
  }
  const auto holds = [&root](std::string_view part) {
    const schema::Node* holder = root.find(part);
    const schema::Node* list = holder != nullptr ? holder->find("finalizers") : nullptr;
    return list != nullptr && list->size() != 0;
  };
  const std::int64_t grace = grace_of(resource, root, options);
  if (!holds("metadata") && grace == 0 && !(is_namespace(resource) && holds("spec"))) {
    decision.erase = true;
    decision.marked = std::move(*document);
    return decision;
  }
  const schema::Node* before = metadata.find("deletionGracePeriodSeconds");
  const bool marked = metadata.find("deletionTimestamp") != nullptr;
  const bool shorter = before == nullptr || !before->is_int() || grace < before->as_int();
  if (options.evicted) {
    auto told = set_disruption_target(*document, rfc3339(call.services.env.now()));
    if (!told) return refuse(told.error());
    *changed = *changed || *told;
  }
  decision.unchanged = marked && !shorter && !*changed;
  if (!marked || shorter) {
    if (auto set = mark(call, *document, grace); !set) return refuse(set.error());
  }
  decision.marked = std::move(*document);
  return decision;
}

struct Deletion {
  CallPtr call;
  storage::Key key;
  DeleteOptions options;
  std::function<void(const ApiError*, const storage::Record*, bool erased, const std::string& uid)> done;
  int tries = 0;
};
using Task = std::shared_ptr<Deletion>;

void run(const Task& task);

void commit(const Task& task, const storage::Record& current, storage::Record shown, bool erase, std::string uid) {
  storage::Batch batch;
  const auto condition = storage::Condition::at(current.header().revision);
  if (erase) {
    append_releases(task->call->services, *task->call->resource, current.view(), batch);
    batch.erase(task->key, condition);
  } else {
    batch.put(task->key, storage::Record::copy_of(shown.view()), condition);
  }
  const storage::Revision created = current.header().create_revision;
  auto finished = [task, shown = std::move(shown), created, erase,
                   uid = std::move(uid)](Result<storage::Committed> committed) mutable {
    task->call->services.env.post(
        [task, shown = std::move(shown), created, erase, uid = std::move(uid), committed = std::move(committed)] {
          if (committed) {
            const storage::Record record = stamped(shown, committed->revision, created);
            return task->done(nullptr, &record, erase, uid);
          }
          if (committed.error().code == ErrorCode::kConflict && ++task->tries < kMaxRetries) return run(task);
          const ApiError error = from_store(committed.error(), task->call->about());
          task->done(&error, nullptr, false, uid);
        });
  };
  task->call->services.store.commit(std::move(batch), std::move(finished));
}

void remove(const Task& task, const storage::Record& current) {
  const auto fail_with = [&task](const ApiError& error) { task->done(&error, nullptr, false, ""); };
  auto decision = decide(*task->call, current, task->options);
  if (!decision) return fail_with(decision.error());
  const std::string uid(names_of(decision->marked.root()).uid);
  if (decision->unchanged) return task->done(nullptr, &current, false, uid);
  schema::Diagnostics ignored;
  auto record = to_record(decision->marked, *task->call->resource, ignored);
  if (!record) return fail_with(record.error());
  if (task->options.dry) {
    const auto shown = stamped(*record, current.header().revision, current.header().create_revision);
    return task->done(nullptr, &shown, decision->erase, uid);
  }
  commit(task, current, std::move(*record), decision->erase, uid);
}

void run(const Task& task) {
  task->call->services.store.get(task->key, storage::kNow, [task](Result<storage::GetResult> got) {
    if (got && got->record) return remove(task, *got->record);
    const ApiError error = got ? not_found(task->call->about()) : from_store(got.error(), task->call->about());
    task->done(&error, nullptr, false, "");
  });
}

void delete_one(const CallPtr& call, bool evicted) {
  auto options = read_options(*call);
  if (!options) return call->answer(options.error());
  options->evicted = evicted;
  auto key = key_of(*call);
  if (!key) return call->answer(key.error());
  auto task = std::make_shared<Deletion>();
  task->call = call;
  task->key = std::move(*key);
  task->options = std::move(*options);
  task->done = [call](const ApiError* error, const storage::Record* record, bool erased, const std::string& uid) {
    if (error != nullptr) return call->answer(*error);
    // As kube-apiserver: a pod is shown as it was, most others with a Status, all that are still there as they are.
    if (!erased || call->resource->kind == "Pod") return call->answer(200, record->view());
    call->answer_success(200, uid);
  };
  run(task);
}

/// Deletes what a list found, one after the other, and answers with the list.
struct Sweep {
  CallPtr call;
  DeleteOptions options;
  std::vector<storage::Key> keys;
  std::size_t next = 0;
  std::string items;
};

void sweep_next(const std::shared_ptr<Sweep>& sweep) {
  const CallPtr& call = sweep->call;
  if (sweep->next == sweep->keys.size()) {
    std::string json = "{\"kind\":\"" + std::string(call->resource->list_kind) + "\",\"apiVersion\":\"" +
                       call->resource->api_version() + "\",\"metadata\":{\"resourceVersion\":\"" +
                       std::to_string(store_of(call->services, *call->resource).revision()) + "\"},\"items\":[" +
                       sweep->items + "]}";
    return call->answer_json(200, json, call->resource->list_type);
  }
  auto task = std::make_shared<Deletion>();
  task->call = call;
  task->key = sweep->keys[sweep->next++];
  task->options = sweep->options;
  task->done = [sweep](const ApiError* error, const storage::Record* record, bool, const std::string&) {
    if (error != nullptr && error->code != 404) return sweep->call->answer(*error);
    if (record != nullptr) {
      if (!sweep->items.empty()) sweep->items += ",";
      if (auto added = append_json(record->view(), *sweep->call->resource, false, sweep->items); !added) {
        return sweep->call->answer(added.error());
      }
    }
    // Through the queue, so that a long list neither blocks a thread nor grows the stack.
    sweep->call->services.env.post([sweep] { sweep_next(sweep); });
  };
  run(task);
}

}  // namespace

void delete_object(const CallPtr& call) { delete_one(call, false); }

void delete_evicted(const CallPtr& call) { delete_one(call, true); }

void delete_collection(const CallPtr& call) {
  auto options = read_options(*call);
  if (!options) return call->answer(options.error());
  auto query = parse_list_query(call->info, *call->resource);
  if (!query) return call->answer(query.error());
  auto prefix = prefix_for(call->info, *call->resource);
  if (!prefix) return call->answer(prefix.error());
  auto sweep = std::make_shared<Sweep>();
  sweep->call = call;
  sweep->options = std::move(*options);
  storage::ListRequest request;
  request.prefix = *prefix;
  request.limit = std::numeric_limits<std::size_t>::max();
  auto wanted = std::make_shared<ListQuery>(std::move(*query));
  call->services.store.list(
      std::move(request),
      [call, sweep, wanted](std::string_view key, const storage::RecordView& record) {
        if (!wanted->selects_all()) {
          auto document = to_document(record, *call->resource);
          if (!document || !wanted->matches(document->root())) return true;
        }
        if (auto whole = storage::key_from_bytes(key)) sweep->keys.push_back(*whole);
        return wanted->limit == 0 || sweep->keys.size() < wanted->limit;
      },
      [call, sweep](Result<storage::ListEnd> end) {
        if (!end) return call->answer(from_store(end.error(), call->about()));
        sweep_next(sweep);
      });
}

}  // namespace troupe::api
