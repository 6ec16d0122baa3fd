#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

#include "tests/unit/api/front_fixture.hpp"

/// Tables of what is posted or changed, and what the server says of it.
namespace troupe::api::testing {

struct Posted {
  std::string_view path;
  std::string_view body;
  std::string_view message;  ///< Of the Status without "Kind "name" is invalid: "; "" when it is created.
};

struct Changed {
  std::string_view path;
  std::string_view name;
  std::string_view body;     ///< Posted before; "" to go on with what is there.
  std::string_view patch;    ///< A JSON patch.
  std::string_view message;  ///< As above; "" when it is taken.
};

inline std::string told(const Answer& answer) {
  static constexpr std::string_view kBefore = " is invalid: ";
  const std::string message = at(answer.body, "message");
  const std::size_t found = message.find(kBefore);
  return found == std::string::npos ? message : message.substr(found + kBefore.size());
}

/// Each on its own, without writing anything.
inline void expect_told(FrontFixture& api, std::span<const Posted> cases) {
  for (const Posted& each : cases) {
    const auto answer = api.ask("POST", std::string(each.path) + "?dryRun=All", std::string(each.body));
    EXPECT_EQ(answer.status, each.message.empty() ? 201 : 422) << each.body << "\n" << answer.body;
    EXPECT_EQ(told(answer), each.message) << each.body;
  }
}

inline void expect_told(FrontFixture& api, std::span<const Changed> cases) {
  for (const Changed& each : cases) {
    if (!each.body.empty()) {
      const auto made = api.ask("POST", std::string(each.path), std::string(each.body));
      ASSERT_EQ(made.status, 201) << made.body;
    }
    const auto answer = api.ask("PATCH", std::string(each.path) + "/" + std::string(each.name), std::string(each.patch),
                                "application/json-patch+json");
    EXPECT_EQ(answer.status, each.message.empty() ? 200 : 422) << each.patch << "\n" << answer.body;
    EXPECT_EQ(told(answer), each.message) << each.patch;
  }
}

}  // namespace troupe::api::testing
