#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "api/streaming/serial.hpp"
#include "net/http.hpp"

namespace troupe::api {

/// A client's connection after its protocol was switched, as a flow of bytes or of messages. Everything runs in its
/// serial.
class ClientLink {
 public:
  enum class Form : std::uint8_t {
    kBytes,     ///< As they come: SPDY.
    kMessages,  ///< WebSocket's messages; its pings and closes are dealt with here.
  };
  struct Events {
    std::function<void(std::string_view)> received;  ///< A piece of the bytes, or one whole message.
    std::function<void()> gone;                      ///< Once; not after `close`.
    std::function<void()> answered{};                ///< The client answered a `ping`.
  };

  virtual ~ClientLink() = default;

  /// False when more is queued than should be: wait for `on_drain`. After the end it does nothing.
  virtual bool send(std::string_view first, std::string_view rest = {}) = 0;
  /// What the client brought about itself (a ping's answer, a reset): a client that goes on asking and reads nothing is
  /// cut off when 1 MiB of it waits behind what is queued anyway.
  virtual void reply(std::string_view bytes) = 0;
  /// Of WebSocket: asks the client for an answer, which shows that it reads what it is sent.
  virtual void ping() = 0;
  virtual void on_drain(std::function<void()> drained) = 0;
  virtual void pause(bool paused) = 0;
  /// Closes in order, once everything is sent.
  virtual void close() = 0;
  /// The client did what it may not: says why where that can be said, and is then gone.
  virtual void refuse(std::string_view why) = 0;
  virtual bool ended() const = 0;

  /// Switches the connection with the answer `head`; what comes is told once this serial is free.
  static std::shared_ptr<ClientLink> open(const std::shared_ptr<net::ResponseWriter>& writer, net::HttpResponse head,
                                          Form form, const std::shared_ptr<Serial>& serial, Events events);
};

}  // namespace troupe::api
