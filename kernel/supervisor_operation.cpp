// The part of the supervisor that takes time: stop some children, start some, finish.
#include <utility>

#include "kernel/supervisor_core.hpp"

namespace troupe::kernel {

namespace {

/// Whether a child that was told to stop ended as expected, so that nothing needs to be reported.
bool ended_as_asked(const ChildSpec& spec, const ExitReason& reason) {
  if (reason.is_orderly() && spec.restart != Restart::kPermanent) return true;
  if (spec.effective_shutdown().is_brutal_kill()) return reason.kind == ExitReason::Kind::kKilled;
  return reason.kind == ExitReason::Kind::kShutdown && reason.detail.empty();
}

}  // namespace

void SupervisorCore::begin(Operation operation, Effects& out) {
  operation_ = std::move(operation);
  if (operation_->kind == Operation::Kind::kEnd && is_simple()) {
    stop_all_at_once(out);
    if (!operation_->waiting_for.empty()) return;
  }
  advance(out);
}

/// Goes on until a child has to be waited for, or the operation is finished.
void SupervisorCore::advance(Effects& out) {
  if (operation_->timer != 0) out.emplace_back(effect::CancelTimer{std::exchange(operation_->timer, 0)});
  while (operation_ && operation_->waiting_for.empty() && operation_->starting == 0) {
    if (operation_->stopped < operation_->to_stop.size()) {
      stop_next(out);
    } else if (operation_->started < operation_->to_start.size()) {
      start_next(out);
    } else {
      finish(out);
    }
  }
}

void SupervisorCore::stop_next(Effects& out) {
  const Slot slot = operation_->to_stop[operation_->stopped++];
  const Child* found = children_.find(slot);
  if (found == nullptr) return;
  const Child& child = *found;
  if (child.state != ChildState::kRunning) {
    forget_or_stop(slot);
    return;
  }
  if (auto dead = dead_.find(child.instance); dead != dead_.end()) {
    ExitReason reason = std::move(dead->second);
    dead_.erase(dead);
    child_gone(slot, std::move(reason), out);
    return;
  }
  operation_->waiting_for.put(child.instance, slot);
  if (child.spec->effective_shutdown().is_brutal_kill()) {
    out.emplace_back(effect::Kill{child.instance});
  } else {
    out.emplace_back(effect::RequestExit{child.instance});
    arm_deadline(*child.spec, out);
  }
}

/// Dynamic children may be many and do not depend on each other: all are told at once, with one deadline.
void SupervisorCore::stop_all_at_once(Effects& out) {
  const bool kill = template_->effective_shutdown().is_brutal_kill();
  out.reserve(out.size() + operation_->to_stop.size() + 1);
  for (Slot slot : std::exchange(operation_->to_stop, {})) {
    const Child& child = child_at(slot);
    if (child.state != ChildState::kRunning) {
      remove(slot);
      continue;
    }
    if (auto dead = dead_.find(child.instance); dead != dead_.end()) {
      ExitReason reason = std::move(dead->second);
      dead_.erase(dead);
      child_gone(slot, std::move(reason), out);
      continue;
    }
    operation_->waiting_for.put(child.instance, slot);
    if (kill) {
      out.emplace_back(effect::Kill{child.instance});
    } else {
      out.emplace_back(effect::RequestExit{child.instance});
    }
  }
  if (!operation_->waiting_for.empty() && !kill) arm_deadline(*template_, out);
}

void SupervisorCore::arm_deadline(const ChildSpec& spec, Effects& out) {
  const Shutdown shutdown = spec.effective_shutdown();
  if (shutdown.is_infinity()) return;
  operation_->timer = ++last_timer_;
  out.emplace_back(effect::ArmTimer{operation_->timer, shutdown.deadline()});
}

/// A child that was being stopped has ended.
void SupervisorCore::child_gone(Slot slot, ExitReason reason, Effects& out) {
  Child& child = child_at(slot);
  if (!ended_as_asked(*child.spec, reason)) {
    report(effect::Report::Kind::kShutdownError, child, reason, "stopped it", out);
  }
  if (operation_->kind == Operation::Kind::kEnd && is_simple()) {
    remove(slot);
  } else {
    child.ended(std::move(reason));
    forget_or_stop(slot);
  }
}

void SupervisorCore::start_next(Effects& out) {
  const Slot slot = operation_->to_start[operation_->started];
  const Child& child = child_at(slot);
  operation_->starting = ++last_instance_;
  out.emplace_back(effect::StartChild{operation_->starting, child.spec, child.args});
}

/// The child being started runs now, or said ignore (no instance).
void SupervisorCore::start_ended(std::optional<Instance> instance, Effects& out) {
  const Slot slot = operation_->to_start[operation_->started++];
  operation_->starting = 0;
  Child& child = child_at(slot);
  if (child.instance != 0) by_instance_.erase(child.instance);
  child.instance = instance.value_or(0);
  child.state = instance ? ChildState::kRunning : ChildState::kStopped;
  if (instance) by_instance_.put(*instance, slot);
  if (operation_->kind == Operation::Kind::kRestart) {
    ++child.restarts;
    ++total_restarts_;
  }
  CallReply reply;
  reply.instance = child.instance;
  const bool answers = operation_->kind == Operation::Kind::kStartCall ||
                       operation_->kind == Operation::Kind::kDynamicCall ||
                       operation_->kind == Operation::Kind::kRestartCall;
  if (answers) out.emplace_back(effect::Reply{operation_->call, std::move(reply)});
  if (!instance && (child.spec->restart == Restart::kTemporary || is_simple())) remove(slot);
  advance(out);
}

void SupervisorCore::start_failed(ExitReason reason, Effects& out) {
  const Slot slot = operation_->to_start[operation_->started];
  Child& child = child_at(slot);
  switch (operation_->kind) {
    case Operation::Kind::kInit: {
      report(effect::Report::Kind::kStartError, child, reason, "gives up its own start", out);
      ExitReason own = ExitReason::shutdown("failed_to_start_child " + child.spec->id + ": " + to_string(reason));
      own.cause = chain({options_.name, child.spec->id, std::move(reason), 0, "gave up its own start", 0});
      operation_.reset();
      begin_end(std::move(own), true, out);
      return;
    }
    case Operation::Kind::kRestart:
      report(effect::Report::Kind::kStartError, child, reason, "tries again", out);
      child.state = ChildState::kRestarting;
      child.ended(std::move(reason));
      pending_.emplace_back(TryAgain{slot});
      operation_.reset();
      return;
    case Operation::Kind::kStartCall:
    case Operation::Kind::kDynamicCall:
    case Operation::Kind::kRestartCall: {
      CallReply reply;
      reply.outcome = CallReply::Outcome::kStartFailed;
      reply.reason = std::move(reason);
      out.emplace_back(effect::Reply{operation_->call, std::move(reply)});
      if (operation_->kind != Operation::Kind::kRestartCall) remove(slot);
      operation_.reset();
      return;
    }
    case Operation::Kind::kTerminateCall:
    case Operation::Kind::kEnd:
      return;  // these start nothing
  }
}

void SupervisorCore::finish(Effects& out) {
  const Operation operation = std::move(*operation_);
  operation_.reset();
  switch (operation.kind) {
    case Operation::Kind::kInit:
      phase_ = Phase::kRunning;
      out.emplace_back(effect::Started{});
      return;
    case Operation::Kind::kTerminateCall:
      if (is_simple()) {
        remove(operation.subject);
      } else {
        forget_or_stop(operation.subject);
      }
      out.emplace_back(effect::Reply{operation.call, {}});
      return;
    case Operation::Kind::kEnd:
      end(operation, out);
      return;
    case Operation::Kind::kStartCall:
    case Operation::Kind::kDynamicCall:
    case Operation::Kind::kRestartCall:
    case Operation::Kind::kRestart:
      return;
  }
}

void SupervisorCore::end(const Operation& operation, Effects& out) {
  phase_ = Phase::kEnded;
  for (Pending& event : pending_) {
    if (auto* call = std::get_if<Call>(&event)) {
      CallReply reply;
      reply.outcome = CallReply::Outcome::kNotRunning;
      out.emplace_back(effect::Reply{call->id, std::move(reply)});
    }
  }
  pending_.clear();
  dead_.clear();
  waiting_calls_ = 0;
  if (operation.start_failed) {
    out.emplace_back(effect::StartFailed{operation.reason});
  } else {
    out.emplace_back(effect::Exit{operation.reason});
  }
}

/// A child that does not run (any more): a temporary or dynamic one is forgotten, the others keep their place.
void SupervisorCore::forget_or_stop(Slot slot) {
  Child* found = children_.find(slot);
  if (found == nullptr) return;
  Child& child = *found;
  if (is_simple() || child.spec->restart == Restart::kTemporary) {
    remove(slot);
    return;
  }
  by_instance_.erase(child.instance);
  child.instance = 0;
  child.state = ChildState::kStopped;
}

}  // namespace troupe::kernel
