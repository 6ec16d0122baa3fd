#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/core_v1.capnp.h"

namespace troupe::pod {

/// The fields that a pod sets and the node half does not act upon, by their paths: "spec.dnsConfig",
/// "spec.containers{main}.securityContext.procMount". Those that ask for what is so anyway are left out.
std::vector<std::string> ignored_fields(k8s::core::v1::PodSpec::Reader spec);

}  // namespace troupe::pod
