#include "api/server_paths.hpp"

#include <algorithm>
#include <set>
#include <span>

namespace troupe::api {

namespace {

/// Checks that are told one by one; "startup" is what readiness waits for.
constexpr std::string_view kHealthChecks[] = {"ping", "startup"};

std::span<const std::string_view> checks_of(std::string_view endpoint) {
  return std::span(kHealthChecks).first(endpoint == "readyz" ? 2 : 1);
}

/// "[+]ping ok" for each check that the query does not exclude, and a warning for an exclusion that excludes nothing.
std::string verbose_health(const RequestInfo& info, std::string_view endpoint, bool ok) {
  std::string out;
  std::vector<std::string_view> excluded = info.query.all("exclude");
  for (const std::string_view check : checks_of(endpoint)) {
    if (std::erase(excluded, check) != 0) {
      out.append("[+]").append(check).append(" excluded: ok\n");
    } else if (ok || check == "ping") {
      out.append("[+]").append(check).append(" ok\n");
    } else {
      out.append("[-]").append(check).append(" failed: reason withheld\n");
    }
  }
  if (!excluded.empty()) {
    out += "warn: some health checks cannot be excluded: no matches for ";
    for (std::size_t i = 0; i < excluded.size(); ++i) {
      if (i != 0) out += ",";
      append_json_string(out, excluded[i]);
    }
    out += "\n";
  }
  return out.append(endpoint).append(ok ? " check passed\n" : " check failed\n");
}

}  // namespace

void serve_health(const std::shared_ptr<Call>& call, bool ok) {
  const std::string_view path = std::string_view(call->info.path).substr(1);
  const std::size_t slash = std::min(path.find('/'), path.size());
  if (slash < path.size()) {
    const auto checks = checks_of(path.substr(0, slash));
    if (std::find(checks.begin(), checks.end(), path.substr(slash + 1)) == checks.end()) {
      return call->answer(path_not_found());
    }
  }
  if (path.ends_with("/ping")) ok = true;
  net::HttpResponse response;
  response.status = ok ? 200 : 500;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cache-Control", "no-cache, private");
  response.body = ok ? "ok" : "not ready";
  if (slash == path.size() && (!ok || call->info.query.has("verbose"))) {
    response.body = verbose_health(call->info, path, ok);
  }
  call->writer->respond(std::move(response));
}

std::string root_paths(const Routes& routes, const PathHandlers& own) {
  std::set<std::string> paths = {"/api",         "/api/v1",     "/apis",       "/healthz",    "/healthz/ping",
                                 "/livez",       "/livez/ping", "/metrics",    "/readyz",     "/version",
                                 "/readyz/ping", "/openapi/v2", "/openapi/v3", "/openapi/v3/"};
  for (const Resource& resource : routes.resources()) {
    if (resource.group.empty()) continue;
    const std::string group = "/apis/" + std::string(resource.group);
    paths.insert(group);
    paths.insert(group + "/" + std::string(resource.version));
  }
  for (const auto& [path, handler] : own) paths.insert(path);
  std::string out;
  for (const std::string& path : paths) {
    out += out.empty() ? "{\"paths\":[" : ",";
    append_json_string(out, path);
  }
  return out + "]}";
}

}  // namespace troupe::api
