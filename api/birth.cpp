#include "api/birth.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/defaults_pod.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

constexpr int kMaxLost = 5;

/// One object to be there.
struct Newborn {
  std::string group;
  std::string version;
  std::string plural;
  std::string ns;
  std::string name;
  std::string members;   ///< JSON members beside metadata, beginning with a comma; may be empty.
  std::string labels;    ///< JSON members of metadata.labels; may be empty.
  bool follows = false;  ///< Written again when what is there says something else.
  std::string status{};  ///< As JSON; may be empty.
};

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

Newborn priority_class(std::string name, std::int64_t value, std::string_view description) {
  Newborn out{"scheduling.k8s.io", "v1", "priorityclasses", "", std::move(name), "", "", false};
  out.members = ",\"value\":" + std::to_string(value) + ",\"description\":" + quoted(description) +
                ",\"preemptionPolicy\":\"PreemptLowerPriority\"";
  return out;
}

/// How clients order the groups, in Kubernetes' numbers.
int group_rank(std::string_view group) {
  static constexpr std::pair<std::string_view, int> kRanks[] = {
      {"", 18000},
      {"apps", 17800},
      {"events.k8s.io", 17750},
      {"authentication.k8s.io", 17700},
      {"authorization.k8s.io", 17600},
      {"autoscaling", 17500},
      {"batch", 17400},
      {"certificates.k8s.io", 17300},
      {"networking.k8s.io", 17200},
      {"policy", 17100},
      {"rbac.authorization.k8s.io", 17000},
      {"storage.k8s.io", 16800},
      {"apiextensions.k8s.io", 16700},
      {"admissionregistration.k8s.io", 16700},
      {"scheduling.k8s.io", 16600},
      {"coordination.k8s.io", 16500},
      {"node.k8s.io", 16300},
      {"discovery.k8s.io", 16200},
      {"flowcontrol.apiserver.k8s.io", 16100},
  };
  for (const auto& [name, rank] : kRanks) {
    if (name == group) return rank;
  }
  return 15000;
}

/// One for each group and version that this server itself answers for.
void add_api_services(const Services& services, std::vector<Newborn>& out) {
  const std::string now = quoted(rfc3339(services.env.now()));
  std::string_view group;
  int rank = 0;
  for (const GroupVersion& each : services.routes.group_versions()) {
    if (each.group == "apiregistration.k8s.io") continue;
    rank = each.group == group && rank > 0 ? rank - 1 : 30;
    group = each.group;
    Newborn made{"apiregistration.k8s.io", "v1", "apiservices", "", "", "", "", false};
    made.name = std::string(each.version) + "." + std::string(each.group);
    made.labels = R"("kube-aggregator.kubernetes.io/automanaged":"onstart")";
    made.members = R"(,"spec":{"group":)" + quoted(each.group) + R"(,"version":)" + quoted(each.version) +
                   R"(,"groupPriorityMinimum":)" + std::to_string(group_rank(each.group)) + R"(,"versionPriority":)" +
                   std::to_string(rank) + "}";
    made.status = R"({"conditions":[{"type":"Available","status":"True","lastTransitionTime":)" + now +
                  R"(,"reason":"Local","message":"Local APIServices are always available"}]})";
    out.push_back(std::move(made));
  }
}

std::vector<Newborn> newborns(const BirthOptions& options, const Services& services) {
  std::vector<Newborn> out;
  for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
    out.push_back({"", "v1", "namespaces", "", name, "", "\"kubernetes.io/metadata.name\":" + quoted(name), false});
  }
  out.push_back(priority_class("system-cluster-critical", 2'000'000'000,
                               "Used for system critical pods that must run in the cluster, but can be moved to "
                               "another node if necessary."));
  out.push_back(priority_class("system-node-critical", 2'000'001'000,
                               "Used for system critical pods that must not be moved from their current node."));
  const std::string port = std::to_string(options.port);
  const bool v6 = options.address.find(':') != std::string::npos;
  const std::string family = options.service_address.find(':') != std::string::npos ? "IPv6" : "IPv4";
  const std::string service_ip = quoted(options.service_address);
  out.push_back({"", "v1", "services", "default", "kubernetes",
                 R"(,"spec":{"type":"ClusterIP","clusterIP":)" + service_ip + R"(,"clusterIPs":[)" + service_ip +
                     R"(],"ipFamilies":[")" + family +
                     R"("],"ipFamilyPolicy":"SingleStack","sessionAffinity":"None","internalTrafficPolicy":"Cluster",)"
                     R"("ports":[{"name":"https","protocol":"TCP","port":443,"targetPort":)" +
                     port + "}]}",
                 R"("component":"apiserver","provider":"kubernetes")", false});
  const std::string ip = quoted(options.address);
  out.push_back({"", "v1", "endpoints", "default", "kubernetes",
                 R"(,"subsets":[{"addresses":[{"ip":)" + ip + R"(}],"ports":[{"name":"https","port":)" + port +
                     R"(,"protocol":"TCP"}]}])",
                 R"("endpointslice.kubernetes.io/skip-mirror":"true")", true});
  out.push_back({"discovery.k8s.io", "v1", "endpointslices", "default", "kubernetes",
                 std::string(R"(,"addressType":")") + (v6 ? "IPv6" : "IPv4") + R"(","endpoints":[{"addresses":[)" + ip +
                     R"(],"conditions":{"ready":true}}],"ports":[{"name":"https","port":)" + port +
                     R"(,"protocol":"TCP"}])",
                 R"("kubernetes.io/service-name":"kubernetes")", true});
  add_api_services(services, out);
  return out;
}

