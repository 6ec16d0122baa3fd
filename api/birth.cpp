#include "api/birth.hpp"

#include <memory>
#include <string>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

constexpr std::string_view kNamespaces[] = {"default", "kube-node-lease", "kube-public", "kube-system"};

ApiResult<storage::Record> namespace_record(Services& services, const Resource& resource, std::string_view name) {
  auto document =
      parse_json(R"({"kind":"Namespace","apiVersion":"v1","metadata":{"name":")" + std::string(name) + R"("}})");
  if (!document) return refuse(document.error());
  if (auto made = prepare_create(*document, resource, services.env); !made) return refuse(made.error());
  schema::Diagnostics ignored;
  return to_record(*document, resource, ignored);
}

struct Work {
  Services services;
  std::function<void(Status)> done;
  std::size_t next = 0;
};

void step(const std::shared_ptr<Work>& work) {
  if (work->next == std::size(kNamespaces)) return work->done({});
  const std::string_view name = kNamespaces[work->next++];
  const Resource* resource = work->services.routes.find("", "v1", "namespaces");
  if (resource == nullptr) return work->done(fail(ErrorCode::kInternal, "there is no resource 'namespaces'"));
  auto key = storage::make_key(resource->store_id, "", name);
  if (!key) return work->done(fail(key.error()));
  auto record = namespace_record(work->services, *resource, name);
  if (!record) return work->done(fail(ErrorCode::kInternal, record.error().message));
  storage::Batch batch;
  batch.put(std::move(*key), std::move(*record), storage::Condition::absent());
  work->services.store.commit(std::move(batch), [work](Result<storage::Committed> committed) {
    if (!committed && committed.error().code != ErrorCode::kAlreadyExists) return work->done(fail(committed.error()));
    work->services.env.post([work] { step(work); });
  });
}

}  // namespace

void create_birth_objects(Services services, std::function<void(Status)> done) {
  auto work = std::make_shared<Work>(Work{services, std::move(done), 0});
  step(work);
}

}  // namespace troupe::api
