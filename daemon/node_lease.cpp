#include "daemon/node_lease.hpp"

#include "daemon/object_internal.hpp"
#include "schema/coordination_v1.capnp.h"

namespace troupe::daemon {
namespace {

using k8s::coordination::v1::Lease;

constexpr const char* kNamespace = "kube-node-lease";
constexpr std::int32_t kLeaseSeconds = 40;

void write_spec(Lease::Builder lease, const std::string& node, std::chrono::system_clock::time_point now) {
  auto spec = lease.getSpec();
  spec.setHolderIdentity(node);
  spec.setLeaseDurationSeconds(kLeaseSeconds);
  spec.setHasLeaseDurationSeconds(true);
  spec.setRenewTime(std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count());
  spec.setHasRenewTime(true);
}

}  // namespace

void renew_lease(Objects& objects, const std::string& node, const std::string& uid,
                 std::chrono::system_clock::time_point now) {
  const api::Resource* leases = objects.resource("coordination.k8s.io", "v1", "leases");
  if (leases == nullptr) return;
  auto renew = [node, now](SegmentView current) {
    return changed<Lease>(current, [&](Lease::Builder lease) { write_spec(lease, node, now); });
  };
  auto create = [&objects, leases, node, uid, now](const Status& status) {
    if (status || status.error().code != ErrorCode::kNotFound) return;
    capnp::MallocMessageBuilder builder;
    auto lease = builder.initRoot<Lease>();
    auto meta = lease.initMetadata();
    meta.setName(node);
    meta.setNamespace(kNamespace);
    meta.setUid(uid);
    meta.setCreationTimestamp(seconds_of(now));
    meta.setHasCreationTimestamp(true);
    lease.initSpec();
    write_spec(lease, node, now);
    objects.create(*leases, kNamespace, node, to_segment<Lease>(lease.asReader()), [](const Status&) {});
  };
  objects.update(*leases, kNamespace, node, std::move(renew), std::move(create));
}

}  // namespace troupe::daemon
