#include "daemon/api_client.hpp"

#include <atomic>
#include <utility>

#include "api/object_codec.hpp"
#include "api/selectors.hpp"

namespace troupe::daemon {
namespace {

using controllers::ApiAnswer;

/// Collects one answer. An exchange that is dropped unanswered answers 500, as a session does.
class Collector final : public net::ResponseWriter {
 public:
  explicit Collector(std::function<void(ApiAnswer)> done) : done_(std::move(done)) {}
  ~Collector() override {
    if (!told_.exchange(true)) tell(500, "");
  }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  void respond(net::HttpResponse response) override {
    if (!told_.exchange(true)) tell(response.status, std::move(response.body));
  }
  void start(net::HttpResponse head) override { status_ = head.status; }
  bool write(net::SharedBytes bytes) override {
    stream_ += *bytes;
    return true;
  }
  void finish() override {
    if (!told_.exchange(true)) tell(status_, std::move(stream_));
  }
  void abort() override {
    if (!told_.exchange(true)) tell(500, "");
  }
  std::size_t buffered() const override { return 0; }
  void on_drain(std::function<void()> drained) override { drained(); }
  void on_close(std::function<void()>) override {}

 private:
  void tell(int status, std::string body) {
    ApiAnswer answer;
    answer.code = status;
    answer.body = std::move(body);
    if (!answer.ok()) {
      if (auto parsed = api::parse_json(answer.body)) {
        answer.reason = api::text_at(parsed->root(), "reason");
        answer.message = api::text_at(parsed->root(), "message");
      }
    }
    std::exchange(done_, nullptr)(std::move(answer));
  }

  std::function<void(ApiAnswer)> done_;
  std::atomic<bool> told_{false};
  int status_ = 200;
  std::string stream_;
};

void append_part(std::string& path, const std::string& part) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  path.push_back('/');
  for (const char c : part) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~' || c == ':';
    if (plain) {
      path.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      path.push_back('%');
      path.push_back(kHex[byte >> 4]);
      path.push_back(kHex[byte & 15]);
    }
  }
}

}  // namespace

std::string path_of(const controllers::ApiTarget& target) {
  std::string path = target.group.empty() ? "/api" : "/apis/" + target.group;
  append_part(path, target.version);
  if (!target.ns.empty()) {
    path += "/namespaces";
    append_part(path, target.ns);
  }
  append_part(path, target.resource);
  if (!target.name.empty()) append_part(path, target.name);
  if (!target.subresource.empty()) append_part(path, target.subresource);
  return path;
}

ApiClient::ApiClient(net::HttpHandler& api, std::string user) : api_(api), user_(std::move(user)) {
  auto identity = std::make_shared<net::ClientCertificate>();
  identity->common_name = user_;
  identity->organizations = {"system:masters"};
  identity_ = std::move(identity);
}

void ApiClient::ask(controllers::ApiRequest request, std::function<void(ApiAnswer)> done) {
  net::HttpRequest http;
  http.method = std::move(request.method);
  http.target = path_of(request.target);
  if (!request.query.empty()) http.target += "?" + request.query;
  http.body = std::move(request.body);
  http.loopback = true;
  http.certificate = identity_;
  http.headers.add("Accept", "application/json");
  http.headers.add("User-Agent", user_);
  if (!http.body.empty()) http.headers.add("Content-Type", std::move(request.content_type));
  api_.handle(std::move(http), std::make_shared<Collector>(std::move(done)));
}

}  // namespace troupe::daemon
