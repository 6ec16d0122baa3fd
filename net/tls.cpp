#include "net/tls.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/openssl.hpp"

namespace troupe::net {

namespace {

using openssl::take_error;

/// A BIO over a socket that never raises SIGPIPE (OpenSSL's own uses write()).
int socket_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  const auto sent = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int socket_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  const auto got = ::recv(fd, data, static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long socket_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "socket without SIGPIPE");
    BIO_meth_set_write(method, socket_write);
    BIO_meth_set_read(method, socket_read);
    BIO_meth_set_ctrl(method, socket_control);
    return method;
  }();
  return kMethod;
}

/// A certificate that cannot be trusted does not end the handshake: the request gets a 401 that says why.
int accept_any(int, X509_STORE_CTX*) { return 1; }

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void*) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs, in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Status load_identity(SSL_CTX* context, const TlsIdentity& identity) {
  auto bio = openssl::reader(identity.certificate_chain);
  const openssl::Certificate leaf(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return fail(ErrorCode::kInvalidArgument, "server certificate: " + take_error());
  }
  while (true) {
    openssl::Certificate next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      return fail(ErrorCode::kInvalidArgument, "server certificate chain: " + take_error());
    }
  }
  ERR_clear_error();
  bio = openssl::reader(identity.private_key);
  const openssl::Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::kInvalidArgument, "server key: " + take_error());
  }
  return {};
}

Status trust_clients_of(SSL_CTX* context, const std::string& authorities) {
  if (authorities.empty()) return {};
  const auto bio = openssl::reader(authorities);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  int count = 0;
  while (true) {
    openssl::Certificate authority(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!authority) break;
    if (X509_STORE_add_cert(store, authority.get()) != 1 || SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return fail(ErrorCode::kInvalidArgument, "client certificate authority: " + take_error());
    }
    ++count;
  }
  ERR_clear_error();
  if (count == 0)
    return fail(ErrorCode::kInvalidArgument, "client certificate authority: no certificate in the PEM text");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
  return {};
}

std::vector<std::string> name_entries(const X509_NAME* name, int nid) {
  std::vector<std::string> values;
  for (int at = X509_NAME_get_index_by_NID(name, nid, -1); at >= 0; at = X509_NAME_get_index_by_NID(name, nid, at)) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) continue;
    values.emplace_back(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
  }
  return values;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::for_server(const TlsIdentity& identity) {
  openssl::Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return fail(ErrorCode::kInternal, "TLS context: " + take_error());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);  // a record's head and body in one call
  // Sessions resume by ticket; nothing is kept here. A ticket carries the verified client certificate.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  static constexpr unsigned char kSessionContext[] = "troupe";
  SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (auto loaded = load_identity(context.get(), identity); !loaded) return fail(loaded.error());
  if (auto trusted = trust_clients_of(context.get(), identity.client_authorities); !trusted) {
    return fail(trusted.error());
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(context.release()));
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, int socket)
    : context_(std::move(context)), ssl_(SSL_new(context_->context_)) {
  BIO* bio = ssl_ != nullptr ? BIO_new(socket_method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

TlsStream::Io TlsStream::result(int code) {
  switch (SSL_get_error(ssl_, code)) {
    case SSL_ERROR_NONE:
      return Io::kDone;
    case SSL_ERROR_WANT_READ:
      return Io::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Io::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Io::kClosed;
    case SSL_ERROR_SYSCALL:
      error_ = errno != 0 ? std::strerror(errno) : "connection closed";  // NOLINT(concurrency-mt-unsafe)
      ERR_clear_error();
      return Io::kError;
    default:
      plain_http_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
      error_ = take_error();
      return Io::kError;
  }
}

TlsStream::Io TlsStream::handshake() {
  ERR_clear_error();
  errno = 0;
  return result(SSL_do_handshake(ssl_));
}

TlsStream::Io TlsStream::read(char* into, std::size_t size, std::size_t& got) {
  ERR_clear_error();
  errno = 0;
  got = 0;
  return result(SSL_read_ex(ssl_, into, size, &got));
}

TlsStream::Io TlsStream::write(std::string_view bytes, std::size_t& written) {
  ERR_clear_error();
  errno = 0;
  written = 0;
  return result(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written));
}

void TlsStream::close_notify() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
  ERR_clear_error();
}

bool TlsStream::holds_data() const { return SSL_has_pending(ssl_) == 1; }

std::shared_ptr<const ClientCertificate> TlsStream::client_certificate(std::string& fault) const {
  fault.clear();
  const X509* shown = SSL_get0_peer_certificate(ssl_);
  if (shown == nullptr) return nullptr;
  if (const long verdict = SSL_get_verify_result(ssl_); verdict != X509_V_OK) {
    fault = X509_verify_cert_error_string(verdict);
    return nullptr;
  }
  auto certificate = std::make_shared<ClientCertificate>();
  const X509_NAME* subject = X509_get_subject_name(shown);
  auto names = name_entries(subject, NID_commonName);
  if (!names.empty()) certificate->common_name = std::move(names.back());
  certificate->organizations = name_entries(subject, NID_organizationName);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(shown, EVP_sha256(), digest, &size) == 1) {
    static constexpr char kHex[] = "0123456789abcdef";
    for (unsigned int i = 0; i < size; ++i) {
      certificate->fingerprint_sha256.push_back(kHex[digest[i] >> 4]);
      certificate->fingerprint_sha256.push_back(kHex[digest[i] & 15]);
    }
  }
  return certificate;
}

}  // namespace troupe::net
