#include "api/streaming/proxy_exchange.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "api/streaming/serial.hpp"
#include "net/http1_response.hpp"
#include "net/tls_client.hpp"
#include "net/upgrade.hpp"

namespace troupe::api {

namespace {

constexpr std::chrono::seconds kHandshakeTime(10);
constexpr std::size_t kWhole = 64 * 1024;        ///< Bodies that say they are no longer are sent with their length.
constexpr std::size_t kMaxPending = 256 * 1024;  ///< Of a switched connection; then the client is read no more.

/// Everything runs in its serial.
class ProxyExchange final : public std::enable_shared_from_this<ProxyExchange> {
 public:
  ProxyExchange(std::shared_ptr<Call> call, NodeStreams& node, ProxyTarget target)
      : call_(std::move(call)), node_(node), target_(std::move(target)), reader_(call_->request.method == "HEAD") {}

  void start() {
    call_->writer->on_close([self = shared_from_this()] { self->serial_.run([self] { self->close(); }); });
    node_.dial(target_.pod_uid, target_.port, [self = shared_from_this()](Result<Connected> connected) {
      self->serial_.run([self, connected = std::move(connected)] { self->dialled(connected); });
    });
  }

 private:
  class Sink final : public net::ByteSink {
   public:
    explicit Sink(std::shared_ptr<ProxyExchange> to) : to_(std::move(to)) {}
    void received(std::string_view bytes) override {
      const auto to = to_;  // what it leads to may end this sink
      to->serial_.run([to, copy = std::string(bytes)] { to->from_client(copy); });
    }

   private:
    std::shared_ptr<ProxyExchange> to_;
  };

  void dialled(const Result<Connected>& connected) {
    if (over_) {
      if (connected) connected->input->close();
      return;
    }
    if (!connected) {
      const std::string& why = connected.error().message;
      return broken("dial tcp " + target_.host + ": " + (why == "connection refused" ? "connect: " : "") + why);
    }
    pod_ = connected->input;
    held_ = connected->held;
    target_.secure ? shake_hands() : begin();
  }

  void shake_hands() {
    const auto secured = net::make_tls_client_stream(pod_);
    pod_ = secured;
    too_late_ = call_->services.env.after(kHandshakeTime, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self)
        self->serial_.run([self] { self->shaken(fail(ErrorCode::kTimeout, "net/http: TLS handshake timeout")); });
    });
    secured->handshake([self = shared_from_this()](Status good) {
      self->serial_.run([self, good = std::move(good)] { self->shaken(good); });
    });
  }

  void shaken(const Status& good) {
    if (over_ || !too_late_) return;
    too_late_.reset();
    good ? begin() : broken(good.error().message);
  }

  void begin() {
    begun_ = true;
    pending_ = proxied_head(call_->request, call_->info);  // which tells the body's length
    in_chunks_ = is_sent_in_chunks(call_->request);
    body_left_ = call_->request.incoming != nullptr;
    const std::string whole = std::exchange(call_->request.body, {});
    if (in_chunks_ && !body_left_) {
      add_chunk(pending_, whole);
      add_chunk(pending_, {});
    } else {
      pending_ += whole;
    }
    write_to_pod();
    pump();
  }

  // From the pod.

  void pump() {
    if (over_) return;
    pod_->read([self = shared_from_this()](std::string bytes) {
      self->serial_.run([self, bytes = std::move(bytes)] { self->from_pod(bytes); });
    });
  }

  void from_pod(const std::string& bytes) {
    if (over_) return;
    if (switched_) {
      if (bytes.empty()) return finish();
      return send(bytes);
    }
    const Status good = bytes.empty() ? reader_.end() : reader_.feed(bytes, body_);
    if (!good) return broken(good.error().message);
    if (!reader_.has_head()) return pump();
    const int status = reader_.head().status;
    if (status == 101) return switch_protocol();
    if (asks_upgrade(call_->request) && status < 400) {
      ApiError error;
      error.code = 500;
      error.message = "invalid upgrade response: status code " + std::to_string(status);
      return refuse_with(error);
    }
    answer();
  }

  void answer() {
    const bool head_only = call_->request.method == "HEAD";
    if (!streaming_ && !head_only) {
      if (reader_.complete()) return answer_whole();
      if (reader_.length().value_or(kWhole + 1) <= kWhole) return pump();
    }
    if (!std::exchange(streaming_, true)) {
      call_->writer->start(answer_head(reader_.head(), call_->request, call_->info, target_));
    }
    if (!reader_.complete()) return body_.empty() ? pump() : send(std::exchange(body_, {}));
    if (!body_.empty()) write_to_client(std::exchange(body_, {}));
    finish();
  }

