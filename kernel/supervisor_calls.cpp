// What a supervisor answers to calls.
#include <utility>

#include "kernel/supervisor_core.hpp"

namespace troupe::kernel {

namespace {

CallReply outcome(CallReply::Outcome value, std::string message = {}) {
  CallReply reply;
  reply.outcome = value;
  reply.message = std::move(message);
  return reply;
}

}  // namespace

std::optional<CallReply> SupervisorCore::on_call(CallId id, call::StartChild& request, Effects& out) {
  if (is_simple()) {
    return outcome(CallReply::Outcome::kSimpleOneForOne, "this supervisor starts children from its template");
  }
  if (auto status = check_child_spec(request.spec, flags_.auto_shutdown); !status) {
    return outcome(CallReply::Outcome::kInvalidSpec, status.error().message);
  }
  if (auto slot = find(request.spec.id)) {
    const Child& child = child_at(*slot);
    if (child.state != ChildState::kRunning) return outcome(CallReply::Outcome::kAlreadyPresent);
    CallReply reply = outcome(CallReply::Outcome::kAlreadyStarted);
    reply.instance = child.instance;
    return reply;
  }
  Operation operation;
  operation.kind = Operation::Kind::kStartCall;
  operation.call = id;
  operation.to_start.push_back(add(std::make_shared<const ChildSpec>(std::move(request.spec)), {}));
  begin(std::move(operation), out);
  return std::nullopt;
}

std::optional<CallReply> SupervisorCore::on_call(CallId id, call::StartDynamicChild& request, Effects& out) {
  if (!is_simple()) {
    return outcome(CallReply::Outcome::kInvalidSpec,
                   "only a simple_one_for_one supervisor has a template to start from");
  }
  Operation operation;
  operation.kind = Operation::Kind::kDynamicCall;
  operation.call = id;
  operation.to_start.push_back(add(template_, std::move(request.args)));
  begin(std::move(operation), out);
  return std::nullopt;
}

void SupervisorCore::terminate(CallId id, Slot slot, Effects& out) {
  Operation operation;
  operation.kind = Operation::Kind::kTerminateCall;
  operation.call = id;
  operation.subject = slot;
  operation.to_stop.push_back(slot);
  begin(std::move(operation), out);
}

std::optional<CallReply> SupervisorCore::on_call(CallId id, call::TerminateChild& request, Effects& out) {
  if (is_simple()) return outcome(CallReply::Outcome::kSimpleOneForOne);
  auto slot = find(request.id);
  if (!slot) return outcome(CallReply::Outcome::kNotFound);
  terminate(id, *slot, out);
  return std::nullopt;
}

std::optional<CallReply> SupervisorCore::on_call(CallId id, call::TerminateInstance& request, Effects& out) {
  if (!is_simple()) return outcome(CallReply::Outcome::kNotFound);
  if (const Slot* slot = by_instance_.find(request.instance)) {
    terminate(id, *slot, out);
    return std::nullopt;
  }
  // As in OTP, one that has ended already is no error; a number that was never given is.
  const bool was_ours = request.instance != 0 && request.instance <= last_instance_;
  return outcome(was_ours ? CallReply::Outcome::kOk : CallReply::Outcome::kNotFound);
}

std::optional<CallReply> SupervisorCore::on_call(CallId id, call::RestartChild& request, Effects& out) {
  if (is_simple()) return outcome(CallReply::Outcome::kSimpleOneForOne);
  auto slot = find(request.id);
  if (!slot) return outcome(CallReply::Outcome::kNotFound);
  const ChildState state = child_at(*slot).state;
  if (state == ChildState::kRestarting) return outcome(CallReply::Outcome::kRestarting);
  if (state == ChildState::kRunning) return outcome(CallReply::Outcome::kRunning);
  Operation operation;
  operation.kind = Operation::Kind::kRestartCall;
  operation.call = id;
  operation.to_start.push_back(*slot);
  begin(std::move(operation), out);
  return std::nullopt;
}

std::optional<CallReply> SupervisorCore::on_call(CallId, call::DeleteChild& request, Effects&) {
  if (is_simple()) return outcome(CallReply::Outcome::kSimpleOneForOne);
  auto slot = find(request.id);
  if (!slot) return outcome(CallReply::Outcome::kNotFound);
  const ChildState state = child_at(*slot).state;
  if (state == ChildState::kRestarting) return outcome(CallReply::Outcome::kRestarting);
  if (state == ChildState::kRunning) return outcome(CallReply::Outcome::kRunning);
  remove(*slot);
  return outcome(CallReply::Outcome::kOk);
}

std::optional<CallReply> SupervisorCore::on_call(CallId, call::WhichChildren&, Effects&) {
  CallReply reply;
  reply.children.reserve(children_.size());
  for (const Slot slot : newest_first()) reply.children.push_back(info(child_at(slot)));
  return reply;
}

std::optional<CallReply> SupervisorCore::on_call(CallId, call::CountChildren&, Effects&) {
  CallReply reply;
  reply.counts.specs = is_simple() ? 1 : children_.size();
  children_.each([&](Slot, const Child& child) {
    // A dynamic child counts until its end is handled, a static one only while it lives: OTP does the same.
    const bool active = child.state == ChildState::kRunning && (is_simple() || !dead_.contains(child.instance));
    if (active) ++reply.counts.active;
    ++(child.spec->type == ChildType::kSupervisor ? reply.counts.supervisors : reply.counts.workers);
  });
  return reply;
}

std::optional<CallReply> SupervisorCore::on_call(CallId, call::GetChildSpec& request, Effects&) {
  CallReply reply;
  if (is_simple()) {
    if (request.id != template_->id) return outcome(CallReply::Outcome::kNotFound);
    reply.spec = template_;
    return reply;
  }
  auto slot = find(request.id);
  if (!slot) return outcome(CallReply::Outcome::kNotFound);
  reply.spec = child_at(*slot).spec;
  return reply;
}

std::string_view to_string(CallReply::Outcome value) {
  switch (value) {
    case CallReply::Outcome::kOk:
      return "ok";
    case CallReply::Outcome::kAlreadyPresent:
      return "already_present";
    case CallReply::Outcome::kAlreadyStarted:
      return "already_started";
    case CallReply::Outcome::kRunning:
      return "running";
    case CallReply::Outcome::kRestarting:
      return "restarting";
    case CallReply::Outcome::kNotFound:
      return "not_found";
    case CallReply::Outcome::kSimpleOneForOne:
      return "simple_one_for_one";
    case CallReply::Outcome::kInvalidSpec:
      return "invalid_child_spec";
    case CallReply::Outcome::kStartFailed:
      return "start_failed";
    case CallReply::Outcome::kBusy:
      return "busy";
    case CallReply::Outcome::kNotRunning:
      return "noproc";
  }
  return "?";
}

std::string_view to_string(ChildState state) {
  switch (state) {
    case ChildState::kStopped:
      return "undefined";
    case ChildState::kRunning:
      return "running";
    case ChildState::kRestarting:
      return "restarting";
  }
  return "?";
}

}  // namespace troupe::kernel
