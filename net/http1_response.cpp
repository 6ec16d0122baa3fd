#include "net/http1_response.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::net {

namespace {

constexpr std::size_t kMaxLines = 64 * 1024;

Status malformed(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, "malformed HTTP response: " + std::string(what));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// All of the text is one number.
template <class Number>
bool read_number(std::string_view text, int base, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

bool is_token(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

}  // namespace

Result<bool> Http1ResponseReader::next_line(std::string_view& bytes, std::string& line) {
  const std::size_t end = bytes.find('\n');
  const std::size_t size = end == std::string_view::npos ? bytes.size() : end + 1;
  line_bytes_ += size;
  if (line_bytes_ > kMaxLines) return fail(ErrorCode::kTooLarge, "the response's head is longer than 64 KiB");
  partial_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (end == std::string_view::npos) return false;
  line = std::exchange(partial_, {});
  line.pop_back();
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

Status Http1ResponseReader::feed(std::string_view bytes, std::string& body) {
  while (!bytes.empty() && step_ != Step::kDone) {
    if (step_ == Step::kUntilEnd) {
      body.append(bytes);
      return {};
    }
    if (step_ == Step::kCounted || step_ == Step::kChunk) {
      take_counted(bytes, body);
      continue;
    }
    std::string line;
    const auto whole = next_line(bytes, line);
    if (!whole) return fail(whole.error());
    if (!*whole) return {};
    if (Status taken = take_line(line); !taken) return taken;
  }
  if (head_.status == 101) rest_.append(bytes);
  return {};
}

void Http1ResponseReader::take_counted(std::string_view& bytes, std::string& body) {
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  body.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  left_ -= size;
  if (left_ == 0) step_ = step_ == Step::kCounted ? Step::kDone : Step::kChunkEnd;
}

Status Http1ResponseReader::take_line(const std::string& line) {
  switch (step_) {
    case Step::kStatus:
      return read_status(line);
    case Step::kFields:
      return line.empty() ? choose_framing() : read_field(line);
    case Step::kChunkSize:
      return read_chunk_size(line);
    case Step::kChunkEnd:
      if (!line.empty()) return malformed("a chunk is longer than it says");
      line_bytes_ = 0;
      step_ = Step::kChunkSize;
      return {};
    default:  // trailers, which nobody asked for
      if (line.empty()) step_ = Step::kDone;
      return {};
  }
}

Status Http1ResponseReader::read_status(std::string_view line) {
  int status = 0;
  const bool good = (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) && line.size() >= 12 &&
                    (line.size() == 12 || line[12] == ' ') && read_number(line.substr(9, 3), 10, status) &&
                    status >= 100;
  if (!good) return malformed("it does not begin as HTTP/1.1 does");
  head_ = HttpResponse();
  head_.status = status;
  step_ = Step::kFields;
  return {};
}

Status Http1ResponseReader::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return malformed("a header field is none");
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (value.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) {
    return malformed("a header field has a control character");
  }
  head_.headers.add(std::string(line.substr(0, colon)), std::string(value));
  return {};
}

Status Http1ResponseReader::choose_framing() {
  if (head_.status < 200 && head_.status != 101) {
    line_bytes_ = 0;
    step_ = Step::kStatus;
    return {};
  }
  const bool bodiless = of_head_ || head_.status == 101 || head_.status == 204 || head_.status == 304;
  const std::string coding = head_.headers.joined("transfer-encoding");
  step_ = Step::kDone;
  if (bodiless) return {};
  if (!coding.empty()) {
    if (!equals_ignoring_case(coding, "chunked")) return malformed("the transfer encoding is not chunked");
    step_ = Step::kChunkSize;
    line_bytes_ = 0;
    return {};
  }
  step_ = Step::kUntilEnd;
  for (const auto& [name, value] : head_.headers.fields()) {
    if (!equals_ignoring_case(name, "content-length")) continue;
    std::uint64_t length = 0;
    if (!read_number(value, 10, length)) return malformed("its content length is no number");
    if (length_ && *length_ != length) return malformed("it has two content lengths");
    length_ = left_ = length;
    step_ = length == 0 ? Step::kDone : Step::kCounted;
  }
  return {};
}

Status Http1ResponseReader::read_chunk_size(std::string_view line) {
  const std::string_view digits = trimmed(line.substr(0, std::min(line.find(';'), line.size())));
  if (!read_number(digits, 16, left_)) return malformed("a chunk's size is no number");
  line_bytes_ = 0;
  step_ = left_ == 0 ? Step::kTrailers : Step::kChunk;
  return {};
}

Status Http1ResponseReader::end() {
  if (step_ == Step::kUntilEnd) step_ = Step::kDone;
  if (step_ == Step::kDone) return {};
  const bool nothing = step_ == Step::kStatus && partial_.empty();
  return fail(ErrorCode::kDisconnected, nothing ? "EOF" : "unexpected EOF");
}

std::string Http1ResponseReader::take_rest() { return std::exchange(rest_, {}); }

}  // namespace troupe::net
