#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "actors/controllers/garbage_collector.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "kernel/registry.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"
#include "schema/codec/json.hpp"

namespace troupe::controllers {
namespace {

using Place = std::pair<ResourceIndex, std::string>;

Catalogue catalogue() {
  return Catalogue({{"", "v1", "things", "Thing", true, true}, {"", "v1", "wides", "Wide", false, true}});
}

std::string text_of(const schema::Node& object, std::string_view key) {
  const schema::Node* value = object.find(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

/// A world of objects that are nothing but their metadata: the feed and the API in one, without threads. Requests fail
/// at times, before or after they had their effect.
class World final : public ObjectFeed, public ApiPort {
 public:
  World(kernel::System& system, std::uint64_t seed) : system_(system), random_(seed) {}

  const Catalogue& catalogue() const override { return catalogue_; }
  void attach(const std::string&, kernel::ActorRef receiver, Interest) override {
    receiver_ = std::move(receiver);
    system_.send(receiver_, kernel::make_local<FeedRestarted>());
    for (const auto& [place, object] : objects) tell(object, false);
    system_.send(receiver_, kernel::make_local<FeedSynced>());
  }
  void follow(const std::string&, const std::string&) override {}
  void unfollow(const std::string&, const std::string&) override {}
  void find(ResourceIndex resource, const std::string&, const std::string& name,
            std::function<void(Result<std::optional<ObjectMeta>>)> done) override {
    if (unlucky()) return done(fail(ErrorCode::kBusy, "later"));
    const auto found = objects.find({resource, name});
    done(found == objects.end() ? std::optional<ObjectMeta>() : std::optional<ObjectMeta>(found->second));
  }
  void ask(ApiRequest request, std::function<void(ApiAnswer)> done) override {
    if (unlucky()) return done({500, "InternalError", "before", ""});
    const int code = serve(request);
    done(unlucky() ? ApiAnswer{500, "InternalError", "after", ""} : ApiAnswer{code, "", "", ""});
  }

  void add(ObjectMeta object) {
    object.revision = ++revision_;
    objects[{object.resource, object.name}] = object;
    tell(object, false);
  }
  void remove(const Place& place, const std::string& propagation) {
    ObjectMeta& object = objects.at(place);
    auto& held = object.finalizers;
    if (!propagation.empty()) {
      held.erase(std::remove_if(held.begin(), held.end(),
                                [](const auto& one) { return one == "orphan" || one == "foregroundDeletion"; }),
                 held.end());
      if (propagation == "Orphan") held.push_back("orphan");
      if (propagation == "Foreground") held.push_back("foregroundDeletion");
    }
    object.deleting = true;
    changed(place);
  }

  std::map<Place, ObjectMeta> objects;
  int bad_luck = 0;  ///< In percent.

 private:
  bool unlucky() { return static_cast<int>(random_() % 100) < bad_luck; }

  int serve(const ApiRequest& request) {
    const Place place(request.target.resource == "things" ? 0 : 1, request.target.name);
    const auto found = objects.find(place);
    if (found == objects.end()) return 404;
    schema::JsonDecoder decoder;
    schema::Document body;
    schema::Diagnostics diagnostics;
    if (!decoder.parse(request.body, body, diagnostics)) return 400;
    const bool erase = request.method == "DELETE";
    const schema::Node* metadata = body.root().find(erase ? "preconditions" : "metadata");
    ObjectMeta& object = found->second;
    const std::string revision = text_of(*metadata, "resourceVersion");
    if (text_of(*metadata, "uid") != object.uid) return 409;
    if (!revision.empty() && revision != std::to_string(object.revision)) return 409;
    if (erase) {
      remove(place, text_of(body.root(), "propagationPolicy"));
      return 200;
    }
    if (const schema::Node* list = metadata->find("finalizers")) {
      object.finalizers.clear();
      for (const auto& item : list->items()) object.finalizers.emplace_back(item.as_string());
    }
    if (const schema::Node* list = metadata->find("ownerReferences")) {
      for (const auto& item : list->items()) patch_owner(object, item);
    }
    changed(place);
    return 200;
  }

  static void patch_owner(ObjectMeta& object, const schema::Node& item) {
    auto& owners = object.owners;
    const std::string uid = text_of(item, "uid");
    if (text_of(item, "$patch") == "delete") {
      owners.erase(std::remove_if(owners.begin(), owners.end(), [&](const auto& one) { return one.uid == uid; }),
                   owners.end());
      return;
    }
    for (auto& one : owners) {
      if (one.uid == uid) one.block_owner_deletion = false;
    }
  }

  void changed(const Place& place) {
    ObjectMeta& object = objects.at(place);
    object.revision = ++revision_;
    const bool gone = object.deleting && object.finalizers.empty();
    tell(object, gone);
    if (gone) objects.erase(place);
  }

  void tell(const ObjectMeta& object, bool gone) {
    if (!receiver_) return;
    system_.send(receiver_, kernel::make_local<ObjectNews>(std::vector<ObjectNews::Item>{{object, gone}}));
  }

  kernel::System& system_;
  std::mt19937_64 random_;
  Catalogue catalogue_ = controllers::catalogue();
  kernel::ActorRef receiver_;
  std::uint64_t revision_ = 0;
};

/// Which objects go when these are deleted: those all of whose owners are gone, or go. One that is deleted with Orphan
/// lets its dependents go free; a dependent that has other owners, and all of those go, stays when they go first and
/// goes when it was let go first. `freed_first` says which of the two.
std::set<std::string> gone_in_the_end(const std::map<Place, ObjectMeta>& objects,
                                      const std::map<std::string, std::string>& deleted, bool freed_first) {
  std::set<std::string> there;
  for (const auto& [place, object] : objects) there.insert(object.uid);
  std::set<std::string> gone;
  for (const auto& [uid, policy] : deleted) gone.insert(uid);
  const auto orphans = [&](const OwnerLink& owner) {
    const auto policy = deleted.find(owner.uid);
    return policy != deleted.end() && policy->second == "Orphan";
  };
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [place, object] : objects) {
      if (object.owners.empty() || gone.count(object.uid) != 0) continue;
      const bool all_orphan = std::all_of(object.owners.begin(), object.owners.end(), orphans);
      const bool stays = std::any_of(object.owners.begin(), object.owners.end(), [&](const OwnerLink& owner) {
        if (orphans(owner)) return all_orphan || !freed_first;
        return there.count(owner.uid) != 0 && gone.count(owner.uid) == 0;
      });
      if (!stays) grew = gone.insert(object.uid).second;
    }
  }
  return gone;
}

void random_graph(World& world, std::mt19937_64& random) {
  const int count = 3 + static_cast<int>(random() % 12);
  for (int i = 0; i < count; ++i) {
    ObjectMeta object;
    object.resource = random() % 4 == 0 ? 1 : 0;
    object.ns = object.resource == 0 ? "n" : "";
    object.name = "o" + std::to_string(i);
    object.uid = "u" + std::to_string(i);
    std::set<int> used;
    for (int owners = static_cast<int>(random() % 3); owners > 0; --owners) {
      const int to = static_cast<int>(random() % static_cast<unsigned>(count + 1));  // one more than there are
      if (to == i || !used.insert(to).second) continue;
      // A cluster-scoped object may only name cluster-scoped ones, and those are the ones whose kind says so.
      OwnerLink owner{"v1", "Thing", "o" + std::to_string(to), "u" + std::to_string(to), false, random() % 2 == 0};
      const auto wide = world.objects.find({1, owner.name});
      if (wide != world.objects.end()) owner.kind = "Wide";
      if (object.resource == 1 && owner.kind != "Wide") continue;
      object.owners.push_back(owner);
    }
    world.add(object);
  }
}

/// References were made before their targets: those of another kind than they say are to nobody.
std::map<Place, ObjectMeta> with_true_references(std::map<Place, ObjectMeta> objects) {
  const auto known = objects;
  for (auto& [place, object] : objects) {
    for (OwnerLink& owner : object.owners) {
      if (known.count({owner.kind == "Wide" ? 1U : 0U, owner.name}) == 0) owner.uid += "-absent";
    }
  }
  return objects;
}

/// "u3: u1! u2; deleted Orphan" (! blocks)
std::string described(const std::map<Place, ObjectMeta>& objects, const std::map<std::string, std::string>& deleted) {
  std::string out;
  for (const auto& [place, object] : objects) {
    out += "\n" + object.uid + (object.deleting ? " (deleting)" : "") + ":";
    for (const auto& owner : object.owners) out += " " + owner.uid + (owner.block_owner_deletion ? "!" : "");
    for (const auto& finalizer : object.finalizers) out += " [" + finalizer + "]";
    if (const auto found = deleted.find(object.uid); found != deleted.end()) out += "; deleted " + found->second;
  }
  return out;
}

void run_seed(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  kernel::SystemOptions options;
  options.seed = seed;
  kernel::System system(options);
  World world(system, seed);
  world.bad_luck = static_cast<int>(random() % 3) * 10;
  random_graph(world, random);
  std::map<std::string, std::string> deleted;
  const auto before = with_true_references(world.objects);
  for (const auto& [place, object] : before) {
    if (random() % 5 != 0) continue;
    static constexpr const char* kPolicies[] = {"Background", "Foreground", "Orphan"};
    deleted[object.uid] = kPolicies[random() % 3];
    world.remove(place, deleted[object.uid]);
  }
  kernel::SupervisorSpec root;
  root.name = "root";
  root.flags = {kernel::Strategy::kOneForOne, 1000, std::chrono::seconds(1)};
  root.children = {garbage_collector_child(world, world)};
  auto started = kernel::Supervisor::start_root(system, std::move(root));
  ASSERT_TRUE(started) << started.error().message;
  for (auto crashes = random() % 4; crashes > 0; --crashes) {
    for (auto steps = random() % 40; steps > 0; --steps) system.step();
    if (auto collector = system.registry().find("garbage-collector")) {
      system.send_exit(collector, kernel::ExitReason::killed());
    }
  }
  ASSERT_TRUE(system.run_until_idle(200'000)) << "seed " << seed;
  const auto must_go = gone_in_the_end(before, deleted, false);
  const auto may_go = gone_in_the_end(before, deleted, true);
  SCOPED_TRACE("graph:" + described(before, deleted) + "\nnow:" + described(world.objects, {}));
  for (const auto& [place, object] : before) {
    const auto now = world.objects.find(place);
    if (now == world.objects.end()) {
      EXPECT_TRUE(may_go.count(object.uid) != 0) << "seed " << seed << ", " << object.uid;
    } else {
      EXPECT_TRUE(must_go.count(object.uid) == 0) << "seed " << seed << ", " << object.uid;
      EXPECT_FALSE(now->second.deleting) << "seed " << seed << ", " << object.uid;
    }
  }
}

TEST(GarbageScenario, WhatIsLeftIsWhatThePlainModelSaysWhateverFailsAndDies) {
  for (std::uint64_t seed = 1; seed <= 2000 && !::testing::Test::HasFailure(); ++seed) run_seed(seed);
}

ObjectMeta thing(const std::string& uid, std::vector<OwnerLink> owners = {}) {
  ObjectMeta object;
  object.ns = "n";
  object.name = uid;
  object.uid = uid;
  object.owners = std::move(owners);
  return object;
}

TEST(OwnerReferences, ANamespacedOwnerIsLookedForInTheDependentsNamespace) {
  const Catalogue kinds = catalogue();
  const auto owner = resolve(kinds, thing("a"), {"v1", "Thing", "x", "u", false, false});
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->ns, "n");
  EXPECT_EQ(resolve(kinds, thing("a"), {"v1", "Wide", "x", "u", false, false})->ns, "");
}

TEST(OwnerReferences, NothingIsDoneToAnObjectWhoseOwnerCannotBeResolved) {
  const Catalogue kinds = catalogue();
  ObjectMeta wide = thing("a");
  wide.resource = 1;
  wide.ns.clear();
  EXPECT_FALSE(resolve(kinds, wide, {"v1", "Thing", "x", "u", false, false}));
  EXPECT_FALSE(resolve(kinds, wide, {"example.com/v1", "Strange", "x", "u", false, false}));
  const ObjectMeta object = thing("a", {{"example.com/v1", "Strange", "x", "u", false, false}});
  OwnerState unknown;
  unknown.kind = OwnerState::Kind::kUnknown;
  EXPECT_EQ(decide_garbage(object, {unknown}, {}).kind, GarbageDecision::Kind::kNothing);
}

TEST(OwnerReferences, ADependentOfOneThatIsThereLosesTheReferencesToTheOthers) {
  const ObjectMeta object =
      thing("a", {{"v1", "Thing", "x", "x", false, false}, {"v1", "Thing", "y", "y", false, false}});
  OwnerState solid;
  solid.kind = OwnerState::Kind::kSolid;
  const auto decision = decide_garbage(object, {solid, OwnerState()}, {});
  EXPECT_EQ(decision.kind, GarbageDecision::Kind::kDropOwners);
  EXPECT_EQ(decision.uids, std::vector<std::string>{"y"});
  EXPECT_EQ(decide_garbage(object, {OwnerState(), OwnerState()}, {}).kind, GarbageDecision::Kind::kDelete);
}

TEST(OwnerReferences, AnOwnerInTheForegroundWaitsOnlyForDependentsThatBlockIt) {
  ObjectMeta owner = thing("a");
  owner.deleting = true;
  owner.finalizers = {"foregroundDeletion"};
  DependentsView dependents;
  dependents.count = 2;
  dependents.blocking = 1;
  EXPECT_EQ(decide_garbage(owner, {}, dependents).kind, GarbageDecision::Kind::kNothing);
  dependents.blocking = 0;
  EXPECT_EQ(decide_garbage(owner, {}, dependents).kind, GarbageDecision::Kind::kRemoveFinalizer);
}

}  // namespace
}  // namespace troupe::controllers
