#include "kernel/background.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace troupe::kernel {
namespace {

TEST(Background, OneJobThatHangsHoldsUpNoOther) {
  auto hangs = std::make_shared<std::promise<void>>();
  auto ended = std::make_shared<std::promise<void>>();
  auto told = std::make_shared<std::promise<int>>();
  Background background;
  ASSERT_TRUE(background.run([until = hangs->get_future().share()] { until.wait(); }, [ended] { ended->set_value(); }));
  auto value = std::make_shared<int>(0);
  ASSERT_TRUE(background.run([value] { *value = 7; }, [value, told] { told->set_value(*value); }));
  EXPECT_EQ(told->get_future().get(), 7);
  hangs->set_value();
  ended->get_future().wait();
}

TEST(Background, StopWaitsForNoWorkAndNothingIsToldAfterIt) {
  auto hangs = std::make_shared<std::promise<void>>();
  auto begun = std::make_shared<std::promise<void>>();
  auto ended = std::make_shared<std::promise<void>>();
  auto told = std::make_shared<bool>(false);
  auto background = std::make_unique<Background>();
  ASSERT_TRUE(background->run(
      [until = hangs->get_future().share(), begun, ended] {
        begun->set_value();
        until.wait();
        ended->set_value();
      },
      [told] { *told = true; }));
  begun->get_future().wait();
  background->stop();
  EXPECT_FALSE(background->run([] {}, [] {}));
  background.reset();
  hangs->set_value();
  ended->get_future().wait();
  EXPECT_FALSE(*told);
}

}  // namespace
}  // namespace troupe::kernel
