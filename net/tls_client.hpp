#pragma once

#include <functional>
#include <memory>

#include "net/byte_stream.hpp"

namespace troupe::net {

/// TLS (1.2 and newer) as a client, over a stream that is connected already. Whatever certificate the other side shows
/// is good: for programs that are known by where they were reached, not by a name.
class TlsClientStream : public ByteStream {
 public:
  /// First of all, once. `done` may come on any thread; after an error, kDisconnected with what the other side did,
  /// nothing is to be read or written.
  virtual void handshake(std::function<void(Status)> done) = 0;
};

std::shared_ptr<TlsClientStream> make_tls_client_stream(std::shared_ptr<ByteStream> plain);

}  // namespace troupe::net
