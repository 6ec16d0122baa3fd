#include "daemon/node_checks.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "daemon/grpc_check.hpp"
#include "daemon/network_words.hpp"
#include "kernel/background.hpp"

namespace troupe::daemon {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxAnswer = 16 * 1024;
constexpr std::size_t kMaxBody = 10 * 1024;

std::string request_text(const pod::HttpCheck& check) {
  std::string host = check.host + ":" + std::to_string(check.port);
  std::string more;
  bool agent = false;
  bool accept = false;
  for (const auto& [name, value] : check.headers) {
    // A header is the pod author's text: no line of his ends up as another header.
    if ((name + value).find_first_of("\r\n") != std::string::npos) continue;
    if (name == "Host" || name == "host") {
      host = value;
      continue;
    }
    agent |= name == "User-Agent";
    accept |= name == "Accept";
    more += name + ": " + value + "\r\n";
  }
  if (!agent) more += "User-Agent: kube-probe/1.36\r\n";
  if (!accept) more += "Accept: */*\r\n";
  std::string path;
  for (const char c : check.path) {
    if (c > ' ' && c != 0x7F) path += c;
  }
  return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + more + "Connection: close\r\n\r\n";
}

/// One check: connect, perhaps TLS, perhaps a request and its answer. Everything runs on its strand.
class Run : public std::enable_shared_from_this<Run> {
 public:
  using Done = std::function<void(Result<pod::HttpAnswer>)>;

  Run(asio::io_context& io, pod::HttpCheck check, bool only_connect, Done done)
      : strand_(asio::make_strand(io)),
        resolver_(strand_),
        timer_(strand_),
        check_(std::move(check)),
        only_connect_(only_connect),
        done_(std::move(done)),
        context_(asio::ssl::context::tls_client),
        stream_(strand_, context_) {
    context_.set_verify_mode(asio::ssl::verify_none);
  }

  void start(std::chrono::milliseconds timeout) {
    asio::post(strand_, [self = shared_from_this(), timeout] {
      self->timer_.expires_after(timeout);
      self->timer_.async_wait([self](const error_code& error) {
        if (!error) self->end(fail(ErrorCode::kTimeout, "context deadline exceeded (Client.Timeout exceeded)"));
      });
      self->resolver_.async_resolve(self->check_.host, std::to_string(self->check_.port),
                                    tcp::resolver::numeric_service,
                                    [self](const error_code& error, const tcp::resolver::results_type& found) {
                                      if (!self->done_) return;  // its time was over meanwhile
                                      if (error) return self->end_dial(error);
                                      self->connect(found);
                                    });
    });
  }

 private:
  void connect(const tcp::resolver::results_type& found) {
    asio::async_connect(stream_.next_layer(), found,
                        [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                          if (error) return self->end_dial(error);
                          if (self->only_connect_) return self->end(pod::HttpAnswer());
                          if (!self->check_.tls) return self->send();
                          self->stream_.async_handshake(asio::ssl::stream_base::client, [self](const error_code& e) {
                            if (e) return self->end(fail(ErrorCode::kIo, "tls: " + e.message()));
                            self->send();
                          });
                        });
  }

  void send() {
    request_ = request_text(check_);
    auto sent = [self = shared_from_this()](const error_code& error, std::size_t) {
      if (error) return self->end(fail(ErrorCode::kIo, go_words(error)));
      self->receive();
    };
    if (check_.tls) {
      asio::async_write(stream_, asio::buffer(request_), std::move(sent));
    } else {
      asio::async_write(stream_.next_layer(), asio::buffer(request_), std::move(sent));
    }
  }

  void receive() {
    auto got = [self = shared_from_this()](const error_code& error, std::size_t size) {
      self->answer_.append(self->buffer_.data(), size);
      if (self->answer_.size() < kMaxAnswer && !error) return self->receive();
      self->parse(error);
    };
    if (check_.tls) {
      stream_.async_read_some(asio::buffer(buffer_), std::move(got));
    } else {
      stream_.next_layer().async_read_some(asio::buffer(buffer_), std::move(got));
    }
  }

  /// "HTTP/1.1 200 OK": the status line decides.
  void parse(const error_code& error) {
    pod::HttpAnswer answer;
    const auto space = answer_.find(' ');
    const bool http = answer_.starts_with("HTTP/1.") && space != std::string::npos && answer_.size() >= space + 4;
    if (!http) {
      if (answer_.empty()) return end(fail(ErrorCode::kIo, go_words(error)));
      return end(fail(ErrorCode::kIo, "net/http: HTTP/1.x transport connection broken: malformed HTTP response"));
    }
    std::from_chars(answer_.data() + space + 1, answer_.data() + space + 4, answer.status);
    if (const auto body = answer_.find("\r\n\r\n"); body != std::string::npos) {
      answer.body = answer_.substr(body + 4, kMaxBody);
    }
    end(std::move(answer));
  }