struct Work {
  Services services;
  std::function<void(Status)> done;
  std::vector<Newborn> objects;
  std::size_t next = 0;
  storage::Batch batch{};
  int lost = 0;
};
using Task = std::shared_ptr<Work>;

void step(const Task& work);

ApiResult<storage::Record> record_of(Services& services, const Resource& resource, const Newborn& newborn) {
  std::string json = "{\"kind\":" + quoted(resource.kind) + ",\"apiVersion\":" + quoted(resource.api_version()) +
                     ",\"metadata\":{\"name\":" + quoted(newborn.name);
  if (!newborn.ns.empty()) json += ",\"namespace\":" + quoted(newborn.ns);
  if (!newborn.labels.empty()) json += ",\"labels\":{" + newborn.labels + "}";
  auto document = parse_json(json + "}" + newborn.members + "}");
  if (!document) return refuse(document.error());
  if (auto filled = apply_defaults(*document, resource); !filled) return refuse(filled.error());
  if (auto made = prepare_create(*document, resource, services.env); !made) return refuse(made.error());
  if (!newborn.status.empty()) {
    if (auto set = set_json(*document, document->root(), "status", newborn.status); !set) return refuse(set.error());
  }
  schema::Diagnostics ignored;
  return to_record(*document, resource, ignored);
}

/// All that is missing, at once. Who lost a race looks again.
void write(const Task& work) {
  if (work->batch.operations.empty()) return work->done({});
  work->services.store.commit(std::exchange(work->batch, {}), [work](Result<storage::Committed> committed) {
    if (committed) return work->done({});
    const bool lost =
        committed.error().code == ErrorCode::kAlreadyExists || committed.error().code == ErrorCode::kConflict;
    if (!lost || ++work->lost == kMaxLost) return work->done(fail(committed.error()));
    work->next = 0;
    work->services.env.post([work] { step(work); });
  });
}

/// True when the parts that name the server's address differ.
bool says_otherwise(const storage::RecordView& there, const storage::RecordView& wanted, const Resource& resource) {
  auto one = to_document(there, resource);
  auto other = to_document(wanted, resource);
  if (!one || !other) return true;
  for (const char* part : {"subsets", "endpoints", "ports", "addressType"}) {
    const schema::Node* a = one->root().find(part);
    const schema::Node* b = other->root().find(part);
    if ((a == nullptr) != (b == nullptr) || (a != nullptr && !schema::same_value(*a, *b))) return true;
  }
  return false;
}

/// Adds the object to the batch when it is missing, or says something else and is to follow.
ApiStatus compare(Work& work, const Newborn& newborn, const Resource& resource, storage::Key key,
                  const storage::GetResult& there) {
  if (there.record && !newborn.follows) return {};
  auto record = record_of(work.services, resource, newborn);
  if (!record) return refuse(record.error());
  if (!there.record) {
    work.batch.put(std::move(key), std::move(*record), storage::Condition::absent());
  } else if (says_otherwise(there.record->view(), record->view(), resource)) {
    work.batch.put(std::move(key), std::move(*record), storage::Condition::at(there.record->header().revision));
  }
  return {};
}

void step(const Task& work) {
  if (work->next == work->objects.size()) return write(work);
  const Newborn& newborn = work->objects[work->next++];
  const Resource* resource = work->services.routes.find(newborn.group, newborn.version, newborn.plural);
  if (resource == nullptr) return work->done(fail(ErrorCode::kInternal, "there is no resource " + newborn.plural));
  auto key = storage::make_key(resource->store_id, newborn.ns, newborn.name);
  if (!key) return work->done(fail(key.error()));
  work->services.store.get(
      *key, storage::kNow, [work, key = *key, resource, &newborn](Result<storage::GetResult> got) mutable {
        if (!got) return work->done(fail(got.error()));
        if (auto done = compare(*work, newborn, *resource, std::move(key), *got); !done) {
          return work->done(fail(ErrorCode::kInternal, newborn.name + ": " + done.error().message));
        }
        work->services.env.post([work] { step(work); });
      });
}

}  // namespace

void create_birth_objects(const Services& services, const BirthOptions& options, std::function<void(Status)> done) {
  step(std::make_shared<Work>(Work{services, std::move(done), newborns(options, services)}));
}

}  // namespace troupe::api
