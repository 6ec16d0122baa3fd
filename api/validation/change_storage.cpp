#include <array>
#include <string>

#include "api/validation/change_parts.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/quantities.hpp"

namespace troupe::api {

using schema::Node;

namespace {

std::optional<schema::Quantity> storage_of(const Node* resources) {
  return quantity_member(member(resources, "requests"), "storage");
}

/// A class may be named where there was none, in the spec or as the old annotation.
bool may_name_class(const Node* spec, const Node* before, const Node& old) {
  const std::string_view wanted = text_member(spec, "storageClassName");
  const Node* annotation =
      member(member(member(old, "metadata"), "annotations"), "volume.beta.kubernetes.io/storage-class");
  if (member(before, "storageClassName") != nullptr || member(spec, "storageClassName") == nullptr) return false;
  return annotation == nullptr || text_of(*annotation) == wanted;
}

/// Of its resources only the storage that it asks for changes.
bool same_resources(const Node* now, const Node* old) {
  static constexpr std::string_view kRequests[] = {"requests"};
  static constexpr std::string_view kStorage[] = {"storage"};
  return !differs_beyond(now, old, kRequests) &&
         !differs_beyond(member(now, "requests"), member(old, "requests"), kStorage);
}

}  // namespace

void check_claim_change(const Node& now, const Node& old, Faults& faults) {
  static constexpr std::string_view kFree[] = {"resources", "volumeAttributesClassName", "volumeName",
                                               "storageClassName"};
  const Node* spec = member(now, "spec");
  const Node* before = member(old, "spec");
  const At root;
  const At at(root, "spec");
  const bool bound = text_member(member(old, "status"), "phase") == "Bound";
  const bool rebound = member(before, "volumeName") != nullptr && !same_member(spec, before, "volumeName");
  const bool reclassed = !same_member(spec, before, "storageClassName") && !may_name_class(spec, before, old);
  const auto wanted = storage_of(member(spec, "resources"));
  const auto had = storage_of(member(before, "resources"));
  const bool resized = wanted && had && *wanted != *had;
  const bool changed = !same_resources(member(spec, "resources"), member(before, "resources")) ||
                       (!bound && (resized || !same_member(spec, before, "volumeAttributesClassName")));
  if (rebound || reclassed || changed || differs_beyond(spec, before, kFree)) {
    faults.forbidden(at,
                     "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                     "bound claims");
  }
  const auto capacity = quantity_member(member(member(old, "status"), "capacity"), "storage");
  if (wanted && had && *wanted < *had && (!capacity || *wanted <= *capacity)) {
    const At resources(at, "resources");
    const At requests(resources, "requests");
    faults.forbidden(At(requests, "storage"), "field can not be less than status.capacity");
  }
  keep_member(spec, before, "volumeMode", root, faults);
}

/// What it is kept on stays; where it can be reached may be said once.
void check_volume_change(const Node& now, const Node& old, Faults& faults) {
  static constexpr std::string_view kFree[] = {"accessModes",
                                               "capacity",
                                               "claimRef",
                                               "mountOptions",
                                               "nodeAffinity",
                                               "persistentVolumeReclaimPolicy",
                                               "storageClassName",
                                               "volumeMode",
                                               "volumeAttributesClassName",
                                               "csi"};
  static constexpr std::string_view kSecret[] = {"controllerExpandSecretRef"};
  const Node* spec = member(now, "spec");
  const Node* before = member(old, "spec");
  const Node* csi = member(spec, "csi");
  const Node* csi_before = member(before, "csi");
  const At root;
  const At at(root, "spec");
  const bool secret_added = csi != nullptr && csi_before != nullptr &&
                            member(csi_before, "controllerExpandSecretRef") == nullptr &&
                            !differs_beyond(csi, csi_before, kSecret);
  if (differs_beyond(spec, before, kFree) || (!secret_added && !same_member(spec, before, "csi"))) {
    faults.forbidden(At(at, "persistentvolumesource"), "spec.persistentvolumesource is immutable after creation");
  }
  keep_member(spec, before, "volumeMode", root, faults);
  if (member(before, "nodeAffinity") != nullptr) {
    keep_member(spec, before, "nodeAffinity", root, faults,
                "field is immutable, except for updating from beta label to GA");
  }
  if (member(before, "volumeAttributesClassName") != nullptr && member(spec, "volumeAttributesClassName") == nullptr) {
    faults.forbidden(At(at, "volumeAttributesClassName"), "update from non-nil value to nil is forbidden");
  }
}

void check_storage_class_change(const Node& now, const Node& old, Faults& faults) {
  const At root;
  for (const std::string_view field : {"parameters", "provisioner", "reclaimPolicy"}) {
    const bool none = is_blank(member(now, field)) && is_blank(member(old, field));
    if (none || same_member(&now, &old, field)) continue;
    faults.forbidden(At(root, field), "updates to " + std::string(field) + " are forbidden.");
  }
  keep_member(&now, &old, "volumeBindingMode", root, faults);
}

}  // namespace troupe::api