  void end_dial(const error_code& error) { end(fail(ErrorCode::kIo, dial_words(check_.host, check_.port, error))); }

  void end(Result<pod::HttpAnswer> result) {
    if (!done_) return;
    const Done done = std::exchange(done_, nullptr);
    error_code ignored;
    timer_.cancel();
    resolver_.cancel();
    stream_.next_layer().close(ignored);
    done(std::move(result));
  }

  asio::strand<asio::io_context::executor_type> strand_;
  tcp::resolver resolver_;
  asio::steady_timer timer_;
  pod::HttpCheck check_;
  bool only_connect_;
  Done done_;
  asio::ssl::context context_;
  asio::ssl::stream<tcp::socket> stream_;
  std::string request_;
  std::string answer_;
  std::array<char, 4096> buffer_{};
};

}  // namespace

bool is_free_port(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  address.sin_port = htons(port);
  const bool free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return free;
}

/// Stands between the checks and those they answer to, who may be gone first.
struct AsioChecks::Gate {
  std::mutex mutex;
  bool open = true;
};

AsioChecks::AsioChecks(boost::asio::io_context& io, kernel::Background& background, runtime::Runtime& runtime)
    : io_(io), background_(background), runtime_(runtime), gate_(std::make_shared<Gate>()) {}

AsioChecks::~AsioChecks() {
  const std::scoped_lock lock(gate_->mutex);
  gate_->open = false;
}

/// Goes on when the port is the pod's, or nobody's: then the connection says so in the usual words.
void AsioChecks::when_own(const std::string& pod, const std::string& host, std::uint16_t port,
                          const std::function<void(const Status&)>& then) {
  if (pod.empty()) return then({});
  const std::string where = dial_text(host, port);
  const auto judge = [where, then](const PortOwner& owner) {
    if (owner.kind != PortOwner::Kind::kOther) return then({});
    then(fail(ErrorCode::kIo, where + ": a process that is not the pod's own listens there"));
  };
  const PortOwner known = sockets_->recall(pod, port);
  if (known.kind != PortOwner::Kind::kUnknown) return judge(known);
  const auto busy = [where, then] { then(fail(ErrorCode::kBusy, where + ": this node has too much to do")); };
  runtime_.list([=, this, sockets = sockets_](const Result<runtime::Inventory>& inventory) {
    if (!inventory) return busy();
    auto owner = std::make_shared<PortOwner>();
    const auto look = [owner, sockets, pod, port, mains = main_processes(*inventory, pod)] {
      *owner = sockets->look(pod, port, mains);
    };
    if (!background_.run(look, [owner, judge] { judge(*owner); })) busy();
  });
}

void AsioChecks::http(pod::HttpCheck check, std::chrono::milliseconds timeout,
                      std::function<void(Result<pod::HttpAnswer>)> done) {
  auto guarded = [gate = gate_, done = std::move(done)](Result<pod::HttpAnswer> answer) {
    const std::scoped_lock lock(gate->mutex);
    if (gate->open) done(std::move(answer));
  };
  when_own(check.pod, check.host, check.port, [io = &io_, check, timeout, guarded](const Status& own) {
    if (!own) return guarded(fail(own.error()));
    std::make_shared<Run>(*io, check, false, guarded)->start(timeout);
  });
}

void AsioChecks::tcp(pod::TcpCheck check, std::chrono::milliseconds timeout, std::function<void(Status)> done) {
  auto connected = [gate = gate_, done = std::move(done)](Result<pod::HttpAnswer> answer) {
    const std::scoped_lock lock(gate->mutex);
    if (!gate->open) return;
    if (answer) return done({});
    done(fail(answer.error()));
  };
  when_own(check.pod, check.host, check.port, [io = &io_, check, timeout, connected](const Status& own) {
    if (!own) return connected(fail(own.error()));
    pod::HttpCheck bare;
    bare.host = check.host;
    bare.port = check.port;
    std::make_shared<Run>(*io, std::move(bare), true, connected)->start(timeout);
  });
}

void AsioChecks::grpc(pod::GrpcCheck check, std::chrono::milliseconds timeout,
                      std::function<void(pod::GrpcAnswer)> done) {
  auto guarded = [gate = gate_, done = std::move(done)](pod::GrpcAnswer answer) {
    const std::scoped_lock lock(gate->mutex);
    if (gate->open) done(std::move(answer));
  };
  when_own(check.pod, check.host, check.port, [io = &io_, check, timeout, guarded](const Status& own) {
    if (own) return check_grpc(*io, check, timeout, guarded);
    pod::GrpcAnswer answer;
    answer.message = own.error().message;
    guarded(std::move(answer));
  });
}

}  // namespace troupe::daemon
