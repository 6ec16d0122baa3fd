#include "api/selectors.hpp"
#include "api/table_parts.hpp"

// The columns of volumes, claims and what they are made by.
namespace troupe::api::cells {

using schema::Node;

namespace {

std::string_view short_mode(std::string_view mode) {
  if (mode == "ReadWriteOnce") return "RWO";
  if (mode == "ReadOnlyMany") return "ROX";
  if (mode == "ReadWriteMany") return "RWX";
  if (mode == "ReadWriteOncePod") return "RWOP";
  return mode;
}

std::string modes_text(const Node& object, std::string_view path) {
  std::string text;
  for (const Node& mode : items_at(object, path)) {
    if (mode.is_string()) text.append(text.empty() ? "" : ",").append(short_mode(mode.as_string()));
  }
  return text;
}

std::string phase_of(const Node& object) { return is_going(object) ? "Terminating" : text_at(object, "status.phase"); }

std::string claim_cell(std::string_view column, const Node& claim) {
  std::string volume = text_at(claim, "spec.volumeName");
  if (column == "Status") return phase_of(claim);
  if (column == "Volume") return volume;
  if (column == "Capacity") return volume.empty() ? "" : text_or(text_at(claim, "status.capacity.storage"), "0");
  if (column == "Access Modes") return volume.empty() ? "" : modes_text(claim, "status.accessModes");
  if (column == "StorageClass") return text_at(claim, "spec.storageClassName");
  if (column == "VolumeAttributesClass") return text_or(text_at(claim, "spec.volumeAttributesClassName"), "<unset>");
  return text_or(text_at(claim, "spec.volumeMode"), "<unset>");
}

std::string volume_cell(std::string_view column, const Node& volume) {
  if (column == "Capacity") return text_or(text_at(volume, "spec.capacity.storage"), "0");
  if (column == "Access Modes") return modes_text(volume, "spec.accessModes");
  if (column == "Reclaim Policy") return text_at(volume, "spec.persistentVolumeReclaimPolicy");
  if (column == "Status") return phase_of(volume);
  if (column == "StorageClass") return text_at(volume, "spec.storageClassName");
  if (column == "Reason") return text_at(volume, "status.reason");
  if (column == "VolumeAttributesClass") return text_or(text_at(volume, "spec.volumeAttributesClassName"), "<unset>");
  if (column == "VolumeMode") return text_or(text_at(volume, "spec.volumeMode"), "<unset>");
  const std::string name = text_at(volume, "spec.claimRef.name");
  return name.empty() ? "" : text_at(volume, "spec.claimRef.namespace") + "/" + name;
}

std::string driver_cell(std::string_view column, const Node& driver) {
  if (column == "AttachRequired") return text_or(text_at(driver, "spec.attachRequired"), "true");
  if (column == "PodInfoOnMount") return text_or(text_at(driver, "spec.podInfoOnMount"), "false");
  if (column == "StorageCapacity") return text_or(text_at(driver, "spec.storageCapacity"), "false");
  if (column == "RequiresRepublish") return text_or(text_at(driver, "spec.requiresRepublish"), "false");
  if (column == "TokenRequests") return text_or(join_at(items_at(driver, "spec.tokenRequests"), "audience"), "<unset>");
  return text_or(join_at(items_at(driver, "spec.volumeLifecycleModes"), ""), "Persistent");
}

}  // namespace

std::string storage_cell(std::string_view kind, std::string_view column, const Node& object) {
  if (kind == "PersistentVolume") return volume_cell(column, object);
  if (kind == "PersistentVolumeClaim") return claim_cell(column, object);
  if (kind == "CSIDriver") return driver_cell(column, object);
  if (kind == "CSINode") return std::to_string(count_at(object, "spec.drivers"));
  return {};
}

}  // namespace troupe::api::cells
