#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http.hpp"

namespace troupe::net {

/// Reads one HTTP/1.1 answer out of a stream of bytes: what a program says that we are a client of. Knows no socket,
/// and holds no more than a head (64 KiB).
class Http1ResponseReader {
 public:
  /// `of_head`: the answer is one to HEAD, which has no body whatever its fields say.
  explicit Http1ResponseReader(bool of_head) : of_head_(of_head) {}

  /// Takes what arrived; bytes of the body, without their framing, are appended to `body`. kInvalidArgument, kTooLarge:
  /// this is no answer; nothing may follow.
  Status feed(std::string_view bytes, std::string& body);
  /// The connection ended. kDisconnected when something is missing ("EOF", "unexpected EOF").
  Status end();

  bool has_head() const { return step_ != Step::kStatus && step_ != Step::kFields; }
  bool complete() const { return step_ == Step::kDone; }
  /// Once there is a head: status and all header fields as they came, 100 and its like passed over.
  const HttpResponse& head() const { return head_; }
  /// What the head says of the body's length.
  std::optional<std::uint64_t> length() const { return length_; }
  /// Behind the head of a 101: what the other protocol has said already.
  std::string take_rest();

 private:
  enum class Step : std::uint8_t {
    kStatus,
    kFields,
    kCounted,    ///< A body of known length.
    kUntilEnd,   ///< One that ends with the connection.
    kChunkSize,  ///< And the rest of chunked coding.
    kChunk,
    kChunkEnd,
    kTrailers,
    kDone,
  };

  /// The next line, without its end, once it is there.
  Result<bool> next_line(std::string_view& bytes, std::string& line);
  Status take_line(const std::string& line);
  Status read_status(std::string_view line);
  Status read_field(std::string_view line);
  Status read_chunk_size(std::string_view line);
  Status choose_framing();
  void take_counted(std::string_view& bytes, std::string& body);

  bool of_head_;
  Step step_ = Step::kStatus;
  HttpResponse head_;
  std::optional<std::uint64_t> length_;
  std::uint64_t left_ = 0;
  std::size_t line_bytes_ = 0;  ///< Of the head, or of the trailers.
  std::string partial_;         ///< Of a line.
  std::string rest_;
};

}  // namespace troupe::net
