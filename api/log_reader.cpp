#include "api/log_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::api {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kMaxLine = 1024 * 1024;  // the keeper writes at most 16 KiB a line
constexpr int kMaxRotated = 99;

std::string rotated(const std::string& path, int number) { return path + "." + std::to_string(number); }

std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

/// Where the last `lines` lines of a file begin; what is missing to that number stays in `lines`.
std::uint64_t tail_offset(int fd, std::uint64_t& lines) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return 0;
  std::array<char, 16 * 1024> buffer{};
  auto end = static_cast<std::uint64_t>(status.st_size);
  bool at_end = true;  // the newline that ends the file begins no line
  while (end > 0) {
    const std::uint64_t begin = end > buffer.size() ? end - buffer.size() : 0;
    const ssize_t size = pread(fd, buffer.data(), end - begin, static_cast<off_t>(begin));
    if (size <= 0) return 0;
    for (ssize_t i = size; i > 0; --i) {
      const bool newline = buffer[static_cast<std::size_t>(i - 1)] == '\n';
      if (newline && !at_end && --lines == 0) return begin + static_cast<std::uint64_t>(i);
      at_end = false;
    }
    end = begin;
  }
  if (status.st_size > 0) --lines;  // the line that the file begins with
  return 0;
}

}  // namespace

LogReader::LogReader(std::string path, LogOptions options) : path_(std::move(path)), options_(std::move(options)) {}

LogReader::~LogReader() {
  while (!files_.empty()) close_front();
}

void LogReader::close_front() {
  close(files_.front().fd);
  files_.pop_front();
}

bool LogReader::open_file(const std::string& path) {
  File file;
  file.fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file.fd < 0 || fstat(file.fd, &status) != 0) return false;
  file.inode = status.st_ino;
  const bool known =
      std::any_of(files_.begin(), files_.end(), [&](const File& one) { return one.inode == file.inode; });
  if (known) {  // it was renamed between two of our looks
    close(file.fd);
    return false;
  }
  files_.push_back(file);
  return true;
}

void LogReader::open_all() {
  int oldest = 0;
  while (oldest < kMaxRotated && inode_of(rotated(path_, oldest + 1)) != 0) ++oldest;
  for (int i = oldest; i > 0; --i) open_file(rotated(path_, i));
  open_file(path_);
  opened_ = !files_.empty();
  if (opened_ && options_.tail_lines) skip_to_tail(*options_.tail_lines);
}

void LogReader::skip_to_tail(std::uint64_t lines) {
  for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
    struct stat status {};
    if (lines > 0) {
      file->offset = tail_offset(file->fd, lines);
    } else if (fstat(file->fd, &status) == 0) {
      file->offset = static_cast<std::uint64_t>(status.st_size);
    }
  }
}

bool LogReader::follow_rotation() {
  const std::uint64_t mine = files_.back().inode;
  if (inode_of(path_) == mine) return false;
  int place = 0;
  for (int i = 1; i <= kMaxRotated && place == 0; ++i) {
    const std::uint64_t inode = inode_of(rotated(path_, i));
    if (inode == 0) break;
    if (inode == mine) place = i;
  }
  const std::size_t before = files_.size();
  for (int i = place - 1; i > 0; --i) open_file(rotated(path_, i));
  open_file(path_);
  return files_.size() > before;
}

LogReader::State LogReader::read(std::string& out) {
  if (options_.limit_bytes && given_ >= *options_.limit_bytes) return State::kFull;
  if (!opened_) open_all();
  if (!opened_) return State::kEnd;
  std::string chunk(kChunk, '\0');
  for (;;) {
    // Looked for before the read: what the file gets after its last rename-free moment is not missed.
    const bool more_files = files_.size() > 1 || follow_rotation();
    File& file = files_.front();
    const ssize_t size = pread(file.fd, chunk.data(), chunk.size(), static_cast<off_t>(file.offset));
    if (size > 0) {
      file.offset += static_cast<std::uint64_t>(size);
      const bool room = take(std::string_view(chunk.data(), static_cast<std::size_t>(size)), out);
      return room ? State::kMore : State::kFull;
    }
    if (!more_files) return State::kEnd;
    rest_.clear();
    close_front();
  }
}

bool LogReader::take(std::string_view chunk, std::string& out) {
  while (!chunk.empty()) {
    const std::size_t newline = chunk.find('\n');
    if (newline == std::string_view::npos) {
      if (rest_.size() + chunk.size() <= kMaxLine) rest_ += chunk;
      return true;
    }
    bool room = true;
    if (rest_.empty()) {
      room = add_line(chunk.substr(0, newline), out);
    } else {
      rest_ += chunk.substr(0, newline);
      room = add_line(std::exchange(rest_, {}), out);
    }
    if (!room) return false;
    chunk.remove_prefix(newline + 1);
  }
  return true;
}

/// "TIME STREAM TAG text". False when the limit is reached.
bool LogReader::add_line(std::string_view line, std::string& out) {
  const std::size_t time_end = line.find(' ');
  if (time_end == std::string_view::npos) return true;
  const std::string_view time = line.substr(0, time_end);
  std::string_view left = line.substr(time_end + 1);
  const std::size_t stream_end = left.find(' ');
  if (stream_end == std::string_view::npos || left.size() < stream_end + 3) return true;
  const std::string_view stream = left.substr(0, stream_end);
  const bool whole = left[stream_end + 1] == 'F';
  if (!options_.since.empty() && time < options_.since) return true;
  if (!options_.stream.empty() && stream != options_.stream) return true;
  const std::size_t before = out.size();
  if (options_.timestamps && !inside_line_) out.append(time).append(1, ' ');
  out.append(left.substr(stream_end + 3));
  if (whole) out += '\n';
  inside_line_ = !whole;
  given_ += out.size() - before;
  if (!options_.limit_bytes || given_ < *options_.limit_bytes) return true;
  out.resize(out.size() - (given_ - *options_.limit_bytes));
  return false;
}

}  // namespace troupe::api
