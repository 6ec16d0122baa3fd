#include "api/streaming/client_link.hpp"

#include <string>
#include <utility>

#include "net/upgrade.hpp"
#include "net/websocket.hpp"

namespace troupe::api {

namespace {

namespace ws = net::websocket;

constexpr std::size_t kMaxMessage = 1024 * 1024;
constexpr std::size_t kMaxReplies = 1024 * 1024;

class Link final : public ClientLink, public std::enable_shared_from_this<Link> {
 public:
  Link(std::shared_ptr<net::ResponseWriter> writer, Form form, std::shared_ptr<Serial> serial, Events events)
      : writer_(std::move(writer)),
        form_(form),
        serial_(std::move(serial)),
        events_(std::move(events)),
        reader_(kMaxMessage) {}

  void start(net::HttpResponse head);

  bool send(std::string_view first, std::string_view rest) override {
    if (form_ == Form::kMessages) return put(ws::frame(ws::Opcode::kBinary, first, rest));
    std::string all(first);
    return put(std::move(all.append(rest)));
  }

  void reply(std::string_view bytes) override {
    if (ended_) return;
    reply_with(form_ == Form::kMessages ? ws::frame(ws::Opcode::kBinary, bytes) : std::string(bytes));
  }

  void ping() override {
    if (form_ == Form::kMessages) put(ws::frame(ws::Opcode::kPing, {}));
  }

  void on_drain(std::function<void()> drained) override {
    if (ended_) return;
    writer_->on_drain([serial = serial_, drained = std::move(drained)] { serial->run(drained); });
  }

  void pause(bool paused) override {
    if (!ended_ && upgradable_ != nullptr) upgradable_->pause_reading(paused);
  }

  void close() override {
    if (form_ == Form::kMessages) put(ws::close_frame(ws::kNormalClosure, ""));
    end();
  }

  void refuse(std::string_view why) override { fail(ws::kProtocolError, why); }

  bool ended() const override { return ended_; }

  void received(std::string_view bytes) {
    if (ended_) return;
    if (form_ == Form::kBytes) return events_.received(bytes);
    const ws::Reader::Events events{[this](std::string_view payload) {
                                      if (!ended_) events_.received(payload);
                                    },
                                    [this](std::string_view payload) {
                                      if (!ended_) reply_with(ws::frame(ws::Opcode::kPong, payload));
                                    },
                                    [this](std::uint16_t) {
                                      put(ws::close_frame(ws::kNormalClosure, ""));
                                      lost();
                                    },
                                    [this](std::string_view) {
                                      if (!ended_ && events_.answered) events_.answered();
                                    }};
    if (!reader_.feed(bytes, events) && !ended_) fail(reader_.fault_code(), reader_.fault());
  }

  void lost() {
    if (ended_) return;
    const auto gone = events_.gone;
    end();
    if (gone) gone();
  }

 private:
  void fail(std::uint16_t code, std::string_view why) {
    if (form_ == Form::kMessages) put(ws::close_frame(code, why));
    lost();
  }

  void reply_with(std::string bytes) {
    const std::size_t size = bytes.size();
    const bool room = put(std::move(bytes));
    replies_ = room ? 0 : replies_ + size;
    if (replies_ <= kMaxReplies) return;
    writer_->abort();
    lost();
  }

  bool put(std::string bytes) {
    return ended_ || writer_->write(std::make_shared<const std::string>(std::move(bytes)));
  }

  void end() {
    if (std::exchange(ended_, true)) return;
    writer_->finish();
    // In a turn of its own: this may run inside one of them.
    serial_->run([events = std::make_shared<Events>(std::exchange(events_, {}))] {});
  }

  std::shared_ptr<net::ResponseWriter> writer_;
  net::UpgradableWriter* upgradable_ = nullptr;  ///< The writer, once started.
  const Form form_;
  std::shared_ptr<Serial> serial_;
  Events events_;
  ws::Reader reader_;
  std::size_t replies_ = 0;  ///< Bytes, since the client last had taken all but a little.
  bool ended_ = false;
};

/// Hands what arrives to the serial.
class Sink final : public net::ByteSink {
 public:
  Sink(std::shared_ptr<Link> link, std::shared_ptr<Serial> serial)
      : link_(std::move(link)), serial_(std::move(serial)) {}

  void received(std::string_view bytes) override {
    serial_->run([link = link_, copy = std::string(bytes)] { link->received(copy); });
  }

 private:
  std::shared_ptr<Link> link_;
  std::shared_ptr<Serial> serial_;
};

void Link::start(net::HttpResponse head) {
  upgradable_ = net::upgradable(*writer_);
  if (upgradable_ == nullptr) {
    net::HttpResponse refused;
    refused.status = 400;
    refused.body = "this connection cannot switch its protocol";
    writer_->respond(std::move(refused));
    return lost();
  }
  upgradable_->upgrade(std::move(head), std::make_shared<Sink>(shared_from_this(), serial_));
  writer_->on_close([serial = serial_, weak = weak_from_this()] {
    serial->run([weak] {
      if (const auto self = weak.lock()) self->lost();
    });
  });
}

}  // namespace

std::shared_ptr<ClientLink> ClientLink::open(const std::shared_ptr<net::ResponseWriter>& writer, net::HttpResponse head,
                                             Form form, const std::shared_ptr<Serial>& serial, Events events) {
  auto link = std::make_shared<Link>(writer, form, serial, std::move(events));
  serial->run([link, head = std::move(head)]() mutable { link->start(std::move(head)); });
  return link;
}

}  // namespace troupe::api
