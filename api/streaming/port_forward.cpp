#include "api/streaming/port_forward.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "api/streaming/spdy_connection.hpp"

namespace troupe::api {

namespace {

constexpr std::size_t kMaxStreams = 2048;
constexpr std::size_t kMaxPending = 256 * 1024;  ///< For one connection to the pod; then the client is read no more.
constexpr std::size_t kMaxUnwritten = 4 * 1024 * 1024;  ///< For all of them, with what is being written; the same.

std::optional<std::uint16_t> port_of(const net::Headers& headers) {
  const std::string* text = headers.find("port");
  std::uint16_t port = 0;
  if (text == nullptr) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), port);
  if (error != std::errc() || end != text->data() + text->size() || port == 0) return std::nullopt;
  return port;
}

/// Everything runs in its serial.
class PortForward final : public std::enable_shared_from_this<PortForward> {
 public:
  PortForward(std::shared_ptr<Call> call, NodeStreams& node, ForwardTarget target)
      : call_(std::move(call)), node_(node), target_(std::move(target)), serial_(std::make_shared<Serial>()) {}

  void start(net::HttpResponse head, ClientLink::Form form) {
    serial_->run([self = shared_from_this(), head = std::move(head), form]() mutable {
      SpdyConnection::Events events;
      events.opened = [self](std::uint32_t id, const net::Headers& headers) { self->opened(id, headers); };
      events.data = [self](std::uint32_t id, std::string_view bytes) { self->data(id, bytes); };
      events.ended = [self](std::uint32_t id) { self->client_ended(id); };
      events.reset = [self](std::uint32_t id) { self->client_reset(id); };
      events.gone = [self] { self->close(); };
      self->client_ =
          SpdyConnection::open(self->call_->writer, std::move(head), form, self->serial_, std::move(events));
    });
  }

 private:
  /// One connection to the pod, made of two streams of the client's.
  struct Pair {
    std::string id;
    std::uint16_t port = 0;
    std::uint32_t data = 0;
    std::uint32_t error = 0;
    std::shared_ptr<net::ByteStream> pod{};
    std::shared_ptr<void> held{};
    std::string pending{};      ///< From the client, not yet given to the pod.
    std::size_t unwritten = 0;  ///< The same, and what the pod has not taken yet.
    bool writing = false;
    bool client_ended = false;
    bool pod_ended = false;
    bool over = false;
  };
  using PairPtr = std::shared_ptr<Pair>;

  void opened(std::uint32_t id, const net::Headers& headers) {
    const std::string* type = headers.find("streamtype");
    const std::string* request = headers.find("requestid");
    const auto port = port_of(headers);
    const bool is_data = type != nullptr && *type == "data";
    const bool known = type != nullptr && (is_data || *type == "error");
    if (!known || !port || streams_.size() >= kMaxStreams || streams_.contains(id)) {
      return client_->reset(id, net::spdy::ResetStatus::kRefusedStream);
    }
    // Clients without request ids open the error stream first, the data stream next to it.
    const std::string name = request != nullptr ? *request : "stream " + std::to_string(is_data ? id - 2 : id);
    const PairPtr pair = pair_of(name, *port);
    std::uint32_t& place = is_data ? pair->data : pair->error;
    if (place != 0) return client_->reset(id, net::spdy::ResetStatus::kRefusedStream);
    place = id;
    streams_[id] = pair;
    client_->accept(id);
    if (pair->data != 0 && pair->error != 0) dial(pair);
  }

  PairPtr pair_of(const std::string& name, std::uint16_t port) {
    for (const auto& [id, pair] : streams_) {
      if (pair->id == name) return pair;
    }
    auto pair = std::make_shared<Pair>();
    pair->id = name;
    pair->port = port;
    return pair;
  }

  void dial(const PairPtr& pair) {
    node_.dial(target_.uid, pair->port, [self = shared_from_this(), pair](Result<Connected> connected) {
      self->serial_->run([self, pair, connected = std::move(connected)] { self->dialled(pair, connected); });
    });
  }

  void dialled(const PairPtr& pair, const Result<Connected>& connected) {
    if (closed_ || pair->over) {
      if (connected) connected->input->close();
      return;
    }
    if (!connected) {
      const std::string port = std::to_string(pair->port);
      client_->write(pair->error, "error forwarding port " + port + " to pod " + target_.pod_name + ", uid " +
                                      target_.uid + ": failed to connect to port " + port + ": " +
                                      connected.error().message);
      return end(pair);
    }
    pair->pod = connected->input;
    pair->held = connected->held;
    pump(pair);
    write_to_pod(pair);
  }

