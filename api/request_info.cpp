#include "api/request_info.hpp"

#include <algorithm>
#include <charconv>

#include "net/http.hpp"

namespace troupe::api {

namespace {

constexpr std::size_t kMaxParts = 64;

bool split_path(std::string_view raw, std::vector<std::string>& parts) {
  while (!raw.empty() && raw.front() == '/') raw.remove_prefix(1);
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('/'), raw.size());
    std::string part;
    if (!net::percent_decode(raw.substr(0, end), false, part)) return false;
    if (part.find('\0') != std::string::npos || parts.size() == kMaxParts) return false;
    parts.push_back(std::move(part));
    raw.remove_prefix(std::min(end + 1, raw.size()));
  }
  return true;
}

/// What follows the first `count` parts, with its slash.
std::string_view behind_parts(std::string_view raw, std::size_t count) {
  raw.remove_prefix(std::min(raw.find_first_not_of('/'), raw.size()));
  for (; count > 0; --count) {
    const std::size_t end = std::min(raw.find('/'), raw.size());
    raw.remove_prefix(count == 1 ? end : std::min(end + 1, raw.size()));
  }
  return raw;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

bool asks_watch(const Query& query) { return query.flag("watch"); }

std::string verb_of(std::string_view method, const RequestInfo& info) {
  const bool single = !info.name.empty();
  if (method == "GET" || method == "HEAD") {
    if (single && !asks_watch(info.query)) return "get";
    if (single && !info.subresource.empty()) return "get";
    return asks_watch(info.query) ? "watch" : "list";
  }
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return single ? "delete" : "deletecollection";
  return lower(method);
}

/// What stands behind group and version: [watch/][namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE[/...]]].
bool read_resource_parts(std::vector<std::string> parts, RequestInfo& info) {
  std::size_t at = 0;
  bool old_watch = false;
  if (parts.size() > 1 && parts[0] == "watch") {  // the old form of ?watch=true
    old_watch = true;
    at = 1;
  }
  const auto left = [&] { return parts.size() - at; };
  if (left() >= 1 && parts[at] == "namespaces") {
    // namespaces/NS/status and /finalize are subresources of the namespace itself.
    const bool own_subresource = left() == 3 && (parts[at + 2] == "status" || parts[at + 2] == "finalize");
    if (left() >= 3 && !own_subresource) {
      info.name_space = parts[at + 1];
      at += 2;
    } else if (left() >= 2) {
      info.name_space = parts[at + 1];  // as kube-apiserver: a namespace is in itself
    }
  }
  if (left() == 0) return false;
  info.resource = parts[at++];
  if (left() > 0) info.name = parts[at++];
  if (left() > 0) info.subresource = parts[at++];
  while (left() > 0) info.rest.push_back(parts[at++]);
  if (old_watch) info.verb = "watch";
  return true;
}

}  // namespace

bool User::in_group(std::string_view group) const {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

std::string_view Query::get(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return value;
  }
  return {};
}

bool Query::has(std::string_view name) const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.first == name; });
}

std::vector<std::string_view> Query::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : pairs_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

bool Query::flag(std::string_view name) const { return has(name) && get(name) != "0" && lower(get(name)) != "false"; }

ApiResult<std::optional<std::uint64_t>> Query::number(std::string_view name) const {
  const std::string_view text = get(name);
  if (text.empty()) return std::optional<std::uint64_t>();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return refuse(bad_request("query parameter '" + std::string(name) + "': '" + std::string(text) +
                              "' is no whole number from 0"));
  }
  return std::optional<std::uint64_t>(value);
}

ApiResult<RequestInfo> parse_request(std::string_view method, std::string_view target) {
  RequestInfo info;
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::string_view raw_path = target.substr(0, question);
  if (raw_path.empty() || raw_path.front() != '/') return refuse(bad_request("the request's target is no path"));
  std::vector<std::pair<std::string, std::string>> pairs;
  if (question < target.size() && !net::parse_query(target.substr(question + 1), pairs)) {
    return refuse(bad_request("the request's query is malformed"));
  }
  info.query = Query(std::move(pairs));
  std::vector<std::string> parts;
  if (!split_path(raw_path, parts)) return refuse(bad_request("the request's path is malformed"));
  for (const std::string& part : parts) info.path.append("/").append(part);
  if (info.path.empty()) info.path = "/";
  info.verb = lower(method);

  std::size_t behind = 0;
  if (parts.size() >= 3 && parts[0] == "api") {
    info.api_prefix = "api";
    info.version = parts[1];
    behind = 2;
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    info.api_prefix = "apis";
    info.group = parts[1];
    info.version = parts[2];
    behind = 3;
  } else {
    return info;
  }
  std::vector<std::string> tail(parts.begin() + static_cast<std::ptrdiff_t>(behind), parts.end());
  const auto empty = std::find(tail.begin(), tail.end(), "") - tail.begin();
  info.verb.clear();
  const bool readable = read_resource_parts(std::move(tail), info);
  const bool proxy = readable && info.subresource == "proxy";
  const std::size_t own = parts.size() - (proxy ? info.rest.size() : 0);
  if (behind + static_cast<std::size_t>(empty) < own) {
    return refuse(bad_request("the request's path has an empty part"));
  }
  if (!readable) return refuse(path_not_found());
  if (proxy) info.proxied = behind_parts(raw_path, own);
  info.is_resource = true;
  if (info.verb.empty()) info.verb = verb_of(method, info);
  return info;
}

}  // namespace troupe::api
