#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "runtime/fd.hpp"
#include "runtime/keeper_files.hpp"
#include "runtime/launcher.hpp"

namespace troupe::runtime {

/// The program of sandbox_init.cpp, as bytes.
std::string_view sandbox_init_image();

/// The first processes of the sandboxes' PID namespaces: children of ours that do nothing but reap. When one is killed
/// the system ends every process in its namespace.
class SandboxInits {
 public:
  SandboxInits(const KeeperFiles& files, Launcher& launcher) : files_(files), launcher_(launcher) {}

  /// The pidfd of the sandbox' one. Made when there is none, or when what there is is `of_no_use`.
  Result<int> of(const std::string& sandbox, bool of_no_use);
  /// Takes up those that live; ends those of sandboxes that are not `wanted`.
  void adopt(bool same_boot, const std::function<bool(const std::string& id)>& wanted);
  /// The user namespace of one that was adopted, when it is not ours; else empty.
  Fd user_namespace() const;
  /// Kills it: when its sandbox has no process any more.
  void end(const std::string& sandbox);
  void clear();

 private:
  Result<int> start(const std::string& sandbox);
  Status prepare_image();

  const KeeperFiles& files_;
  Launcher& launcher_;
  Fd image_;  // a file in memory, from the first use on
  std::map<std::string, Fd> pidfds_;
};

}  // namespace troupe::runtime
