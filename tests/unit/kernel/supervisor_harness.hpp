#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kernel/supervisor_core.hpp"

namespace troupe::kernel::testing {

/// A child of the given name: `child("a").transient().kill()`.
class ChildBuilder {
 public:
  explicit ChildBuilder(std::string id) {
    spec_.id = std::move(id);
    spec_.start = std::make_shared<ChildFactory>();
  }
  ChildBuilder& transient() { return with(Restart::kTransient); }
  ChildBuilder& temporary() { return with(Restart::kTemporary); }
  ChildBuilder& significant() {
    spec_.significant = true;
    return *this;
  }
  ChildBuilder& supervisor() {
    spec_.type = ChildType::kSupervisor;
    return *this;
  }
  ChildBuilder& shutdown(Shutdown value) {
    spec_.shutdown = value;
    return *this;
  }
  operator ChildSpec() const { return spec_; }  // NOLINT: reads as the spec it is

 private:
  ChildBuilder& with(Restart restart) {
    spec_.restart = restart;
    return *this;
  }
  ChildSpec spec_;
};

inline ChildBuilder child(std::string id) { return ChildBuilder(std::move(id)); }

/// Plays the children around one SupervisorCore: every start succeeds and every child that is asked to end does so at
/// once, unless told otherwise. What happens is written as words: "start a", "stop a", "kill a", "exit a: normal",
/// "reply ok", "report child_terminated a", "exit: shutdown".
class CoreHarness {
 public:
  CoreHarness(SupervisorFlags flags, std::vector<ChildSpec> specs);

  // How children behave, by id (for dynamic children: the string given at their start).
  void fail_next(const std::string& id, int times = 1, const std::string& why = "boom") {
    for (int i = 0; i < times; ++i) starts_[id].push_back("error: " + why);
  }
  void ignore_next(const std::string& id) { starts_[id].push_back("ignore"); }
  void ok_next(const std::string& id) { starts_[id].push_back("ok"); }
  void on_exit_request(const std::string& id, ExitReason reason) { answers_[id] = std::move(reason); }
  void ignores_exit_requests(const std::string& id) { stubborn_.insert(id); }
  /// While held, nothing is told to the supervisor; the events arrive in order at `release`.
  void hold_starts(const std::string& id) { held_starts_.insert(id); }
  void release_start(const std::string& id);

  // What happens.
  void start();
  void exit(const std::string& id, ExitReason reason);
  void stop(ExitReason reason = ExitReason::shutdown());
  void call(SupervisorCall request);
  void advance(std::chrono::nanoseconds time);
  void suspend() { core_.suspend(); }
  void resume();
  /// Fires the timer that is armed, after its delay.
  void deadline();

  /// Everything since the last call, joined by "; ". Reports are left out, see `reports`.
  std::string log();
  std::string reports();
  CallReply last_reply() const { return last_reply_; }
  std::string which();  ///< "b running, a restarting": which_children's answer
  std::string count();  ///< "specs 2 active 1 supervisors 0 workers 2"
  bool armed() const { return armed_.has_value(); }
  std::chrono::milliseconds armed_delay() const { return armed_->delay; }
  Instance instance(const std::string& id) const;
  SupervisorCore& core() { return core_; }
  const ExitReason& exit_reason() const { return exit_reason_; }

 private:
  struct Life {
    std::string id;
    bool alive = true;
  };

  void perform(Effects effects);
  void perform_one(const Effect& effect);
  void on(const effect::StartChild& e);
  void on(const effect::RequestExit& e);
  void on(const effect::Kill& e);
  void on(const effect::ArmTimer& e);
  void on(const effect::CancelTimer& e);
  void on(const effect::Reply& e);
  void on(const effect::Started& e);
  void on(const effect::StartFailed& e);
  void on(const effect::Exit& e);
  void on(const effect::Report& e);
  void begin_start(const effect::StartChild& start);
  void end_start(Instance instance, const std::string& id);
  void die(Instance instance, ExitReason reason);
  static std::string join(std::vector<std::string>& words);

  SupervisorCore core_;
  std::deque<Effect> queue_;
  bool performing_ = false;
  std::chrono::nanoseconds now_{0};
  std::map<std::string, std::vector<std::string>> starts_;
  std::map<std::string, ExitReason> answers_;
  std::set<std::string> stubborn_;
  std::set<std::string> held_starts_;
  std::map<Instance, Life> lives_;
  std::map<std::string, Instance> current_;
  std::optional<effect::ArmTimer> armed_;
  std::vector<std::string> log_;
  std::vector<std::string> reports_;
  CallReply last_reply_;
  CallId last_call_ = 0;
  ExitReason exit_reason_;
};

}  // namespace troupe::kernel::testing
