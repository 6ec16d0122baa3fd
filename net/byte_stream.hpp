#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace troupe::net {

/// Bytes to and from something: a command's stream, a pod's port. Calls may come on any thread; answers come on a
/// thread of the I/O context. At most one read and one write are under way.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// The next bytes, as soon as there are some; empty at the end, and after an error.
  virtual void read(std::function<void(std::string)> got) = 0;

  /// True when all is written, false when nobody takes it any more.
  virtual void write(std::string bytes, std::function<void(bool)> written) = 0;

  /// No more is written: the other side sees the end once it has read what was.
  virtual void end_writes() = 0;

  /// Ends everything; what is under way is answered as at the end.
  virtual void close() = 0;
};

/// Takes over a descriptor of a pipe, terminal or socket.
std::shared_ptr<ByteStream> make_byte_stream(boost::asio::io_context& io, int descriptor);

/// Connects to a port of this machine by TCP. The error says how it failed ("connection refused").
void dial(boost::asio::io_context& io, const std::string& address, std::uint16_t port,
          std::function<void(Result<std::shared_ptr<ByteStream>>)> connected);

}  // namespace troupe::net
