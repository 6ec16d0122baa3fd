#include "api/object_codec.hpp"
#include "api/revision_wait.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

void get_object(const CallPtr& call) {
  auto key = storage::make_key(call->resource->store_id, call->info.name_space, call->info.name);
  if (call->info.resource == "namespaces" || !call->resource->namespaced) {
    key = storage::make_key(call->resource->store_id, "", call->info.name);
  }
  if (!key) return call->answer(from_store(key.error(), call->about()));
  auto wanted = call->info.query.number("resourceVersion");
  if (!wanted) return call->answer(wanted.error());
  const storage::Revision least = wanted->value_or(0);
  wait_for_revision(call->services, *call->resource, least, kRevisionPatience, [call, least, key = *key](bool reached) {
    storage::Store& store = store_of(call->services, *call->resource);
    if (!reached) return call->answer(future_revision(least, store.revision()));
    store.get(key, storage::kNow, [call](Result<storage::GetResult> got) {
      if (!got) return call->answer(from_store(got.error(), call->about()));
      if (!got->record) return call->answer(not_found(call->about()));
      call->answer(200, got->record->view());
    });
  });
}

}  // namespace troupe::api