  // From the pod.

  void pump(const PairPtr& pair) {
    if (closed_ || pair->over) return;
    pair->pod->read([self = shared_from_this(), pair](std::string bytes) {
      self->serial_->run([self, pair, bytes = std::move(bytes)] { self->from_pod(pair, bytes); });
    });
  }

  void from_pod(const PairPtr& pair, const std::string& bytes) {
    if (closed_ || pair->over) return;
    if (bytes.empty()) {
      pair->pod_ended = true;
      return end(pair);
    }
    if (client_->write(pair->data, bytes)) return pump(pair);
    waiting_.push_back(pair);
    if (std::exchange(drain_asked_, true)) return;
    client_->on_drain([self = shared_from_this()] { self->drained(); });
  }

  void drained() {
    drain_asked_ = false;
    for (const auto& pair : std::exchange(waiting_, {})) pump(pair);
  }

  // From the client.

  void data(std::uint32_t id, std::string_view bytes) {
    const auto found = streams_.find(id);
    if (found == streams_.end() || found->second->data != id) return;
    const PairPtr pair = found->second;
    pair->pending.append(bytes);
    pair->unwritten += bytes.size();
    unwritten_ += bytes.size();
    if (pair->pending.size() > kMaxPending || unwritten_ > kMaxUnwritten) pause();
    write_to_pod(pair);
  }

  void write_to_pod(const PairPtr& pair) {
    if (pair->over || pair->writing || !pair->pod) return;
    if (pair->pending.empty()) {
      if (pair->client_ended) pair->pod->end_writes();
      return;
    }
    pair->writing = true;
    const std::size_t size = pair->pending.size();
    pair->pod->write(std::exchange(pair->pending, {}), [self = shared_from_this(), pair, size](bool good) {
      self->serial_->run([self, pair, size, good] {
        pair->writing = false;
        if (self->closed_ || pair->over) return;
        if (!good) return self->end(pair);
        pair->unwritten -= size;
        self->unwritten_ -= size;
        self->write_to_pod(pair);
        self->resume();
      });
    });
    resume();
  }

  void client_ended(std::uint32_t id) {
    const auto found = streams_.find(id);
    if (found == streams_.end() || found->second->data != id) return;  // of errors clients send nothing at all
    const PairPtr pair = found->second;
    pair->client_ended = true;
    write_to_pod(pair);
  }

  void client_reset(std::uint32_t id) {
    const auto found = streams_.find(id);
    if (found != streams_.end()) end(PairPtr(found->second));
  }

  void pause() {
    if (!std::exchange(paused_, true)) client_->pause(true);
  }

  void resume() {
    if (!paused_ || unwritten_ > kMaxUnwritten) return;
    const bool full = std::any_of(streams_.begin(), streams_.end(),
                                  [](const auto& one) { return one.second->pending.size() > kMaxPending; });
    if (full) return;
    paused_ = false;
    client_->pause(false);
  }

  // The end.

  /// Ends both streams and the connection to the pod.
  void end(const PairPtr& pair) {
    if (std::exchange(pair->over, true)) return;
    if (pair->pod) pair->pod->close();
    pair->held.reset();
    pair->pending.clear();
    unwritten_ -= std::exchange(pair->unwritten, 0);
    for (const std::uint32_t id : {pair->data, pair->error}) {
      if (id == 0) continue;
      client_->end(id);
      streams_.erase(id);
    }
    resume();
  }

  void close() {
    closed_ = true;
    for (const auto& [id, pair] : std::exchange(streams_, {})) {
      pair->over = true;
      if (pair->pod) pair->pod->close();
      pair->pod.reset();
      pair->held.reset();
    }
    waiting_.clear();
    call_->ticket = {};
  }

  std::shared_ptr<Call> call_;
  NodeStreams& node_;
  ForwardTarget target_;
  std::shared_ptr<Serial> serial_;
  std::shared_ptr<SpdyConnection> client_;
  std::map<std::uint32_t, PairPtr> streams_;
  std::vector<PairPtr> waiting_;  ///< Read no more until the client has taken what it was given.
  std::size_t unwritten_ = 0;     ///< Of all pairs.
  bool drain_asked_ = false;
  bool paused_ = false;
  bool closed_ = false;
};

}  // namespace

void run_port_forward(const std::shared_ptr<Call>& call, net::HttpResponse head, ClientLink::Form form,
                      NodeStreams& node, ForwardTarget target) {
  std::make_shared<PortForward>(call, node, std::move(target))->start(std::move(head), form);
}

}  // namespace troupe::api
