#include "runtime/cri_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>

namespace troupe::runtime {
namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;
constexpr std::string_view kNames[2] = {" stdout ", " stderr "};

void append_digits(std::string& out, std::uint64_t value, int width) {
  char digits[20];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

Status make_folders(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return fail(errno_error(errno, "mkdir " + folder));
  }
  return {};
}

}  // namespace

void append_timestamp(std::string& out, std::int64_t unix_nanoseconds) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds(unix_nanoseconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss<nanoseconds> clock(time - day);
  append_digits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<std::uint64_t>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<std::uint64_t>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<std::uint64_t>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<std::uint64_t>(clock.subseconds().count()), 9);
  out += 'Z';
}

CriLog::CriLog(LogSpec spec)
    : path_(std::move(spec.path)), max_bytes_(spec.max_bytes), max_files_(std::max(1u, spec.max_files)) {}

Status CriLog::open() {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
  Fd file(::open(path_.c_str(), kFlags, 0640));
  if (!file && errno == ENOENT) {
    if (Status made = make_folders(path_); !made) return made;
    file.reset(::open(path_.c_str(), kFlags, 0640));
  }
  if (!file) return fail(errno_error(errno, "open log " + path_));
  struct stat status {};
  size_ = fstat(file.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  file_ = std::move(file);
  wanted_ = true;
  return {};
}

void CriLog::go_on(Fd file, bool wanted, std::uint64_t dropped) {
  struct stat status {};
  size_ = file && fstat(file.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  file_ = std::move(file);
  wanted_ = wanted;
  dropped_ = dropped;
}

void CriLog::go_on(LogStream stream, std::string_view unfinished) {
  if (!unfinished.empty()) unfinished_[static_cast<int>(stream)] = std::make_unique<std::string>(unfinished);
}

void CriLog::remove() {
  close();
  for (std::uint32_t i = 0; i < max_files_; ++i) {
    const std::string name = i == 0 ? path_ : path_ + "." + std::to_string(i);
    if (unlink(name.c_str()) != 0 && i > 0) break;
  }
  std::string folder = path_;
  for (int level = 0; level < 2; ++level) {
    const std::size_t slash = folder.rfind('/');
    if (slash == std::string::npos || slash == 0) return;
    folder.resize(slash);
    if (rmdir(folder.c_str()) != 0) return;
  }
}

void CriLog::append(LogStream stream, std::string_view chunk, std::int64_t now, std::string& scratch) {
  std::string time;
  append_timestamp(time, now);
  std::unique_ptr<std::string>& unfinished = unfinished_[static_cast<int>(stream)];
  scratch.clear();
  while (!chunk.empty()) {
    const std::size_t waiting = unfinished ? unfinished->size() : 0;
    const std::size_t room = kMaxLogLine - waiting;
    const std::size_t newline = chunk.substr(0, room + 1).find('\n');
    if (newline == std::string_view::npos && chunk.size() <= room) {
      if (!unfinished) unfinished = std::make_unique<std::string>();
      unfinished->append(chunk);
      break;
    }
    const bool whole = newline != std::string_view::npos;
    const std::size_t taken = whole ? newline : room;
    add_line(stream, whole ? 'F' : 'P', unfinished ? std::string_view(*unfinished) : std::string_view(),
             chunk.substr(0, taken), time, scratch);
    unfinished.reset();
    chunk.remove_prefix(taken + (whole ? 1 : 0));
  }
  flush(scratch);
}

void CriLog::end(LogStream stream, std::int64_t now, std::string& scratch) {
  std::unique_ptr<std::string>& unfinished = unfinished_[static_cast<int>(stream)];
  if (!unfinished) return;
  std::string time;
  append_timestamp(time, now);
  scratch.clear();
  add_line(stream, 'P', *unfinished, {}, time, scratch);
  unfinished.reset();
  flush(scratch);
}

void CriLog::add_line(LogStream stream, char tag, std::string_view head, std::string_view tail, std::string_view time,
                      std::string& out) {
  const std::string_view name = kNames[static_cast<int>(stream)];
  const std::size_t bytes = time.size() + name.size() + 2 + head.size() + tail.size() + 1;
  if (out.size() + bytes > kFlushBytes) flush(out);
  if (max_bytes_ != 0 && size_ + out.size() > 0 && size_ + out.size() + bytes > max_bytes_) {
    flush(out);
    rotate();
  }
  out.append(time).append(name).append(1, tag).append(1, ' ').append(head).append(tail).append(1, '\n');
}

void CriLog::flush(std::string& out) {
  std::string_view rest = out;
  if (!rest.empty() && !file_ && wanted_) (void)open();  // refused: the lines are counted as dropped
  while (!rest.empty() && file_) {
    const ssize_t written = write(file_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    size_ += static_cast<std::uint64_t>(written);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  dropped_ += rest.size();
  out.clear();
}

void CriLog::rotate() {
  file_.reset();
  for (std::uint32_t i = max_files_ - 1; i > 1; --i) {
    std::rename((path_ + "." + std::to_string(i - 1)).c_str(), (path_ + "." + std::to_string(i)).c_str());
  }
  if (max_files_ > 1) {
    std::rename(path_.c_str(), (path_ + ".1").c_str());
  } else {
    unlink(path_.c_str());
  }
  if (!open()) return;  // lines are dropped and counted until reopen_log
  size_ = 0;            // also when the rename was refused: try again a file's worth later
}

}  // namespace troupe::runtime
