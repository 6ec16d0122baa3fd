#include "api/server.hpp"

#include <future>
#include <optional>

#include "api/asio_environment.hpp"
#include "api/birth.hpp"
#include "api/custom/custom_resources.hpp"
#include "api/custom/worker.hpp"
#include "api/event_expiry.hpp"
#include "api/front.hpp"
#include "api/quota_status.hpp"
#include "api/validation/formats.hpp"
#include "net/https_server.hpp"
#include "net/pki.hpp"

namespace troupe::api {

namespace {

class Server final : public ApiServer {
 public:
  Server(ApiServerDeps deps, ApiServerOptions options) : deps_(std::move(deps)), options_(std::move(options)) {}
  ~Server() override {
    if (worker_) worker_->stop();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Status start(std::function<void(Status)> ready) override {
    if (deps_.environment == nullptr) {
      own_environment_ = make_asio_environment(deps_.io);
      deps_.environment = own_environment_.get();
    }
    // Keys and certificates take as long as the routes and what is stored of custom resources.
    auto opened_pki =
        std::async(std::launch::async,
                   [known = std::exchange(options_.known_pki, nullptr), request = pki_request()]() -> Result<net::Pki> {
                     auto pki = known ? known() : std::nullopt;
                     return pki ? std::move(*pki) : net::open_pki(request);
                   });
    if (auto routed = open_routes(); !routed) return routed;
    if (auto loaded = custom_->load(); !loaded) return loaded;
    auto authenticator = read_tokens();
    if (!authenticator) return fail(authenticator.error());
    auto pki = opened_pki.get();
    if (!pki) return fail(pki.error().with_context("certificates"));
    net::TlsIdentity identity;
    identity.certificate_chain = pki->server.certificate;
    identity.private_key = pki->server.key;
    identity.client_authorities = pki->authority.certificate;
    auto tls = net::TlsContext::for_server(identity);
    if (!tls) return fail(tls.error());

    FrontOptions front_options;
    front_options.git_version = options_.git_version;
    front_options.paths = options_.paths;
    front_options.orders = options_.orders;
    front_options.metrics = options_.metrics;
    front_options.streams = deps_.streams;
    front_.emplace(services(), std::move(*authenticator), std::move(front_options));
    live_->follow([this](const Routes& now) { front_->routes_changed(now); });
    if (auto followed = custom_->start(*front_); !followed) return followed;
    net::HttpsServerOptions listen;
    listen.address = options_.listen_address;
    listen.port = options_.port;
    https_ = net::HttpsServer::make(deps_.io, *tls, std::move(listen), *front_);
    if (auto bound = https_->start(); !bound) return bound;
    front_->set_server_address(host() + ":" + std::to_string(port()));
    if (!options_.kubeconfig.empty()) {
      auto written = net::keep_file(options_.kubeconfig, net::admin_kubeconfig(*pki, host(), port()), 0600);
      if (!written) return fail(written.error().with_context("kubeconfig"));
    }
    BirthOptions birth;
    birth.address = host();
    birth.port = port();
    birth.service_address = ipv4_text(options_.ranges.network + 1);
    if (auto started = start_upkeep(); !started) return started;
    create_birth_objects(services(), birth, [this, ready = std::move(ready)](Status born) {
      if (born) front_->set_ready(true);
      if (ready) ready(std::move(born));
    });
    return {};
  }

  std::uint16_t port() const override { return https_ ? https_->port() : 0; }

  net::HttpHandler& handler() override { return *front_; }
  LiveRoutes& routes() override { return *live_; }

  void stop(std::chrono::milliseconds grace, std::function<void()> stopped) override {
    if (expiry_) expiry_->stop();
    if (quotas_) quotas_->stop();
    if (!https_) return stopped();
    front_->set_ready(false);
    https_->stop(grace, std::move(stopped));
  }

 private:
  Services services() {
    return Services{deps_.store,       deps_.types,     *routes_, *deps_.environment,
                    options_.pod_logs, options_.ranges, &*live_};
  }

  net::PkiRequest pki_request() {
    return {options_.data_dir + "/pki", net::default_server_names(options_.listen_address), deps_.environment->now()};
  }

  /// What the server does by itself.
  Status start_upkeep() {
    const Resource* events = routes_->find("", "v1", "events");
    const Resource* namespaces = routes_->find("", "v1", "namespaces");
    if (events == nullptr || namespaces == nullptr) return {};
    own_services_.emplace(services());
    expiry_ = std::make_shared<EventExpiry>(*own_services_, *events, *namespaces, EventExpiry::Limits());
    if (auto started = expiry_->start(); !started) return started;
    const Resource* quotas = routes_->find("", "v1", "resourcequotas");
    if (quotas == nullptr) return {};
    quotas_ = std::make_shared<QuotaStatus>(*own_services_, *quotas);
    return quotas_->start();
  }

  /// What a client connects to: an address that stands for all is reached by loopback.
  std::string host() const {
    const bool any = options_.listen_address == "0.0.0.0" || options_.listen_address == "::";
    return any ? "127.0.0.1" : options_.listen_address;
  }

  Status open_routes() {
    routes_ = deps_.routes;
    if (routes_ == nullptr) {
      auto routes = Routes::built_in(deps_.resources, deps_.types, deps_.interning);
      if (!routes) return fail(routes.error());
      routes_ = &own_routes_.emplace(std::move(*routes));
    }
    live_.emplace(Routes::with_custom(*routes_, {}));
    worker_ = std::make_shared<custom::Worker>();
    custom_ = std::make_unique<custom::CustomResources>(
        custom::CustomDeps{deps_.store, deps_.types, *routes_, deps_.interning, *deps_.environment, *live_,
                           [worker = worker_](std::function<void()> job) { worker->post(std::move(job)); }});
    return {};
  }

  Result<Authenticator> read_tokens() const {
    if (options_.token_file.empty()) return Authenticator();
    auto text = net::read_small_file(options_.token_file);
    if (!text) return fail(text.error().with_context("token file"));
    auto authenticator = Authenticator::with_tokens(*text);
    if (!authenticator) return fail(authenticator.error().with_context(options_.token_file));
    return authenticator;
  }

  ApiServerDeps deps_;
  ApiServerOptions options_;
  std::unique_ptr<Environment> own_environment_;
  std::optional<Routes> own_routes_;
  const Routes* routes_ = nullptr;
  std::optional<LiveRoutes> live_;
  std::optional<Front> front_;
  std::shared_ptr<custom::Worker> worker_;  // stopped before what follows it ends
  std::unique_ptr<custom::CustomResources> custom_;
  std::optional<Services> own_services_;
  std::shared_ptr<EventExpiry> expiry_;
  std::shared_ptr<QuotaStatus> quotas_;
  std::unique_ptr<net::HttpsServer> https_;
};

}  // namespace

std::unique_ptr<ApiServer> ApiServer::make(ApiServerDeps deps, ApiServerOptions options) {
  return std::make_unique<Server>(std::move(deps), std::move(options));
}

}  // namespace troupe::api
