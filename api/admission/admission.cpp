#include "api/admission/admission.hpp"

#include <limits>

#include "api/allocation.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

bool creates_pod(const Admission& admission) { return admission.creates("", "Pod"); }
bool creates_claim(const Admission& admission) { return admission.creates("", "PersistentVolumeClaim"); }
bool creates_limited(const Admission& admission) { return creates_pod(admission) || creates_claim(admission); }
/// Events are never counted, as in kube-apiserver: they come and go by themselves.
bool creates_counted(const Admission& admission) {
  return !admission.old && admission.call->resource->kind != "Event" && admission.call->resource->namespaced &&
         admission.call->info.subresource.empty();
}
bool writes_service(const Admission& admission) {
  return admission.creates("", "Service") || admission.updates("", "Service");
}

constexpr AdmissionPlugin kPlugins[] = {
    {"LimitRanger", creates_limited, admit_limits},     {"ServiceAccount", creates_pod, admit_service_account},
    {"Priority", creates_pod, admit_priority},          {"DefaultTolerationSeconds", creates_pod, admit_tolerations},
    {"RuntimeClass", creates_pod, admit_runtime_class}, {"DefaultStorageClass", creates_claim, admit_storage_class},
    {"ResourceQuota", creates_counted, admit_quota},    {"ServiceAllocation", writes_service, allocate_service},
};

void step(const AdmissionPtr& admission, std::size_t next, const Admitted& done) {
  while (next < std::size(kPlugins) && !kPlugins[next].concerns(*admission)) ++next;
  if (next == std::size(kPlugins)) return done({});
  kPlugins[next].admit(admission, [admission, next, done](ApiStatus admitted) {
    if (!admitted) return done(std::move(admitted));
    step(admission, next + 1, done);
  });
}

bool is_kind(const Admission& admission, std::string_view group, std::string_view kind) {
  const Resource& resource = *admission.call->resource;
  return resource.group == group && resource.kind == kind && admission.call->info.subresource.empty();
}

}  // namespace

bool Admission::creates(std::string_view group, std::string_view kind) const {
  return !old && is_kind(*this, group, kind);
}

bool Admission::updates(std::string_view group, std::string_view kind) const {
  return old && is_kind(*this, group, kind);
}

std::span<const AdmissionPlugin> admission_plugins() { return kPlugins; }

void admit(const AdmissionPtr& admission, const Admitted& done) { step(admission, 0, done); }

void read_one(const Call& call, const Place& place, std::string_view name, FoundOne done) {
  const Resource* resource = call.services.routes.find(place.group, place.version, place.plural);
  if (resource == nullptr) return done(std::optional<Found>());
  const About about{place.group, place.plural, name};
  auto key = storage::make_key(resource->store_id, place.name_space, name);
  if (!key) return done(refuse(from_store(key.error(), about)));
  const std::string plural(place.plural);
  call.services.store.get(*key, storage::kNow,
                          [key = *key, resource, plural, done = std::move(done)](Result<storage::GetResult> got) {
                            if (!got) return done(refuse(from_store(got.error(), {"", plural, ""})));
                            if (!got->record) return done(std::optional<Found>());
                            auto document = to_document(got->record->view(), *resource);
                            if (!document) return done(refuse(document.error()));
                            Found found;
                            found.key = key;
                            found.revision = got->record->header().revision;
                            found.document = std::move(*document);
                            done(std::optional<Found>(std::move(found)));
                          });
}

void read_all(const Call& call, const Place& place, FoundAll done) {
  const Resource* resource = call.services.routes.find(place.group, place.version, place.plural);
  if (resource == nullptr) return done(std::vector<Found>());
  auto prefix = place.name_space.empty() ? Result<storage::Prefix>(storage::prefix_of(resource->store_id))
                                         : storage::prefix_of(resource->store_id, place.name_space);
  if (!prefix) return done(refuse(from_store(prefix.error(), {place.group, place.plural, ""})));
  storage::ListRequest request;
  request.prefix = *prefix;
  request.limit = std::numeric_limits<std::size_t>::max();
  auto found = std::make_shared<std::vector<Found>>();
  const std::string plural(place.plural);
  call.services.store.list(
      std::move(request),
      [found, resource](std::string_view bytes, const storage::RecordView& record) {
        auto key = storage::key_from_bytes(bytes);
        auto document = to_document(record, *resource);
        if (!key || !document) return true;
        Found each;
        each.key = std::move(*key);
        each.revision = record.header->revision;
        each.document = std::move(*document);
        found->push_back(std::move(each));
        return true;
      },
      [found, plural, done = std::move(done)](Result<storage::ListEnd> end) {
        if (!end) return done(refuse(from_store(end.error(), {"", plural, ""})));
        done(std::move(*found));
      });
}

}  // namespace troupe::api
