#include "actors/controllers/deployment_actor.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "actors/controllers/convert.hpp"
#include "actors/controllers/deployment.hpp"

namespace troupe::controllers {
namespace {

constexpr const char* kSets = "replicasets.apps";
constexpr const char* kDeployments = "deployments.apps";

class DeploymentActor final : public Reconciler {
 public:
  using Reconciler::Reconciler;

 protected:
  std::optional<std::chrono::system_clock::time_point> reconcile() override {
    const ObjectPtr me = cache().find(object());
    if (!me) return std::nullopt;
    auto view = read_deployment(me->segment);
    if (!view) return std::nullopt;
    const std::vector<RevisionView> sets = sets_of(*me);
    DeploymentPlan plan = plan_deployment(*view, sets, old_pods(*view, sets), seconds_now());
    if (plan.create && cache().find({kSets, object().ns, plan.create->name})) {
      // The name is taken by a ReplicaSet of another template or owner: the next hash.
      DeploymentStatus status = view->status;
      ++status.collisions;
      write_own(*me, "", status);
      return std::nullopt;
    }
    carry_out(*me, sets, plan);
    write_own(*me, plan.revision, plan.status);
    if (!plan.wake_at) return std::nullopt;
    return std::chrono::system_clock::time_point(std::chrono::seconds(*plan.wake_at));
  }

 private:
  std::vector<RevisionView> sets_of(const Object& me) const {
    std::vector<RevisionView> out;
    for (const auto& uid : {me.uid, std::string()}) {
      for (const auto& set : cache().owned(kSets, object().ns, uid)) {
        if (auto view = read_revision(set->segment)) out.push_back(std::move(*view));
      }
    }
    return out;
  }

  /// Pods of other templates that have not ended.
  std::int32_t old_pods(const DeploymentView& view, const std::vector<RevisionView>& sets) const {
    if (!view.recreate) return 0;
    std::int32_t count = 0;
    for (const auto& set : sets) {
      if (set.template_key == view.template_key || set.controller_uid != view.uid) continue;
      for (const auto& pod : cache().owned("pods", object().ns, set.uid)) {
        if (pod->pod->phase != "Succeeded" && pod->pod->phase != "Failed") ++count;
      }
    }
    return count;
  }

  void carry_out(const Object& me, const std::vector<RevisionView>& sets, const DeploymentPlan& plan) {
    std::map<std::string, std::string> uids;
    for (const auto& set : sets) uids[set.name] = set.uid;
    const OwnerRef owner{"apps/v1", "Deployment", me.name.name, me.uid, true, true};
    for (const auto& name : plan.adopt) {
      update(
          {kSets, object().ns, name}, uids[name],
          [owner](SegmentView current) { return adopted(current, kSets, owner); }, "FailedAdopt");
    }
    for (const auto& name : plan.release) {
      update(
          {kSets, object().ns, name}, uids[name],
          [uid = me.uid](SegmentView current) { return released(current, kSets, uid); }, "FailedRelease");
    }
    for (const auto& change : plan.change) {
      update(
          {kSets, object().ns, change.name}, change.uid,
          [change](SegmentView current) { return with_change(current, change); }, "FailedScale",
          [this, text = change.event] { event(text); });
    }
    for (const auto& name : plan.remove) remove({kSets, object().ns, name}, uids[name], "FailedDelete");
    if (!plan.create) return;
    auto set = make_replicaset(me.segment, *plan.create);
    if (!set) return;
    create({kSets, object().ns, plan.create->name}, std::move(*set), "FailedCreate",
           [this, text = plan.create->event] { event(text); });
  }

  /// The Deployment's own revision and status, in one write.
  void write_own(const Object& me, const std::string& revision, const DeploymentStatus& status) {
    const auto change = [revision, status](SegmentView current) -> Result<std::optional<Segment>> {
      if (revision.empty()) return with_deployment_status(current, status);
      auto first = with_annotation(current, kRevisionAnnotation, revision);
      if (!first || !*first) return first ? with_deployment_status(current, status) : first;
      auto second = with_deployment_status(**first, status);
      return !second || *second ? second : first;
    };
    const auto changed = change(me.segment);
    if (changed && *changed) update(object(), me.uid, change, "FailedStatus");
  }

  void event(const std::string& text) {
    if (text.empty()) return;
    const ObjectPtr me = cache().find(object());
    if (!me) return;
    record({me->name, me->uid, "Deployment", "apps/v1", "deployment-controller", "ScalingReplicaSet", text, false});
  }
};

void add(std::vector<ObjectName>& out, ObjectName name) {
  if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
}

void add_owner(std::vector<ObjectName>& out, const ObjectPtr& version) {
  const auto* owner = version ? version->controller() : nullptr;
  if (owner != nullptr && owner->kind == "Deployment") add(out, {kDeployments, version->name.ns, owner->name});
}

std::vector<ObjectName> concerned(const Cache& cache, const ObjectPtr& before, const ObjectPtr& now) {
  const Object& any = now ? *now : *before;
  if (any.name.resource == kDeployments) return {any.name};
  std::vector<ObjectName> out;
  if (any.name.resource == "pods") {
    // Recreate waits for the last old pod; everything else comes by the ReplicaSet's status.
    const bool ended = !now || now->pod->phase == "Succeeded" || now->pod->phase == "Failed";
    const auto* owner = any.controller();
    if (!ended || owner == nullptr || owner->kind != "ReplicaSet") return {};
    add_owner(out, cache.find({kSets, any.name.ns, owner->name}));
    return out;
  }
  if (any.name.resource != kSets) return {};
  add_owner(out, before);
  add_owner(out, now);
  if (!now || now->controller() != nullptr) return out;
  if (before && before->labels == now->labels && before->owners == now->owners) return out;
  for (const auto& deployment : cache.list(kDeployments, now->name.ns)) {
    const auto view = read_deployment(deployment->segment);
    if (view && view->selector.matches(now->labels)) add(out, deployment->name);
  }
  return out;
}

}  // namespace

ControlledKind deployments() { return kind_of<DeploymentActor>("deployment", kDeployments, concerned); }

}  // namespace troupe::controllers
