#include <algorithm>
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

class WebSocketChannels final : public CommandChannels, public std::enable_shared_from_this<WebSocketChannels> {
 public:
  WebSocketChannels(int version, Channel lowest, std::shared_ptr<Serial> serial, Environment& env)
      : version_(version), lowest_(lowest), serial_(std::move(serial)), env_(env) {}

  void use(std::shared_ptr<ClientLink> link) { link_ = std::move(link); }

  /// To be called behind the answer.
  void start() {
    if (link_->ended()) return;
    asked_ = env_.now();
    link_->ping();
    begin_after(kAnswerTime);
  }

  void listen(Events events) override { events_ = std::move(events); }

  void when_ready(std::function<void()> ready) override {
    if (begun_) return ready();
    ready_ = std::move(ready);
  }

  bool write(Channel channel, std::string_view bytes) override {
    const char number = static_cast<char>(channel);
    return link_->send(std::string_view(&number, 1), bytes);
  }

  void on_drain(std::function<void()> drained) override { link_->on_drain(std::move(drained)); }
  void pause_input(bool paused) override { link_->pause(paused); }

  void finish(const std::string& status) override {
    write(Channel::kStatus, status);
    link_->close();
    forget_timer();
  }

  void gone() {
    forget_timer();
    const auto call = events_.gone;
    if (call) call();
  }

  /// The client reads; it makes its streams in these moments. A machine that is slow to answer is slow at that too.
  void answered() {
    if (begun_ || std::exchange(answered_, true)) return;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(env_.now() - asked_);
    begin_after(std::clamp(took, kPause, kLongestPause));
  }

  void message(std::string_view payload) {
    begin();
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
  void begin_after(std::chrono::milliseconds time) {
    timer_ = env_.after(time, [weak = weak_from_this(), serial = serial_] {
      serial->run([weak] {
        const auto self = weak.lock();
        if (self && self->timer_) self->begin();
      });
    });
  }

  void begin() {
    if (std::exchange(begun_, true)) return;
    timer_.reset();
    // As Kubernetes: tells the client that it is connected.
    write(lowest_, {});
    if (const auto ready = std::exchange(ready_, nullptr)) ready();
  }

  void forget_timer() {
    timer_.reset();
    ready_ = nullptr;
  }

  const int version_;
  const Channel lowest_;
  std::shared_ptr<Serial> serial_;
  Environment& env_;
  std::shared_ptr<ClientLink> link_;
  ResizeReader resizes_;
  Events events_;
  std::function<void()> ready_;
  std::unique_ptr<Environment::Timer> timer_;  ///< For a client that has sent no message yet.
  std::chrono::system_clock::time_point asked_;
  bool answered_ = false;
  bool begun_ = false;
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
                                                         const std::shared_ptr<Serial>& serial, Environment& env,
                                                         Channel lowest) {
  auto channels = std::make_shared<WebSocketChannels>(version, lowest, serial, env);
  ClientLink::Events events{[channels](std::string_view payload) { channels->message(payload); },
                            [channels] { channels->gone(); }, [channels] { channels->answered(); }};
  channels->use(ClientLink::open(writer, std::move(head), ClientLink::Form::kMessages, serial, std::move(events)));
  serial->run([channels] { channels->start(); });  // behind the answer, which waits for its turn
  return channels;
}

}  // namespace troupe::api
