#include "actors/controllers/replicaset_actor.hpp"

#include <algorithm>
#include <utility>

#include "actors/controllers/convert.hpp"
#include "actors/controllers/naming.hpp"
#include "actors/controllers/replicaset.hpp"
#include "kernel/random.hpp"

namespace troupe::controllers {
namespace {

/// Writes of one round at most, whatever is missing: others want to write too.
constexpr std::size_t kRound = 100;

class ReplicaSetActor final : public Reconciler {
 public:
  using Reconciler::Reconciler;

 protected:
  std::optional<std::chrono::system_clock::time_point> reconcile() override {
    const ObjectPtr me = cache().find(object());
    if (!me) return std::nullopt;
    auto set = read_replicaset(me->segment);
    if (!set) return std::nullopt;
    const Pods pods = pods_of(*me);
    ReplicaSetPlan plan = controllers::reconcile(*set, pods.views, 0, 0, wall_now());
    adopt_and_release(*me, pods, plan);
    create_pods(*me, plan);
    remove_pods(*me, pods, plan);
    if (plan.create == 0 && plan.remove.empty()) failure_.clear();
    write_status(*me, std::move(plan.status));
    return plan.wake_at;
  }

  void failed(const std::string& what, const Error& error) override {
    batch_ = 1;
    if (what != kCreate && what != kDelete) return;
    failure_ = what;
    failure_text_ = error.message;
    const ObjectPtr me = cache().find(object());
    if (me) event(*me, what, (what == kCreate ? "Error creating: " : "Error deleting: ") + error.message, true);
  }

 private:
  static constexpr const char* kCreate = "FailedCreate";
  static constexpr const char* kDelete = "FailedDelete";

  struct Pods {
    std::vector<PodView> views;
    std::map<std::string, std::string> uids;  ///< By name.
  };

  Pods pods_of(const Object& me) const {
    Pods out;
    for (const auto& uid : {me.uid, std::string()}) {
      for (const auto& pod : cache().owned("pods", object().ns, uid)) {
        out.views.push_back(*pod->pod);
        out.uids[pod->name.name] = pod->uid;
      }
    }
    return out;
  }

  void adopt_and_release(const Object& me, const Pods& pods, const ReplicaSetPlan& plan) {
    const OwnerRef owner{"apps/v1", "ReplicaSet", me.name.name, me.uid, true, true};
    for (const auto& name : plan.adopt) {
      update(
          {"pods", object().ns, name}, pods.uids.at(name),
          [owner](SegmentView current) { return adopted(current, "pods", owner); }, "FailedAdopt");
    }
    for (const auto& name : plan.release) {
      update(
          {"pods", object().ns, name}, pods.uids.at(name),
          [uid = me.uid](SegmentView current) { return released(current, "pods", uid); }, "FailedRelease");
    }
  }

  /// One, then twice as many each time all went well: a ReplicaSet whose pods are refused asks for one at a time.
  void create_pods(const Object& me, const ReplicaSetPlan& plan) {
    const std::size_t count = std::min(static_cast<std::size_t>(plan.create), batch_);
    batch_ = plan.create > 0 ? std::min(batch_ * 2, kRound) : 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = child_name(object().name, random());
      auto pod = make_pod(me.segment, name);
      if (!pod) return;
      create({"pods", object().ns, name}, std::move(*pod), kCreate, [this, name] {
        const ObjectPtr now = cache().find(object());
        if (now) event(*now, "SuccessfulCreate", "Created pod: " + name, false);
      });
    }
  }

  void remove_pods(const Object& me, const Pods& pods, const ReplicaSetPlan& plan) {
    const std::size_t count = std::min(plan.remove.size(), kRound);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string& name = plan.remove[i];
      remove({"pods", me.name.ns, name}, pods.uids.at(name), kDelete, [this, name] {
        const ObjectPtr now = cache().find(object());
        if (now) event(*now, "SuccessfulDelete", "Deleted pod: " + name, false);
      });
    }
  }

  void write_status(const Object& me, ReplicaSetStatus status) {
    if (!failure_.empty()) {
      status.failure_reason = failure_;
      status.failure_message = failure_text_;
    }
    const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
    auto changed = with_replicaset_status(me.segment, status, now);
    if (!changed || !*changed) return;
    update(
        object(), me.uid, [status, now](SegmentView current) { return with_replicaset_status(current, status, now); },
        "FailedStatus");
  }

  void event(const Object& me, std::string reason, std::string message, bool warning) {
    record({me.name, me.uid, "ReplicaSet", "apps/v1", "replicaset-controller", std::move(reason), std::move(message),
            warning});
  }

  std::size_t batch_ = 1;
  std::string failure_;  ///< What the last failure was; empty: all went well.
  std::string failure_text_;
};

bool same_relations(const Object& a, const Object& b) {
  return a.labels == b.labels && a.owners == b.owners && a.deleting == b.deleting;
}

std::vector<ObjectName> concerned(const Cache& cache, const ObjectPtr& before, const ObjectPtr& now) {
  const Object& any = now ? *now : *before;
  if (any.name.resource == "replicasets.apps") return {any.name};
  if (any.name.resource != "pods") return {};
  std::vector<ObjectName> out;
  const auto add_owner = [&](const ObjectPtr& version) {
    const auto* owner = version ? version->controller() : nullptr;
    if (owner == nullptr || owner->kind != "ReplicaSet") return;
    ObjectName name{"replicasets.apps", version->name.ns, owner->name};
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  };
  add_owner(before);
  add_owner(now);
  // A pod without a controller may be adopted: looked at when what decides that has changed.
  if (!now || now->controller() != nullptr || (before && same_relations(*before, *now))) return out;
  for (const auto& set : cache.list("replicasets.apps", now->name.ns)) {
    const auto view = read_replicaset(set->segment);
    if (view && view->selector.matches(now->labels)) out.push_back(set->name);
  }
  return out;
}

}  // namespace

ControlledKind replicasets() { return kind_of<ReplicaSetActor>("replicaset", "replicasets.apps", concerned); }

}  // namespace troupe::controllers
