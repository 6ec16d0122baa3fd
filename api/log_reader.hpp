#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::api {

/// Which lines of a container's log are wanted, and how.
struct LogOptions {
  bool timestamps = false;
  std::optional<std::uint64_t> tail_lines;
  std::optional<std::uint64_t> limit_bytes;
  std::string since;   ///< "2026-11-21T10:00:00.000000000Z" as log files write it; lines before it are left out.
  std::string stream;  ///< "stdout" or "stderr"; empty: both.
};

/// Reads a container's log in the CRI format, the rotated files (PATH.N, the highest the oldest) before the newest, in
/// steps of bounded size. Goes on across rotations while it is read. A file that is not there yet is an empty one.
class LogReader {
 public:
  enum class State : std::uint8_t {
    kMore,  ///< There is more to read at once.
    kEnd,   ///< Everything that was written is read; more may come.
    kFull,  ///< The limit of bytes is reached: nothing more is given.
  };

  LogReader(std::string path, LogOptions options);
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;
  ~LogReader();

  /// Appends the text of some lines, of at most 64 KiB of log.
  State read(std::string& out);

 private:
  struct File {
    int fd = -1;
    std::uint64_t offset = 0;
    std::uint64_t inode = 0;
  };

  bool open_file(const std::string& path);
  void open_all();
  /// Leaves out what is before the last lines that are wanted.
  void skip_to_tail(std::uint64_t lines);
  /// At the end of the newest file: opens those that came after it. False when there are none.
  bool follow_rotation();
  bool take(std::string_view chunk, std::string& out);
  bool add_line(std::string_view line, std::string& out);
  void close_front();

  std::string path_;
  LogOptions options_;
  std::deque<File> files_;  ///< The oldest, which is being read, first.
  bool opened_ = false;
  bool inside_line_ = false;  ///< The last line given was only a part.
  std::string rest_;          ///< A line of the file that is not complete yet.
  std::uint64_t given_ = 0;
};

}  // namespace troupe::api
