#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/pod/environment.hpp"
#include "actors/pod/model.hpp"
#include "actors/pod/status.hpp"
#include "runtime/runtime.hpp"

namespace troupe::pod {

/// What the runtime holds of one pod.
struct RuntimeSlice {
  bool sandbox = false;
  std::vector<runtime::ContainerInfo> containers;
  std::vector<runtime::PortMapping> ports{};  ///< Of the sandbox.
};

/// One pod's part of an inventory; sandboxes are named by the pod's uid.
RuntimeSlice slice_of(const runtime::Inventory& inventory, std::string_view uid);

/// "UID.CONTAINER.ATTEMPT": so the runtime's list alone says which run of which container an entry is.
std::string run_id(const PodSpec& spec, std::size_t container, std::uint32_t attempt);

/// The state of a pod whose actor starts: from what the runtime holds, and for what it has lost from the status that
/// was shown last. A container that was shown running and is not there counts as ended, with ContainerStatusUnknown.
PodState adopt(const PodSpec& spec, const RuntimeSlice& slice, const PodStatus& shown, Time now);

ExitRecord to_exit_record(const runtime::ContainerExit& exit);

/// Where logs go: ROOT/NAMESPACE_NAME_UID/CONTAINER/ATTEMPT.log.
std::string log_path(std::string_view root, const PodSpec& spec, std::size_t container, std::uint32_t attempt);

/// What the runtime is asked to make. Errors: kInvalidArgument, kUnsupported: CreateContainerConfigError's message.
Result<runtime::ContainerSpec> to_runtime_spec(const PodSpec& spec, std::size_t container, std::uint32_t attempt,
                                               const PodFacts& facts, std::string_view log_root,
                                               bool may_mount = false);

}  // namespace troupe::pod
