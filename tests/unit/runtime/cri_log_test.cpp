#include "runtime/cri_log.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime::test {
namespace {

constexpr std::int64_t kNow = 1'795'255'200'000'000'000;  // 2026-11-21T10:00:00Z
const std::string kStamp = "2026-11-21T10:00:00.000000000Z";

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class CriLogTest : public testing::Test {
 protected:
  std::string path() const { return folder_.path() + "/a/b/0.log"; }
  void write(CriLog& log, LogStream stream, std::string_view text) { log.append(stream, text, kNow, scratch_); }

  TestFolder folder_;
  std::string scratch_;
};

TEST_F(CriLogTest, WritesWholeLinesWithTimeStreamAndTag) {
  CriLog log({path(), 0, 1});
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, "hello\n\nworld\n");
  write(log, LogStream::kStderr, "oh\n");
  EXPECT_EQ(contents(path()), kStamp + " stdout F hello\n" + kStamp + " stdout F \n" + kStamp + " stdout F world\n" +
                                  kStamp + " stderr F oh\n");
}

TEST_F(CriLogTest, TimestampsHaveNineDigits) {
  std::string text;
  append_timestamp(text, 1'000'000'007);
  EXPECT_EQ(text, "1970-01-01T00:00:01.000000007Z");
  text.clear();
  append_timestamp(text, 1'709'251'199'999'999'999);
  EXPECT_EQ(text, "2024-02-29T23:59:59.999999999Z");
}

TEST_F(CriLogTest, ALineThatComesInPiecesIsOneLine) {
  CriLog log({path(), 0, 1});
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, "a");
  write(log, LogStream::kStderr, "x\n");
  write(log, LogStream::kStdout, "b");
  EXPECT_EQ(contents(path()), kStamp + " stderr F x\n");
  write(log, LogStream::kStdout, "c\nd");
  EXPECT_EQ(contents(path()), kStamp + " stderr F x\n" + kStamp + " stdout F abc\n");
}

TEST_F(CriLogTest, AnUnfinishedLastLineIsPartial) {
  CriLog log({path(), 0, 1});
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, "no newline");
  log.end(LogStream::kStdout, kNow, scratch_);
  log.end(LogStream::kStdout, kNow, scratch_);
  EXPECT_EQ(contents(path()), kStamp + " stdout P no newline\n");
}

TEST_F(CriLogTest, ALongLineIsCutIntoPartialsAndALastPart) {
  CriLog log({path(), 0, 1});
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, std::string(2 * kMaxLogLine + 5, 'x') + "\n");
  const std::string part(kMaxLogLine, 'x');
  EXPECT_EQ(contents(path()),
            kStamp + " stdout P " + part + "\n" + kStamp + " stdout P " + part + "\n" + kStamp + " stdout F xxxxx\n");
}

TEST_F(CriLogTest, ALineOfExactlyTheLimitIsWhole) {
  CriLog log({path(), 0, 1});
  ASSERT_TRUE(log.open());
  const std::string line(kMaxLogLine, 'y');
  write(log, LogStream::kStdout, line);
  write(log, LogStream::kStdout, "\n");
  EXPECT_EQ(contents(path()), kStamp + " stdout F " + line + "\n");
}

TEST_F(CriLogTest, AnyCutOfTheInputGivesTheSameText) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::string input;
    for (unsigned lines = random() % 6; lines > 0; --lines) {
      const std::size_t length = random() % 3 == 0 ? kMaxLogLine - 2 + random() % 5 : random() % 50;
      input += std::string(length, static_cast<char>('a' + random() % 26)) + "\n";
    }
    const std::string whole_path = folder_.path() + "/whole" + std::to_string(seed);
    const std::string pieces_path = folder_.path() + "/pieces" + std::to_string(seed);
    CriLog whole({whole_path, 0, 1});
    CriLog pieces({pieces_path, 0, 1});
    ASSERT_TRUE(whole.open() && pieces.open());
    write(whole, LogStream::kStdout, input);
    for (std::size_t at = 0; at < input.size();) {
      const std::size_t size = std::min<std::size_t>(input.size() - at, 1 + random() % 20000);
      write(pieces, LogStream::kStdout, std::string_view(input).substr(at, size));
      at += size;
    }
    EXPECT_EQ(contents(pieces_path), contents(whole_path));
  }
}

TEST_F(CriLogTest, RotatesBeforeAFileGrowsOverTheLimitAndKeepsTheNewest) {
  const std::size_t line = kStamp.size() + std::string(" stdout F 0\n").size();
  CriLog log({path(), 2 * line, 3});
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, "1\n2\n3\n4\n5\n6\n7\n");
  const auto expected = [](const std::string& text) { return kStamp + " stdout F " + text + "\n"; };
  EXPECT_EQ(contents(path()), expected("7"));
  EXPECT_EQ(contents(path() + ".1"), expected("5") + expected("6"));
  EXPECT_EQ(contents(path() + ".2"), expected("3") + expected("4"));
  EXPECT_FALSE(std::filesystem::exists(path() + ".3"));
}

TEST_F(CriLogTest, CountsWhatIsThereAlreadyTowardsTheLimit) {
  const std::size_t line = kStamp.size() + std::string(" stdout F 0\n").size();
  {
    CriLog log({path(), line, 2});
    ASSERT_TRUE(log.open());
    write(log, LogStream::kStdout, "1\n");
  }
  CriLog log({path(), line, 2});
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, "2\n");
  EXPECT_EQ(contents(path()), kStamp + " stdout F 2\n");
  EXPECT_EQ(contents(path() + ".1"), kStamp + " stdout F 1\n");
}

TEST_F(CriLogTest, ReopeningFollowsARename) {
  CriLog log({path(), 0, 1});
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, "1\n");
  std::filesystem::rename(path(), path() + ".old");
  write(log, LogStream::kStdout, "2\n");
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, "3\n");
  EXPECT_EQ(contents(path() + ".old"), kStamp + " stdout F 1\n" + kStamp + " stdout F 2\n");
  EXPECT_EQ(contents(path()), kStamp + " stdout F 3\n");
}

TEST_F(CriLogTest, AFullDiskDropsLinesAndCountsThem) {
  CriLog log({"/dev/full", 0, 1});
  ASSERT_TRUE(log.open());
  write(log, LogStream::kStdout, "lost\n");
  EXPECT_EQ(log.dropped_bytes(), kStamp.size() + std::string(" stdout F lost\n").size());
}

TEST_F(CriLogTest, AFolderThatCannotBeMadeIsAnErrorWithItsName) {
  CriLog log({"/proc/none/0.log", 0, 1});
  const Status opened = log.open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("/proc/none"), std::string::npos) << opened.error().message;
}

}  // namespace
}  // namespace troupe::runtime::test
