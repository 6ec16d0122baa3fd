#include "api/streaming/proxy_rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace troupe::api {
namespace {

TEST(ProxyRules, RewriteWhereThePodRedirectsTo) {
  const std::string prefix = "/api/v1/namespaces/n/pods/p/proxy";
  const std::pair<const char*, std::string> cases[] = {
      {"/login", prefix + "/login"},
      {"/login?next=/x", prefix + "/login?next=/x"},
      {"http://10.1.2.3:80/a/", prefix + "/a/"},
      {"https://cluster:6443/a", prefix + "/a"},
      {"//10.1.2.3:80/a", prefix + "/a"},
      {"http://elsewhere/a", "http://elsewhere/a"},
      {"//elsewhere/a", "//elsewhere/a"},
      {"next", "next"},
      {"?page=2", "?page=2"},
      {"mailto:a@b", "mailto:a@b"},
      {"/api/v1/namespaces/n/pods/p/proxy/kept", prefix + "/kept"},
  };
  for (const auto& [from, to] : cases) {
    EXPECT_EQ(rewritten_location(from, prefix, "10.1.2.3:80", "cluster:6443"), to) << from;
  }
}

TEST(ProxyRules, ReadWhatTheNameMeans) {
  EXPECT_EQ(parse_proxy_id("web")->name, "web");
  EXPECT_EQ(parse_proxy_id("web:80")->port, "80");
  EXPECT_EQ(parse_proxy_id("https:web:")->scheme, "https");
  EXPECT_EQ(parse_proxy_id(":web:x")->port, "x");
  for (const char* bad : {"", ":80", "a:b:c", "http::80", "a:b:c:d"}) EXPECT_FALSE(parse_proxy_id(bad)) << bad;
}

TEST(ProxyRules, FindThePathBehindTheProxyAsItWasSent) {
  const std::pair<const char*, const char*> cases[] = {
      {"/api/v1/namespaces/n/pods/p/proxy", ""},
      {"/api/v1/namespaces/n/pods/p/proxy/", "/"},
      {"/api/v1/namespaces/n/pods/p/proxy/a%2fb", "/a%2fb"},
      {"/api/v1/namespaces/n/pods/p/proxy//a//", "//a//"},
      {"//api/v1/nodes/n/proxy/x/", "/x/"},
      {"/api/v1/nodes/n/proxy?q=/", ""},
  };
  for (const auto& [target, path] : cases) {
    const auto info = parse_request("GET", target);
    ASSERT_TRUE(info.has_value()) << target;
    EXPECT_EQ(info->subresource, "proxy") << target;
    EXPECT_EQ(info->proxied, path) << target;
  }
  EXPECT_FALSE(parse_request("GET", "/api/v1/namespaces/n/pods//proxy/a").has_value());
  EXPECT_FALSE(parse_request("GET", "/api/v1/namespaces/n/pods/p/log//a").has_value());
}

}  // namespace
}  // namespace troupe::api
