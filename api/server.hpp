#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/environment.hpp"
#include "api/front.hpp"
#include "api/routes.hpp"
#include "api/service_ranges.hpp"
#include "base/result.hpp"
#include "net/pki.hpp"
#include "schema/resource_table.hpp"
#include "schema/type_table.hpp"
#include "storage/store.hpp"

namespace boost::asio {
class io_context;
}

namespace troupe::api {

struct ApiServerOptions {
  std::string data_dir;  ///< `pki/` is made in it.
  /// What was read of `pki/` already, if it is good as it is; may wait. Empty: all of it is done in `start`.
  std::function<std::optional<net::Pki>()> known_pki{};
  std::string listen_address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: a free one.
  std::string kubeconfig;  ///< Where the admin's is written, mode 0600; empty: nowhere.
  std::string token_file;  ///< kube-apiserver's format; empty: none.
  ServiceRanges ranges;    ///< Of Services' addresses and node ports.
  std::string pod_logs;    ///< The folder of containers' logs; empty: none are served.
  std::string git_version = "v1.36.0+troupe.0.1.0";
  /// Further paths, for system:masters: text/plain, "/troupe/tree".
  std::map<std::string, PathHandler, std::less<>> paths;
  /// POST of further paths, for system:masters: "/troupe/crash".
  std::map<std::string, OrderHandler, std::less<>> orders;
  std::function<void(std::string& out)> metrics;  ///< Appends to /metrics; any thread.
};

/// What the server works with; all of it outlives the server.
struct ApiServerDeps {
  boost::asio::io_context& io;  ///< Run by the caller, on any number of threads.
  storage::Store& store;
  const schema::TypeTable& types;
  const schema::ResourceTable& resources;
  Interning interning;
  Environment* environment = nullptr;  ///< Null: the real one.
  NodeStreams* streams = nullptr;      ///< For exec and its like; null: they are not served.
  const Routes* routes = nullptr;      ///< Those of the tables; null: the server makes its own.
};

/// The Kubernetes API over HTTPS on one port: certificates, listener, front. The entry point for the daemon.
class ApiServer {
 public:
  virtual ~ApiServer() = default;

  /// Certificates are made or read, the token file read, the port bound, the kubeconfig written, and what a cluster is
  /// born with created: then /readyz says ok and `ready` is called with success. An error found before listening is
  /// returned; a later one goes to `ready`.
  virtual Status start(std::function<void(Status)> ready) = 0;

  virtual std::uint16_t port() const = 0;

  /// The API without sockets, for the parts of this process; valid from a successful start until the server ends.
  virtual net::HttpHandler& handler() = 0;
  /// What is served, custom kinds among it; valid as long as handler().
  virtual LiveRoutes& routes() = 0;

  /// Not ready any more, no new connections, watches ended, answers completed; after `grace` the rest is cut.
  virtual void stop(std::chrono::milliseconds grace, std::function<void()> stopped) = 0;

  static std::unique_ptr<ApiServer> make(ApiServerDeps deps, ApiServerOptions options);
};

}  // namespace troupe::api
