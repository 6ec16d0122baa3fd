#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/quantities.hpp"
#include "api/validation/rules.hpp"

/// Volumes, claims on them and their classes.
namespace troupe::api {

using schema::Node;

namespace {

constexpr std::string_view kVolumeSources[] = {"hostPath",
                                               "gcePersistentDisk",
                                               "awsElasticBlockStore",
                                               "glusterfs",
                                               "flocker",
                                               "nfs",
                                               "rbd",
                                               "quobyte",
                                               "cephfs",
                                               "iscsi",
                                               "cinder",
                                               "fc",
                                               "flexVolume",
                                               "azureFile",
                                               "vsphereVolume",
                                               "photonPersistentDisk",
                                               "portworxVolume",
                                               "azureDisk",
                                               "scaleIO",
                                               "local",
                                               "storageos",
                                               "csi"};

/// A mode of access is known, and that of one pod alone stands alone.
void check_access_modes(const Subject& subject, std::string_view why_required) {
  const auto modes = items_of(subject.value, "accessModes");
  const At at(subject.at, "accessModes");
  if (modes.empty()) subject.faults.required(at, why_required);
  static const std::vector<std::string_view> kModes = {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce",
                                                       "ReadWriteOncePod"};
  bool one_pod = false;
  bool others = false;
  for (const Node& mode : modes) {
    const std::string_view text = text_of(mode);
    const bool known = std::find(kModes.begin(), kModes.end(), text) != kModes.end();
    if (!known) subject.faults.unsupported(at, text, kModes);
    one_pod = one_pod || text == "ReadWriteOncePod";
    others = others || (known && text != "ReadWriteOncePod");
  }
  if (one_pod && others) subject.faults.forbidden(at, "may not use ReadWriteOncePod with other access modes");
}

void check_class_name(const Subject& subject, std::string_view field) {
  const std::string_view name = text_member(subject.value, field);
  if (!name.empty()) check_dns_subdomain(name, At(subject.at, field), subject.faults);
}

void check_capacity(const Subject& subject) {
  const Node* capacity = member(subject.value, "capacity");
  const At at(subject.at, "capacity");
  if (is_blank(capacity)) subject.faults.required(at);
  const bool storage = member(capacity, "storage") != nullptr;
  if (!storage || capacity->size() > 1) {
    subject.faults.unsupported_json(at, shown(capacity), {"storage"});
  }
  if (capacity == nullptr) return;
  for (const schema::Member& each : capacity->members()) {
    const auto amount = quantity_of(&each.value);
    if (!amount || amount->sign() > 0) continue;
    const At where = At::key(at, each.key);
    if (amount->sign() < 0) {
      subject.faults.invalid_json(where, std::to_string(amount->value()), "must be a valid resource quantity");
    }
    subject.faults.invalid(where, amount->to_string(), "must be greater than zero");
  }
}

/// One source, and for a disk of one machine which machine that is.
void check_volume_source(const Subject& subject) {
  std::size_t sources = 0;
  for (const std::string_view name : kVolumeSources) {
    if (member(subject.value, name) == nullptr) continue;
    if (++sources > 1 && name != "flexVolume") {
      subject.faults.forbidden(At(subject.at, name == "cephfs" ? "cephFS" : name),
                               "may not specify more than 1 volume type");
    } else if (name == "local" && member(member(subject.value, "nodeAffinity"), "required") == nullptr) {
      subject.faults.required(At(subject.at, "nodeAffinity"), "Local volume requires node affinity");
    }
  }
  if (sources == 0) subject.faults.required(subject.at, "must specify a volume type");
  const Node* affinity = member(subject.value, "nodeAffinity");
  if (affinity == nullptr || member(affinity, "required") != nullptr) return;
  const At at(subject.at, "nodeAffinity");
  subject.faults.required(At(at, "required"), "must specify required node constraints");
}

void check_data_source(const Node& claim, std::string_view field, const At& spec, Faults& faults) {
  const Node* source = member(claim, field);
  if (source == nullptr) return;
  const At at(spec, field);
  const std::string_view kind = text_member(source, "kind");
  const std::string_view group = text_member(source, "apiGroup");
  if (text_member(source, "name").empty()) faults.required(At(at, "name"));
  if (kind.empty()) faults.required(At(at, "kind"));
  if (group.empty() && kind != "PersistentVolumeClaim") {
    faults.invalid(at, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  }
  if (!group.empty()) check_dns_subdomain(group, At(at, "apiGroup"), faults);
  const std::string_view space = text_member(source, "namespace");
  if (!space.empty()) check_dns_label(space, At(at, "namespace"), faults);
}

}  // namespace

void check_claim_spec(const Subject& subject) {
  check_access_modes(subject, "at least 1 access mode is required");
  const At resources(subject.at, "resources");
  const At requests = At::key(resources, "storage");
  const auto storage = quantity_member(member(member(subject.value, "resources"), "requests"), "storage");
  if (!storage) {
    subject.faults.required(requests);
  } else if (storage->sign() <= 0) {
    subject.faults.invalid(requests, storage->to_string(), "must be greater than zero");
  }
  check_class_name(subject, "storageClassName");
  check_class_name(subject, "volumeAttributesClassName");
  check_data_source(subject.value, "dataSource", subject.at, subject.faults);
  check_data_source(subject.value, "dataSourceRef", subject.at, subject.faults);
}

void check_volume_spec(const Subject& subject) {
  check_access_modes(subject, "");
  check_capacity(subject);
  check_volume_source(subject);
  const Node* path = member(member(subject.value, "hostPath"), "path");
  if (path != nullptr && text_of(*path) == "/" &&
      text_member(subject.value, "persistentVolumeReclaimPolicy") == "Recycle") {
    subject.faults.forbidden(At(subject.at, "persistentVolumeReclaimPolicy"),
                             "may not be 'recycle' for a hostPath mount of '/'");
  }
  check_class_name(subject, "storageClassName");
  const Node* attributes = member(subject.value, "volumeAttributesClassName");
  if (attributes == nullptr) return;
  if (text_of(*attributes).empty()) {
    subject.faults.required(At(subject.at, "volumeAttributesClassName"), "an empty string is disallowed");
  }
  check_class_name(subject, "volumeAttributesClassName");
  if (member(subject.value, "csi") == nullptr) {
    subject.faults.required(At(subject.at, "csi"), "has to be specified when using volumeAttributesClassName");
  }
}

void check_csi_volume(const Subject& subject) {
  static constexpr std::size_t kLongest = 63;
  const std::string_view driver = text_member(subject.value, "driver");
  const At at(subject.at, "driver");
  if (driver.empty()) return subject.faults.required(at);
  if (driver.size() > kLongest) subject.faults.too_long(at, kLongest);
  std::string lower(driver);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  check_dns_subdomain(lower, at, subject.faults);
}

void check_csi_persistent_volume(const Subject& subject) {
  check_csi_volume(subject);
  if (text_member(subject.value, "volumeHandle").empty()) subject.faults.required(At(subject.at, "volumeHandle"));
}

void check_claim_template(const Subject& subject) {
  if (member(subject.value, "volumeClaimTemplate") == nullptr) {
    subject.faults.required(At(subject.at, "volumeClaimTemplate"));
  }
}

void check_storage_class(const Subject& subject) {
  static constexpr std::size_t kMostParameters = 512;
  static constexpr std::size_t kMostBytes = 256 * 1024;
  const std::string_view provisioner = text_member(subject.value, "provisioner");
  const At at(subject.at, "provisioner");
  if (provisioner.empty()) {
    subject.faults.required(at);
  } else {
    std::string lower(provisioner);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    check_qualified_name(lower, at, subject.faults);
  }
  const Node* parameters = member(subject.value, "parameters");
  if (parameters == nullptr) return;
  const At place(subject.at, "parameters");
  if (parameters->size() > kMostParameters) {
    subject.faults.too_long(place, kMostParameters);
  }
  std::size_t total = 0;
  for (const schema::Member& each : parameters->members()) {
    if (each.key.empty()) subject.faults.invalid(place, each.key, "field can not be empty.");
    total += each.key.size() + text_of(each.value).size();
  }
  if (total > kMostBytes) subject.faults.too_long(place, kMostBytes);
}

}  // namespace troupe::api
