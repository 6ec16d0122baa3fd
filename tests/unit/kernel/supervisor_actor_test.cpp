// Supervisors as actors: what SupervisorCore decides, done to real actors in deterministic mode.
#include <gtest/gtest.h>

#include "kernel/log.hpp"
#include "kernel/metrics.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {
namespace {

using namespace std::chrono_literals;

struct Poke {};
struct Crash {};
struct Throw {};

/// Counts what happened to all actors of a test.
struct Ledger {
  int inits = 0;
  int pokes = 0;
  std::vector<std::string> order;
};

class Counter final : public Actor {
 public:
  Counter(std::shared_ptr<Ledger> ledger, std::string label) : ledger_(std::move(ledger)), label_(std::move(label)) {}

 protected:
  Status init() override {
    ++ledger_->inits;
    ledger_->order.push_back("init " + label_);
    return {};
  }
  bool receive(Envelope& envelope) override {
    return match(
        envelope,
        [&](const Local<Poke>&) {
          ++seen_;
          ++ledger_->pokes;
          ledger_->order.push_back(label_ + " saw " + std::to_string(seen_));
        },
        [&](const Local<Crash>&) { quit(ExitReason::error("boom")); },
        [&](const Local<Throw>&) { throw std::runtime_error("thrown"); });
  }
  void terminate(const ExitReason& reason) override {
    ledger_->order.push_back("end " + label_ + " " + to_string(reason));
  }

 private:
  std::shared_ptr<Ledger> ledger_;
  const std::string label_;
  int seen_ = 0;
};

struct World {
  std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>();
  std::map<std::string, ActorRef> actors;
  std::vector<std::string> ended;
  std::string log;
  std::unique_ptr<Logger> logger = make_string_logger(&log);
  System system{options()};

