#include "api/authenticator.hpp"

#include <openssl/sha.h>

#include <algorithm>

namespace troupe::api {

namespace {

/// Tokens are looked up by their digest, so that the time of a comparison tells nothing about them.
std::string digest_of(std::string_view token) {
  unsigned char bytes[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), bytes);
  return std::string(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

/// Splits a line of CSV (RFC 4180 quoting); false when a quote is not closed.
bool split_csv(std::string_view line, std::vector<std::string>& fields) {
  fields.assign(1, {});
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back().push_back('"');
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  return !quoted;
}

std::vector<std::string> split_groups(std::string_view text) {
  std::vector<std::string> groups;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view group = text.substr(0, end);
    while (!group.empty() && group.front() == ' ') group.remove_prefix(1);
    while (!group.empty() && group.back() == ' ') group.remove_suffix(1);
    if (!group.empty()) groups.emplace_back(group);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return groups;
}

}  // namespace

Result<Authenticator> Authenticator::with_tokens(std::string_view csv) {
  Authenticator authenticator;
  std::size_t number = 0;
  while (!csv.empty()) {
    const std::size_t end = std::min(csv.find('\n'), csv.size());
    std::string_view line = csv.substr(0, end);
    csv.remove_prefix(std::min(end + 1, csv.size()));
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> fields;
    const bool whole = split_csv(line, fields);
    if (!whole || fields.size() < 3 || fields[0].empty() || fields[1].empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "token file, line " + std::to_string(number) + ": expected token,user,uid[,\"group1,group2\"]");
    }
    auto user = std::make_shared<User>();
    user->name = fields[1];
    user->uid = fields[2];
    if (fields.size() > 3) user->groups = split_groups(fields[3]);
    user->groups.emplace_back("system:authenticated");
    authenticator.by_digest_[digest_of(fields[0])] = std::move(user);
  }
  return authenticator;
}

ApiResult<std::shared_ptr<const User>> Authenticator::authenticate(const net::HttpRequest& request) const {
  if (request.certificate && !request.certificate->common_name.empty()) {
    auto user = std::make_shared<User>();
    user->name = request.certificate->common_name;
    user->groups = request.certificate->organizations;
    user->groups.emplace_back("system:authenticated");
    return std::shared_ptr<const User>(std::move(user));
  }
  if (const std::string* header = request.headers.find("authorization")) {
    std::string_view text = *header;
    static constexpr std::string_view kBearer = "bearer ";
    if (text.size() > kBearer.size() && net::equals_ignoring_case(text.substr(0, kBearer.size()), kBearer)) {
      text.remove_prefix(kBearer.size());
      while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
      if (const auto found = by_digest_.find(digest_of(text)); found != by_digest_.end()) return found->second;
    }
  }
  return refuse(unauthorized());
}

bool is_public_path(std::string_view path) {
  for (const std::string_view open : {"/livez", "/readyz", "/healthz"}) {
    if (path == open || (path.starts_with(open) && path[open.size()] == '/')) return true;
  }
  return path == "/version";
}

ApiStatus authorize(const RequestInfo& info, const User* user) {
  if (is_public_path(info.path)) return {};
  if (user == nullptr) return refuse(unauthorized());
  if (user->in_group("system:masters")) return {};
  std::string why = "User \"" + user->name + "\" cannot " + info.verb + " ";
  if (!info.is_resource) {
    ApiError error = forbidden({}, why + "path \"" + info.path + "\"");
    return refuse(std::move(error));
  }
  std::string resource = info.resource;
  if (!info.subresource.empty()) resource += "/" + info.subresource;
  why += "resource \"" + resource + "\" in API group \"" + info.group + "\"";
  why += info.name_space.empty() ? " at the cluster scope" : " in the namespace \"" + info.name_space + "\"";
  return refuse(forbidden({info.group, info.resource, info.name}, why));
}

}  // namespace troupe::api
