#include <charconv>
#include <optional>
#include <utility>

#include "api/streaming/client_link.hpp"
#include "api/streaming/command_channels.hpp"

namespace troupe::api {

namespace {

constexpr std::size_t kMaxResize = 4 * 1024;
constexpr unsigned char kCloseChannel = 255;

std::optional<std::uint16_t> number_of(std::string_view object, std::string_view name) {
  const std::size_t at = object.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t from = object.find_first_of("0123456789", at + name.size());
  if (from == std::string_view::npos) return std::nullopt;
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(object.data() + from, object.data() + object.size(), value);
  static_cast<void>(end);
  if (error != std::errc()) return std::nullopt;
  return value;
}

class WebSocketChannels final : public CommandChannels {
 public:
  explicit WebSocketChannels(int version) : version_(version) {}

  void use(std::shared_ptr<ClientLink> link) { link_ = std::move(link); }

  void listen(Events events) override { events_ = std::move(events); }

  bool write(Channel channel, std::string_view bytes) override {
    const char number = static_cast<char>(channel);
    return link_->send(std::string_view(&number, 1), bytes);
  }

  void on_drain(std::function<void()> drained) override { link_->on_drain(std::move(drained)); }
  void pause_input(bool paused) override { link_->pause(paused); }

  void finish(const std::string& status) override {
    write(Channel::kStatus, status);
    link_->close();
  }

  void gone() const {
    const auto call = events_.gone;
    if (call) call();
  }

  void message(std::string_view payload) {
    if (payload.empty()) return;
    const auto channel = static_cast<unsigned char>(payload.front());
    payload.remove_prefix(1);
    if (channel == static_cast<unsigned>(Channel::kInput)) {
      if (events_.input && !payload.empty()) events_.input(payload);
    } else if (channel == static_cast<unsigned>(Channel::kResize)) {
      if (events_.resize) resizes_.feed(payload, events_.resize);
    } else if (channel == kCloseChannel && version_ >= 5 && payload == std::string_view("\0", 1)) {
      if (events_.input_ended) events_.input_ended();
    }
  }

 private:
  const int version_;
  std::shared_ptr<ClientLink> link_;
  ResizeReader resizes_;
  Events events_;
};

}  // namespace

void ResizeReader::feed(std::string_view bytes, const std::function<void(std::uint16_t, std::uint16_t)>& found) {
  pending_.append(bytes.substr(0, kMaxResize));
  while (true) {
    const std::size_t end = pending_.find('}');
    if (end == std::string::npos) break;
    const std::string object = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    const auto width = number_of(object, "\"Width\"");
    const auto height = number_of(object, "\"Height\"");
    if (width && height) found(*width, *height);
  }
  if (pending_.size() > kMaxResize) pending_.clear();
}

std::shared_ptr<CommandChannels> open_websocket_channels(const std::shared_ptr<net::ResponseWriter>& writer,
                                                         net::HttpResponse head, int version,
                                                         const std::shared_ptr<Serial>& serial, Channel lowest) {
  auto channels = std::make_shared<WebSocketChannels>(version);
  ClientLink::Events events{[channels](std::string_view payload) { channels->message(payload); },
                            [channels] { channels->gone(); }};
  channels->use(ClientLink::open(writer, std::move(head), ClientLink::Form::kMessages, serial, std::move(events)));
  // As Kubernetes: tells the client that it is connected. Behind the answer, which waits for its turn.
  serial->run([channels, lowest] { channels->write(lowest, {}); });
  return channels;
}

}  // namespace troupe::api
