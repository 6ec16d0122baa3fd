#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/pod/outside.hpp"

namespace troupe::daemon {

/// The client's side of one call of grpc.health.v1.Health/Check over HTTP/2: bytes in, bytes out, no socket and no
/// clock. What a server sends is held up to 16 KiB and read up to 256 KiB; more ends the call.
class GrpcCall {
 public:
  explicit GrpcCall(const pod::GrpcCheck& check);
  ~GrpcCall();
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  /// What is to be sent next; empty when nothing is.
  std::string take_output();
  void receive(std::string_view bytes);
  /// The connection has ended, for this reason.
  void closed(const std::string& why);

  /// An HTTP/2 server has answered.
  bool connected() const;
  /// Set as soon as the outcome is known: kReplied or kNotConnected.
  const std::optional<pod::GrpcAnswer>& answer() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace troupe::daemon
