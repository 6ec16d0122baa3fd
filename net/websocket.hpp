#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/http.hpp"

/// The server's side of WebSocket (RFC 6455) as functions of bytes: no sockets here.
namespace troupe::net::websocket {

/// The request asks for this protocol.
bool is_upgrade(const HttpRequest& request);

/// What the client offers as subprotocols, in its order.
std::vector<std::string> offered_protocols(const HttpRequest& request);

/// The answer that switches the connection; `protocol` empty: none is named. kInvalidArgument: key or version.
Result<HttpResponse> handshake(const HttpRequest& request, std::string_view protocol);

enum class Opcode : std::uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

inline constexpr std::uint16_t kNormalClosure = 1000;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kMessageTooBig = 1009;
inline constexpr std::uint16_t kServerError = 1011;

/// One whole frame of ours: `first` and `rest` together are its payload.
std::string frame(Opcode opcode, std::string_view first, std::string_view rest = {});
/// `reason` is cut to what a control frame holds.
std::string close_frame(std::uint16_t code, std::string_view reason);

/// Reads a client's frames, in pieces of any size, and puts messages together.
class Reader {
 public:
  struct Events {
    std::function<void(std::string_view payload)> message;  ///< Binary or text.
    std::function<void(std::string_view payload)> ping;     ///< Answer it with a pong of the same payload.
    std::function<void(std::uint16_t code)> close;          ///< 1005 when it gave none. Nothing comes after it.
    std::function<void(std::string_view payload)> pong{};
  };

  explicit Reader(std::size_t max_message) : max_message_(max_message) {}

  /// False when what came is against the protocol or too large: close with `fault_code`; all that follows is ignored.
  bool feed(std::string_view bytes, const Events& events);

  std::uint16_t fault_code() const { return fault_code_; }
  const std::string& fault() const { return fault_; }

 private:
  /// Reads a head out of `head_`; false while it is incomplete or after a fault.
  bool read_head();
  bool refuse(std::uint16_t code, std::string text);
  bool end_frame(const Events& events);

  std::size_t max_message_;
  std::string head_;  ///< The bytes of an incomplete head.
  bool in_body_ = false;
  bool ended_ = false;  ///< A close came, or a fault.
  Opcode opcode_ = Opcode::kBinary;
  bool final_ = false;
  std::uint64_t left_ = 0;  ///< Of the frame's payload.
  std::size_t mask_at_ = 0;
  char mask_[4] = {};
  bool in_message_ = false;
  std::string message_;
  std::string control_;
  std::uint16_t fault_code_ = 0;
  std::string fault_;
};

}  // namespace troupe::net::websocket
