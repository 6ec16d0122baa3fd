#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "runtime/handover_internal.hpp"
#include "runtime/say.hpp"

extern char** environ;

namespace troupe::runtime {
namespace {

/// "PID:DESCRIPTOR". With the pid, so that it means nothing to a child that inherits it.
constexpr const char* kVariable = "TROUPE_KEEPER_HANDOVER";
/// Below are the standard streams and what a program opens at its start: a launcher wants low numbers.
constexpr int kFirstPassed = 64;

}  // namespace

std::int64_t monotonic_now() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

DescriptorList::~DescriptorList() {
  for (const int number : marked_) fcntl(number, F_SETFD, FD_CLOEXEC);
}

std::int32_t DescriptorList::pass(const Fd& fd) {
  if (!fd) return 0;
  if (fd.get() < kFirstPassed) {
    Fd copy(fcntl(fd.get(), F_DUPFD, kFirstPassed));
    if (copy) {
      copies_.push_back(std::move(copy));
      return copies_.back().get();
    }
  }
  if (fcntl(fd.get(), F_SETFD, 0) != 0) return 0;
  marked_.push_back(fd.get());
  return fd.get();
}

Error replace_program(const std::string& program, const std::vector<std::string>& argv, capnp::MessageBuilder& handover,
                      const std::function<void()>& leaving) {
  const Fd memory(static_cast<int>(syscall(SYS_memfd_create, "troupe-keeper-handover", 0)));
  if (!memory) return errno_error(errno, "make memory for the handover");
  try {
    capnp::writeMessageToFd(memory.get(), handover);
  } catch (const kj::Exception& e) {
    return Error(ErrorCode::kIo, std::string("write the handover: ") + e.getDescription().cStr());
  }
  if (lseek(memory.get(), 0, SEEK_SET) != 0) return errno_error(errno, "write the handover");
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const std::string value = std::to_string(getpid()) + ":" + std::to_string(memory.get());
  setenv(kVariable, value.c_str(), 1);
  leaving();
  execve(program.c_str(), words.data(), environ);
  const int error = errno;
  unsetenv(kVariable);
  return errno_error(error, "exec " + program);
}

std::optional<Handed> Handed::take() {
  const char* value = std::getenv(kVariable);
  int pid = 0;
  int number = -1;
  const bool ours = value != nullptr && std::sscanf(value, "%d:%d", &pid, &number) == 2 && pid == getpid();
  unsetenv(kVariable);
  if (!ours || number < 3) return std::nullopt;
  const Fd memory = take_descriptor(number);
  try {
    capnp::ReaderOptions trusted;
    trusted.traversalLimitInWords = UINT64_MAX;
    auto message = std::make_unique<capnp::StreamFdMessageReader>(memory.get(), trusted);
    if (message->getRoot<rpc::Handover>().getVersion() == kHandoverVersion) return Handed(std::move(message));
    say("what the program before this one has left is of another version: going on from the files");
  } catch (const kj::Exception& e) {
    say(std::string("what the program before this one has left: ") + e.getDescription().cStr());
  }
  syscall(SYS_close_range, 3u, ~0u, 0u);  // which of them were meant is not known
  return std::nullopt;
}

Fd take_descriptor(std::int32_t number) {
  if (number <= 2 || fcntl(number, F_SETFD, FD_CLOEXEC) != 0) return Fd();
  return Fd(number);
}

}  // namespace troupe::runtime
