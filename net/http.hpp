#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The request layer: what a handler of HTTP requests sees. Nothing here knows sockets, TLS or a version of HTTP.
namespace troupe::net {

/// Bytes that several connections may be sending at once: a watch event is encoded once for all its watchers.
using SharedBytes = std::shared_ptr<const std::string>;

/// Header fields in the order they came. Names compare without case; a name may stand more than once.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

  /// Replaces every field of that name.
  void set(std::string_view name, std::string value);

  /// The first value of that name, or nullptr.
  const std::string* find(std::string_view name) const;

  /// All values of that name joined by ", " (the list form of RFC 9110); empty when there is none.
  std::string joined(std::string_view name) const;

  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// True when `a` and `b` are equal but for ASCII case.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Who a verified client certificate says the client is.
struct ClientCertificate {
  std::string common_name;
  std::vector<std::string> organizations;
  std::string fingerprint_sha256;  ///< Lower-case hex of the certificate's DER form.
};

/// A request's body that comes while the request is handled, as fast as it is read. Calls come on any thread.
class RequestBody {
 public:
  virtual ~RequestBody() = default;

  /// What the head says of its length; nothing where it comes in chunks.
  virtual std::optional<std::uint64_t> length() const = 0;

  /// `got` is called once, with the next bytes (some 64 KiB at most), empty at the end; on any thread. One read at a
  /// time. Once the client is gone it is not called: the answer's `on_close` tells.
  virtual void read(std::function<void(std::string)> got) = 0;
};

struct HttpRequest {
  std::string method;
  std::string target;  ///< As sent: path and query, still percent-encoded.
  Headers headers;
  std::string body;
  std::shared_ptr<RequestBody> incoming;  ///< Set in place of `body` where the handler streams it.
  std::string remote_address;             ///< "127.0.0.1:41234"; empty where there is no socket.
  bool loopback = false;
  std::shared_ptr<const ClientCertificate> certificate;  ///< Null when the client showed none that can be trusted.
  std::string certificate_fault;                         ///< Why the certificate it showed is not trusted.
};

struct HttpResponse {
  int status = 200;
  Headers headers;  ///< Without Content-Length, Transfer-Encoding, Connection and Date: the session's business.
  std::string body;
};

/// One answer. Either `respond` once, or `start`, any number of `write`, `finish`. Every function may be called on any
/// thread; calls of one exchange must not overlap. After the client is gone all of them do nothing.
/// Destroying the last reference of an unanswered exchange answers 500; of an unfinished stream, breaks it off.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;

  virtual void respond(HttpResponse response) = 0;

  /// Sends the head of a stream; the body of `head` is ignored.
  virtual void start(HttpResponse head) = 0;

  /// Queues bytes. False when the stream now holds more than the server's high-water mark: wait for `on_drain`
  /// (bytes written in spite of it are kept: whoever ignores it bounds the stream by `buffered`).
  virtual bool write(SharedBytes bytes) = 0;

  /// Ends the stream in order.
  virtual void finish() = 0;

  /// Breaks the connection off at once: the client sees an incomplete answer.
  virtual void abort() = 0;

  /// Bytes queued and not yet handed to the operating system.
  virtual std::size_t buffered() const = 0;

  /// `drained` is called once, when the queue has fallen below the low-water mark (at once if it is already).
  virtual void on_drain(std::function<void()> drained) = 0;

  /// `closed` is called once, when the client went away or the server stops before the answer's end. Never after the
  /// end of the answer. Called at once if that has already happened.
  virtual void on_close(std::function<void()> closed) = 0;
};

/// What a server does with its requests.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  /// Called on an I/O thread; must not block. The answer may come at once or later, from any thread.
  virtual void handle(HttpRequest request, std::shared_ptr<ResponseWriter> writer) = 0;

  /// Asked of a request with a body when its head is there: it is handed over before its body, which no limit of size
  /// applies to (`HttpRequest::incoming`; a body that came with its head may still be in `body`).
  virtual bool streams_body(std::string_view method, std::string_view target) const {
    static_cast<void>(method);
    static_cast<void>(target);
    return false;
  }

  /// The answer to a request that the session layer itself refuses (malformed, too large, too slow), in the form
  /// clients of this handler expect. The connection is closed after it.
  virtual HttpResponse refusal(int status, std::string_view reason) const = 0;
};

/// "Not Found" for 404; "Status" for a number without a name.
std::string_view status_text(int status);

/// Undoes percent-encoding; with `plus_is_space` as in a query. False when it is malformed.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);

/// A target's query as pairs in their order; false when a percent-encoding is malformed or there are over 256 pairs.
bool parse_query(std::string_view query, std::vector<std::pair<std::string, std::string>>& out);

}  // namespace troupe::net
