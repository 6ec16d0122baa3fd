#include <utility>

#include "actors/pod/ignored_internal.hpp"
#include "schema/segment.hpp"

namespace troupe::pod {
namespace {

namespace core = k8s::core::v1;

using schema::text;

constexpr std::size_t kMostFields = 32;

class Fields {
 public:
  void add(bool asked, std::string path) {
    if (!asked) return;
    if (out_.size() < kMostFields) return out_.push_back(std::move(path));
    if (out_.size() == kMostFields) out_.emplace_back("and more");
  }
  std::vector<std::string> take() { return std::move(out_); }

 private:
  std::vector<std::string> out_;
};

/// The parts that a pod's securityContext and a container's have in common.
template <class Reader>
void look_at_profiles(Reader security, const std::string& at, Fields& out) {
  out.add(security.hasAppArmorProfile() && security.getAppArmorProfile().getType() != "Unconfined",
          at + "appArmorProfile");
  out.add(security.hasSeLinuxOptions(), at + "seLinuxOptions");
}

/// A container, or the like parts of an ephemeral one.
template <class Reader>
void look_at_container(Reader container, std::string_view list, Fields& out) {
  const std::string at = "spec." + std::string(list) + "{" + text(container.getName()) + "}.";
  if (container.hasSecurityContext()) look_at_profiles(container.getSecurityContext(), at + "securityContext.", out);
  out.add(container.getVolumeDevices().size() > 0, at + "volumeDevices");
  out.add(container.getResources().getClaims().size() > 0, at + "resources.claims");
  for (auto mount : container.getVolumeMounts()) {
    const std::string path = at + "volumeMounts{" + text(mount.getName()) + "}.";
    out.add(mount.getMountPropagation().size() > 0 && mount.getMountPropagation() != "None", path + "mountPropagation");
    out.add(mount.getRecursiveReadOnly() == "Enabled", path + "recursiveReadOnly");
  }
}

/// Sources of files that there are none of.
void look_at_volume(core::Volume::Reader volume, Fields& out) {
  const std::string at = "spec.volumes{" + text(volume.getName()) + "}.projected.sources.";
  for (auto source : volume.getVolumeSource().getProjected().getSources()) {
    out.add(source.hasServiceAccountToken(), at + "serviceAccountToken");
    out.add(source.hasClusterTrustBundle(), at + "clusterTrustBundle");
    out.add(source.hasPodCertificate(), at + "podCertificate");
  }
}

}  // namespace

std::vector<std::string> ignored_fields(core::PodSpec::Reader spec) {
  Fields out;
  out.add(spec.hasDnsConfig(), "spec.dnsConfig");
  out.add(spec.getDnsPolicy() == "None", "spec.dnsPolicy");
  out.add(spec.getHasHostUsers() && !spec.getHostUsers(), "spec.hostUsers");
  out.add(spec.getResourceClaims().size() > 0, "spec.resourceClaims");
  const bool shared = spec.getContainers().size() + spec.getInitContainers().size() > 1;
  out.add(shared && spec.getResources().getLimits().size() > 0,
          "spec.resources.limits (each container is held to them by itself, not all together)");
  if (spec.hasSecurityContext()) {
    look_at_profiles(spec.getSecurityContext(), "spec.securityContext.", out);
    out.add(spec.getSecurityContext().getSysctls().size() > 0, "spec.securityContext.sysctls");
  }
  for (auto volume : spec.getVolumes()) look_at_volume(volume, out);
  for (auto container : spec.getInitContainers()) look_at_container(container, "initContainers", out);
  for (auto container : spec.getContainers()) look_at_container(container, "containers", out);
  for (auto container : spec.getEphemeralContainers()) {
    look_at_container(container.getEphemeralContainerCommon(), "ephemeralContainers", out);
  }
  return out.take();
}

}  // namespace troupe::pod