  void answer_whole() {
    net::HttpResponse response = answer_head(reader_.head(), call_->request, call_->info, target_);
    response.body = std::move(body_);
    const auto writer = call_->writer;
    close();
    writer->respond(std::move(response));
  }

  bool write_to_client(std::string bytes) {
    return call_->writer->write(std::make_shared<const std::string>(std::move(bytes)));
  }

  /// Goes on reading when the client has room for more.
  void send(std::string bytes) {
    if (write_to_client(std::move(bytes))) return pump();
    call_->writer->on_drain([self = shared_from_this()] { self->serial_.run([self] { self->pump(); }); });
  }

  // To the pod.

  void switch_protocol() {
    connection_ = net::upgradable(*call_->writer);
    if (!asks_upgrade(call_->request) || connection_ == nullptr) return broken("unexpected switch of the protocol");
    switched_ = streaming_ = true;
    connection_->upgrade(answer_head(reader_.head(), call_->request, call_->info, target_),
                         std::make_shared<Sink>(shared_from_this()));
    std::string rest = reader_.take_rest();
    rest.empty() ? pump() : send(std::move(rest));
  }

  void from_client(const std::string& bytes) {
    if (over_) return;
    pending_ += bytes;
    if (pending_.size() > kMaxPending && !std::exchange(paused_, true)) connection_->pause_reading(true);
    write_to_pod();
  }

  void write_to_pod() {
    if (over_ || writing_) return;
    if (pending_.empty()) return read_body();
    writing_ = true;
    pod_->write(std::exchange(pending_, {}),
                [self = shared_from_this()](bool good) { self->serial_.run([self, good] { self->written(good); }); });
  }

  /// The next piece of the request's body, when all before it is written.
  void read_body() {
    if (!body_left_ || reading_body_ || switched_) return;
    reading_body_ = true;
    call_->request.incoming->read([self = shared_from_this()](std::string bytes) {
      self->serial_.run([self, bytes = std::move(bytes)] { self->body_came(bytes); });
    });
  }

  void body_came(const std::string& bytes) {
    reading_body_ = false;
    if (over_ || !body_left_) return;
    body_left_ = !bytes.empty();
    in_chunks_ ? add_chunk(pending_, bytes) : static_cast<void>(pending_.append(bytes));
    if (!pending_.empty()) write_to_pod();
  }

  /// What nobody takes is dropped; the answer, or the end, tells.
  void written(bool good) {
    writing_ = false;
    if (over_) return;
    if (!good) {
      pending_.clear();
      body_left_ = false;
    }
    if (std::exchange(paused_, false)) connection_->pause_reading(false);
    write_to_pod();
  }

  // The end.

  void broken(const std::string& why) {
    if (!streaming_) return refuse_with(!begun_ && asks_upgrade(call_->request) ? undialled(why) : unreachable(why));
    const auto writer = call_->writer;
    close();
    writer->abort();
  }

  void refuse_with(const ApiError& error) {
    close();
    call_->answer(error);
  }

  /// How it is told to those who wanted to switch the protocol.
  static ApiError undialled(const std::string& why) {
    ApiError error;
    error.code = 500;
    error.message = "error dialing backend: " + why;
    return error;
  }

  void finish() {
    const auto writer = call_->writer;
    close();
    writer->finish();
  }

  void close() {
    if (std::exchange(over_, true)) return;
    too_late_.reset();
    if (pod_) pod_->close();
    pod_.reset();
    held_.reset();
    pending_.clear();
    call_->ticket = {};
  }

  std::shared_ptr<Call> call_;
  NodeStreams& node_;
  ProxyTarget target_;
  Serial serial_;
  net::Http1ResponseReader reader_;
  std::shared_ptr<net::ByteStream> pod_;
  std::shared_ptr<void> held_;
  std::string body_;                              ///< From the pod, not yet sent.
  std::string pending_;                           ///< For the pod.
  net::UpgradableWriter* connection_ = nullptr;   ///< The writer, once the protocol was switched.
  std::unique_ptr<Environment::Timer> too_late_;  ///< While hands are shaken.
  bool begun_ = false;                            ///< The request is being sent.
  bool body_left_ = false;                        ///< There may be more of its body.
  bool in_chunks_ = false;
  bool reading_body_ = false;
  bool streaming_ = false;  ///< The answer has begun.
  bool switched_ = false;
  bool writing_ = false;
  bool paused_ = false;
  bool over_ = false;
};

}  // namespace

ApiError unreachable(const std::string& why) { return unavailable("error trying to reach service: " + why); }

void run_proxy(const std::shared_ptr<Call>& call, NodeStreams& node, ProxyTarget target) {
  std::make_shared<ProxyExchange>(call, node, std::move(target))->start();
}

}  // namespace troupe::api
