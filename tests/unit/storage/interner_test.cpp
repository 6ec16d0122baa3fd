#include "storage/interner.hpp"

#include "tests/contract/store_fixture.hpp"

namespace troupe::storage::testing {
namespace {

Key key_in(const std::string& table, const std::string& name) { return *make_key(kSystemResource, table, name); }

TEST(Interner, GivesEachNameItsOwnNumberAndAlwaysTheSame) {
  MemoryStore store;
  Interner resources(store, "resources");
  EXPECT_EQ(*resources.number("pods"), 1u);
  EXPECT_EQ(*resources.number("deployments.apps"), 2u);
  EXPECT_EQ(*resources.number("pods"), 1u);
}

TEST(Interner, NumbersOutliveIt) {
  TempDir dir;
  {
    auto store = LogStore::open(small_options(dir.path()));
    ASSERT_TRUE(store) << store.error().message;
    (*store)->start();
    Interner resources(**store, "resources");
    ASSERT_EQ(*resources.number("pods"), 1u);
    ASSERT_EQ(*resources.number("nodes"), 2u);
  }
  auto store = LogStore::open(small_options(dir.path()));
  ASSERT_TRUE(store) << store.error().message;
  (*store)->start();
  Interner resources(**store, "resources");
  EXPECT_EQ(*resources.number("nodes"), 2u);
  EXPECT_EQ(*resources.number("services"), 3u);
}

TEST(Interner, NumbersManyNamesInFewCommits) {
  MemoryStore store;
  Interner resources(store, "resources");
  ASSERT_EQ(*resources.number("r7"), 1u);
  const Revision before = store.revision();
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("r" + std::to_string(i % 290));
  ASSERT_TRUE(resources.number_all(names));
  EXPECT_EQ(store.revision(), before + 3) << "128 to a commit";
  EXPECT_EQ(*resources.number("r0"), 2u);
  EXPECT_EQ(*resources.number("r7"), 1u) << "as before";
  EXPECT_EQ(*resources.number("r289"), 290u);
  ASSERT_TRUE(resources.number_all(names));
  EXPECT_EQ(store.revision(), before + 3);
  Interner again(store, "resources");
  EXPECT_EQ(*again.number("r289"), 290u);
  EXPECT_EQ(*again.number("new"), 291u);
}

TEST(Interner, TablesDoNotMix) {
  MemoryStore store;
  Interner resources(store, "resources");
  Interner kinds(store, "kinds");
  EXPECT_EQ(*resources.number("pods"), 1u);
  EXPECT_EQ(*resources.number("nodes"), 2u);
  EXPECT_EQ(*kinds.number("v1/Pod"), 1u);
}

TEST(Interner, RefusesATableThatHoldsSomethingElse) {
  for (const char* text : {"", "0", "-1", "7x", "99999999999"}) {
    MemoryStore store;
    Record record = Record::of({0, Form::kRaw, Transform::kNone, 0}, text);
    ASSERT_TRUE(commit_and_wait(store, std::move(Batch().put(key_in("kinds", "v1/Pod"), std::move(record)))));
    Interner kinds(store, "kinds");
    auto number = kinds.number("v1/Node");
    ASSERT_FALSE(number) << text;
    EXPECT_EQ(number.error().code, ErrorCode::kCorrupt);
  }
}

TEST(Interner, ANameThatIsNoKeyTakesNoNumber) {
  MemoryStore store;
  Interner resources(store, "resources");
  EXPECT_EQ(resources.number(std::string(600, 'x')).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(*resources.number("pods"), 1u);
}

}  // namespace
}  // namespace troupe::storage::testing
