#include "api/birth.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

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

std::vector<Newborn> newborns(const BirthOptions& options) {
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
  return out;
}

struct Work {
  Services services;
  std::function<void(Status)> done;
  std::vector<Newborn> objects;
  std::size_t next = 0;
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
  schema::Diagnostics ignored;
  return to_record(*document, resource, ignored);
}

void write(const Task& work, storage::Key key, storage::Record record, storage::Condition condition) {
  storage::Batch batch;
  batch.put(std::move(key), std::move(record), condition);
  work->services.store.commit(std::move(batch), [work](Result<storage::Committed> committed) {
    const bool lost = !committed && (committed.error().code == ErrorCode::kAlreadyExists ||
                                     committed.error().code == ErrorCode::kConflict);
    if (!committed && !lost) return work->done(fail(committed.error()));
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

void step(const Task& work) {
  if (work->next == work->objects.size()) return work->done({});
  const Newborn& newborn = work->objects[work->next++];
  const Resource* resource = work->services.routes.find(newborn.group, newborn.version, newborn.plural);
  if (resource == nullptr) return work->done(fail(ErrorCode::kInternal, "there is no resource " + newborn.plural));
  auto key = storage::make_key(resource->store_id, newborn.ns, newborn.name);
  if (!key) return work->done(fail(key.error()));
  auto record = record_of(work->services, *resource, newborn);
  if (!record) return work->done(fail(ErrorCode::kInternal, newborn.name + ": " + record.error().message));
  work->services.store.get(*key, storage::kNow,
                           [work, key = *key, record = std::move(*record), resource,
                            follows = newborn.follows](Result<storage::GetResult> got) mutable {
                             if (!got) return work->done(fail(got.error()));
                             if (!got->record) {
                               return write(work, std::move(key), std::move(record), storage::Condition::absent());
                             }
                             if (follows && says_otherwise(got->record->view(), record.view(), *resource)) {
                               const auto condition = storage::Condition::at(got->record->header().revision);
                               return write(work, std::move(key), std::move(record), condition);
                             }
                             work->services.env.post([work] { step(work); });
                           });
}

}  // namespace

void create_birth_objects(const Services& services, const BirthOptions& options, std::function<void(Status)> done) {
  step(std::make_shared<Work>(Work{services, std::move(done), newborns(options), 0}));
}

}  // namespace troupe::api
