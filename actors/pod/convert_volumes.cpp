#include <algorithm>
#include <utility>

#include "actors/pod/convert_volumes_internal.hpp"
#include "schema/segment.hpp"

namespace troupe::pod {
namespace {

namespace core = k8s::core::v1;

constexpr std::int32_t kModeBits = 0777;
constexpr const char* kHosts = "/etc/hosts";

using schema::text;

std::uint32_t bits(std::int32_t mode) { return static_cast<std::uint32_t>(mode & kModeBits); }

/// The keys of a ConfigMap or Secret: those that are named, or all.
template <class Source>
void add_object(EnvVar::Source kind, const std::string& name, Source from, VolumeSpec& out) {
  VolumeItem item;
  item.from.source = kind;
  item.from.object = name;
  item.from.optional = from.getOptional();
  if (from.getItems().size() == 0) out.items.push_back(item);
  for (auto key : from.getItems()) {
    item.from.path = text(key.getKey());
    item.path = text(key.getPath());
    item.mode = key.getHasMode() ? std::optional(bits(key.getMode())) : std::nullopt;
    out.items.push_back(item);
  }
}

void add_downward(capnp::List<core::DownwardAPIVolumeFile>::Reader files, VolumeSpec& out) {
  for (auto file : files) {
    VolumeItem item;
    item.path = text(file.getPath());
    if (file.getHasMode()) item.mode = bits(file.getMode());
    if (file.hasFieldRef()) {
      item.from.source = EnvVar::Source::kField;
      item.from.path = text(file.getFieldRef().getFieldPath());
    } else {
      item.from.source = EnvVar::Source::kResource;
      item.from.path = text(file.getResourceFieldRef().getResource());
      item.from.object = text(file.getResourceFieldRef().getContainerName());
      item.from.divisor = text(file.getResourceFieldRef().getDivisor());
    }
    out.items.push_back(std::move(item));
  }
}

/// Tokens of service accounts come with a later stage: the volume is there without them.
void add_projection(core::VolumeProjection::Reader from, VolumeSpec& out) {
  if (from.hasConfigMap()) {
    add_object(EnvVar::Source::kConfigMap, text(from.getConfigMap().getLocalObjectReference().getName()),
               from.getConfigMap(), out);
  }
  if (from.hasSecret()) {
    add_object(EnvVar::Source::kSecret, text(from.getSecret().getLocalObjectReference().getName()), from.getSecret(),
               out);
  }
  if (from.hasDownwardAPI()) add_downward(from.getDownwardAPI().getItems(), out);
}

}  // namespace

VolumeSpec read_volume(core::Volume::Reader in) {
  VolumeSpec out;
  out.name = text(in.getName());
  const auto source = in.getVolumeSource();
  const auto files = [&out](bool given, std::int32_t mode) {
    out.kind = VolumeSpec::Kind::kFiles;
    if (given) out.mode = bits(mode);
  };
  if (source.hasEmptyDir()) {
    out.kind = VolumeSpec::Kind::kEmptyDir;
    out.in_memory = source.getEmptyDir().getMedium() == "Memory";
    out.size_limit = text(source.getEmptyDir().getSizeLimit());
  } else if (source.hasHostPath()) {
    out.kind = VolumeSpec::Kind::kHostPath;
    out.path = text(source.getHostPath().getPath());
    out.type = text(source.getHostPath().getType());
  } else if (source.hasConfigMap()) {
    const auto from = source.getConfigMap();
    files(from.getHasDefaultMode(), from.getDefaultMode());
    add_object(EnvVar::Source::kConfigMap, text(from.getLocalObjectReference().getName()), from, out);
  } else if (source.hasSecret()) {
    const auto from = source.getSecret();
    files(from.getHasDefaultMode(), from.getDefaultMode());
    add_object(EnvVar::Source::kSecret, text(from.getSecretName()), from, out);
  } else if (source.hasDownwardAPI()) {
    files(source.getDownwardAPI().getHasDefaultMode(), source.getDownwardAPI().getDefaultMode());
    add_downward(source.getDownwardAPI().getItems(), out);
  } else if (source.hasProjected()) {
    files(source.getProjected().getHasDefaultMode(), source.getProjected().getDefaultMode());
    for (auto one : source.getProjected().getSources()) add_projection(one, out);
  }
  return out;
}

void add_host_aliases(core::PodSpec::Reader spec, PodSpec& out) {
  if (spec.getHostAliases().size() == 0) return;
  VolumeItem hosts;
  hosts.path = "hosts";
  hosts.from.path = kHosts;
  hosts.from.value = "\n# Entries added by HostAliases.\n";
  for (auto alias : spec.getHostAliases()) {
    hosts.from.value += text(alias.getIp());
    for (auto name : alias.getHostnames()) hosts.from.value += "\t" + text(name);
    hosts.from.value += "\n";
  }
  VolumeSpec volume;
  volume.name = "host.aliases";  // no volume of an author's may have a dot in its name
  volume.kind = VolumeSpec::Kind::kFiles;
  volume.items.push_back(std::move(hosts));
  for (ContainerSpec& container : out.containers) {
    const bool own = std::any_of(container.mounts.begin(), container.mounts.end(),
                                 [](const VolumeMountSpec& mount) { return mount.path == kHosts; });
    if (!own) container.mounts.push_back({volume.name, kHosts, "hosts"});
  }
  out.volumes.push_back(std::move(volume));
}

VolumeMountSpec read_mount(core::VolumeMount::Reader in) {
  VolumeMountSpec out;
  out.volume = text(in.getName());
  out.path = text(in.getMountPath());
  out.expand_sub_path = in.getSubPathExpr().size() > 0;
  out.sub_path = text(out.expand_sub_path ? in.getSubPathExpr() : in.getSubPath());
  out.read_only = in.getReadOnly();
  return out;
}

}  // namespace troupe::pod