  SystemOptions options() {
    SystemOptions result;
    result.logger = logger.get();
    return result;
  }
  ActorRef start(SupervisorSpec spec) {
    SupervisorOptions with;
    with.observer = std::make_shared<const SupervisionObserver>([this](const SupervisionEvent& event) {
      if (event.kind == SupervisionEvent::Kind::kStarted) actors[event.child] = event.actor;
      if (event.kind == SupervisionEvent::Kind::kExited) ended.push_back(event.child + " " + to_string(event.reason));
    });
    auto root = Supervisor::start_root(system, std::move(spec), with);
    EXPECT_TRUE(root) << root.error().message;
    system.run_until_idle();
    return root ? *root : ActorRef();
  }
  template <class M>
  void tell(const std::string& name) {
    system.send(actors.at(name), make_local<M>());
    system.run_until_idle();
  }
  Child counter(const std::string& id) { return worker<Counter>(id, ledger, id); }
  Result<SupervisorReply> call(const ActorRef& supervisor, SupervisorCall request) {
    Result<SupervisorReply> reply = fail(ErrorCode::kTimeout, "no answer");
    system.request(supervisor, make_local<SupervisorRequest>(std::move(request)), Duration::zero(),
                   [&](Result<AnyMsg> answer) {
                     if (answer) {
                       reply = *Local<SupervisorReply>::from(*answer);
                     } else {
                       reply = fail(answer.error());
                     }
                   });
    system.run_until_idle();
    return reply;
  }
};

TEST(SupervisorActor, StartsWorkersAndRestartsTheOneThatCrashed) {
  World w;
  w.start({.name = "root", .children = {w.counter("a"), w.counter("b")}});
  const ActorId before = w.actors.at("root/a").id();
  w.tell<Crash>("root/a");
  EXPECT_NE(w.actors.at("root/a").id(), before);
  EXPECT_EQ(w.ledger->inits, 3);
  EXPECT_EQ(w.ended, std::vector<std::string>{"root/a error: boom"});
}

TEST(SupervisorActor, RestartsAreCountedByTheTypeOfTheChild) {
  World world;
  for (const StartMode mode : {StartMode::kEager, StartMode::kLazy}) {
    SpawnOptions options;
    options.type = mode == StartMode::kEager ? "eager" : "lazy";
    options.start = mode;
    SupervisorSpec spec{.name = "root", .flags = {.intensity = 5}};
    spec.children = {world.counter("a").spawn_with(options)};
    World each;
    each.start(std::move(spec));
    for (int i = 0; i < 3; ++i) each.tell<Crash>("root/a");
    EXPECT_EQ(each.system.metrics().of_type(options.type).restarts, 3U);
    EXPECT_EQ(each.system.metrics().of_type(options.type).failed, 3U);
    EXPECT_EQ(each.system.metrics().of_type("supervisor").restarts, 0U);
  }
}

TEST(SupervisorActor, AnExceptionEndsTheActorAndItsStateIsRebuiltInInit) {
  World w;
  w.start({.name = "root", .children = {w.counter("a")}});
  w.tell<Poke>("root/a");
  w.tell<Poke>("root/a");
  w.tell<Throw>("root/a");
  w.tell<Poke>("root/a");
  ASSERT_EQ(w.ended.size(), 1U);
  EXPECT_NE(w.ended[0].find("error: "), std::string::npos);
  EXPECT_NE(w.ended[0].find("thrown"), std::string::npos);
  EXPECT_EQ(w.ledger->order.back(), "a saw 1");
}

TEST(SupervisorActor, StopsTheTreeInReverseOrderOfItsStart) {
  World w;
  const ActorRef root = w.start(
      {.name = "root",
       .children = {w.counter("a"), supervisor("s", {.children = {w.counter("x"), w.counter("y")}}), w.counter("b")}});
  w.ledger->order.clear();
  w.system.send_exit(root, ExitReason::shutdown());
  w.system.run_until_idle();
  EXPECT_EQ(w.ledger->order,
            (std::vector<std::string>{"end b shutdown", "end y shutdown", "end x shutdown", "end a shutdown"}));
  EXPECT_EQ(w.system.actor_count(), 0U);
}

TEST(SupervisorActor, EscalatesThroughThreeLevelsAndKeepsTheReasonChain) {
  World w;
  SupervisorSpec inner{.flags = {.intensity = 0}, .children = {w.counter("x")}};
  SupervisorSpec middle{.flags = {.intensity = 0}, .children = {supervisor("inner", inner)}};
  w.start({.name = "root", .flags = {.intensity = 0}, .children = {supervisor("middle", middle)}});
  w.tell<Crash>("root/middle/inner/x");
  EXPECT_EQ(w.ended, (std::vector<std::string>{"root/middle/inner/x error: boom", "root/middle/inner shutdown",
                                               "root/middle shutdown", "root shutdown"}));
  EXPECT_NE(w.log.find("root/middle/middle"), 0U);
  // The last report names the whole way down to the first cause.
  const auto last = w.log.rfind("reached_max_restart_intensity");
  ASSERT_NE(last, std::string::npos);
  const std::string line = w.log.substr(last, w.log.find('\n', last) - last);
  EXPECT_NE(line.find("<- root/middle/inner shutdown"), std::string::npos) << line;
  EXPECT_NE(line.find("<- root/middle/inner/x error: boom"), std::string::npos) << line;
}

TEST(SupervisorActor, LogsTheEndOfAChildOnceWithItsReasonAndWhatIsDone) {
  World w;
  w.start({.name = "root", .children = {w.counter("a")}});
  w.tell<Crash>("root/a");
  const std::string word = "child_terminated";
  const auto first = w.log.find(word);
  ASSERT_NE(first, std::string::npos) << w.log;
  EXPECT_EQ(w.log.find(word, first + 1), std::string::npos) << w.log;
  EXPECT_NE(w.log.find("restarts it"), std::string::npos) << w.log;
}

TEST(SupervisorActor, AKilledSupervisorTakesItsChildrenAlong) {
  World w;
  w.start({.name = "root", .children = {supervisor("s", {.children = {w.counter("x")}})}});
  const ActorRef child = w.actors.at("root/s/x");
  w.system.send_exit(w.actors.at("root/s"), ExitReason::killed());
  w.system.run_until_idle();
  EXPECT_FALSE(child.alive());
  EXPECT_TRUE(w.actors.at("root/s/x").alive());
  EXPECT_EQ(w.system.actor_count(), 3U);
}

TEST(SupervisorActor, DynamicChildrenAreMadeFromTheirTypedArguments) {
  World w;
  auto ledger = w.ledger;
  const ActorRef root = w.start({.name = "root",
                                 .flags = {.strategy = Strategy::kSimpleOneForOne},
                                 .children = {dynamic_worker<std::string>("t", [ledger](const std::string& label) {
                                   return std::make_unique<Counter>(ledger, label);
                                 })}});
  auto first = w.call(root, call::StartDynamicChild{std::string("one")});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->child.name(), "root/t#1");
  w.system.send(first->child, make_local<Crash>());
  w.system.run_until_idle();
  EXPECT_EQ(w.ledger->order, (std::vector<std::string>{"init one", "end one error: boom", "init one"}));
}

