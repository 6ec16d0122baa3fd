#include "api/streaming/proxy_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace troupe::api {

namespace {

/// Of one connection, not of the request; and what this server has answered itself.
constexpr std::array<std::string_view, 12> kOfConnection = {
    "connection",          "content-length",   "expect", "host",    "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te",     "trailer", "upgrade",    "transfer-encoding"};

constexpr std::array<std::string_view, 5> kOwn = {"authorization", "x-forwarded-for", "x-forwarded-host",
                                                  "x-forwarded-proto", "x-forwarded-uri"};

constexpr std::array<std::string_view, 5> kNotAnswered = {
    "access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
    "access-control-allow-origin", "date"};

template <std::size_t kSize>
bool is_one_of(std::string_view name, const std::array<std::string_view, kSize>& names) {
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view each) { return net::equals_ignoring_case(name, each); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "a, b" of all fields of that name.
std::vector<std::string> words_of(const net::Headers& headers, std::string_view name) {
  const std::string all = headers.joined(name);
  std::vector<std::string> words;
  for (std::string_view rest = all; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    words.emplace_back(trimmed(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return words;
}

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [word](const std::string& each) { return net::equals_ignoring_case(each, word); });
}

/// "127.0.0.1:4711" → "127.0.0.1", "[::1]:4711" → "::1".
std::string address_of(std::string_view remote) {
  std::string_view host = remote.substr(0, std::min(remote.rfind(':'), remote.size()));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
  if (value.find_first_of("\r\n") != std::string_view::npos) return;
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string_view query_of(std::string_view target) { return target.substr(std::min(target.find('?'), target.size())); }

/// The scheme's length ("http:" → 4), 0 when there is none.
std::size_t scheme_of(std::string_view url) {
  const std::size_t end = url.find_first_of(":/?#");
  return end == std::string_view::npos || url[end] != ':' ? 0 : end;
}

/// How the body's end is told: as the client tells it.
void add_framing(std::string& out, const net::HttpRequest& request) {
  if (is_sent_in_chunks(request)) return add_line(out, "Transfer-Encoding", "chunked");
  const bool has_body = !request.body.empty() || request.incoming != nullptr;
  if (!has_body && request.method != "POST" && request.method != "PUT" && request.method != "PATCH") return;
  const std::uint64_t length =
      request.incoming != nullptr ? request.incoming->length().value_or(0) : request.body.size();
  add_line(out, "Content-Length", std::to_string(length));
}

}  // namespace

std::optional<ProxyId> parse_proxy_id(std::string_view id) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= id.size();) {
    const std::size_t end = std::min(id.find(':', from), id.size());
    parts.emplace_back(id.substr(from, end - from));
    from = end + 1;
  }
  if (parts.empty() || parts.size() > 3) return std::nullopt;
  ProxyId out;
  if (parts.size() == 3) {
    out.scheme = parts.front();
    parts.erase(parts.begin());
  }
  out.name = parts[0];
  if (parts.size() == 2) out.port = parts[1];
  const bool known = out.scheme.empty() || out.scheme == "http" || out.scheme == "https";
  if (!known || out.name.empty()) return std::nullopt;
  return out;
}

bool asks_upgrade(const net::HttpRequest& request) {
  return has_word(words_of(request.headers, "connection"), "upgrade") && request.headers.find("upgrade") != nullptr;
}

bool is_sent_in_chunks(const net::HttpRequest& request) {
  if (request.incoming != nullptr) return !request.incoming->length();
  return !request.body.empty() && request.headers.find("transfer-encoding") != nullptr;
}

void add_chunk(std::string& out, std::string_view bytes) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  out.append(size.data(), end).append("\r\n").append(bytes).append("\r\n");
}

std::string_view proxy_prefix(const net::HttpRequest& request, const RequestInfo& info) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  return path.substr(0, path.size() - info.proxied.size());
}

std::string proxied_head(const net::HttpRequest& request, const RequestInfo& info) {
  const std::string path = info.proxied.empty() ? "/" : info.proxied;
  std::string out = request.method + " " + path + std::string(query_of(request.target)) + " HTTP/1.1\r\n";
  const std::string* host = request.headers.find("host");
  add_line(out, "Host", host != nullptr ? std::string_view(*host) : std::string_view());
  const auto dropped = words_of(request.headers, "connection");
  for (const auto& [name, value] : request.headers.fields()) {
    if (is_one_of(name, kOfConnection) || is_one_of(name, kOwn) || has_word(dropped, name)) continue;
    add_line(out, name, value);
  }
  if (has_word(words_of(request.headers, "te"), "trailers")) add_line(out, "Te", "trailers");
  std::string from = request.headers.joined("x-forwarded-for");
  if (const std::string address = address_of(request.remote_address); !address.empty()) {
    from += (from.empty() ? "" : ", ") + address;
  }
  if (!from.empty()) add_line(out, "X-Forwarded-For", from);
  if (host != nullptr) add_line(out, "X-Forwarded-Host", *host);
  add_line(out, "X-Forwarded-Proto", "https");
  add_line(out, "X-Forwarded-Uri", std::string(proxy_prefix(request, info)) + path);
  add_framing(out, request);
  if (asks_upgrade(request)) {
    add_line(out, "Connection", "Upgrade");
    add_line(out, "Upgrade", request.headers.joined("upgrade"));
  } else {
    add_line(out, "Connection", "close");
  }
  return out + "\r\n";
}

net::HttpResponse answer_head(const net::HttpResponse& from_pod, const net::HttpRequest& request,
                              const RequestInfo& info, const ProxyTarget& target) {
  net::HttpResponse out;
  out.status = from_pod.status;
  const auto dropped = words_of(from_pod.headers, "connection");
  const std::string* host = request.headers.find("host");
  for (const auto& [name, value] : from_pod.headers.fields()) {
    if (is_one_of(name, kOfConnection) || is_one_of(name, kNotAnswered) || has_word(dropped, name)) continue;
    if (!net::equals_ignoring_case(name, "location")) {
      out.headers.add(name, value);
      continue;
    }
    out.headers.add(name, rewritten_location(value, proxy_prefix(request, info), target.host,
                                             host != nullptr ? std::string_view(*host) : std::string_view()));
  }
  if (from_pod.status == 101) {
    out.headers.add("Connection", "Upgrade");
    out.headers.add("Upgrade", from_pod.headers.joined("upgrade"));
  }
  return out;
}

std::string rewritten_location(std::string_view location, std::string_view prefix, std::string_view pod_host,
                               std::string_view request_host) {
  std::string_view rest = location;
  if (const std::size_t scheme = scheme_of(rest); scheme != 0) rest.remove_prefix(scheme + 1);
  if (rest.starts_with("//")) {
    const std::size_t end = std::min(rest.find_first_of("/?#", 2), rest.size());
    const std::string_view host = rest.substr(2, end - 2);
    if (!host.empty() && host != pod_host && host != request_host) return std::string(location);
    rest.remove_prefix(end);
  }
  if (!rest.starts_with('/')) return std::string(location);
  if (rest.starts_with(prefix)) return std::string(rest);
  return std::string(prefix) + std::string(rest);
}

}  // namespace troupe::api
