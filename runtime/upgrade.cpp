#include <capnp/message.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "runtime/say.hpp"
#include "runtime/upgrade_internal.hpp"

extern char** environ;

namespace troupe::runtime {
namespace {

constexpr std::chrono::milliseconds kCheckTime{10'000};
/// For commands of probes and hooks: whoever waits for one is told that it was lost.
constexpr auto kQuietTime = 2 * kj::SECONDS;

std::string own_executable() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

bool same_file(const std::string& left, const std::string& right) {
  struct stat one {};
  struct stat other {};
  return stat(left.c_str(), &one) == 0 && stat(right.c_str(), &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string program_path(const std::string& name) {
  std::string own = own_executable();
  if (name.find('/') == std::string::npos) return own;
  std::string path = name;
  if (!name.starts_with('/')) {
    std::array<char, PATH_MAX> here{};
    if (getcwd(here.data(), here.size()) == nullptr) return own;
    path = std::string(here.data()) + "/" + name;
  }
  return same_file(path, "/proc/self/exe") ? path : own;
}

Upgrade::Upgrade(Program program, Keeper& keeper, KernelChild* kernel, kj::Timer& timer, Fill fill,
                 std::function<void()> leaving, std::function<void()> staying)
    : program_(std::move(program)),
      keeper_(keeper),
      kernel_(kernel),
      timer_(timer),
      fill_(std::move(fill)),
      leaving_(std::move(leaving)),
      staying_(std::move(staying)),
      tasks_(*this) {}

void Upgrade::taskFailed(kj::Exception&& exception) {
  end(Error(ErrorCode::kInternal, exception.getDescription().cStr()));
}

void Upgrade::begin(Failed failed) {
  if (failed_) return failed(Error(ErrorCode::kConflict, "the keeper's program is being replaced already"));
  failed_ = std::move(failed);
  if (forbidden_) return end(Error(ErrorCode::kConflict, "the keeper is ending"));
  if (Status started = check(); !started) end(std::move(started.error()));
}

/// A program that does not even start must not get the place: there is no way back from an exec.
Status Upgrade::check() {
  LaunchPlan plan;
  plan.argv = {program_.path, "--check-handover=" + std::to_string(kHandoverVersion)};
  for (char** variable = environ; *variable != nullptr; ++variable) plan.environment.emplace_back(*variable);
  return keeper_.run_program(std::move(plan), kCheckTime,
                             [this](const Result<ExecResult>& result) { checked(result); });
}

void Upgrade::checked(const Result<ExecResult>& result) {
  if (!result) return end(result.error());
  if (result->timed_out || result->exit_code != 0) {
    const std::string how = result->timed_out ? "does not answer" : "exits with " + std::to_string(result->exit_code);
    return end(Error(ErrorCode::kUnsupported, program_.path + " --check-handover=" + std::to_string(kHandoverVersion) +
                                                  " " + how + ": " + first_line(result->output)));
  }
  // In a turn of its own: this is still the check's.
  tasks_.add(kj::evalLater([this] {
    return keeper_.when_quiet().exclusiveJoin(timer_.afterDelay(kQuietTime)).then([this] { end(replace()); });
  }));
}

Error Upgrade::replace() {
  if (forbidden_) return Error(ErrorCode::kConflict, "the keeper is ending");
  capnp::MallocMessageBuilder message;
  auto handover = message.initRoot<rpc::Handover>();
  DescriptorList descriptors;
  handover.setVersion(kHandoverVersion);
  keeper_.hand_over(handover, descriptors);
  if (kernel_ != nullptr) kernel_->hand_over(handover.initKernel(), descriptors);
  fill_(handover, descriptors);
  Error refused = replace_program(program_.path, program_.argv, message, leaving_);
  staying_();
  return refused;
}

void Upgrade::end(Error reason) {
  say("its program stays: " + reason.message);
  if (auto failed = std::exchange(failed_, nullptr)) failed(std::move(reason));
}

}  // namespace troupe::runtime
