#include "api/revision_wait.hpp"

#include <mutex>
#include <utility>

namespace troupe::api {

namespace {

constexpr std::size_t kBatch = 1024;

/// Holds itself until the end; the store and the timer know it weakly.
class Waiter : public std::enable_shared_from_this<Waiter> {
 public:
  Waiter(const Services& services, storage::Store& store, storage::Revision revision, std::function<void(bool)> done)
      : services_(services), store_(store), revision_(revision), done_(std::move(done)) {}

  void start(std::chrono::milliseconds patience) {
    {
      const std::lock_guard lock(mutex_);
      self_ = shared_from_this();
      timer_ = services_.env.after(patience, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->end(false);
      });
    }
    auto watch = store_.watch(storage::WatchRequest{}, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self)
        self->services_.env.post([weak] {
          if (const auto again = weak.lock()) again->look();
        });
    });
    if (!watch) return end(false);
    {
      const std::lock_guard lock(mutex_);
      watch_ = std::move(*watch);
    }
    look();
  }

  void give_up() { static_cast<void>(leave()); }

 private:
  void look() {
    bool stopped = false;
    {
      const std::lock_guard lock(mutex_);
      while (watch_) {  // empties the watch, so that it tells of the next event
        auto events = watch_->take(kBatch);
        stopped = !events;
        if (stopped || events->empty()) break;
      }
    }
    if (store_.revision() >= revision_) return end(true);
    if (stopped) end(false);
  }

  void end(bool reached) {
    if (const auto done = leave()) done(reached);
  }

  /// Whom to tell, once. The watch is left on another turn, because the store may be calling.
  std::function<void(bool)> leave() {
    const std::lock_guard lock(mutex_);
    auto done = std::exchange(done_, nullptr);
    if (!done) return nullptr;
    services_.env.post([watch = std::shared_ptr<storage::Watch>(std::move(watch_)),
                        timer = std::shared_ptr<Environment::Timer>(std::move(timer_)),
                        self = std::exchange(self_, nullptr)] {});
    return done;
  }

  const Services& services_;
  storage::Store& store_;
  const storage::Revision revision_;
  std::mutex mutex_;
  std::function<void(bool)> done_;
  std::unique_ptr<storage::Watch> watch_;
  std::unique_ptr<Environment::Timer> timer_;
  std::shared_ptr<Waiter> self_;
};

}  // namespace

std::function<void()> wait_for_revision(const Services& services, const Resource& resource, storage::Revision revision,
                                        std::chrono::milliseconds patience, std::function<void(bool reached)> done) {
  storage::Store& store = store_of(services, resource);
  if (store.revision() >= revision) {
    done(true);
    return [] {};
  }
  const auto waiter = std::make_shared<Waiter>(services, store, revision, std::move(done));
  waiter->start(patience);
  return [weak = std::weak_ptr<Waiter>(waiter)] {
    if (const auto self = weak.lock()) self->give_up();
  };
}

}  // namespace troupe::api
