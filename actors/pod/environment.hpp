#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/pod/model.hpp"
#include "base/result.hpp"

namespace troupe::pod {

/// Name and value, in the order in which they are set.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// Replaces `$(NAME)` by what `lookup` finds (null: the reference stays as it is written); `$$` is a literal `$`.
std::string expand(std::string_view text, const std::function<const std::string*(std::string_view)>& lookup);

/// The keys and values of a ConfigMap or Secret.
using ObjectData = std::map<std::string, std::string>;

/// What the node knows that variables may ask for.
struct PodFacts {
  std::string host_ip;
  std::string pod_ip;
  Variables services{};  ///< Of the namespace, and those for the pod's own ports.
  /// The objects that `object_references` names; one that is not here does not exist.
  std::map<std::pair<EnvVar::Source, std::string>, ObjectData> objects{};
  std::map<std::string, std::int64_t>
      machine{};  ///< Allocatable "cpu" in millicores, "memory" in bytes: where no limit is.
};

/// The ConfigMaps and Secrets that the container's variables come from.
std::vector<std::pair<EnvVar::Source, std::string>> object_references(const ContainerSpec& container);

/// A `resourceFieldRef`: the container's limit or request, in units of the divisor, rounded up. kInvalidArgument.
Result<std::string> resource_value(const PodSpec& spec, const ContainerSpec& container, const PodFacts& facts,
                                   const EnvVar& variable);

/// A `fieldRef` of the downward API. Errors: kInvalidArgument for a path that Kubernetes does not offer.
Result<std::string> field_value(const PodSpec& spec, const PodFacts& facts, std::string_view path);

/// The container's variables: services, `envFrom`, then `env` in order, each may refer to earlier ones. Errors
/// (kInvalidArgument, kNotFound, kUnsupported): the message is what Kubernetes shows with CreateContainerConfigError.
Result<Variables> resolve_env(const PodSpec& spec, const ContainerSpec& container, const PodFacts& facts);

/// The words to run: `command` and `args`, with `$(NAME)` replaced. Errors: kInvalidArgument when both are empty:
/// there is no image that would say what to run.
Result<std::vector<std::string>> command_line(const ContainerSpec& container, const Variables& variables);

}  // namespace troupe::pod
