#pragma once

#include <optional>
#include <string>

#include "actors/pod/confinement.hpp"
#include "actors/pod/model.hpp"
#include "base/result.hpp"
#include "runtime/runtime.hpp"
#include "runtime/seccomp.hpp"

namespace troupe::pod {

/// What filters of system calls come from on this node.
struct SeccompDeps {
  std::string root;  ///< The folder of Localhost profiles, absolute.
  runtime::FilterSupport support{};
};

/// Fills in the filter that the container's seccompProfile asks for; a privileged one gets none. Where the node can set
/// none it is left out, and what is answered says why. Reads a small file for Localhost. Errors: the profile, with its
/// file and what is wrong where: CreateContainerError's message.
Result<std::optional<Unkept>> filter_calls(const ContainerSpec& container, const SeccompDeps& deps,
                                           runtime::ContainerSpec& wanted);

}  // namespace troupe::pod
