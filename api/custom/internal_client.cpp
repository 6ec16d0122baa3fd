#include "api/custom/internal_client.hpp"

#include <atomic>
#include <utility>

namespace troupe::api::custom {

namespace {

/// Collects one answer. An exchange that is dropped unanswered answers 500, as a session does.
class Collector final : public net::ResponseWriter {
 public:
  explicit Collector(InternalClient::Done done) : done_(std::move(done)) {}
  ~Collector() override { tell(500, ""); }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  void respond(net::HttpResponse response) override { tell(response.status, std::move(response.body)); }
  void start(net::HttpResponse head) override { status_ = head.status; }
  bool write(net::SharedBytes bytes) override {
    stream_ += *bytes;
    return true;
  }
  void finish() override { tell(status_, std::move(stream_)); }
  void abort() override { tell(500, ""); }
  std::size_t buffered() const override { return 0; }
  void on_drain(std::function<void()> drained) override { drained(); }
  void on_close(std::function<void()>) override {}

 private:
  void tell(int status, std::string body) {
    if (!told_.exchange(true)) std::exchange(done_, nullptr)(status, std::move(body));
  }

  InternalClient::Done done_;
  std::atomic<bool> told_{false};
  int status_ = 200;
  std::string stream_;
};

}  // namespace

InternalClient::InternalClient(net::HttpHandler& api) : api_(api) {
  auto identity = std::make_shared<net::ClientCertificate>();
  identity->common_name = "system:apiserver";
  identity->organizations = {"system:masters"};
  identity_ = std::move(identity);
}

void InternalClient::ask(std::string method, std::string target, std::string content_type, std::string body,
                         Done done) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  request.loopback = true;
  request.certificate = identity_;
  request.headers.add("Accept", "application/json");
  request.headers.add("User-Agent", "kube-apiserver");
  if (!request.body.empty()) request.headers.add("Content-Type", std::move(content_type));
  api_.handle(std::move(request), std::make_shared<Collector>(std::move(done)));
}

}  // namespace troupe::api::custom
