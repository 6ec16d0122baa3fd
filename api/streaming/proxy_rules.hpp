#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/request_info.hpp"
#include "net/http.hpp"

/// How a request for something behind the API server, and its answer, are changed on their way: as kube-apiserver's
/// proxy does it, but for links in HTML, which stay.
namespace troupe::api {

/// "[scheme:]NAME[:port]" of a proxy path.
struct ProxyId {
  std::string scheme;  ///< "", "http" or "https".
  std::string name;
  std::string port;  ///< A number or a name; may be empty.
};

/// Nothing when it is malformed.
std::optional<ProxyId> parse_proxy_id(std::string_view id);

/// Where a request goes, and by which path it came.
struct ProxyTarget {
  std::string pod_uid;  ///< Empty: any pod of the node.
  std::string host;     ///< "10.0.0.1:8080": as clients of the pod would name it.
  std::uint16_t port = 0;
  bool secure = false;  ///< By TLS, whatever certificate is shown.
};

/// The request's Connection field asks for another protocol.
bool asks_upgrade(const net::HttpRequest& request);

/// The body goes on in chunks: it came so.
bool is_sent_in_chunks(const net::HttpRequest& request);

/// One piece of chunked coding; the empty one is the last.
void add_chunk(std::string& out, std::string_view bytes);

/// The request line and the header fields, up to the empty line and with it.
std::string proxied_head(const net::HttpRequest& request, const RequestInfo& info);

/// The answer's head for the client: without what belongs to the connection behind us, Location rewritten.
net::HttpResponse answer_head(const net::HttpResponse& from_pod, const net::HttpRequest& request,
                              const RequestInfo& info, const ProxyTarget& target);

/// A Location of the pod's own, as a client of this server reaches it. `prefix` is the path up to "proxy".
std::string rewritten_location(std::string_view location, std::string_view prefix, std::string_view pod_host,
                               std::string_view request_host);

/// The path of the request up to and with "proxy", as sent.
std::string_view proxy_prefix(const net::HttpRequest& request, const RequestInfo& info);

}  // namespace troupe::api
