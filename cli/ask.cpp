#include "cli/ask.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <simdjson.h>

#include <ctime>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "net/pki.hpp"

namespace troupe::cli {
namespace {

constexpr std::size_t kMaxAnswer = 64u << 20;

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

std::string reason() {
  const unsigned long code = ERR_get_error();
  if (code == 0) return "the other side closed the connection";
  const char* text = ERR_reason_error_string(code);  // null for errors of the operating system
  return text != nullptr ? text : "refused by the operating system";
}

Result<Context> client_context(const std::string& data_dir) {
  const std::string pki = data_dir + "/pki/";
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) return fail(ErrorCode::kInternal, "TLS: " + reason());
  if (SSL_CTX_load_verify_locations(context.get(), (pki + "ca.crt").c_str(), nullptr) != 1 ||
      SSL_CTX_use_certificate_chain_file(context.get(), (pki + "admin.crt").c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), (pki + "admin.key").c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(ErrorCode::kPermission, "read the administrator's certificate in " + pki + ": " + reason());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

/// Waits until the connection is ready to go on with what it could not do at once.
bool ready_again(BIO* connection, std::chrono::seconds patience) {
  if (BIO_should_retry(connection) == 0) return false;
  return BIO_wait(connection, std::time(nullptr) + static_cast<std::time_t>(patience.count()), 0) == 1;
}

/// A kernel that was stopped, or is stuck, still has its connections taken by the operating system.
Error silent(const std::string& address, std::chrono::seconds patience) {
  return Error{ErrorCode::kTimeout, address + " said nothing for " + std::to_string(patience.count()) +
                                        " s: is the kernel stopped or stuck?"};
}

Result<std::string> exchange(const std::string& data_dir, const std::string& address, const std::string& line,
                             const std::string& body, std::chrono::seconds patience) {
  auto context = client_context(data_dir);
  if (!context) return fail(context.error());
  const Connection connection(BIO_new_ssl_connect(context->get()), BIO_free_all);
  if (!connection) return fail(ErrorCode::kInternal, "TLS: " + reason());
  BIO_set_conn_hostname(connection.get(), address.c_str());
  BIO_set_nbio(connection.get(), 1);
  while (BIO_do_connect(connection.get()) != 1) {
    if (ready_again(connection.get(), patience)) continue;
    if (BIO_should_retry(connection.get()) != 0) return fail(silent(address, patience));
    return fail(ErrorCode::kUnavailable, "connect to " + address + ": " + reason() + "; is Troupe running?");
  }
  const std::string request = line + " HTTP/1.1\r\nHost: " + address +
                              "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                              body;
  while (BIO_write(connection.get(), request.data(), static_cast<int>(request.size())) <= 0) {
    if (ready_again(connection.get(), patience)) continue;
    if (BIO_should_retry(connection.get()) != 0) return fail(silent(address, patience));
    return fail(ErrorCode::kDisconnected, "ask " + address + ": " + reason());
  }
  std::string answer;
  char buffer[16384];
  while (answer.size() < kMaxAnswer) {
    const int got = BIO_read(connection.get(), buffer, sizeof(buffer));
    if (got > 0) {
      answer.append(buffer, static_cast<std::size_t>(got));
    } else if (!ready_again(connection.get(), patience)) {
      if (BIO_should_retry(connection.get()) != 0) return fail(silent(address, patience));
      break;
    }
  }
  return answer;
}

/// What a Status object says, or the whole body when it is none.
std::string message_of(const std::string& body) {
  simdjson::dom::parser parser;
  std::string_view message;
  const simdjson::padded_string padded(body);
  if (parser.parse(padded)["message"].get(message) != simdjson::SUCCESS) return body;
  return std::string(message);
}

/// The body of an answer with status 200.
Result<std::string> body_of(const std::string& answer) {
  const std::size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos) return fail(ErrorCode::kDisconnected, "the answer was cut off");
  std::string body = answer.substr(head + 4);
  const std::string status = answer.substr(0, answer.find("\r\n"));
  if (status.find(" 200 ") == std::string::npos) return fail(ErrorCode::kUnavailable, message_of(body));
  return body;
}

Result<std::string> answer_to(const std::string& data_dir, const std::string& line, const std::string& body,
                              std::chrono::seconds patience) {
  auto address = net::read_small_file(data_dir + "/address");
  if (!address) return fail(ErrorCode::kUnavailable, "no Troupe has run in " + data_dir);
  while (!address->empty() && address->back() == '\n') address->pop_back();
  auto answer = exchange(data_dir, *address, line, body, patience);
  if (!answer) return fail(answer.error());
  return body_of(*answer);
}

}  // namespace

Result<std::string> ask(const std::string& data_dir, const std::string& path, std::chrono::seconds patience) {
  return answer_to(data_dir, "GET " + path, "", patience);
}

Result<std::string> order(const std::string& data_dir, const std::string& path, const std::string& body,
                          std::chrono::seconds patience) {
  return answer_to(data_dir, "POST " + path, body, patience);
}

}  // namespace troupe::cli
