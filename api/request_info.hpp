#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/error.hpp"

namespace troupe::api {

/// Who makes a request.
struct User {
  std::string name;
  std::string uid;
  std::vector<std::string> groups;

  bool in_group(std::string_view group) const;
};

/// A target's query parameters, decoded, in their order.
class Query {
 public:
  Query() = default;
  explicit Query(std::vector<std::pair<std::string, std::string>> pairs) : pairs_(std::move(pairs)) {}

  /// The first value, or "" when there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  /// True for every value but "false" and "0", and without one.
  bool flag(std::string_view name) const;
  /// BadRequest when it is there and no whole number from 0.
  ApiResult<std::optional<std::uint64_t>> number(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// What a request asks for, told from method and target alone: no table is consulted, so it may name what is not there.
struct RequestInfo {
  std::string path;  ///< Decoded, without the query.
  bool is_resource = false;
  std::string verb;        ///< "get", "list", "watch", "create", ...; for other paths the method in lower case.
  std::string api_prefix;  ///< "api" or "apis".
  std::string group;
  std::string version;
  std::string name_space;
  std::string resource;  ///< Plural.
  std::string name;
  std::string subresource;
  std::vector<std::string> rest;  ///< What follows the subresource.
  std::string proxied;            ///< Of a path behind "proxy", as sent, with its slash ("/a%20b/"); may be empty.
  Query query;
  std::shared_ptr<const User> user;
};

/// BadRequest: malformed encoding, an empty path part, over 64 parts.
ApiResult<RequestInfo> parse_request(std::string_view method, std::string_view target);

}  // namespace troupe::api
