#include <algorithm>
#include <string>

#include "api/admission/admission.hpp"
#include "api/defaults_pod.hpp"
#include "api/metadata.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api {

using schema::Node;

namespace {

ApiError refused(const Admission& admission, const std::string& why) {
  return forbidden({"", "pods", admission.call->info.name}, why);
}

Node& spec_of(const AdmissionPtr& admission) { return *admission->object.root().find("spec"); }

/// Sets priority and policy; a number that the client gave must be the one that was found.
ApiStatus set_priority(const AdmissionPtr& admission, std::string_view name, std::int64_t value,
                       std::string_view policy) {
  Node& spec = spec_of(admission);
  schema::Document& pod = admission->object;
  const Node* given = member(spec, "priority");
  if (given != nullptr && given->is_int() && given->as_int() != value) {
    return refuse(refused(*admission, "the integer value of priority (" + std::to_string(given->as_int()) +
                                          ") must not be provided in pod spec; priority admission controller "
                                          "computed " +
                                          std::to_string(value) + " from the given PriorityClass name"));
  }
  if (!name.empty()) {
    if (auto set = set_text(pod, spec, "priorityClassName", name); !set) return set;
  }
  if (auto set = set_node(pod, spec, "priority", Node(value)); !set) return set;
  if (member(spec, "preemptionPolicy") != nullptr) return {};
  return set_text(pod, spec, "preemptionPolicy", policy.empty() ? "PreemptLowerPriority" : policy);
}

void default_priority(const AdmissionPtr& admission, const Admitted& done) {
  read_all(*admission->call, {"scheduling.k8s.io", "v1", "priorityclasses", ""},
           [admission, done](ApiResult<std::vector<Found>> classes) {
             if (!classes) return done(refuse(classes.error()));
             const Node* chosen = nullptr;
             for (const Found& each : *classes) {
               const Node& root = each.document.root();
               if (!true_member(&root, "globalDefault")) continue;
               if (chosen == nullptr || int_member(&root, "value") < int_member(chosen, "value")) chosen = &root;
             }
             if (chosen == nullptr) return done(set_priority(admission, "", 0, ""));
             done(set_priority(admission, names_of(*chosen).name, int_member(chosen, "value"),
                               text_member(chosen, "preemptionPolicy")));
           });
}

}  // namespace

void admit_service_account(const AdmissionPtr& admission, const Admitted& done) {
  Node& spec = spec_of(admission);
  const std::string name(text_member(spec, "serviceAccountName"));
  if (name.empty() || name == "default") {
    for (const std::string_view key : {"serviceAccountName", "serviceAccount"}) {
      if (auto set = set_text(admission->object, spec, key, "default"); !set) return done(std::move(set));
    }
    return done({});
  }
  const std::string& space = admission->call->info.name_space;
  read_one(*admission->call, {"", "v1", "serviceaccounts", space}, name,
           [admission, name, space, done](ApiResult<std::optional<Found>> account) {
             if (!account) return done(refuse(account.error()));
             if (account->has_value()) return done({});
             done(refuse(refused(*admission, "error looking up service account " + space + "/" + name +
                                                 ": serviceaccount \"" + name + "\" not found")));
           });
}

