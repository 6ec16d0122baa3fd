#include "api/streaming/spdy_connection.hpp"

#include <algorithm>
#include <utility>

namespace troupe::api {

namespace spdy = net::spdy;

namespace {
constexpr std::size_t kPiece = 16 * 1024;  // of data, so that streams take turns
}

std::shared_ptr<SpdyConnection> SpdyConnection::open(const std::shared_ptr<net::ResponseWriter>& writer,
                                                     net::HttpResponse head, ClientLink::Form form,
                                                     const std::shared_ptr<Serial>& serial, Events events) {
  auto connection = std::make_shared<SpdyConnection>();
  connection->events_ = std::move(events);
  connection->serial_ = serial;
  ClientLink::Events link{[connection](std::string_view bytes) { connection->received(bytes); },
                          [connection] { connection->gone(); }};
  connection->link_ = ClientLink::open(writer, std::move(head), form, serial, std::move(link));
  return connection;
}

void SpdyConnection::received(std::string_view bytes) {
  const spdy::Reader::Events events{[this](std::uint32_t stream, const net::Headers& headers, bool last) {
                                      if (link_->ended()) return;
                                      last_stream_ = stream;
                                      if (events_.opened) events_.opened(stream, headers);
                                      if (last && events_.ended) events_.ended(stream);
                                    },
                                    [this](std::uint32_t stream, std::string_view piece, bool last) {
                                      if (link_->ended()) return;
                                      if (!piece.empty() && events_.data) events_.data(stream, piece);
                                      if (last && events_.ended) events_.ended(stream);
                                    },
                                    [this](std::uint32_t stream) {
                                      if (!link_->ended() && events_.reset) events_.reset(stream);
                                    },
                                    [this](std::uint32_t id) {
                                      if (id % 2 == 1) link_->reply(spdy::Writer::ping(id));
                                    },
                                    {}};
  if (!reader_.feed(bytes, events) && !link_->ended()) {
    link_->send(spdy::Writer::go_away(last_stream_));
    link_->refuse(reader_.fault());
  }
}

void SpdyConnection::gone() {
  const auto call = events_.gone;
  forget_events();
  if (call) call();
}

void SpdyConnection::forget_events() {
  // In a turn of its own: this may run inside one of them.
  serial_->run([events = std::make_shared<Events>(std::exchange(events_, {}))] {});
}

void SpdyConnection::accept(std::uint32_t stream) { link_->reply(writer_.reply(stream)); }

bool SpdyConnection::write(std::uint32_t stream, std::string_view bytes) {
  bool room = true;
  while (!bytes.empty()) {
    room = link_->send(spdy::Writer::data(stream, bytes.substr(0, kPiece), false));
    bytes.remove_prefix(std::min(bytes.size(), kPiece));
  }
  return room;
}

void SpdyConnection::end(std::uint32_t stream) { link_->reply(spdy::Writer::data(stream, {}, true)); }

void SpdyConnection::reset(std::uint32_t stream, spdy::ResetStatus status) {
  link_->reply(spdy::Writer::reset(stream, status));
}

void SpdyConnection::close() {
  link_->send(spdy::Writer::go_away(last_stream_));
  link_->close();
  forget_events();
}

}  // namespace troupe::api
