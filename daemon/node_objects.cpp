#include "daemon/node_objects.hpp"

#include <memory>
#include <utility>

#include "daemon/object_internal.hpp"

namespace troupe::daemon {
namespace {

constexpr std::size_t kMaxServices = 10'000;

std::string bytes(capnp::Data::Reader value) { return {reinterpret_cast<const char*>(value.begin()), value.size()}; }

Result<pod::ObjectData> config_map_data(SegmentView segment) {
  return with_object<core::ConfigMap>(segment, [](core::ConfigMap::Reader object) -> Result<pod::ObjectData> {
    pod::ObjectData out;
    for (auto entry : object.getData()) out.emplace(text(entry.getKey()), text(entry.getValue()));
    for (auto entry : object.getBinaryData()) out.emplace(text(entry.getKey()), bytes(entry.getValue()));
    return out;
  });
}

Result<pod::ObjectData> secret_data(SegmentView segment) {
  return with_object<core::Secret>(segment, [](core::Secret::Reader object) -> Result<pod::ObjectData> {
    pod::ObjectData out;
    for (auto entry : object.getData()) out.emplace(text(entry.getKey()), bytes(entry.getValue()));
    return out;
  });
}

pod::ServiceFacts facts_of(core::Service::Reader service) {
  pod::ServiceFacts facts;
  facts.ns = text(service.getMetadata().getNamespace());
  facts.name = text(service.getMetadata().getName());
  facts.cluster_ip = text(service.getSpec().getClusterIP());
  for (auto port : service.getSpec().getPorts()) {
    facts.ports.push_back({text(port.getName()), port.getPort(), text(port.getProtocol())});
  }
  return facts;
}

}  // namespace

void StoreObjectSource::data(pod::EnvVar::Source kind, std::string ns, std::string name,
                             std::function<void(Result<pod::ObjectData>)> done) {
  const bool secret = kind == pod::EnvVar::Source::kSecret;
  const api::Resource* resource = objects_.resource("", "v1", secret ? "secrets" : "configmaps");
  if (resource == nullptr) return done(fail(ErrorCode::kUnsupported, "this kind of object is not served"));
  auto key = storage::make_key(resource->store_id, ns, name);
  if (!key) return done(fail(ErrorCode::kNotFound, key.error().message));  // no object can have such a name
  objects_.store().get(*key, storage::kNow, [secret, done = std::move(done)](Result<storage::GetResult> got) {
    if (!got) return done(fail(got.error()));
    if (!got->record) return done(fail(ErrorCode::kNotFound, "no such object"));
    auto segment = segment_of(got->record->view());
    if (!segment) return done(fail(segment.error()));
    done(secret ? secret_data(*segment) : config_map_data(*segment));
  });
}

void StoreObjectSource::services(std::string ns, std::function<void(Result<std::vector<pod::ServiceFacts>>)> done) {
  if (ns == "default") return list_services(ns, "", std::move(done));
  list_services("default", "kubernetes", [this, ns, done = std::move(done)](auto cluster) {
    if (!cluster) return done(std::move(cluster));
    auto first = std::make_shared<std::vector<pod::ServiceFacts>>(std::move(*cluster));
    list_services(ns, "", [first, done](Result<std::vector<pod::ServiceFacts>> own) {
      if (!own) return done(std::move(own));
      first->insert(first->end(), std::make_move_iterator(own->begin()), std::make_move_iterator(own->end()));
      done(std::move(*first));
    });
  });
}

void StoreObjectSource::list_services(const std::string& ns, const std::string& only,
                                      std::function<void(Result<std::vector<pod::ServiceFacts>>)> done) {
  const api::Resource* resource = objects_.resource("", "v1", "services");
  if (resource == nullptr) return done(std::vector<pod::ServiceFacts>());
  auto prefix = storage::prefix_of(resource->store_id, ns);
  if (!prefix) return done(fail(prefix.error()));
  storage::ListRequest request;
  request.prefix = *prefix;
  request.limit = kMaxServices;
  auto found = std::make_shared<std::vector<pod::ServiceFacts>>();
  objects_.store().list(
      std::move(request),
      [found, only](std::string_view, const storage::RecordView& record) {
        auto segment = segment_of(record);
        if (!segment) return true;
        (void)with_object<core::Service>(*segment, [&](core::Service::Reader service) -> Status {
          if (only.empty() || text(service.getMetadata().getName()) == only) found->push_back(facts_of(service));
          return {};
        });
        return true;
      },
      [found, done = std::move(done)](Result<storage::ListEnd> end) {
        if (!end) return done(fail(end.error()));
        done(std::move(*found));
      });
}

}  // namespace troupe::daemon
