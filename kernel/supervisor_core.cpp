#include "kernel/supervisor_core.hpp"

#include <algorithm>
#include <utility>

namespace troupe::kernel {

SupervisorCore::SupervisorCore(Options options, SupervisorFlags flags, std::vector<ChildSpec> specs)
    : options_(std::move(options)), flags_(flags) {
  if (is_simple()) {
    template_ = std::make_shared<const ChildSpec>(std::move(specs.front()));
    return;
  }
  for (ChildSpec& spec : specs) add(std::make_shared<const ChildSpec>(std::move(spec)), {});
}

// Children

SupervisorCore::Slot SupervisorCore::add(std::shared_ptr<const ChildSpec> spec, std::any args) {
  const Slot slot = ++last_slot_;
  if (!is_simple()) by_id_.emplace(spec->id, slot);
  Child child;
  child.spec = std::move(spec);
  child.args = std::move(args);
  children_.put(slot, std::move(child));
  return slot;
}

void SupervisorCore::remove(Slot slot) {
  const Child gone = children_.take(slot);
  if (!gone.spec) return;
  if (!is_simple()) by_id_.erase(gone.spec->id);
  by_instance_.erase(gone.instance);
}

std::vector<SupervisorCore::Slot> SupervisorCore::newest_first() const {
  std::vector<Slot> slots;
  slots.reserve(children_.size());
  children_.each([&](Slot slot, const Child&) { slots.push_back(slot); });
  std::reverse(slots.begin(), slots.end());
  return slots;
}

std::optional<SupervisorCore::Slot> SupervisorCore::find(const std::string& id) const {
  auto it = by_id_.find(id);
  return it == by_id_.end() ? std::nullopt : std::optional<Slot>(it->second);
}

ChildInfo SupervisorCore::info(const Child& child) const {
  const Instance instance = child.state == ChildState::kStopped ? 0 : child.instance;
  return {child.spec->id, instance, child.state, child.spec->type, child.restarts, child.last()};
}

std::vector<ChildInfo> SupervisorCore::children() const {
  std::vector<ChildInfo> all;
  all.reserve(children_.size());
  children_.each([&](Slot, const Child& child) { all.push_back(info(child)); });
  return all;
}

// Events

void SupervisorCore::start(Now now, Effects& out) {
  if (phase_ != Phase::kNew) return;
  phase_ = Phase::kStarting;
  Operation operation;
  operation.kind = Operation::Kind::kInit;
  children_.each([&](Slot slot, const Child&) { operation.to_start.push_back(slot); });
  begin(std::move(operation), out);
  pump(now, out);
}

void SupervisorCore::child_started(Now now, Instance instance, Effects& out) {
  if (!operation_ || operation_->starting != instance) return;
  start_ended(instance, out);
  pump(now, out);
}

void SupervisorCore::child_ignored(Now now, Instance instance, Effects& out) {
  if (!operation_ || operation_->starting != instance) return;
  start_ended(std::nullopt, out);
  pump(now, out);
}

void SupervisorCore::child_failed(Now now, Instance instance, ExitReason reason, Effects& out) {
  if (!operation_ || operation_->starting != instance) return;
  start_failed(std::move(reason), out);
  pump(now, out);
}

void SupervisorCore::child_down(Now now, Instance instance, ExitReason reason, Effects& out) {
  if (operation_) {
    if (const Slot slot = operation_->waiting_for.take(instance); slot != 0) {
      child_gone(slot, std::move(reason), out);
      if (operation_->waiting_for.empty()) advance(out);
      pump(now, out);
      return;
    }
  }
  if (phase_ == Phase::kEnded || !by_instance_.contains(instance)) return;
  if (dead_.emplace(instance, std::move(reason)).second) pending_.emplace_back(Down{instance});
  pump(now, out);
}

void SupervisorCore::timer_fired(Now, TimerId timer, Effects& out) {
  if (!operation_ || timer == 0 || operation_->timer != timer) return;
  operation_->timer = 0;
  operation_->waiting_for.each([&](Instance instance, Slot) { out.emplace_back(effect::Kill{instance}); });
}

void SupervisorCore::call(Now now, CallId id, SupervisorCall request, Effects& out) {
  auto refuse = [&](CallReply::Outcome outcome) {
    CallReply reply;
    reply.outcome = outcome;
    out.emplace_back(effect::Reply{id, std::move(reply)});
  };
  if (phase_ == Phase::kEnded) return refuse(CallReply::Outcome::kNotRunning);
  if (waiting_calls_ >= options_.max_waiting_calls) return refuse(CallReply::Outcome::kBusy);
  ++waiting_calls_;
  Call call{id, std::move(request)};
  if (can_handle() && pending_.empty()) {
    handle(now, call, out);
  } else {
    pending_.emplace_back(std::move(call));
  }
  pump(now, out);
}

void SupervisorCore::stop(Now now, ExitReason reason, Effects& out) {
  if (phase_ == Phase::kEnded) return;
  if (phase_ == Phase::kNew) {
    phase_ = Phase::kRunning;  // nothing was started, so nothing has to be stopped
  }
  pending_.emplace_back(Stop{std::move(reason)});
  pump(now, out);
}

void SupervisorCore::resume(Now now, Effects& out) {
  suspended_ = false;
  pump(now, out);
}

void SupervisorCore::pump(Now now, Effects& out) {
  while (can_handle() && !pending_.empty()) {
    Pending event = std::move(pending_.front());
    pending_.pop_front();
    std::visit([&](auto& e) { handle(now, e, out); }, event);
  }
}

void SupervisorCore::handle(Now now, Down& down, Effects& out) {
  auto dead = dead_.find(down.instance);
  if (dead == dead_.end()) return;  // a stop has taken notice of it already
  const ExitReason reason = std::move(dead->second);
  dead_.erase(dead);
  const Slot* found = by_instance_.find(down.instance);
  if (found == nullptr) return;
  const Slot slot = *found;
  Child& child = child_at(slot);
  child.ended(reason);
  const Restart type = child.spec->restart;
  if (type == Restart::kPermanent || (type == Restart::kTransient && !reason.is_orderly())) {
    std::string action = flags_.strategy == Strategy::kOneForAll    ? "restarts all children"
                         : flags_.strategy == Strategy::kRestForOne ? "restarts it and those after it"
                                                                    : "restarts it";
    report(effect::Report::Kind::kChildTerminated, child, reason, std::move(action), out);
    restart(now, slot, out);
    return;
  }
  if (!reason.is_orderly()) {
    report(effect::Report::Kind::kChildTerminated, child, reason, "does not restart a temporary child", out);
  }
  const std::shared_ptr<const ChildSpec> spec = child.spec;
  const std::uint32_t restarts = child.restarts;
  forget_or_stop(slot);
  after_ended_for_good(*spec, reason, restarts, out);
}

void SupervisorCore::handle(Now now, TryAgain& again, Effects& out) {
  const Child* child = children_.find(again.slot);
  // It may have been terminated, or started with its siblings, since.
  if (child == nullptr || child->state != ChildState::kRestarting) return;
  restart(now, again.slot, out);
}

void SupervisorCore::handle(Now, Stop& stop, Effects& out) { begin_end(std::move(stop.reason), false, out); }

void SupervisorCore::handle(Now, Call& call, Effects& out) {
  --waiting_calls_;
  auto reply = std::visit([&](auto& request) { return on_call(call.id, request, out); }, call.request);
  if (reply) out.emplace_back(effect::Reply{call.id, std::move(*reply)});
}

// Restarts

bool SupervisorCore::add_restart(Now now) {
  while (!restart_times_.empty() && restart_times_.front() < now - flags_.period) restart_times_.pop_front();
  restart_times_.push_back(now);
  return restart_times_.size() <= flags_.intensity;
}

void SupervisorCore::restart(Now now, Slot slot, Effects& out) {
  Child& child = child_at(slot);
  if (!add_restart(now)) {
    const auto period = std::chrono::duration_cast<std::chrono::milliseconds>(flags_.period).count();
    std::string action = "gave up: " + std::to_string(restart_times_.size()) + " restarts within " +
                         std::to_string(period) + " ms, " + std::to_string(flags_.intensity) + " allowed";
    ExitReason reason = ExitReason::shutdown();
    reason.cause = chain({options_.name, child.spec->id, child.last(), child.restarts, action, 0});
    report(effect::Report::Kind::kGaveUp, child, child.last(), std::move(action), out);
    forget_or_stop(slot);
    begin_end(std::move(reason), false, out);
    return;
  }
  Operation operation;
  operation.kind = Operation::Kind::kRestart;
  operation.subject = slot;
  if (flags_.strategy == Strategy::kOneForAll || flags_.strategy == Strategy::kRestForOne) {
    forget_or_stop(slot);  // it is gone; what follows is about its siblings
    const Slot first = flags_.strategy == Strategy::kOneForAll ? 0 : slot;
    children_.each(
        [&](Slot each, const Child& sibling) {
          if (sibling.spec->restart != Restart::kTemporary) operation.to_start.push_back(each);
          operation.to_stop.push_back(each);
        },
        first);
    std::reverse(operation.to_stop.begin(), operation.to_stop.end());
  } else {
    operation.to_start.push_back(slot);
  }
  begin(std::move(operation), out);
}

void SupervisorCore::after_ended_for_good(const ChildSpec& spec, ExitReason ended, std::uint32_t restarts,
                                          Effects& out) {
  if (flags_.auto_shutdown == AutoShutdown::kNever || !spec.significant) return;
  if (flags_.auto_shutdown == AutoShutdown::kAllSignificant) {
    bool all_gone = true;
    children_.each([&](Slot, const Child& child) {
      if (child.spec->significant && child.state != ChildState::kStopped) all_gone = false;
    });
    if (!all_gone) return;
  }
  ExitReason reason = ExitReason::shutdown();
  reason.cause = chain({options_.name, spec.id, std::move(ended), restarts, "shut itself down", 0});
  begin_end(std::move(reason), false, out);
}

void SupervisorCore::begin_end(ExitReason reason, bool start_failed, Effects& out) {
  phase_ = Phase::kStopping;
  Operation operation;
  operation.kind = Operation::Kind::kEnd;
  operation.reason = std::move(reason);
  operation.start_failed = start_failed;
  operation.to_stop = newest_first();
  begin(std::move(operation), out);
}

void SupervisorCore::report(effect::Report::Kind kind, const Child& child, ExitReason reason, std::string action,
                            Effects& out) {
  out.emplace_back(
      effect::Report{kind, child.spec->id, child.instance, std::move(reason), child.restarts, std::move(action)});
}

std::string_view to_string(effect::Report::Kind kind) {
  switch (kind) {
    case effect::Report::Kind::kChildTerminated:
      return "child_terminated";
    case effect::Report::Kind::kStartError:
      return "start_error";
    case effect::Report::Kind::kShutdownError:
      return "shutdown_error";
    case effect::Report::Kind::kGaveUp:
      return "reached_max_restart_intensity";
  }
  return "?";
}

}  // namespace troupe::kernel
