#include "actors/pod/volume_work.hpp"

#include <utility>

#include "actors/pod/volumes.hpp"

namespace troupe::pod {

VolumeWork::VolumeWork(kernel::Background* background, std::string root, bool may_mount,
                       std::function<void(VolumesDone)> tell)
    : background_(background), root_(std::move(root)), may_mount_(may_mount), tell_(std::move(tell)) {}

void VolumeWork::mount(std::shared_ptr<const PodObject> object, std::size_t container, std::uint32_t attempt,
                       PodFacts facts, runtime::ContainerSpec wanted) {
  add({VolumeTask::kMount, container, attempt,
       [object = std::move(object), container, attempt, facts = std::move(facts), root = root_, may_mount = may_mount_,
        made = std::make_shared<runtime::ContainerSpec>(std::move(wanted))] {
         Status status = mount_volumes(object->spec, container, facts, root, may_mount, *made);
         return VolumesDone{VolumeTask::kMount, container, attempt, std::move(status), made};
       }});
}

void VolumeWork::refresh(std::shared_ptr<const PodObject> object, std::size_t container, PodFacts facts) {
  std::erase_if(waiting_, [container](const Piece& one) {
    return one.task == VolumeTask::kRefresh && one.container == container;
  });
  add({VolumeTask::kRefresh, container, 0,
       [object = std::move(object), container, facts = std::move(facts), root = root_] {
         return VolumesDone{VolumeTask::kRefresh, container, 0, refresh_volumes(object->spec, container, facts, root),
                            nullptr};
       }});
}

void VolumeWork::remove(std::string uid) {
  add({VolumeTask::kRemove, 0, 0, [uid = std::move(uid), root = root_] {
         remove_volumes(root, uid);
         return VolumesDone{VolumeTask::kRemove, 0, 0, {}, nullptr};
       }});
}

void VolumeWork::next() {
  working_ = false;
  begin();
}

void VolumeWork::add(Piece piece) {
  waiting_.push_back(std::move(piece));
  if (!working_) begin();
}

void VolumeWork::begin() {
  if (waiting_.empty()) return;
  working_ = true;
  Piece piece = std::move(waiting_.front());
  waiting_.pop_front();
  if (background_ == nullptr) return tell_(piece.work());
  auto out = std::make_shared<VolumesDone>();
  const bool taken = background_->run([out, work = std::move(piece.work)] { *out = work(); },
                                      [out, tell = tell_] { tell(std::move(*out)); });
  if (taken) return;
  tell_({piece.task, piece.container, piece.attempt, fail(ErrorCode::kBusy, "this node has too much work on its disks"),
         nullptr});
}

}  // namespace troupe::pod
