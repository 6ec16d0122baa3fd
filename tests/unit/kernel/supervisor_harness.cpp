#include "tests/unit/kernel/supervisor_harness.hpp"

namespace troupe::kernel::testing {

CoreHarness::CoreHarness(SupervisorFlags flags, std::vector<ChildSpec> specs)
    : core_({.name = "sup", .max_waiting_calls = 4}, flags, std::move(specs)) {}

void CoreHarness::start() {
  Effects out;
  core_.start(now_, out);
  perform(std::move(out));
}

void CoreHarness::exit(const std::string& id, ExitReason reason) { die(current_.at(id), std::move(reason)); }

void CoreHarness::stop(ExitReason reason) {
  Effects out;
  core_.stop(now_, std::move(reason), out);
  perform(std::move(out));
}

void CoreHarness::call(SupervisorCall request) {
  Effects out;
  core_.call(now_, ++last_call_, std::move(request), out);
  perform(std::move(out));
}

void CoreHarness::advance(std::chrono::nanoseconds time) { now_ += time; }

void CoreHarness::resume() {
  Effects out;
  core_.resume(now_, out);
  perform(std::move(out));
}

void CoreHarness::deadline() {
  const effect::ArmTimer timer = *std::exchange(armed_, std::nullopt);
  now_ += timer.delay;
  Effects out;
  core_.timer_fired(now_, timer.timer, out);
  perform(std::move(out));
}

void CoreHarness::perform(Effects effects) {
  for (Effect& effect : effects) queue_.push_back(std::move(effect));
  if (std::exchange(performing_, true)) return;
  while (!queue_.empty()) {
    const Effect effect = std::move(queue_.front());
    queue_.pop_front();
    perform_one(effect);
  }
  performing_ = false;
}

void CoreHarness::perform_one(const Effect& effect) {
  std::visit([this](const auto& e) { on(e); }, effect);
}

void CoreHarness::on(const effect::StartChild& e) { begin_start(e); }

void CoreHarness::on(const effect::RequestExit& e) {
  Life& life = lives_.at(e.instance);
  log_.push_back("stop " + life.id);
  if (!life.alive || stubborn_.contains(life.id)) return;
  auto answer = answers_.find(life.id);
  die(e.instance, answer == answers_.end() ? ExitReason::shutdown() : answer->second);
}

void CoreHarness::on(const effect::Kill& e) {
  log_.push_back("kill " + lives_.at(e.instance).id);
  if (lives_.at(e.instance).alive) die(e.instance, ExitReason::killed());
}

void CoreHarness::on(const effect::ArmTimer& e) { armed_ = e; }
void CoreHarness::on(const effect::CancelTimer&) { armed_.reset(); }

void CoreHarness::on(const effect::Reply& e) {
  log_.push_back("reply " + std::string(to_string(e.reply.outcome)));
  last_reply_ = e.reply;
}

void CoreHarness::on(const effect::Started&) { log_.emplace_back("started"); }

void CoreHarness::on(const effect::StartFailed& e) {
  log_.push_back("start failed: " + to_string(e.reason));
  exit_reason_ = e.reason;
}

void CoreHarness::on(const effect::Exit& e) {
  log_.push_back("exit: " + to_string(e.reason));
  exit_reason_ = e.reason;
}

void CoreHarness::on(const effect::Report& e) {
  reports_.push_back(std::string(to_string(e.kind)) + " " + e.child + " " + to_string(e.reason));
}

void CoreHarness::begin_start(const effect::StartChild& start) {
  const auto* args = std::any_cast<std::string>(&start.args);
  const std::string id = args != nullptr ? *args : start.spec->id;
  lives_[start.instance] = {id, false};
  current_[id] = start.instance;
  if (!held_starts_.contains(id)) end_start(start.instance, id);
}

void CoreHarness::release_start(const std::string& id) {
  held_starts_.erase(id);
  end_start(current_.at(id), id);
}

void CoreHarness::end_start(Instance instance, const std::string& id) {
  std::string outcome = "ok";
  if (auto& next = starts_[id]; !next.empty()) {
    outcome = next.front();
    next.erase(next.begin());
  }
  log_.push_back("start " + id + (outcome == "ok" ? "" : " " + outcome));
  Effects out;
  if (outcome == "ok") {
    lives_[instance].alive = true;
    core_.child_started(now_, instance, out);
  } else if (outcome == "ignore") {
    core_.child_ignored(now_, instance, out);
  } else {
    core_.child_failed(now_, instance, parse_exit_reason(outcome), out);
  }
  perform(std::move(out));
}

void CoreHarness::die(Instance instance, ExitReason reason) {
  Life& life = lives_.at(instance);
  life.alive = false;
  log_.push_back("exit " + life.id + " " + to_string(reason));
  Effects out;
  core_.child_down(now_, instance, std::move(reason), out);
  perform(std::move(out));
}

std::string CoreHarness::join(std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "; ") + word;
  words.clear();
  return text;
}

std::string CoreHarness::log() { return join(log_); }
std::string CoreHarness::reports() { return join(reports_); }

std::string CoreHarness::which() {
  const auto before = log_.size();
  call(call::WhichChildren{});
  log_.resize(before);
  std::string text;
  for (const ChildInfo& info : last_reply_.children) {
    text += (text.empty() ? "" : ", ") + (info.instance != 0 ? lives_.at(info.instance).id : info.id) + " " +
            std::string(to_string(info.state));
  }
  return text;
}

std::string CoreHarness::count() {
  const auto before = log_.size();
  call(call::CountChildren{});
  log_.resize(before);
  const ChildCounts& counts = last_reply_.counts;
  return "specs " + std::to_string(counts.specs) + " active " + std::to_string(counts.active) + " supervisors " +
         std::to_string(counts.supervisors) + " workers " + std::to_string(counts.workers);
}

Instance CoreHarness::instance(const std::string& id) const { return current_.at(id); }

}  // namespace troupe::kernel::testing
