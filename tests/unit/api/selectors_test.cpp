#include "api/selectors.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "api/object_codec.hpp"

namespace troupe::api {
namespace {

struct LabelCase {
  const char* selector;
  bool matches;

  friend void PrintTo(const LabelCase& label_case, std::ostream* out) { *out << '"' << label_case.selector << '"'; }
};

class LabelSelectors : public ::testing::TestWithParam<LabelCase> {};

TEST_P(LabelSelectors, ChooseByAllTheirRequirements) {
  const auto labels = parse_json(R"({"app":"web","tier":"front","size":"5","example.com/x":""})");
  const auto selector = LabelSelector::parse(GetParam().selector);
  ASSERT_TRUE(selector) << selector.error().message;
  EXPECT_EQ(selector->matches(&labels->root()), GetParam().matches) << GetParam().selector;
}

INSTANTIATE_TEST_SUITE_P(Table, LabelSelectors,
                         ::testing::Values(LabelCase{"", true}, LabelCase{"app=web", true}, LabelCase{"app==web", true},
                                           LabelCase{"app=db", false}, LabelCase{"app!=db", true},
                                           LabelCase{"missing!=x", true}, LabelCase{"app in (db, web)", true},
                                           LabelCase{"app in (db)", false}, LabelCase{"app notin (db)", true},
                                           LabelCase{"missing notin (x)", true}, LabelCase{"app,tier", true},
                                           LabelCase{"!missing", true}, LabelCase{"!app", false},
                                           LabelCase{"size>4", true}, LabelCase{"size<5", false},
                                           LabelCase{"app>4", false}, LabelCase{"example.com/x=", true},
                                           LabelCase{"app=web,tier in (back)", false},
                                           LabelCase{" app = web , size > 1 ", true}));

TEST(LabelSelector, RefusesWhatIsNoSelector) {
  for (const char* text : {"app in", "app in (a", "=x", "app=web,", "a b", "app=-x", "UPPER_/x=1", "app in a)", ","}) {
    const auto selector = LabelSelector::parse(text);
    ASSERT_FALSE(selector) << text;
    EXPECT_EQ(selector.error().code, 400);
  }
}

TEST(LabelSelector, NoLabelsAtAllMatchOnlyNegations) {
  EXPECT_TRUE(LabelSelector::parse("!app")->matches(nullptr));
  EXPECT_FALSE(LabelSelector::parse("app")->matches(nullptr));
}

TEST(FieldSelector, ComparesScalarsByTheirText) {
  const auto object =
      parse_json(R"({"metadata":{"name":"a"},"spec":{"unschedulable":true},"status":{"phase":"Running"}})");
  const auto matches = [&](const char* text) { return FieldSelector::parse(text)->matches(object->root()); };
  EXPECT_TRUE(matches("metadata.name=a,status.phase!=Pending"));
  EXPECT_TRUE(matches("spec.unschedulable=true"));
  EXPECT_TRUE(matches("spec.nodeName="));
  EXPECT_FALSE(matches("metadata.name==b"));
  EXPECT_FALSE(FieldSelector::parse("nonsense"));
  EXPECT_EQ(FieldSelector::parse("a=x\\,y\\=z")->requirements().front().value, "x,y=z");
}

}  // namespace
}  // namespace troupe::api
