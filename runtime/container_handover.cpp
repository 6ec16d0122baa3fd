#include <fcntl.h>
#include <sched.h>
#include <signal.h>

#include "runtime/container_internal.hpp"
#include "runtime/handover_internal.hpp"

namespace troupe::runtime {
namespace {

capnp::Data::Reader bytes(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

std::string_view text(capnp::Data::Reader bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace

void Container::adopt(bool same_boot) {
  const std::string folder = host_.files.container(id_);
  const std::string line = read_file(folder + "/process").value_or("");
  const ProcessStat process = parse_stat(line);
  if (process.start_ticks == 0) return;  // never started
  pid_ = process.pid;
  start_ticks_ = process.start_ticks;
  started_at_ = modified_at(folder + "/process");
  if (const auto record = parse_exit(read_file(folder + "/exit").value_or(""))) {
    finish(record->status, record->finished_at, false);
    return;
  }
  if (same_boot) pidfd_ = open_process(pid_, start_ticks_);
  if (!pidfd_) {
    finish({137, 0, true}, wall_now(), true);
    return;
  }
  if (const Result<int> own = own_namespaces(); own && (*own & CLONE_NEWNS) != 0) {
    mounts_.reset(open((folder_of(pid_) + "/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC));
  }
  state_ = ContainerState::kRunning;
  log_.begin();
  for (int i = 0; i < 2; ++i) open_stream(i, folder + kStreamFiles[i]);
  if (input_once_ && !terminal_) input_.reset(open((folder + kInputFile).c_str(), O_RDWR | O_CLOEXEC));
  if (!watch()) signal(SIGKILL);
}

void Container::hand_over(rpc::HandedContainer::Builder out, DescriptorList& descriptors) const {
  fill(out.initInfo());
  out.setProcess(descriptors.pass(pidfd_));
  out.setMounts(descriptors.pass(mounts_));
  out.setOutput(descriptors.pass(streams_[0]));
  out.setError(descriptors.pass(streams_[1]));
  out.setInput(descriptors.pass(input_));
  out.setLog(descriptors.pass(log_.file()));
  out.setLogWanted(log_.wanted());
  out.setLogDropped(log_.dropped_bytes());
  out.setUnfinishedOutput(bytes(log_.unfinished(LogStream::kStdout)));
  out.setUnfinishedError(bytes(log_.unfinished(LogStream::kStderr)));
  out.setKillAt(kill_at);
}

void Container::take_over(rpc::HandedContainer::Reader from) {
  auto info = from.getInfo();
  state_ = static_cast<ContainerState>(info.getState());
  created_at_ = info.getCreatedAt();
  if (state_ == ContainerState::kCreated) return;
  pid_ = info.getPid();
  start_ticks_ = info.getStartTicks();
  started_at_ = info.getStartedAt();
  pidfd_ = take_descriptor(from.getProcess());
  mounts_ = take_descriptor(from.getMounts());
  streams_[0] = take_descriptor(from.getOutput());
  streams_[1] = take_descriptor(from.getError());
  input_ = take_descriptor(from.getInput());
  log_.go_on(take_descriptor(from.getLog()), from.getLogWanted(), from.getLogDropped());
  log_.go_on(LogStream::kStdout, text(from.getUnfinishedOutput()));
  log_.go_on(LogStream::kStderr, text(from.getUnfinishedError()));
  if (info.hasExit()) {
    auto exit = info.getExit();
    exit_ = {exit.getExitCode(), exit.getSignal(), exit.getStatusLost(), exit.getOomKilled()};
    finished_at_ = exit.getFinishedAt();
    exit_sequence_ = exit.getSequence();
  }
  if (state_ == ContainerState::kRunning && !pidfd_) pidfd_ = open_process(pid_, start_ticks_);
  if (state_ == ContainerState::kRunning && !pidfd_) return finish({137, 0, true}, wall_now(), true);
  if (!watch()) signal(SIGKILL);
}

}  // namespace troupe::runtime
