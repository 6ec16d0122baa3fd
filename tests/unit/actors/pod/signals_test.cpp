#include "actors/pod/signals.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace troupe::pod {
namespace {

TEST(Signals, HaveTheNumbersOfTheSystem) {
  EXPECT_EQ(signal_number("SIGTERM"), SIGTERM);
  EXPECT_EQ(signal_number("SIGUSR1"), SIGUSR1);
  EXPECT_EQ(signal_number("SIGRTMIN"), SIGRTMIN);
  EXPECT_EQ(signal_number("SIGRTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(signal_number("SIGRTMAX-14"), SIGRTMAX - 14);
  EXPECT_EQ(signal_number("SIGRTMAX"), SIGRTMAX);
}

TEST(Signals, OtherWordsAreNone) {
  for (const char* word :
       {"", "TERM", "SIGNONE", "SIGRTMIN-1", "SIGRTMIN+", "SIGRTMIN+31", "SIGRTMAX+1", "SIGRTMIN+1x"}) {
    EXPECT_FALSE(signal_number(word)) << word;
  }
}

}  // namespace
}  // namespace troupe::pod
