#pragma once

#include "actors/pod/model.hpp"
#include "schema/core_v1.capnp.h"

namespace troupe::pod {

VolumeSpec read_volume(k8s::core::v1::Volume::Reader in);
VolumeMountSpec read_mount(k8s::core::v1::VolumeMount::Reader in);

}  // namespace troupe::pod