void admit_priority(const AdmissionPtr& admission, const Admitted& done) {
  const std::string name(text_member(spec_of(admission), "priorityClassName"));
  if (name.empty()) return default_priority(admission, done);
  read_one(
      *admission->call, {"scheduling.k8s.io", "v1", "priorityclasses", ""}, name,
      [admission, name, done](ApiResult<std::optional<Found>> found) {
        if (!found) return done(refuse(found.error()));
        if (found->has_value()) {
          const Node& root = (*found)->document.root();
          return done(set_priority(admission, name, int_member(&root, "value"), text_member(root, "preemptionPolicy")));
        }
        if (name == "system-cluster-critical") return done(set_priority(admission, name, 2'000'000'000, ""));
        if (name == "system-node-critical") return done(set_priority(admission, name, 2'000'001'000, ""));
        done(refuse(refused(*admission, "no PriorityClass with name " + name + " was found")));
      });
}

void admit_tolerations(const AdmissionPtr& admission, const Admitted& done) {
  schema::Document& pod = admission->object;
  Node& spec = spec_of(admission);
  for (const std::string_view key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    Node* list = spec.find("tolerations");
    if (list == nullptr || !list->is_array()) {
      if (auto set = set_json(pod, spec, "tolerations", "[]"); !set) return done(std::move(set));
      list = spec.find("tolerations");
    }
    const bool tolerated = std::any_of(list->items().begin(), list->items().end(), [&](const Node& each) {
      const std::string_view effect = text_member(each, "effect");
      const std::string_view has = text_member(each, "key");
      return (has == key || has.empty()) && (effect.empty() || effect == "NoExecute");
    });
    if (tolerated) continue;
    auto made = pod.make_object();
    if (!made) return done(refuse(too_large(made.error().message)));
    auto added = pod.append(*list, *made);
    if (!added) return done(refuse(too_large(added.error().message)));
    for (const auto& [name, text] :
         {std::pair<std::string_view, std::string_view>{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}}) {
      if (auto set = set_text(pod, **added, name, text); !set) return done(std::move(set));
    }
    const Node seconds(std::int64_t{300});
    if (auto set = set_node(pod, **added, "tolerationSeconds", seconds); !set) return done(std::move(set));
  }
  done({});
}

void admit_runtime_class(const AdmissionPtr& admission, const Admitted& done) {
  const std::string name(text_member(spec_of(admission), "runtimeClassName"));
  if (name.empty()) return done({});
  read_one(*admission->call, {"node.k8s.io", "v1", "runtimeclasses", ""}, name,
           [admission, name, done](ApiResult<std::optional<Found>> found) {
             if (!found) return done(refuse(found.error()));
             if (!found->has_value()) {
               // Troupe's own runtimes are there without an object that says so.
               if (name == "process" || name == "oci" || name == "actor") return done({});
               return done(refuse(refused(*admission, "pod rejected: RuntimeClass \"" + name + "\" not found")));
             }
             Node& spec = spec_of(admission);
             const Node& root = (*found)->document.root();
             const Node* overhead = member(member(root, "overhead"), "podFixed");
             if (overhead != nullptr && member(spec, "overhead") == nullptr) {
               auto copied = admission->object.copy(*overhead);
               if (!copied) return done(refuse(too_large(copied.error().message)));
               if (auto set = set_node(admission->object, spec, "overhead", *copied); !set) return done(std::move(set));
             }
             done({});
           });
}

void admit_storage_class(const AdmissionPtr& admission, const Admitted& done) {
  Node* spec = admission->object.root().find("spec");
  if (spec == nullptr || member(*spec, "storageClassName") != nullptr) return done({});
  const Node* annotations = member(member(admission->object.root(), "metadata"), "annotations");
  if (member(annotations, "volume.beta.kubernetes.io/storage-class") != nullptr) return done({});
  read_all(*admission->call, {"storage.k8s.io", "v1", "storageclasses", ""},
           [admission, done](ApiResult<std::vector<Found>> classes) {
             if (!classes) return done(refuse(classes.error()));
             // The newest of the defaults, as Kubernetes chooses.
             std::string chosen;
             std::string_view newest;
             for (const Found& each : *classes) {
               const Node* metadata = member(each.document.root(), "metadata");
               const Node* marks = member(metadata, "annotations");
               if (text_member(marks, "storageclass.kubernetes.io/is-default-class") != "true") continue;
               const std::string_view born = text_member(metadata, "creationTimestamp");
               if (!chosen.empty() && born <= newest) continue;
               chosen = text_member(metadata, "name");
               newest = born;
             }
             if (chosen.empty()) return done({});
             done(set_text(admission->object, *admission->object.root().find("spec"), "storageClassName", chosen));
           });
}

}  // namespace troupe::api
