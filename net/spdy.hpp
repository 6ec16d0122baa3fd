#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.hpp"

/// SPDY/3.1 as functions of bytes: what kubectl streams with. No flow control: its clients have none.
namespace troupe::net::spdy {

/// Why a stream is reset.
enum class ResetStatus : std::uint32_t { kProtocolError = 1, kRefusedStream = 3, kCancel = 5, kInternalError = 6 };

/// The dictionary that header blocks are compressed with (part of the protocol).
const std::string& dictionary();

/// Reads a client's frames in pieces of any size.
class Reader {
 public:
  struct Events {
    std::function<void(std::uint32_t stream, const Headers& headers, bool last)> opened;
    /// A frame's bytes come in pieces as they arrive; `last`: the client sends no more on this stream.
    std::function<void(std::uint32_t stream, std::string_view bytes, bool last)> data;
    std::function<void(std::uint32_t stream)> reset;
    std::function<void(std::uint32_t id)> ping;  ///< Answer it with a ping of the same id.
    std::function<void()> go_away;
  };

  Reader();
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// False when what came is against the protocol: `fault` says how; all that follows is ignored.
  bool feed(std::string_view bytes, const Events& events);
  const std::string& fault() const { return fault_; }

 private:
  struct Inflater;
  bool refuse(std::string text);
  bool read_head();
  bool end_control(const Events& events);
  bool read_headers(std::string_view block, Headers& out);

  std::unique_ptr<Inflater> inflater_;
  std::string head_;     ///< The 8 bytes that each frame begins with, as far as they came.
  std::string control_;  ///< A control frame's body, as far as it came.
  bool in_body_ = false;
  bool is_control_ = false;
  std::uint32_t stream_ = 0;
  unsigned type_ = 0;
  unsigned flags_ = 0;
  std::uint32_t left_ = 0;
  std::string fault_;
};

/// Makes a server's frames. Those with headers must be sent in the order in which they are made.
class Writer {
 public:
  Writer();
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::string reply(std::uint32_t stream, const Headers& headers = {});
  /// For clients and tests.
  std::string open(std::uint32_t stream, const Headers& headers);

  static std::string data(std::uint32_t stream, std::string_view bytes, bool last);
  static std::string reset(std::uint32_t stream, ResetStatus status);
  static std::string ping(std::uint32_t id);
  static std::string go_away(std::uint32_t last_stream);

 private:
  struct Deflater;
  std::string compressed(const Headers& headers);

  std::unique_ptr<Deflater> deflater_;
};

}  // namespace troupe::net::spdy
