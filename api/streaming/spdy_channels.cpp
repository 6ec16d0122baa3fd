#include <map>
#include <utility>

#include "api/streaming/command_channels.hpp"
#include "api/streaming/spdy_connection.hpp"

namespace troupe::api {

namespace {

constexpr std::pair<std::string_view, Channel> kTypes[] = {{"stdin", Channel::kInput},
                                                           {"stdout", Channel::kOutput},
                                                           {"stderr", Channel::kError},
                                                           {"error", Channel::kStatus},
                                                           {"resize", Channel::kResize}};

/// A stream of the client's for each channel; ready once it has opened all that it said it would.
class SpdyChannels final : public CommandChannels, public std::enable_shared_from_this<SpdyChannels> {
 public:
  SpdyChannels(std::vector<Channel> expected, std::function<void()> ready)
      : expected_(std::move(expected)), ready_(std::move(ready)) {}

  void use(std::shared_ptr<SpdyConnection> client, const std::shared_ptr<Serial>& serial, Environment& env) {
    client_ = std::move(client);
    patience_ = env.after(kStreamsTime, [weak = weak_from_this(), serial] {
      serial->run([weak] {
        const auto self = weak.lock();
        if (self && self->ready_) self->give_up();
      });
    });
  }

  void listen(Events events) override { events_ = std::move(events); }
  void when_ready(std::function<void()> ready) override { ready(); }

  bool write(Channel channel, std::string_view bytes) override {
    const auto stream = streams_.find(channel);
    return stream == streams_.end() || client_->write(stream->second, bytes);
  }

  void on_drain(std::function<void()> drained) override { client_->on_drain(std::move(drained)); }
  void pause_input(bool paused) override { client_->pause(paused); }

  void finish(const std::string& status) override {
    write(Channel::kStatus, status);
    for (const auto& [channel, stream] : streams_) client_->end(stream);
    give_up();
  }

  void opened(std::uint32_t stream, const net::Headers& headers) {
    const std::string* type = headers.find("streamtype");
    for (const auto& [name, channel] : kTypes) {
      if (type == nullptr || *type != name || streams_.contains(channel)) continue;
      streams_[channel] = stream;
      client_->accept(stream);
      return look();
    }
    client_->reset(stream, net::spdy::ResetStatus::kRefusedStream);
  }

  void data(std::uint32_t stream, std::string_view bytes) {
    if (is(Channel::kInput, stream) && events_.input) events_.input(bytes);
    if (is(Channel::kResize, stream) && events_.resize) resizes_.feed(bytes, events_.resize);
  }

  void ended(std::uint32_t stream) const {
    if (is(Channel::kInput, stream) && events_.input_ended) events_.input_ended();
  }

  void gone() {
    ready_ = nullptr;
    patience_.reset();
    const auto call = events_.gone;
    if (call) call();
  }

 private:
  void give_up() {
    client_->close();
    ready_ = nullptr;
    patience_.reset();
  }

  bool is(Channel channel, std::uint32_t stream) const {
    const auto found = streams_.find(channel);
    return found != streams_.end() && found->second == stream;
  }

  void look() {
    for (const Channel channel : expected_) {
      if (!streams_.contains(channel)) return;
    }
    patience_.reset();
    if (const auto ready = std::exchange(ready_, nullptr)) ready();
  }

  std::vector<Channel> expected_;
  std::function<void()> ready_;
  std::unique_ptr<Environment::Timer> patience_;
  std::shared_ptr<SpdyConnection> client_;
  std::map<Channel, std::uint32_t> streams_;
  ResizeReader resizes_;
  Events events_;
};

}  // namespace

std::shared_ptr<CommandChannels> open_spdy_channels(const std::shared_ptr<net::ResponseWriter>& writer,
                                                    net::HttpResponse head, const std::shared_ptr<Serial>& serial,
                                                    Environment& env, std::vector<Channel> expected,
                                                    std::function<void()> ready) {
  auto channels = std::make_shared<SpdyChannels>(std::move(expected), std::move(ready));
  SpdyConnection::Events events;
  events.opened = [channels](std::uint32_t id, const net::Headers& headers) { channels->opened(id, headers); };
  events.data = [channels](std::uint32_t id, std::string_view bytes) { channels->data(id, bytes); };
  events.ended = [channels](std::uint32_t id) { channels->ended(id); };
  events.reset = [channels](std::uint32_t id) { channels->ended(id); };
  events.gone = [channels] { channels->gone(); };
  channels->use(SpdyConnection::open(writer, std::move(head), ClientLink::Form::kBytes, serial, std::move(events)),
                serial, env);
  return channels;
}

}  // namespace troupe::api
