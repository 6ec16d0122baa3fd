#include "base/result.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace troupe {
namespace {

TEST(Result, CarriesTheCalleesReasonAndTheCallersContext) {
  Status status = fail(ErrorCode::kNoSpace, "0 bytes left");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().with_context("append to log").message, "append to log: 0 bytes left");
  EXPECT_EQ(status.error().with_context("append to log").code, ErrorCode::kNoSpace);
}

TEST(Result, EveryCodeSaysWhatTheCallerCanDo) {
  EXPECT_EQ(remedy(ErrorCode::kBusy), Remedy::kRetry);
  EXPECT_EQ(remedy(ErrorCode::kCompacted), Remedy::kReconnect);
  EXPECT_EQ(remedy(ErrorCode::kInvalidArgument), Remedy::kFixInput);
  EXPECT_EQ(remedy(ErrorCode::kCorrupt), Remedy::kGiveUp);
}

TEST(Result, ErrnoBecomesACodeThatTheCallerCanActOn) {
  EXPECT_EQ(errno_error(ENOSPC, "write").code, ErrorCode::kNoSpace);
  EXPECT_EQ(errno_error(EROFS, "open").code, ErrorCode::kPermission);
  EXPECT_EQ(errno_error(EIO, "read").message, "read: Input/output error");
}

}  // namespace
}  // namespace troupe
