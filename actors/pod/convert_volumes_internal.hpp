#pragma once

#include "actors/pod/model.hpp"
#include "schema/core_v1.capnp.h"

namespace troupe::pod {

VolumeSpec read_volume(k8s::core::v1::Volume::Reader in);
VolumeMountSpec read_mount(k8s::core::v1::VolumeMount::Reader in);

/// With `hostAliases`, each container that mounts nothing at /etc/hosts gets one there: the node's, and behind it the
/// aliases. `out` has its containers and volumes.
void add_host_aliases(k8s::core::v1::PodSpec::Reader spec, PodSpec& out);

}  // namespace troupe::pod
