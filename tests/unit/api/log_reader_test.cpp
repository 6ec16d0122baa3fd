#include "api/log_reader.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <random>

namespace troupe::api {
namespace {

/// A log in a folder of the test's own.
class LogReaderTest : public testing::Test {
 protected:
  LogReaderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "troupe-log-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~LogReaderTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/0.log"; }
  static std::string stamp(int number) {
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "2026-11-21T10:00:%02d.%09dZ", number / 1000 % 60, number % 1000);
    return text.data();
  }
  void write(const std::string& text, const char* stream = "stdout", char tag = 'F') {
    std::ofstream(path(), std::ios::app) << stamp(lines_++) << " " << stream << " " << tag << " " << text << "\n";
  }
  void rotate() {
    for (int i = 5; i > 0; --i) {
      const std::string from = i == 1 ? path() : path() + "." + std::to_string(i - 1);
      if (std::filesystem::exists(from)) std::filesystem::rename(from, path() + "." + std::to_string(i));
    }
  }
  static std::string drain(LogReader& reader) {
    std::string out;
    while (reader.read(out) == LogReader::State::kMore) {
    }
    return out;
  }
  std::string all(LogOptions options = {}) {
    LogReader reader(path(), std::move(options));
    return drain(reader);
  }

  std::string folder_;
  int lines_ = 0;
};

TEST_F(LogReaderTest, AFileThatIsNotThereYetIsEmptyUntilItIs) {
  LogReader reader(path(), {});
  EXPECT_EQ(drain(reader), "");
  write("one");
  EXPECT_EQ(drain(reader), "one\n");
  write("two", "stderr");
  EXPECT_EQ(drain(reader), "two\n");
}

TEST_F(LogReaderTest, PartsOfALineAreJoined) {
  write("ab", "stdout", 'P');
  write("cd");
  write("tail", "stdout", 'P');
  EXPECT_EQ(all(), "abcd\ntail");
  LogOptions options;
  options.timestamps = true;
  EXPECT_EQ(all(options), stamp(0) + " abcd\n" + stamp(2) + " tail");
}

TEST_F(LogReaderTest, TailSinceStreamAndLimitChooseLines) {
  for (int i = 0; i < 10; ++i) write(std::to_string(i), i % 2 == 0 ? "stdout" : "stderr");
  LogOptions tail;
  tail.tail_lines = 3;
  EXPECT_EQ(all(tail), "7\n8\n9\n");
  tail.tail_lines = 0;
  EXPECT_EQ(all(tail), "");
  tail.tail_lines = 100;
  EXPECT_EQ(all(tail).size(), 20U);
  LogOptions since;
  since.since = stamp(8);
  EXPECT_EQ(all(since), "8\n9\n");
  LogOptions errors;
  errors.stream = "stderr";
  EXPECT_EQ(all(errors), "1\n3\n5\n7\n9\n");
  LogOptions limit;
  limit.limit_bytes = 5;
  EXPECT_EQ(all(limit), "0\n1\n2");
}

TEST_F(LogReaderTest, AFollowerOfZeroLinesSeesOnlyWhatComes) {
  write("old");
  LogOptions options;
  options.tail_lines = 0;
  LogReader reader(path(), options);
  EXPECT_EQ(drain(reader), "");
  write("new");
  EXPECT_EQ(drain(reader), "new\n");
}

TEST_F(LogReaderTest, DamagedLinesAreSkipped) {
  std::ofstream(path()) << "\n \nx\n2026 stdout\n2026 stdout F\n";
  write("good");
  EXPECT_EQ(all(), "good\n");
}

/// Whatever is written, rotated and read in whatever order: every line is given once and in order.
TEST_F(LogReaderTest, RotationLosesAndRepeatsNothing) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    std::mt19937 random(seed);
    LogReader reader(path(), {});
    std::string expected;
    std::string got;
    int rotations = 0;  // since the last read: of five files one is lost with the sixth
    for (int step = 0; step < 60; ++step) {
      switch (random() % 4) {
        case 0:
        case 1: {
          const std::string line = std::to_string(random()) + std::string(random() % 200, 'x');
          write(line);
          expected += line + "\n";
          break;
        }
        case 2:
          if (std::filesystem::exists(path()) && ++rotations < 4) rotate();
          break;
        case 3:
          got += drain(reader);
          rotations = 0;
          break;
      }
    }
    got += drain(reader);
    ASSERT_EQ(got, expected) << "seed " << seed;
  }
}

TEST_F(LogReaderTest, TailReachesIntoRotatedFiles) {
  std::mt19937 random(7);
  std::vector<std::string> lines;
  for (int i = 0; i < 400; ++i) {
    lines.push_back(std::to_string(i) + std::string(random() % 300, 'y'));
    write(lines.back());
    if (i % 90 == 89) rotate();
  }
  for (const std::size_t wanted : {1U, 2U, 39U, 40U, 41U, 129U, 130U, 131U, 400U, 500U}) {
    std::string expected;
    for (std::size_t i = lines.size() - std::min(wanted, lines.size()); i < lines.size(); ++i)
      expected += lines[i] + "\n";
    LogOptions options;
    options.tail_lines = wanted;
    EXPECT_EQ(all(options), expected) << wanted;
  }
}

}  // namespace
}  // namespace troupe::api
