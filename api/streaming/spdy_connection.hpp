#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "api/streaming/client_link.hpp"
#include "net/spdy.hpp"

namespace troupe::api {

/// SPDY/3.1 with a client, over its bare connection or inside WebSocket messages. Everything runs in its serial.
class SpdyConnection : public std::enable_shared_from_this<SpdyConnection> {
 public:
  struct Events {
    std::function<void(std::uint32_t stream, const net::Headers& headers)> opened;  ///< Answer with accept or reset.
    std::function<void(std::uint32_t stream, std::string_view bytes)> data;
    std::function<void(std::uint32_t stream)> ended;  ///< The client sends no more on it.
    std::function<void(std::uint32_t stream)> reset;
    std::function<void()> gone;  ///< Once; not after `close`.
  };

  /// To be called inside of the serial: what comes is told after that.
  static std::shared_ptr<SpdyConnection> open(const std::shared_ptr<net::ResponseWriter>& writer,
                                              net::HttpResponse head, ClientLink::Form form,
                                              const std::shared_ptr<Serial>& serial, Events events);

  void accept(std::uint32_t stream);
  /// False when more is queued than should be: wait for `on_drain`.
  bool write(std::uint32_t stream, std::string_view bytes);
  void end(std::uint32_t stream);
  void reset(std::uint32_t stream, net::spdy::ResetStatus status);
  void on_drain(std::function<void()> drained) { link_->on_drain(std::move(drained)); }
  void pause(bool paused) { link_->pause(paused); }
  void close();

 private:
  void received(std::string_view bytes);
  void gone();
  void forget_events();

  std::shared_ptr<Serial> serial_;
  std::shared_ptr<ClientLink> link_;
  net::spdy::Reader reader_;
  net::spdy::Writer writer_;
  Events events_;
  std::uint32_t last_stream_ = 0;
};

}  // namespace troupe::api
