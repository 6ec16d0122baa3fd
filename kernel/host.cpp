#include "kernel/detail/host.hpp"

#include <exception>
#include <stdexcept>

#include "kernel/crash.hpp"
#include "kernel/detail/scheduler.hpp"
#include "kernel/detail/watchdog.hpp"
#include "kernel/running.hpp"

namespace troupe::kernel::impl {

caf::empty_type_erased_tuple Parcel::none_;

namespace {

// A turn ends after so many messages or so much time, so that one busy actor does not keep a thread to itself.
constexpr Duration kTurn = std::chrono::microseconds(100);
// What is done in one go before a look at what else has come.
constexpr std::size_t kSlice = 1000;

thread_local Running running;

/// Notes what this thread is at, for a crash.
class RunningMark {
 public:
  RunningMark(const std::string& actor, const Parcel& parcel) : before_(running) {
    const MessageType* type = parcel.kind == ParcelKind::kData ? parcel.envelope.type() : nullptr;
    running = {actor.c_str(), type != nullptr ? type->name : std::string_view(), parcel.envelope.trace};
  }
  ~RunningMark() { running = before_; }
  RunningMark(const RunningMark&) = delete;
  RunningMark& operator=(const RunningMark&) = delete;

 private:
  Running before_;
};

}  // namespace

Host::Host(caf::actor_config& config, Plan plan)
    : caf::local_actor(config),
      core_(plan.core),
      maker_(std::move(plan.maker)),
      place_(std::move(plan.place)),
      metrics_(&core_->metrics.of_type(plan.options.type)),
      parent_(std::move(plan.parent)),
      tag_(plan.options.tag),
      mailbox_limit_(plan.options.mailbox_limit != 0 ? plan.options.mailbox_limit : core_->options.mailbox_limit),
      start_mode_(plan.options.start),
      outcome_(start_mode_ == StartMode::kLazy ? StartOutcome::kStarted : StartOutcome::kFailed),
      numbered_(plan.numbered) {
  if (place_) return;
  std::string name = std::move(plan.options.name);
  if (name.empty()) name = plan.options.type;
  name_.store(new std::string(std::move(name)), std::memory_order_relaxed);
}

// Until here nothing of it ran: the inbox of a new actor is open, but nobody is told that it has messages.
void Host::open() {
  if (inbox_.try_block()) return;
  retain(this);
  core_->dispatcher->schedule(this);
}

Host::~Host() { delete name_.load(std::memory_order_relaxed); }

// Two may come here at once: one of them is told what the other made.
const std::string& Host::label() const {
  const std::string* known = name_.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  auto made = std::make_unique<std::string>(parent_ ? parent_.name() : std::string());
  made->append("/").append(*place_);
  if (numbered_) made->append("#").append(std::to_string(tag_));
  if (name_.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) return *made.release();
  return *known;
}

bool Host::orphaned() const {
  for (const Host* above = parent_.host(); above != nullptr; above = above->parent_.host())
    if (!above->alive()) return true;
  return false;
}

void Host::launch(caf::execution_unit*, bool, bool) {}
void Host::on_exit() {}

bool Host::cleanup(caf::error&& reason, caf::execution_unit* unit) {
  return caf::local_actor::cleanup(std::move(reason), unit);
}

// What is not ours came from CAF itself, which has no business with our actors.
void Host::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  auto* parcel = dynamic_cast<Parcel*>(element.get());
  if (parcel == nullptr) {
    core_->undelivered(Undelivered::kUnexpected, nullptr, label());
    return;
  }
  static_cast<void>(element.release());
  deliver(ParcelPtr(parcel));
}

