#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/pod/environment.hpp"
#include "base/result.hpp"

/// What pod actors ask of the world beside runtime and network: connections for probes and hooks, and the objects that
/// variables and volumes come from. Callbacks come once, on any thread.
namespace troupe::pod {

/// Where a check names a pod by its uid, only a socket of that pod's own processes is asked: pods share their address.
struct HttpCheck {
  std::string pod{};
  bool tls = false;  ///< Any certificate is good enough for a probe.
  std::string host;
  std::uint16_t port = 0;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
};
struct HttpAnswer {
  int status = 0;
  std::string body;  ///< Its first 10 KiB.
};

struct TcpCheck {
  std::string pod{};
  std::string host;
  std::uint16_t port = 0;
};

struct GrpcCheck {
  std::string host;
  std::uint16_t port = 0;
  std::string service;
  std::string pod{};
};
/// What came of asking grpc.health.v1.Health/Check.
struct GrpcAnswer {
  enum class Kind : std::uint8_t {
    kReplied,         ///< `code` and, when that is 0, `serving` say what.
    kNotConnected,    ///< `message` says why.
    kConnectTimeout,  ///< No HTTP/2 server had answered by then.
    kCallTimeout,
  };
  Kind kind = Kind::kNotConnected;
  std::uint32_t code = 0;    ///< The call's gRPC status.
  std::string message;       ///< The status message, at most 1 KiB.
  std::int64_t serving = 0;  ///< HealthCheckResponse.ServingStatus: 1 is SERVING.

  friend bool operator==(const GrpcAnswer&, const GrpcAnswer&) = default;
};

class Checks {
 public:
  virtual ~Checks() = default;
  /// A GET. Errors as Go words them: "dial tcp 10.0.0.5:80: connect: connection refused"; kTimeout.
  virtual void http(HttpCheck check, std::chrono::milliseconds timeout,
                    std::function<void(Result<HttpAnswer>)> done) = 0;
  /// Connects and closes.
  virtual void tcp(TcpCheck check, std::chrono::milliseconds timeout, std::function<void(Status)> done) = 0;
  /// One call over HTTP/2 without TLS.
  virtual void grpc(GrpcCheck check, std::chrono::milliseconds timeout, std::function<void(GrpcAnswer)> done) = 0;
};

/// One service, as far as variables show it.
struct ServiceFacts {
  struct Port {
    std::string name;
    std::int32_t port = 0;
    std::string protocol;
  };
  std::string ns;
  std::string name;
  std::string cluster_ip;
  std::vector<Port> ports;
};

class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  /// The keys and values of a ConfigMap (kConfigMap) or a Secret (kSecret). kNotFound.
  virtual void data(EnvVar::Source kind, std::string ns, std::string name,
                    std::function<void(Result<ObjectData>)> done) = 0;
  /// The services of a namespace, and `kubernetes` of the namespace default.
  virtual void services(std::string ns, std::function<void(Result<std::vector<ServiceFacts>>)> done) = 0;
};

/// "my-db" as variables spell it: "MY_DB".
std::string spelled(const std::string& name);

/// NAME_SERVICE_HOST, NAME_SERVICE_PORT and what Kubernetes adds to them.
Variables service_variables(const std::vector<ServiceFacts>& services);

}  // namespace troupe::pod
