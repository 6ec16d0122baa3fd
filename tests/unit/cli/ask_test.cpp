#include "cli/ask.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "net/pki.hpp"

namespace troupe::cli {
namespace {

class AskTest : public ::testing::Test {
 protected:
  AskTest() {
    char path[] = "/tmp/troupe-ask-XXXXXX";
    dir_ = ::mkdtemp(path);
    EXPECT_TRUE(net::open_pki({dir_ + "/pki", {"127.0.0.1"}, std::chrono::system_clock::now()}));
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    socklen_t size = sizeof any;
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&any), &size), 0);
    EXPECT_TRUE(
        net::write_file_atomically(dir_ + "/address", "127.0.0.1:" + std::to_string(ntohs(any.sin_port)), 0600));
  }
  ~AskTest() override {
    ::close(listener_);
    std::filesystem::remove_all(dir_);
  }

  std::string dir_;
  int listener_ = -1;
};

TEST_F(AskTest, GivesUpOnAKernelThatSaysNothing) {
  ASSERT_EQ(::listen(listener_, 5), 0);  // the operating system takes the connection, nobody else does
  const auto answer = ask(dir_, "/troupe/status", std::chrono::seconds(1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kTimeout) << answer.error().message;
}

TEST_F(AskTest, SaysAtOnceWhenNobodyListens) {
  const auto answer = ask(dir_, "/troupe/status", std::chrono::seconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable) << answer.error().message;
}

}  // namespace
}  // namespace troupe::cli
