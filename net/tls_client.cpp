#include "net/tls_client.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "net/openssl.hpp"
#include "net/serial.hpp"

namespace troupe::net {

namespace {

constexpr std::size_t kReadSize = 32 * 1024;

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, SslFree>;

openssl::Context client_context() {
  openssl::Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  static constexpr std::array<unsigned char, 9> kProtocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), kProtocols.data(), kProtocols.size());
  return context;
}

/// What the queue of errors says, as Go's clients put the frequent ones. Empties the queue.
std::string take_fault() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER || ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST) {
    return "tls: first record does not look like a TLS handshake";
  }
  const char* reason = ERR_reason_error_string(code);
  return std::string("tls: ") + (reason != nullptr ? reason : "broken connection");
}

/// OpenSSL works on memory: what it wants to send goes to the plain stream, what that brings is given to it. Everything
/// runs in its serial.
class TlsOverStream final : public TlsClientStream, public std::enable_shared_from_this<TlsOverStream> {
 public:
  explicit TlsOverStream(std::shared_ptr<ByteStream> plain) : plain_(std::move(plain)), context_(client_context()) {
    ssl_.reset(context_ ? SSL_new(context_.get()) : nullptr);
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    if (!ssl_ || in == nullptr || out == nullptr) throw std::bad_alloc();
    BIO_set_mem_eof_return(in, -1);  // nothing there yet is no end
    in_ = in;
    out_ = out;
    SSL_set_bio(ssl_.get(), in, out);
    SSL_set_connect_state(ssl_.get());
  }

  void handshake(std::function<void(Status)> done) override {
    in_turn([done = std::move(done)](TlsOverStream& self) mutable {
      self.shaken_ = std::move(done);
      self.step();
    });
  }

  void read(std::function<void(std::string)> got) override {
    in_turn([got = std::move(got)](TlsOverStream& self) mutable {
      self.got_ = std::move(got);
      self.step();
    });
  }

  void write(std::string bytes, std::function<void(bool)> written) override {
    in_turn([bytes = std::move(bytes), written = std::move(written)](TlsOverStream& self) mutable {
      std::size_t taken = 0;  // memory takes all
      ERR_clear_error();
      const bool good =
          !self.ended_ && (bytes.empty() || SSL_write_ex(self.ssl_.get(), bytes.data(), bytes.size(), &taken) == 1);
      if (!good) return written(false);
      self.written_ = std::move(written);
      self.send();
    });
  }

  void end_writes() override {
    in_turn([](TlsOverStream& self) {
      ERR_clear_error();
      if (!self.ended_) SSL_shutdown(self.ssl_.get());
      self.send();
    });
  }

  void close() override {
    in_turn([](TlsOverStream& self) {
      self.plain_->close();
      self.end("closed");
    });
  }

 private:
  template <class Job>
  void in_turn(Job job) {
    const auto shared = std::make_shared<Job>(std::move(job));
    serial_.run([self = shared_from_this(), shared] { (*shared)(*self); });
  }

  void step() {
    if (ended_) return end("closed");
    shaken_ ? step_handshake() : step_read();
    send();
  }

  void step_handshake() {
    ERR_clear_error();
    const int code = SSL_do_handshake(ssl_.get());
    if (code == 1) return std::exchange(shaken_, nullptr)(Status());
    if (SSL_get_error(ssl_.get(), code) == SSL_ERROR_WANT_READ) return fetch();
    send();  // the alert
    end(take_fault());
  }

  void step_read() {
    if (!got_) return;
    std::string bytes(kReadSize, '\0');
    std::size_t size = 0;
    ERR_clear_error();
    const int code = SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &size);
    if (code == 1) {
      bytes.resize(size);
      return std::exchange(got_, nullptr)(std::move(bytes));
    }
    if (SSL_get_error(ssl_.get(), code) == SSL_ERROR_WANT_READ) return fetch();
    end(take_fault());
  }

  /// Asks the plain stream for more, for as long as somebody waits for it.
  void fetch() {
    if (fetching_) return;
    fetching_ = true;
    plain_->read([self = shared_from_this()](std::string bytes) {
      self->in_turn([bytes = std::move(bytes)](TlsOverStream& stream) {
        stream.fetching_ = false;
        if (bytes.empty()) return stream.end("EOF");
        BIO_write(stream.in_, bytes.data(), static_cast<int>(bytes.size()));
        stream.step();
      });
    });
  }

  void send() {
    if (sending_) return;
    std::string bytes(BIO_ctrl_pending(out_), '\0');
    if (bytes.empty()) {
      if (const auto written = std::exchange(written_, nullptr)) written(true);
      return;
    }
    BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    sending_ = true;
    plain_->write(std::move(bytes), [self = shared_from_this()](bool good) {
      self->in_turn([good](TlsOverStream& stream) {
        stream.sending_ = false;
        if (good) return stream.send();
        if (const auto written = std::exchange(stream.written_, nullptr)) written(false);
      });
    });
  }

  void end(const std::string& why) {
    ended_ = true;
    if (const auto shaken = std::exchange(shaken_, nullptr)) shaken(fail(ErrorCode::kDisconnected, why));
    if (const auto got = std::exchange(got_, nullptr)) got({});
    if (const auto written = std::exchange(written_, nullptr)) written(false);
  }

  std::shared_ptr<ByteStream> plain_;
  Serial serial_;
  openssl::Context context_;
  Ssl ssl_;
  BIO* in_ = nullptr;   ///< Of `ssl_`.
  BIO* out_ = nullptr;  ///< Of `ssl_`.
  std::function<void(Status)> shaken_;
  std::function<void(std::string)> got_;
  std::function<void(bool)> written_;
  bool fetching_ = false;
  bool sending_ = false;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<TlsClientStream> make_tls_client_stream(std::shared_ptr<ByteStream> plain) {
  return std::make_shared<TlsOverStream>(std::move(plain));
}

}  // namespace troupe::net
