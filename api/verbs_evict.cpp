#include <algorithm>
#include <string>

#include "api/admission/admission.hpp"
#include "api/defaults_pod.hpp"
#include "api/metadata.hpp"
#include "api/modify.hpp"
#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"
#include "api/validation/label_match.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

using schema::Node;

constexpr std::size_t kMaxDisrupted = 2000;  ///< Evictions of a budget that its controller has not confirmed.

/// `seconds`: when to ask again; 0 leaves that to the client, as Kubernetes does where nobody knows.
ApiError violates(const std::string& cause, int seconds) {
  ApiError error = too_many_requests("Cannot evict pod as it would violate the pod's disruption budget.", seconds);
  error.causes.push_back({"DisruptionBudget", cause, ""});
  return error;
}

ApiError in_work(const std::string& budget) {
  return violates("The disruption budget " + budget + " is still being processed by the server.", 10);
}

/// Shows a deletion that worked as the Status that evictions are answered with. `unready_by` names the budget that let
/// a pod go because it was not ready: should the pod have changed meanwhile, the client is to ask again.
class EvictionAnswer final : public net::ResponseWriter {
 public:
  EvictionAnswer(std::shared_ptr<net::ResponseWriter> to, std::string unready_by)
      : to_(std::move(to)), unready_by_(std::move(unready_by)) {}

  void respond(net::HttpResponse response) override {
    if (response.status == 409 && !unready_by_.empty()) response = error_response(in_work(unready_by_));
    if (response.status >= 200 && response.status < 300) {
      response.status = 201;
      response.headers.set("Content-Type", "application/json");
      response.body = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})";
    }
    to_->respond(std::move(response));
  }
  void start(net::HttpResponse response) override { to_->start(std::move(response)); }
  bool write(net::SharedBytes bytes) override { return to_->write(std::move(bytes)); }
  void finish() override { to_->finish(); }
  void abort() override { to_->abort(); }
  std::size_t buffered() const override { return to_->buffered(); }
  void on_drain(std::function<void()> drained) override { to_->on_drain(std::move(drained)); }
  void on_close(std::function<void()> closed) override { to_->on_close(std::move(closed)); }

 private:
  std::shared_ptr<net::ResponseWriter> to_;
  std::string unready_by_;
};

/// The pod goes as by DELETE with the eviction's deleteOptions.
void delete_pod(const CallPtr& call, const std::string& options, std::string unready_by = {}) {
  call->request.body = options;
  call->request.headers.set("Content-Type", "application/json");
  call->accepted = {};
  call->info.subresource.clear();
  call->writer = std::make_shared<EvictionAnswer>(call->writer, std::move(unready_by));
  delete_evicted(call);
}

bool is_ready(const Node& pod) {
  const Node* conditions = member(member(pod, "status"), "conditions");
  if (conditions == nullptr) return false;
  return std::any_of(conditions->items().begin(), conditions->items().end(), [](const Node& each) {
    return text_member(each, "type") == "Ready" && text_member(each, "status") == "True";
  });
}

/// A pod that is not ready counts for no budget, so it goes without taking a disruption: always where the policy says
/// so, else while the budget has the healthy pods it wants.
bool may_go_unready(const Node& budget) {
  if (text_member(member(budget, "spec"), "unhealthyPodEvictionPolicy") == "AlwaysAllow") return true;
  const Node* status = member(budget, "status");
  const std::int64_t wanted = int_member(status, "desiredHealthy");
  return wanted > 0 && int_member(status, "currentHealthy") >= wanted;
}

/// The eviction's deleteOptions, for the pod as it was seen.
std::string only_at(const std::string& options, std::string_view revision) {
  auto document = parse_json(options.empty() ? "{}" : options);
  if (!document) return options;
  auto preconditions = object_member(*document, document->root(), "preconditions");
  if (!preconditions) return options;
  if (text_member(*preconditions, "resourceVersion").empty()) {
    static_cast<void>(set_text(*document, **preconditions, "resourceVersion", revision));
  }
  std::string out;
  append_json(document->root(), out);
  return out;
}

/// Takes one of the disruptions that a budget allows, by the same commit that finds it unchanged; then deletes.
void take_disruption(const CallPtr& call, Found& budget, const std::string& options) {
  Node& root = budget.document.root();
  const std::string name(names_of(root).name);
  const Node* status = member(root, "status");
  if (int_member(status, "observedGeneration") < int_member(member(root, "metadata"), "generation")) {
    return call->answer(in_work(name));
  }
  const std::int64_t allowed = int_member(status, "disruptionsAllowed");
  if (allowed <= 0) {
    return call->answer(violates("The disruption budget " + name + " needs " +
                                     std::to_string(int_member(status, "desiredHealthy")) + " healthy pods and has " +
                                     std::to_string(int_member(status, "currentHealthy")) + " currently",
                                 0));
  }
  const Node* unconfirmed = member(status, "disruptedPods");
  if (unconfirmed != nullptr && unconfirmed->size() > kMaxDisrupted) {
    return call->answer(forbidden({"policy", "poddisruptionbudgets", name},
                                  "DisruptedPods map too big - too many evictions not confirmed by PDB controller"));
  }
  auto writable = object_member(budget.document, root, "status");
  if (!writable) return call->answer(writable.error());
  if (auto set = set_node(budget.document, **writable, "disruptionsAllowed", Node(allowed - 1)); !set) {
    return call->answer(set.error());
  }
  auto disrupted = object_member(budget.document, **writable, "disruptedPods");
  if (!disrupted) return call->answer(disrupted.error());
  const std::string now = rfc3339(call->services.env.now());
  if (auto set = set_text(budget.document, **disrupted, call->info.name, now); !set) return call->answer(set.error());
  const Resource* budgets = call->services.routes.find("policy", "v1", "poddisruptionbudgets");
  schema::Diagnostics ignored;
  auto record = to_record(budget.document, *budgets, ignored);
  if (!record) return call->answer(record.error());
  storage::Batch batch;
  batch.put(budget.key, std::move(*record), storage::Condition::at(budget.revision));
  call->services.store.commit(std::move(batch), [call, options](Result<storage::Committed> committed) {
    call->services.env.post([call, options, committed = std::move(committed)] {
      if (committed) return delete_pod(call, options);
      if (committed.error().code == ErrorCode::kConflict && ++call->retries < 5) return evict_pod(call);
      call->answer(from_store(committed.error(), {"policy", "poddisruptionbudgets", ""}));
    });
  });
}