TEST(SupervisorActor, DynamicArgumentsOfAnotherTypeFailTheStartOnly) {
  World w;
  const ActorRef root = w.start({.name = "root",
                                 .flags = {.strategy = Strategy::kSimpleOneForOne},
                                 .children = {dynamic_worker<std::string>("t", [&](const std::string& label) {
                                   return std::make_unique<Counter>(w.ledger, label);
                                 })}});
  auto reply = w.call(root, call::StartDynamicChild{42});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->reply.outcome, CallReply::Outcome::kStartFailed);
  EXPECT_TRUE(root.alive());
}

TEST(SupervisorActor, ALazyChildCountsAsStartedBeforeItsInitRuns) {
  World w;
  SpawnOptions lazy;
  lazy.start = StartMode::kLazy;
  w.start({.name = "root", .children = {w.counter("a").spawn_with(lazy)}});
  EXPECT_EQ(w.ledger->inits, 0);
  w.tell<Poke>("root/a");
  EXPECT_EQ(w.ledger->inits, 1);
  EXPECT_EQ(w.ledger->pokes, 1);
}

TEST(SupervisorActor, AnInvalidSpecificationAnywhereIsRefusedBeforeAnythingStarts) {
  World w;
  SupervisorSpec inner{.children = {w.counter("x"), w.counter("x")}};
  auto root = Supervisor::start_root(w.system, {.name = "root", .children = {w.counter("a"), supervisor("s", inner)}});
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().message, "root: s: child 'x': another child has the same id");
  EXPECT_EQ(w.ledger->inits, 0);
}

TEST(SupervisorActor, StopsAChildWithAHundredThousandWaitingMessagesWithoutHandlingThem) {
  World w;
  SpawnOptions roomy;
  roomy.mailbox_limit = 200'000;
  const ActorRef root = w.start({.name = "root", .children = {w.counter("a").spawn_with(roomy)}});
  for (int i = 0; i < 100'000; ++i) w.system.send(w.actors.at("root/a"), make_local<Poke>());
  auto reply = w.call(root, call::TerminateChild{"a"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->reply.outcome, CallReply::Outcome::kOk);
  EXPECT_LT(w.ledger->pokes, 1000);
}

TEST(SupervisorActor, AnswersForTheTreeBelowIt) {
  World w;
  const ActorRef root =
      w.start({.name = "root",
               .flags = {.strategy = Strategy::kOneForOne, .intensity = 5},
               .children = {w.counter("store"),
                            supervisor("pods", {.flags = {.strategy = Strategy::kRestForOne},
                                                .children = {w.counter("web"), w.counter("db").transient()}})}});
  w.tell<Crash>("root/store");
  w.system.send_exit(w.actors.at("root/pods/db"), ExitReason::normal());
  w.system.run_until_idle();
  std::string text;
  w.system.request(root, make_local<TreeQuery>(), Duration::zero(), [&](Result<AnyMsg> answer) {
    ASSERT_TRUE(answer);
    text = render_tree(*Local<TreeNode>::from(*answer));
  });
  w.system.run_until_idle();
  EXPECT_EQ(text,
            "root (one_for_one)\n"
            "├── root/store, 1 restart, last: error: boom\n"
            "└── root/pods (rest_for_one)\n"
            "    ├── root/pods/web\n"
            "    └── root/pods/db, stopped\n");
}

TEST(SupervisionTree, DrawsNestedSupervisorsRestartsMailboxesAndReasons) {
  TreeNode root{.name = "root", .type = ChildType::kSupervisor, .strategy = Strategy::kOneForOne};
  TreeNode plane{
      .name = "control plane", .type = ChildType::kSupervisor, .strategy = Strategy::kRestForOne, .restarts = 2};
  plane.last_reason = "shutdown <- control plane/api error: boom (gave up)";
  plane.children.push_back({.name = "store", .mailbox = 3});
  plane.children.push_back({.name = "api", .state = ChildState::kRestarting});
  root.children.push_back(plane);
  root.children.push_back({.name = "node half", .type = ChildType::kSupervisor, .note = "no answer"});
  root.omitted = 7;
  EXPECT_EQ(render_tree(root),
            "root (one_for_one)\n"
            "├── control plane (rest_for_one), 2 restarts, last: shutdown <- control plane/api error: boom (gave up)\n"
            "│   ├── store, mailbox 3\n"
            "│   └── api, restarting\n"
            "├── node half (one_for_one), no answer\n"
            "└── … 7 more\n");
}

}  // namespace
}  // namespace troupe::kernel
