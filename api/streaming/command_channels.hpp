#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/environment.hpp"
#include "api/streaming/serial.hpp"
#include "net/http.hpp"

namespace troupe::api {

/// The numbers of Kubernetes' channel protocols.
enum class Channel : std::uint8_t { kInput = 0, kOutput = 1, kError = 2, kStatus = 3, kResize = 4 };

/// The client's side of exec and attach, whatever it speaks. Everything runs in the serial it was made with.
class CommandChannels {
 public:
  struct Events {
    std::function<void(std::string_view)> input;
    std::function<void()> input_ended;
    std::function<void(std::uint16_t width, std::uint16_t height)> resize;
    std::function<void()> gone;  ///< Once; not after `finish`.
  };

  virtual ~CommandChannels() = default;

  virtual void listen(Events events) = 0;
  /// Calls `ready`, now or later, once the client can take what it is sent: nothing may be written before.
  virtual void when_ready(std::function<void()> ready) = 0;
  /// False when more is queued than should be: wait for `on_drain`.
  virtual bool write(Channel channel, std::string_view bytes) = 0;
  virtual void on_drain(std::function<void()> drained) = 0;
  virtual void pause_input(bool paused) = 0;
  /// Sends the Status that tells the end, and closes in order.
  virtual void finish(const std::string& status) = 0;
};

/// Finds the terminal sizes in a stream of {"Width":W,"Height":H}.
class ResizeReader {
 public:
  /// Calls `found` for each whole object in it; what is over 4 KiB without an end is dropped.
  void feed(std::string_view bytes, const std::function<void(std::uint16_t, std::uint16_t)>& found);

 private:
  std::string pending_;
};

/// A client of WebSocket's that has sent nothing is ready this long after it answered a ping, or as long as it took to
/// answer, up to the second value: kubectl 1.32 begins to read before it has made its streams, and drops what
/// comes between.
inline constexpr std::chrono::milliseconds kPause(20);
inline constexpr std::chrono::milliseconds kLongestPause(250);
/// One that does not answer a ping is ready this long after it was sent.
inline constexpr std::chrono::seconds kAnswerTime(5);

/// Channels as the first byte of a WebSocket's messages; `version` is 4 or 5 (which can end the input). Sends the
/// answer `head` first. Ready when the client's first message comes: it has made its streams by then. To be called
/// inside of the serial: what comes is told after that.
std::shared_ptr<CommandChannels> open_websocket_channels(const std::shared_ptr<net::ResponseWriter>& writer,
                                                         net::HttpResponse head, int version,
                                                         const std::shared_ptr<Serial>& serial, Environment& env,
                                                         Channel lowest);

/// How long a client may take to open its streams, as the kubelet has it.
inline constexpr std::chrono::seconds kStreamsTime(30);

/// Channels as streams of SPDY that the client opens; `ready` is called once it has opened those expected. A client
/// that has not by then is cut off. Ready for what it is sent at once.
std::shared_ptr<CommandChannels> open_spdy_channels(const std::shared_ptr<net::ResponseWriter>& writer,
                                                    net::HttpResponse head, const std::shared_ptr<Serial>& serial,
                                                    Environment& env, std::vector<Channel> expected,
                                                    std::function<void()> ready);

}  // namespace troupe::api