void consider(const CallPtr& call, const schema::Document& pod, const std::string& options, bool dry) {
  const std::string_view phase = text_member(member(pod.root(), "status"), "phase");
  const bool over = phase == "Succeeded" || phase == "Failed" || phase == "Pending";
  if (over || member(member(pod.root(), "metadata"), "deletionTimestamp") != nullptr) return delete_pod(call, options);
  auto labels = std::make_shared<schema::Document>();
  if (const Node* own = member(member(pod.root(), "metadata"), "labels"); own != nullptr) {
    auto copied = labels->copy(*own);
    if (!copied) return call->answer(too_large(copied.error().message));
    labels->root() = *copied;
  }
  const bool ready = is_ready(pod.root());
  read_all(
      *call, {"policy", "v1", "poddisruptionbudgets", call->info.name_space},
      [call, labels, options, dry, ready,
       revision = std::string(names_of(pod.root()).resource_version)](ApiResult<std::vector<Found>> budgets) {
        if (!budgets) return call->answer(budgets.error());
        Found* mine = nullptr;
        for (Found& each : *budgets) {
          const Node* selector = member(member(each.document.root(), "spec"), "selector");
          if (!selector_matches(selector, &labels->root())) continue;
          if (mine != nullptr) {
            return call->answer(internal_error(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."));
          }
          mine = &each;
        }
        if (mine == nullptr || dry) return delete_pod(call, options);
        if (!ready && may_go_unready(mine->document.root())) {
          return delete_pod(call, only_at(options, revision), std::string(names_of(mine->document.root()).name));
        }
        take_disruption(call, *mine, options);
      });
}

}  // namespace

void evict_pod(const CallPtr& call) {
  std::string options;
  bool dry = false;
  if (auto asked = dry_run(call->info); asked) dry = *asked;
  if (!call->request.body.empty()) {
    const schema::Type* type = call->services.types.find("policy", "v1", "Eviction");
    const std::string* header = call->request.headers.find("content-type");
    auto media = body_media_type(header != nullptr ? *header : "");
    if (!media) return call->answer(media.error());
    if (type == nullptr) return call->answer(internal_error("the schema has no Eviction"));
    schema::Diagnostics ignored;
    auto body = parse_body(*media, call->request.body, *type, ignored);
    if (!body) return call->answer(body.error());
    const std::string_view name = names_of(body->root()).name;
    if (!name.empty() && name != call->info.name) {
      return call->answer(bad_request("name in URL does not match name in Eviction object"));
    }
    if (const Node* given = member(body->root(), "deleteOptions"); given != nullptr) {
      append_json(*given, options);
      const Node* list = member(*given, "dryRun");
      dry = dry || (list != nullptr && list->size() != 0);
    }
  }
  read_one(*call, {"", "v1", "pods", call->info.name_space}, call->info.name,
           [call, options, dry](ApiResult<std::optional<Found>> pod) {
             if (!pod) return call->answer(pod.error());
             if (!pod->has_value()) return call->answer(not_found(call->about()));
             consider(call, (*pod)->document, options, dry);
           });
}

void approve_request(const CallPtr& call) {
  const std::string* header = call->request.headers.find("content-type");
  auto media = body_media_type(header != nullptr ? *header : "");
  if (!media) return call->answer(media.error());
  schema::Diagnostics ignored;
  auto body = parse_body(*media, call->request.body, *call->resource->type, ignored);
  if (!body) return call->answer(body.error());
  auto given = std::make_shared<schema::Document>(std::move(*body));
  const Change change = [given](const schema::Document& current, schema::Diagnostics&) -> ApiResult<schema::Document> {
    schema::Document object;
    auto copied = object.copy(current.root());
    if (!copied) return refuse(too_large(copied.error().message));
    object.root() = *copied;
    const Node* conditions = member(member(given->root(), "status"), "conditions");
    if (conditions == nullptr) return object;
    auto status = object_member(object, object.root(), "status");
    if (!status) return refuse(status.error());
    auto list = object.copy(*conditions);
    if (!list) return refuse(too_large(list.error().message));
    if (auto set = set_node(object, **status, "conditions", *list); !set) return refuse(set.error());
    auto metadata = object_member(object, object.root(), "metadata");
    const std::string_view revision = names_of(given->root()).resource_version;
    if (metadata && !revision.empty()) {
      if (auto set = set_text(object, **metadata, "resourceVersion", revision); !set) return refuse(set.error());
    }
    return object;
  };
  ModifyOptions options;
  options.subresource = "status";
  modify_object(call, change, std::move(options));
}

}  // namespace troupe::api
