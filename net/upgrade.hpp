#pragma once

#include <memory>
#include <string_view>

#include "net/http.hpp"

namespace troupe::net {

/// Takes what arrives on a connection whose protocol was switched. Called one at a time, on the connection's thread.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void received(std::string_view bytes) = 0;
};

/// What a writer is too when its connection can be left to another protocol: ask with `upgradable`. Threads as for
/// ResponseWriter.
class UpgradableWriter {
 public:
  virtual ~UpgradableWriter() = default;

  /// In place of an answer: sends `head` (101 with its Upgrade field). From then on the writer's `write` and `finish`
  /// are raw bytes and the connection's end, and `sink` gets what the client sends, until on_close.
  virtual void upgrade(HttpResponse head, std::shared_ptr<ByteSink> sink) = 0;

  /// Of an upgraded connection: nothing more is taken from the client until this is called with false.
  virtual void pause_reading(bool paused) = 0;
};

/// Null when the writer has no connection of its own.
inline UpgradableWriter* upgradable(ResponseWriter& writer) { return dynamic_cast<UpgradableWriter*>(&writer); }

}  // namespace troupe::net
