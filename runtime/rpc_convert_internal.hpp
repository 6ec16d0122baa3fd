#pragma once

#include "runtime/runtime.hpp"
#include "schema/rpc/keeper.capnp.h"

namespace troupe::runtime {

void write(const SandboxSpec& spec, rpc::SandboxSpec::Builder out);
void write(const ContainerSpec& spec, rpc::ContainerSpec::Builder out);
ContainerInfo read(rpc::ContainerInfo::Reader in);
Inventory read(rpc::Inventory::Reader in);
/// Success, or the failure as an error. An unknown code becomes kInternal.
Status read(rpc::Failure::Reader in);

}  // namespace troupe::runtime