bool Host::offer(ParcelPtr& parcel) {
  const bool is_data = parcel->kind == ParcelKind::kData;
  const MessageType* type = parcel->envelope.type();
  if (is_data) {
    const std::uint32_t depth = depth_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (depth > mailbox_limit_) {
      depth_.fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
    if (depth > metrics_->deepest_mailbox.load(std::memory_order_relaxed))
      metrics_->deepest_mailbox.store(depth, std::memory_order_relaxed);
  } else {
    control_coming_.fetch_add(1, std::memory_order_relaxed);
  }
  switch (inbox_.push_front(static_cast<caf::mailbox_element*>(parcel.release()))) {
    case caf::intrusive::inbox_result::unblocked_reader:
      retain(this);
      core_->dispatcher->schedule(this);
      break;
    case caf::intrusive::inbox_result::queue_closed:  // CAF deleted it; its promise has answered
      if (is_data) core_->undelivered(Undelivered::kDead, type, label());
      break;
    case caf::intrusive::inbox_result::success:
      break;
  }
  return true;
}

void Host::deliver(ParcelPtr parcel) {
  if (offer(parcel)) return;
  parcel->envelope.promise.fail(Error(ErrorCode::kBusy, "the mailbox of " + label() + " is full"));
  core_->undelivered(Undelivered::kFull, parcel->envelope.type(), label());
}

// The inbox gives the newest first. The count of control is read after what was counted: control that lies here is in
// it.
void Host::fetch() {
  auto* newest = static_cast<Parcel*>(inbox_.take_head());
  if (newest == nullptr) return;
  if (const auto coming = control_coming_.load(std::memory_order_relaxed); coming != 0)
    newest = pick_control(newest, coming);
  if (newest != nullptr) data_.add_batch(newest);
}

// Ends with the last of the control: the data behind it, which may be much, is not looked at. Answers the data.
Parcel* Host::pick_control(Parcel* newest, std::uint32_t coming) {
  Parcel* found = nullptr;  // the oldest first
  Parcel* newer_data = nullptr;
  std::uint32_t picked = 0;
  for (Parcel* parcel = newest; parcel != nullptr && picked != coming;) {
    Parcel* older = following(parcel);
    if (parcel->kind == ParcelKind::kData) {
      newer_data = parcel;
    } else {
      if (newer_data == nullptr) {
        newest = older;
      } else {
        newer_data->next = older;
      }
      parcel->next = found;
      found = parcel;
      ++picked;
    }
    parcel = older;
  }
  control_coming_.fetch_sub(picked, std::memory_order_relaxed);
  while (found != nullptr) {
    Parcel* newer = following(found);
    control_.push(found);
    found = newer;
  }
  return newest;
}

ParcelPtr Host::take() {
  for (;;) {
    if (control_.empty() && (data_.empty() || control_coming_.load(std::memory_order_relaxed) != 0)) fetch();
    if (!control_.empty()) return control_.pop();
    if (data_.empty()) return nullptr;
    if (data_.ready()) break;
    data_.turn_round(kSlice);
  }
  depth_.fetch_sub(1, std::memory_order_relaxed);
  return data_.pop();
}

caf::resumable::resume_result Host::resume(caf::execution_unit* unit, std::size_t max_messages) {
  context(unit);
  if (state_ == State::kEnded) return drop_some() ? resumable::done : resumable::resume_later;
  const bool timed = !core_->deterministic();
  const WatchedTurn watched(timed ? core_->watchdog.get() : nullptr, this);
  const TimePoint turn = timed ? core_->clock->now() : TimePoint();
  TimePoint began = turn;
  for (std::size_t handled = 0; handled < max_messages;) {
    ParcelPtr parcel = take();
    if (!parcel) {
      if (inbox_.try_block()) return resumable::awaiting_message;
      continue;
    }
    ++handled;
    watched.begin(*parcel, began);
    handle(*parcel);
    if (timed) {
      const TimePoint ended = core_->clock->now();
      measure(*parcel, began, ended);
      began = ended;
    }
    if (state_ == State::kEnded) break;
    if (timed && began - turn > kTurn) break;
  }
  return state_ == State::kEnded && data_.empty() ? resumable::done : resumable::resume_later;
}

void Host::measure(const Parcel& parcel, TimePoint began, TimePoint ended) {
  const Duration took = ended - began;
  metrics_->handler_time.add(took);
  if (took < core_->options.slow_handler) return;
  metrics_->slow_handlers.fetch_add(1, std::memory_order_relaxed);
  report_slow(*core_, label(), describe(parcel), took, false);
}

void Host::handle(Parcel& parcel) {
  if (core_->options.record_events) core_->event(id(), label(), describe(parcel));
  metrics_->messages.fetch_add(1, std::memory_order_relaxed);
  trace_ = parcel.envelope.trace;
  const RunningMark mark(label(), parcel);
  try {
    const bool ends = parcel.kind == ParcelKind::kExit || parcel.kind == ParcelKind::kCrash;
    if (state_ == State::kNew && !ends) start();
    if (!quit_reason_) dispatch(parcel);
  } catch (const std::exception& e) {
    quit_reason_ = std::make_unique<ExitReason>(ExitReason::error(e.what()));
  } catch (...) {
    quit_reason_ = std::make_unique<ExitReason>(ExitReason::error("an exception that is no std::exception"));
  }
  if (!quit_reason_) return;
  end();
  if (parcel.kind == ParcelKind::kCrash) parcel.envelope.promise.fulfil(make_local<Crashed>());
}

void Host::start() {
  state_ = State::kStarting;
  metrics_->started.fetch_add(1, std::memory_order_relaxed);
  Maker maker = std::move(maker_);
  body_ = maker();
  if (!body_) throw std::runtime_error("the factory made no actor");
  body_->host_ = this;
  const Status status = body_->init();
  if (!status) {
    quit(ExitReason::error(std::string(to_string(status.error().code)) + ": " + status.error().message));
  } else if (!start_deferred_ && !quit_reason_) {
    tell_started();
  }
}

void Host::start_done() {
  start_deferred_ = false;
  if (state_ == State::kStarting && !quit_reason_) tell_started();
}

void Host::tell_started() {
  state_ = State::kUp;
  outcome_ = StartOutcome::kStarted;
  if (start_mode_ == StartMode::kLazy || !parent_) return;
  auto parcel = std::make_unique<Parcel>(ParcelKind::kChildStarted);
  parcel->control = std::make_unique<Control>();
  parcel->control->actor = id();
  parcel->control->tag = tag_;
  parent_.host()->deliver(std::move(parcel));
}

void Host::ignore_start() {
  if (outcome_ == StartOutcome::kFailed) outcome_ = StartOutcome::kIgnored;
  quit(ExitReason::normal());
}

void Host::quit(ExitReason reason) {
  if (!quit_reason_) quit_reason_ = std::make_unique<ExitReason>(std::move(reason));
}

void Host::dispatch(Parcel& parcel) {
  switch (parcel.kind) {
    case ParcelKind::kData:
      return receive(parcel.envelope);
    case ParcelKind::kInit:
      return;
    case ParcelKind::kExit: {
      const ExitRequest request{parcel.control->actor, std::move(parcel.control->reason)};
      if (!body_ || request.reason.kind == ExitReason::Kind::kKilled) return quit(request.reason);
      return body_->on_exit_request(request);
    }
    case ParcelKind::kCrash:
      throw std::runtime_error(parcel.control->reason.detail);
    case ParcelKind::kDown:
      if (!waits_ || waits_->monitors.erase(parcel.token) == 0) return;  // demonitored while it was under way
      return body_->on_down(Down{{parcel.token}, parcel.control->actor, std::move(parcel.control->reason)});
    case ParcelKind::kChildStarted:
      return body_->on_child_started(ChildStarted{parcel.control->actor, parcel.control->tag});
    case ParcelKind::kChildExited:
      return body_->on_child_exited(ChildExited{parcel.control->actor, std::move(parcel.control->reason),
                                                parcel.control->outcome, parcel.control->tag});
    case ParcelKind::kTimer:
      return fire(parcel.token);
    case ParcelKind::kReply:
      return settle(parcel);
  }
}

void Host::receive(Envelope& envelope) {
  const MessageType* type = envelope.type();
  if (body_->receive(envelope)) return;
  core_->undelivered(Undelivered::kUnexpected, type, label());
  if (envelope.promise) {
    const std::string text = type == nullptr ? "an empty message" : std::string(type->name);
    envelope.promise.fail(Error(ErrorCode::kUnsupported, label() + " does not know " + text));
  }
}

// The end. The parent and the monitors hear of it before the mailbox is emptied, which takes its time when much waits.
void Host::end() {
  const ExitReason reason = std::move(*quit_reason_);
  if (state_ != State::kNew || body_) end_body(reason);
  maker_.reset();
  drop_waits();
  if (registry_entry != nullptr) core_->registry.release(*this);
  if (core_->options.record_events) core_->event(id(), label(), "ended " + to_string(reason));
  metrics_->ended.fetch_add(1, std::memory_order_relaxed);
  if (!reason.is_orderly() && reason.kind != ExitReason::Kind::kKilled)
    metrics_->failed.fetch_add(1, std::memory_order_relaxed);
  tell_end(reason);
  close_mailbox();
  state_ = State::kEnded;
  cleanup(caf::error(), context());
  core_->living.remove(this, id());
}

void Host::end_body(const ExitReason& reason) {
  state_ = State::kEnding;
  if (!body_) return;
  try {
    body_->terminate(reason);
  } catch (const std::exception& e) {
    core_->logger->error("kernel", "terminate threw", {{"actor", label()}, {"what", e.what()}});
  } catch (...) {
    core_->logger->error("kernel", "terminate threw", {{"actor", label()}});
  }
  body_.reset();
}

void Host::drop_waits() {
  const std::unique_ptr<Waits> gone = std::move(waits_);
  if (!gone) return;
  for (const auto& [token, timer] : gone->timers) core_->timers.cancel(timer.wheel);
  for (const auto& [token, request] : gone->requests) core_->timers.cancel(request.wheel);
  for (const auto& [token, other] : gone->monitors)
    if (other) other.host()->remove_watcher(id(), {token});
}

void Host::tell_end(const ExitReason& reason) {
  std::unique_ptr<Watchers> watchers;
  exclusive_critical_section([&] {
    ended_.store(true, std::memory_order_release);
    watchers = std::move(watchers_);
  });
  const auto make = [&](ParcelKind kind) {
    auto parcel = std::make_unique<Parcel>(kind);
    parcel->control = std::make_unique<Control>(Control{id(), reason, outcome_, tag_});
    return parcel;
  };
  if (parent_) parent_.host()->deliver(make(ParcelKind::kChildExited));
  if (!watchers) return;
  for (const auto& [key, watcher] : *watchers) {
    auto parcel = make(ParcelKind::kDown);
    parcel->token = key.second;
    watcher.host()->deliver(std::move(parcel));
  }
}

void Host::close_mailbox() {
  fetch();  // without a look at each of what may be many
  Parcel* newest = nullptr;
  Parcel* oldest = nullptr;
  auto keep = [&](caf::mailbox_element* element) {
    auto* parcel = static_cast<Parcel*>(element);
    parcel->next = nullptr;
    if (oldest == nullptr) {
      newest = parcel;
    } else {
      oldest->next = parcel;
    }
    oldest = parcel;
  };
  inbox_.close(keep);
  if (newest != nullptr) data_.add_batch(newest);
  while (!control_.empty()) control_.pop();
  depth_.store(0, std::memory_order_relaxed);
}

// What waited is dropped in turns of its own: it may be much, and others (the parent, who was told) wait for the
// thread.
bool Host::drop_some() {
  const MessageType* type = nullptr;
  std::uint64_t alike = 0;
  const auto count = [&] {
    if (alike != 0) core_->undelivered(Undelivered::kDead, type, label(), alike);
  };
  for (std::size_t i = 0; i < kSlice && !data_.empty(); ++i) {
    const ParcelPtr parcel = data_.drop_one();
    if (parcel->kind != ParcelKind::kData) continue;
    if (alike != 0 && parcel->envelope.type() == type) {
      ++alike;
      continue;
    }
    count();
    type = parcel->envelope.type();
    alike = 1;
  }
  count();
  return data_.empty();
}

}  // namespace troupe::kernel::impl

namespace troupe::kernel {

const Running& running_here() { return impl::running; }

}  // namespace troupe::kernel
