#include "net/byte_stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace troupe::net {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kReadSize = 32 * 1024;

/// All of it runs on its strand.
class DescriptorStream final : public ByteStream, public std::enable_shared_from_this<DescriptorStream> {
 public:
  DescriptorStream(asio::io_context& io, int descriptor) : strand_(asio::make_strand(io)), descriptor_(strand_) {
    error_code failed;
    descriptor_.assign(descriptor, failed);
    if (failed) {
      ::close(descriptor);
    } else {
      descriptor_.non_blocking(true, failed);
    }
  }

  void read(std::function<void(std::string)> got) override {
    asio::dispatch(
        strand_, [self = shared_from_this(), got = std::move(got)]() mutable { self->wait_and_read(std::move(got)); });
  }

  void write(std::string bytes, std::function<void(bool)> written) override {
    asio::dispatch(
        strand_, [self = shared_from_this(), bytes = std::move(bytes), written = std::move(written)]() mutable {
          self->writing_ = true;
          auto kept = std::make_shared<std::string>(std::move(bytes));
          const auto all = asio::buffer(*kept);
          asio::async_write(self->descriptor_, all,
                            [self, kept, written = std::move(written)](const error_code& failed, std::size_t) {
                              self->writing_ = false;
                              if (self->end_due_) self->end_now();
                              written(!failed);
                            });
        });
  }

  void end_writes() override {
    asio::dispatch(strand_, [self = shared_from_this()] {
      self->end_due_ = true;
      if (!self->writing_) self->end_now();
    });
  }

  void close() override {
    asio::dispatch(strand_, [self = shared_from_this()] { self->close_now(); });
  }

 private:
  /// Waits first, so that an idle stream holds no buffer.
  void wait_and_read(std::function<void(std::string)> got) {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this(), got = std::move(got)](const error_code& failed) mutable {
                             if (failed || !self->descriptor_.is_open()) return got({});
                             std::string bytes(kReadSize, '\0');
                             error_code ended;
                             const std::size_t size = self->descriptor_.read_some(asio::buffer(bytes), ended);
                             if (ended == asio::error::would_block) return self->wait_and_read(std::move(got));
                             bytes.resize(ended ? 0 : size);
                             got(std::move(bytes));
                           });
  }

  /// A pipe that is only written is closed; a socket says that nothing more comes. A terminal has no such end.
  void end_now() {
    if (!descriptor_.is_open()) return;
    const int number = descriptor_.native_handle();
    if (::shutdown(number, SHUT_WR) != 0 && ::isatty(number) == 0) close_now();
  }

  void close_now() {
    error_code ignored;
    if (descriptor_.is_open()) descriptor_.close(ignored);
  }

  asio::strand<asio::io_context::executor_type> strand_;
  asio::posix::stream_descriptor descriptor_;
  bool writing_ = false;
  bool end_due_ = false;
};

}  // namespace

std::shared_ptr<ByteStream> make_byte_stream(asio::io_context& io, int descriptor) {
  return std::make_shared<DescriptorStream>(io, descriptor);
}

void dial(asio::io_context& io, const std::string& address, std::uint16_t port,
          std::function<void(Result<std::shared_ptr<ByteStream>>)> connected) {
  error_code failed;
  const auto host = asio::ip::make_address(address, failed);
  if (failed) return connected(fail(ErrorCode::kInvalidArgument, address + ": " + failed.message()));
  auto socket = std::make_shared<asio::ip::tcp::socket>(io);
  const asio::ip::tcp::endpoint where(host, port);
  socket->async_connect(where, [&io, socket, connected = std::move(connected)](const error_code& refused) {
    if (refused) {
      const bool nobody = refused == asio::error::connection_refused;
      return connected(fail(ErrorCode::kUnavailable, nobody ? "connection refused" : refused.message()));
    }
    error_code ignored;
    socket->set_option(asio::ip::tcp::no_delay(true), ignored);
    const int descriptor = socket->release(ignored);
    connected(make_byte_stream(io, descriptor));
  });
}

}  // namespace troupe::net
