#include "actors/pod/seccomp.hpp"

#include <utility>

namespace troupe::pod {
namespace {

/// Below the folder, as the API server has it too: the node does not rely on that.
bool leaves_folder(const std::string& path) {
  return path.empty() || path.starts_with('/') || ("/" + path + "/").find("/../") != std::string::npos ||
         path.find('\0') != std::string::npos;
}

}  // namespace

Result<std::optional<Unkept>> filter_calls(const ContainerSpec& container, const SeccompDeps& deps,
                                           runtime::ContainerSpec& wanted) {
  const SeccompSpec& asked = container.security.seccomp;
  if (asked.kind == SeccompSpec::Kind::kUnconfined || container.security.privileged) return std::optional<Unkept>();
  const bool confined = container.security.no_new_privileges;
  const std::string& obstacle =
      deps.support.obstacle.empty() && !confined ? deps.support.obstacle_as_itself : deps.support.obstacle;
  if (!obstacle.empty()) {
    return std::optional<Unkept>(
        {"SeccompNotEnforced", "The system calls of container " + container.name + " are not filtered: " + obstacle});
  }
  const auto capabilities = usual_capabilities(container.security);
  if (!capabilities) return fail(capabilities.error());
  Result<runtime::SyscallFilter> filter = fail(ErrorCode::kInternal, "");
  if (asked.kind == SeccompSpec::Kind::kRuntimeDefault) {
    filter = runtime::compile_profile(runtime::default_profile(*capabilities));
  } else if (leaves_folder(asked.profile)) {
    return fail(ErrorCode::kInvalidArgument, "seccompProfile.localhostProfile: \"" + asked.profile +
                                                 "\" is no path below " + deps.root +
                                                 ": it must be relative and without ..");
  } else {
    filter = runtime::load_profile(deps.root + "/" + asked.profile, runtime::profile_context(*capabilities));
  }
  if (!filter) return fail(std::move(filter.error()));
  wanted.confinement.filter = std::move(*filter);
  return std::optional<Unkept>();
}

}  // namespace troupe::pod
