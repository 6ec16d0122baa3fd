#include "kernel/exit_reason.hpp"

#include <utility>

namespace troupe::kernel {

ExitReason ExitReason::shutdown(std::string detail) { return {Kind::kShutdown, std::move(detail), nullptr}; }
ExitReason ExitReason::killed() { return {Kind::kKilled, {}, nullptr}; }
ExitReason ExitReason::error(std::string detail) { return {Kind::kError, std::move(detail), nullptr}; }

namespace {

std::shared_ptr<const ExitCause> cut(const std::shared_ptr<const ExitCause>& cause, int depth) {
  if (!cause) return nullptr;
  auto copy = std::make_shared<ExitCause>(*cause);
  if (depth > 1) {
    copy->reason.cause = cut(cause->reason.cause, depth - 1);
    return copy;
  }
  for (auto link = cause->reason.cause; link; link = link->reason.cause) copy->omitted += 1 + link->omitted;
  copy->reason.cause = nullptr;
  return copy;
}

int depth_of(const ExitCause* cause) {
  int depth = 0;
  for (; cause != nullptr; cause = cause->reason.cause.get()) ++depth;
  return depth;
}

}  // namespace

std::shared_ptr<const ExitCause> chain(ExitCause cause) {
  auto head = std::make_shared<const ExitCause>(std::move(cause));
  return depth_of(head.get()) > ExitCause::kMaxDepth ? cut(head, ExitCause::kMaxDepth) : head;
}

std::string to_string(const ExitReason& reason) {
  std::string text;
  switch (reason.kind) {
    case ExitReason::Kind::kNormal:
      text = "normal";
      break;
    case ExitReason::Kind::kShutdown:
      text = "shutdown";
      break;
    case ExitReason::Kind::kKilled:
      text = "killed";
      break;
    case ExitReason::Kind::kError:
      text = "error";
      break;
  }
  if (!reason.detail.empty()) text += ": " + reason.detail;
  return text;
}

std::string describe(const ExitReason& reason) {
  std::string text = to_string(reason);
  for (const ExitCause* cause = reason.cause.get(); cause != nullptr; cause = cause->reason.cause.get()) {
    text += " <- " + cause->supervisor + "/" + cause->child + " " + to_string(cause->reason) + " (";
    if (cause->restarts > 0) text += std::to_string(cause->restarts) + " restarts; ";
    text += cause->action + ")";
    if (cause->omitted > 0) text += " <- " + std::to_string(cause->omitted) + " more";
  }
  return text;
}

ExitReason parse_exit_reason(std::string_view text) {
  auto take = [&](std::string_view word) {
    if (!text.starts_with(word)) return false;
    auto rest = text.substr(word.size());
    if (!rest.empty() && !rest.starts_with(": ")) return false;
    text = rest.empty() ? rest : rest.substr(2);
    return true;
  };
  if (take("normal")) return {ExitReason::Kind::kNormal, std::string(text), nullptr};
  if (take("shutdown")) return ExitReason::shutdown(std::string(text));
  if (take("killed")) return {ExitReason::Kind::kKilled, std::string(text), nullptr};
  if (take("error")) return ExitReason::error(std::string(text));
  return ExitReason::error(std::string(text));
}

}  // namespace troupe::kernel
