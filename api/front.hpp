#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "api/authenticator.hpp"
#include "api/call.hpp"
#include "api/custom/openapi.hpp"
#include "api/custom/watches.hpp"
#include "api/openapi.hpp"
#include "api/request_metrics.hpp"
#include "api/shared_events.hpp"
#include "base/result.hpp"
#include "net/http.hpp"

namespace troupe::api {

class NodeStreams;

/// Answers a GET of a path of the embedding program with text; `done` may be called on any thread, once.
using PathHandler = std::function<void(std::function<void(Result<std::string>)> done)>;
using PathHandlers = std::map<std::string, PathHandler, std::less<>>;

/// Does what a POST of a path of the embedding program orders, whose body is `order`; answers with text. `done` may be
/// called on any thread, once.
using OrderHandler = std::function<void(std::string order, std::function<void(Result<std::string>)> done)>;

struct FrontOptions {
  std::string git_version = "v1.36.0+troupe.0.1.0";
  std::string server_address;  ///< "127.0.0.1:6443", for /api.
  PathHandlers paths;          ///< "/troupe/tree": beside Kubernetes' own.
  /// "/troupe/crash": for system:masters alone, whatever else is granted.
  std::map<std::string, OrderHandler, std::less<>> orders;
  std::function<void(std::string& out)> metrics;  ///< Appends to /metrics; any thread.
  NodeStreams* streams = nullptr;                 ///< For exec and its like; null: this server reaches no node.
  std::size_t max_reads = 400;
  std::size_t max_writes = 200;
  std::size_t max_watches = 10'000;
};

/// The Kubernetes API as a function of requests: who asks, may they, what is asked, and to the verb. Needs no sockets:
/// scenarios call `handle` with a writer of their own.
class Front final : public net::HttpHandler {
 public:
  Front(const Services& services, Authenticator authenticator, FrontOptions options);

  void handle(net::HttpRequest request, std::shared_ptr<net::ResponseWriter> writer) override;
  /// Requests for something behind the server, which is to judge their bodies.
  bool streams_body(std::string_view method, std::string_view target) const override;
  net::HttpResponse refusal(int status, std::string_view reason) const override;

  /// What /readyz says; false from the start until the server has all it needs, and when it stops.
  void set_ready(bool ready) { ready_ = ready; }
  /// The custom kinds have changed: watches of those that are gone end. Any thread.
  void routes_changed(const Routes& now) { custom_watches_.check(now); }
  void set_server_address(std::string address) { options_.server_address = std::move(address); }

 private:
  void serve_path(const std::shared_ptr<Call>& call);
  void serve_order(const std::shared_ptr<Call>& call, const OrderHandler& handler);
  void serve_metrics(const std::shared_ptr<Call>& call);
  void serve_openapi_v2(const std::shared_ptr<Call>& call);
  void serve_discovery(const std::shared_ptr<Call>& call, bool core);
  void serve_resource(const std::shared_ptr<Call>& call);
  bool find_custom(const std::shared_ptr<Call>& call);
  std::shared_ptr<const Routes> all_routes() const;
  void serve_subresource(const std::shared_ptr<Call>& call, const schema::Subresource& sub);
  /// A body with an ETag (that of its content where none is given); 304 when the client has it already.
  void answer_cacheable(const std::shared_ptr<Call>& call, std::string_view content_type, const std::string& body,
                        std::string etag = "");
  InFlight& class_of(const RequestInfo& info);

  Services services_;
  Authenticator authenticator_;
  FrontOptions options_;
  OpenApi openapi_;
  custom::OpenApiIndex openapi_index_;
  RequestMetrics metrics_;
  SharedEvents shared_events_;
  custom::Watches custom_watches_;
  InFlight reads_;
  InFlight writes_;
  InFlight watches_;
  std::atomic<bool> ready_{false};
};

}  // namespace troupe::api
