#include "daemon/port_news.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "kernel/registry.hpp"

namespace troupe::daemon {
namespace {

using Keys = std::vector<std::string>;

/// Actors that are asked for and never start: whom the registry wants to have is who was woken.
struct PortNewsTest : testing::Test {
  PortNewsTest() {
    system.registry().set_hydrator("service", [this](const std::string& key) { asked.push_back(key); });
    network.on_ports([this](const std::string& pod) { news.came(pod); });
  }
  Keys woken() {
    system.run_ready();
    for (const auto& key : asked) system.registry().hydrate_failed(key, Error(ErrorCode::kUnavailable, "a test"));
    return std::exchange(asked, {});
  }

  kernel::System system{kernel::SystemOptions{}};
  net::HostNetwork network{"192.0.2.1"};
  PortNews news{system, network};
  Keys asked;
};

TEST_F(PortNewsTest, WhoWaitsIsWokenByHisPodsOnly) {
  news.wait("service/default/a", {"1", "2"});
  news.wait("service/default/b", {"2"});
  EXPECT_EQ(woken(), Keys());
  network.restore_ports("3", {{80, 20'000}});
  EXPECT_EQ(woken(), Keys());
  network.restore_ports("1", {{80, 20'001}});
  EXPECT_EQ(woken(), Keys{"service/default/a"});
  ASSERT_TRUE(network.give_ports("2", {80}));
  EXPECT_EQ(woken(), (Keys{"service/default/a", "service/default/b"}));
}

TEST_F(PortNewsTest, WhatCameBeforeOneWaitsIsNotMissed) {
  ASSERT_TRUE(network.give_ports("1", {80}));
  news.wait("service/default/a", {"1"});
  EXPECT_EQ(woken(), Keys{"service/default/a"});
}

TEST_F(PortNewsTest, WhoWaitsForNobodyAnyMoreIsLeftAlone) {
  news.wait("service/default/a", {"1"});
  news.wait("service/default/a", {});
  ASSERT_TRUE(network.give_ports("1", {80}));
  EXPECT_EQ(woken(), Keys());
}

}  // namespace
}  // namespace troupe::daemon
