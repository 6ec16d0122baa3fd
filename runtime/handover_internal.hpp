#pragma once

#include <capnp/serialize.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "runtime/fd.hpp"
#include "schema/rpc/handover.capnp.h"

namespace troupe::runtime {

/// What of handover.capnp this program writes and reads.
inline constexpr std::uint16_t kHandoverVersion = 1;

/// CLOCK_MONOTONIC, nanoseconds: goes on through an exec.
std::int64_t monotonic_now();

/// Descriptors that outlive an exec, out of the way of those that a program opens early. Let go when the exec was
/// refused.
class DescriptorList {
 public:
  DescriptorList() = default;
  DescriptorList(const DescriptorList&) = delete;
  DescriptorList& operator=(const DescriptorList&) = delete;
  ~DescriptorList();

  /// Its number for the successor; 0 when it is empty.
  std::int32_t pass(const Fd& fd);
  std::size_t size() const { return copies_.size() + marked_.size(); }

 private:
  std::vector<Fd> copies_;
  std::vector<int> marked_;  // passed on themselves
};

/// Puts `program` in the place of this one, in the same process; `leaving` is called just before. Returns only when the
/// system refuses, with everything but that as it was.
Error replace_program(const std::string& program, const std::vector<std::string>& argv, capnp::MessageBuilder& handover,
                      const std::function<void()>& leaving);

/// What the program before this one has left for it.
class Handed {
 public:
  /// Empty when this program was started in another way. Whatever cannot be read is closed and said.
  static std::optional<Handed> take();

  rpc::Handover::Reader root() const { return message_->getRoot<rpc::Handover>(); }

 private:
  explicit Handed(std::unique_ptr<capnp::MessageReader> message) : message_(std::move(message)) {}
  std::unique_ptr<capnp::MessageReader> message_;
};

/// Owns a descriptor that was handed on; empty for 0 and for what is not open.
Fd take_descriptor(std::int32_t number);

}  // namespace troupe::runtime
