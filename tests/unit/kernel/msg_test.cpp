#include "kernel/msg.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "kernel/msg_capnp.hpp"
#include "kernel/random.hpp"
#include "messages.capnp.h"

namespace troupe::kernel::test {
namespace {

TEST(Msg, IsReadWithItsTypeAndSharedWithoutACopy) {
  const auto ping = make_msg<Ping>([](Ping::Builder b) {
    b.setNumber(7);
    b.setText("hello");
  });
  const Msg<Ping> copy = ping;
  EXPECT_EQ(copy->getNumber(), 7U);
  EXPECT_EQ(std::string(copy->getText().cStr()), "hello");
  EXPECT_EQ(copy.block(), ping.block());
}

TEST(Msg, AReaderStaysValidAsLongAsTheMessageIsHeld) {
  const auto bag = make_msg<Bag>([](Bag::Builder b) {
    auto items = b.initItems(3);
    for (unsigned i = 0; i < 3; ++i) items[i].initInner().setKey("key" + std::to_string(i));
  });
  const auto inner = bag->getItems()[2].getInner();  // the temporary reader it came from is gone
  EXPECT_EQ(std::string(inner.getKey().cStr()), "key2");
}

TEST(Msg, KnowsItsTypeWhenUntyped) {
  const AnyMsg any = make_msg<Pong>([](Pong::Builder b) { b.setNumber(1); });
  EXPECT_TRUE(any.is<Pong>());
  EXPECT_FALSE(any.is<Ping>());
  EXPECT_FALSE(Msg<Ping>::from(any));
  EXPECT_EQ(Msg<Pong>::from(any)->getNumber(), 1U);
  EXPECT_EQ(any.type()->id, Pong::_capnpPrivate::typeId);
  EXPECT_EQ(any.type()->name, "troupe::kernel::test::Pong");
}

TEST(Msg, ALocalMessageHoldsAPlainStructAndDestroysItOnce) {
  struct Holder {
    std::shared_ptr<int> value;
  };
  auto value = std::make_shared<int>(3);
  {
    AnyMsg any = make_local<Holder>(value);
    const AnyMsg second = any;
    any = {};
    EXPECT_EQ(*Local<Holder>::from(second)->value, 3);
    EXPECT_EQ(value.use_count(), 2);
  }
  EXPECT_EQ(value.use_count(), 1);
}

TEST(Msg, OfAnySizeComesBackFieldByField) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const auto count = static_cast<unsigned>(random.below(200));
    const auto length = random.below(300);
    const auto bag = make_msg<Bag>([&](Bag::Builder b) {
      b.setName(std::string(length, 'n'));
      auto items = b.initItems(count);
      for (unsigned i = 0; i < count; ++i) {
        items[i].setKey("k" + std::to_string(i));
        items[i].initData(i % 13);
      }
    });
    EXPECT_EQ(bag->getName().size(), length);
    ASSERT_EQ(bag->getItems().size(), count);
    for (unsigned i = 0; i < count; ++i) {
      EXPECT_EQ(std::string(bag->getItems()[i].getKey().cStr()), "k" + std::to_string(i));
      EXPECT_EQ(bag->getItems()[i].getData().size(), i % 13);
    }
    const auto again = msg_from_segment<Bag>(segment_of(bag));
    ASSERT_TRUE(again);
    EXPECT_TRUE((*again)->getItems().size() == count);
  }
}

TEST(Msg, BrokenWordsAreRefusedAndNeverReadOutOfBounds) {
  const auto bag = make_msg<Bag>([](Bag::Builder b) {
    b.setName("name");
    auto items = b.initItems(5);
    for (unsigned i = 0; i < 5; ++i) items[i].setKey("some key");
  });
  const auto good = segment_of(bag);
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::vector<std::uint64_t> words(good.begin(), good.end());
    words[random.below(words.size())] ^= std::uint64_t{1} << random.below(64);
    if (random.below(4) == 0) words.resize(random.below(words.size()) + 1);
    const auto read = msg_from_segment<Bag>(words);
    if (!read) {
      ++refused;
      EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
      continue;
    }
    try {
      for (const auto item : (*read)->getItems()) (void)item.getKey().size();
    } catch (const kj::Exception&) {  // a text without its end: an exception, never a read beyond it
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace troupe::kernel::test
