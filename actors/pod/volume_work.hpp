#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "actors/pod/convert.hpp"
#include "actors/pod/environment.hpp"
#include "base/result.hpp"
#include "kernel/background.hpp"
#include "runtime/runtime.hpp"

namespace troupe::pod {

enum class VolumeTask : std::uint8_t { kMount, kRefresh, kRemove };

/// pod → itself: a piece of work on its volumes has ended.
struct VolumesDone {
  VolumeTask task = VolumeTask::kMount;
  std::size_t container = 0;
  std::uint32_t attempt = 0;
  Status status;                                   ///< kBusy: nothing was done.
  std::shared_ptr<runtime::ContainerSpec> wanted;  ///< kMount: with its mounts.
};

/// What a pod's volumes need of the disk, away from the actor's thread: removing a million files or looking at a dead
/// file server takes as long as it likes. One piece after another, for they write the same folders.
class VolumeWork {
 public:
  /// `tell` is called on any thread, once for each piece; then `next` is due. Without `background` all is done at once.
  VolumeWork(kernel::Background* background, std::string root, bool may_mount, std::function<void(VolumesDone)> tell);

  /// mount_volumes for a run of the container.
  void mount(std::shared_ptr<const PodObject> object, std::size_t container, std::uint32_t attempt, PodFacts facts,
             runtime::ContainerSpec wanted);
  /// refresh_volumes; takes the place of an earlier one of the container that has not begun.
  void refresh(std::shared_ptr<const PodObject> object, std::size_t container, PodFacts facts);
  /// remove_volumes.
  void remove(std::string uid);
  /// A VolumesDone has come.
  void next();

 private:
  struct Piece {
    VolumeTask task;
    std::size_t container;
    std::uint32_t attempt;
    std::function<VolumesDone()> work;
  };
  void add(Piece piece);
  void begin();

  kernel::Background* background_;
  std::string root_;
  bool may_mount_;
  std::function<void(VolumesDone)> tell_;
  std::deque<Piece> waiting_;
  bool working_ = false;
};

}  // namespace troupe::pod
