#include <gtest/gtest.h>

#include <string_view>

#include "actors/controllers/read_internal.hpp"

namespace troupe::controllers {
namespace {

/// A number or a text, as an IntOrString's reader tells it.
struct Either {
  bool number;
  std::int32_t value;
  std::string_view written;

  bool isInt() const { return number; }                // NOLINT(readability-identifier-naming): a reader's names
  std::int32_t getInt() const { return value; }        // NOLINT(readability-identifier-naming)
  std::string_view getStr() const { return written; }  // NOLINT(readability-identifier-naming)
};

Share of_text(std::string_view written) { return share_of(Either{false, 0, written}); }

TEST(ShareOf, TakesANumberOrAPercentageAndNothingElse) {
  EXPECT_EQ(share_of(Either{true, 3, ""}).of(10, true), 3);
  EXPECT_EQ(of_text("30%").of(10, true), 3);
  EXPECT_EQ(of_text("0%").of(10, true), 0);
  for (const auto* wrong : {"", "%", "30", "30 %", "30%%", "3x%", "x", "30%x", "99999999999%"}) {
    EXPECT_EQ(of_text(wrong).of(10, true), 0) << wrong;
  }
}

}  // namespace
}  // namespace troupe::controllers
