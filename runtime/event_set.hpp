#pragma once

#include <kj/async-unix.h>

#include <cstdint>

#include "base/result.hpp"
#include "runtime/fd.hpp"

namespace troupe::runtime {

/// Is told that one of its descriptors is ready.
class alignas(8) Watcher {
 public:
  /// `tag` is 0..7, as given to EventSet::add. Level-triggered: comes again while there is something left.
  virtual void on_ready(unsigned tag) = 0;

 protected:
  ~Watcher() = default;
};

/// Many descriptors behind one FdObserver of kj's loop: an epoll set inside it. A watched descriptor costs no memory of
/// ours, where an observer and its promises cost some 500 bytes; the keeper holds three a child.
class EventSet {
 public:
  explicit EventSet(kj::UnixEventPort& port);
  /// Watched until its last copy is closed, or `remove`. The watcher must live until then, and is not destroyed from
  /// inside on_ready.
  Status add(int fd, Watcher& watcher, unsigned tag);
  /// For a descriptor of which others may hold copies: closing ours would not end the watch.
  void remove(int fd);
  /// Serves the events; never resolves.
  kj::Promise<void> run();

 private:
  kj::Promise<void> serve();

  Fd epoll_;
  kj::UnixEventPort::FdObserver observer_;
};

}  // namespace troupe::runtime
