#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "runtime/fd.hpp"
#include "runtime/runtime.hpp"

namespace troupe::runtime {

enum class LogStream : std::uint8_t { kStdout = 0, kStderr = 1 };

/// A line longer than this is written in parts, all but the last tagged P. An unfinished line waits for its end.
inline constexpr std::size_t kMaxLogLine = 16 * 1024;

/// Appends "2026-11-21T10:00:00.000000000Z" to `out`.
void append_timestamp(std::string& out, std::int64_t unix_nanoseconds);

/// One container's log file in the CRI format: `TIME stdout F line`. Rotated before it grows over the limit: PATH.1 is
/// the newest of the old ones. When the disk refuses a write, the lines are dropped and counted: a workload never waits
/// for a disk.
class CriLog {
 public:
  explicit CriLog(LogSpec spec);

  /// The file is made when the first line comes: most workloads say nothing, and a file costs more than a process.
  void begin() { wanted_ = true; }
  /// Makes the folder, opens (appending) or creates the file now.
  Status open();
  void close() {
    wanted_ = false;
    file_.reset();
  }
  /// Deletes the files, and their folder and the one above when nothing else is in them.
  void remove();
  /// Splits what was read from a stream at `now` into lines. `scratch` is a buffer shared by many logs.
  void append(LogStream stream, std::string_view chunk, std::int64_t now, std::string& scratch);
  /// The stream has ended: writes an unfinished last line, tagged P.
  void end(LogStream stream, std::int64_t now, std::string& scratch);

  std::uint64_t dropped_bytes() const { return dropped_; }

  /// For who goes on with this log in another program of the same process.
  const Fd& file() const { return file_; }
  bool wanted() const { return wanted_; }
  std::string_view unfinished(LogStream stream) const {
    const auto& line = unfinished_[static_cast<int>(stream)];
    return line ? std::string_view(*line) : std::string_view();
  }
  /// Goes on where another left off; an empty `file` is opened with the next line.
  void go_on(Fd file, bool wanted, std::uint64_t dropped);
  void go_on(LogStream stream, std::string_view unfinished);

 private:
  void add_line(LogStream stream, char tag, std::string_view head, std::string_view tail, std::string_view time,
                std::string& out);
  void flush(std::string& out);
  void rotate();

  std::string path_;
  std::uint64_t max_bytes_;
  std::uint32_t max_files_;
  Fd file_;
  bool wanted_ = false;
  std::uint64_t size_ = 0;
  std::uint64_t dropped_ = 0;
  std::unique_ptr<std::string> unfinished_[2];  // only while there is one
};

}  // namespace troupe::runtime
