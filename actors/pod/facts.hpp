#pragma once

#include <cstddef>
#include <functional>

#include "actors/pod/environment.hpp"
#include "actors/pod/outside.hpp"
#include "base/result.hpp"
#include "net/pod_network.hpp"

namespace troupe::pod {

/// Reads the objects and services that a start of the container needs, and adds them to what is `known`. Objects that
/// are not there are left out. `done` is called once, perhaps at once, on any thread; its error is a source's that
/// could not be asked. Without `objects` there is nothing to read.
void gather_facts(ObjectSource* objects, const PodSpec& spec, std::size_t container, PodFacts known,
                  std::function<void(Result<PodFacts>)> done);

/// PORT and its like, for a pod that was given ports of its own.
void add_port_variables(const PodSpec& spec, const net::PortMap& ports, Variables& variables);

}  // namespace troupe::pod
