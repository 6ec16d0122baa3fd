#pragma once

#include <cstddef>
#include <cstdint>

#include "actors/pod/environment.hpp"
#include "actors/pod/handlers.hpp"
#include "actors/pod/probe.hpp"
#include "base/result.hpp"
#include "runtime/runtime.hpp"

namespace troupe::pod {

// The runtime's answers, handed over from its thread to the actor.
struct SandboxCreated {
  Status status;
};
struct SandboxRemoved {
  Status status;
};
struct StartAnswered {
  std::size_t container;
  std::uint32_t attempt;
  Status created;
  Result<runtime::StartInfo> started;
};
struct Listed {
  Result<runtime::Inventory> inventory;
};
/// The objects and services that a start needs have been read.
struct FactsGathered {
  std::size_t container;
  std::uint32_t attempt;
  Result<PodFacts> facts;
};
/// The same, for the volumes of a container that runs.
struct VolumesRead {
  std::size_t container;
  Result<PodFacts> facts;
};
struct ProbeAnswered {
  DueProbe probe;
  std::uint32_t attempt;
  HandlerAnswer answer;
};
enum class Hook : std::uint8_t { kPostStart, kPreStop };
struct HookDone {
  Hook hook;
  std::size_t container;
  std::uint32_t attempt;
  HandlerAnswer answer;
};

}  // namespace troupe::pod
