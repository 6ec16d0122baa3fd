#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/verbs.hpp"
#include "schema/codec/document.hpp"
#include "storage/store.hpp"

/// What happens to a write between its defaults and its validation: plugins in a fixed order, each of which may read
/// the store, change the object, refuse it, and add operations that are committed together with it.
namespace troupe::api {

struct Admission {
  CallPtr call;
  schema::Document object;
  std::optional<schema::Document> old;  ///< Of an update.
  bool dry = false;
  storage::Batch extra;  ///< Committed with the object: allocations, usage of quotas. Empty again for another try.

  bool creates(std::string_view group, std::string_view kind) const;
  bool updates(std::string_view group, std::string_view kind) const;
};
using AdmissionPtr = std::shared_ptr<Admission>;
using Admitted = std::function<void(ApiStatus)>;

struct AdmissionPlugin {
  std::string_view name;
  bool (*concerns)(const Admission& admission);
  void (*admit)(const AdmissionPtr& admission, const Admitted& done);
};

/// The plugins, in their order.
std::span<const AdmissionPlugin> admission_plugins();

/// Runs the plugins that are concerned, one after the other; `done` is called once, with the first refusal if any.
void admit(const AdmissionPtr& admission, const Admitted& done);

// ---- Reading for plugins ----

/// An object of the store.
struct Found {
  storage::Key key;
  storage::Revision revision = 0;
  schema::Document document;
};
using FoundOne = std::function<void(ApiResult<std::optional<Found>>)>;
using FoundAll = std::function<void(ApiResult<std::vector<Found>>)>;

/// A resource by its path. `name_space` "" for cluster-scoped ones.
struct Place {
  std::string_view group;
  std::string_view version;
  std::string_view plural;
  std::string name_space;
};

void read_one(const Call& call, const Place& place, std::string_view name, FoundOne done);
void read_all(const Call& call, const Place& place, FoundAll done);

// ---- The plugins ----

void admit_service_account(const AdmissionPtr& admission, const Admitted& done);
void admit_priority(const AdmissionPtr& admission, const Admitted& done);
void admit_tolerations(const AdmissionPtr& admission, const Admitted& done);
void admit_runtime_class(const AdmissionPtr& admission, const Admitted& done);
void admit_storage_class(const AdmissionPtr& admission, const Admitted& done);
void admit_limits(const AdmissionPtr& admission, const Admitted& done);
void admit_quota(const AdmissionPtr& admission, const Admitted& done);

}  // namespace troupe::api
