#include "actors/controllers/taint_eviction.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "actors/controllers/read_internal.hpp"
#include "actors/controllers/replicaset.hpp"
#include "schema/core_v1.capnp.h"

namespace troupe::controllers {
namespace {

namespace core = k8s::core::v1;

constexpr const char* kNodes = "nodes";
constexpr const char* kNoExecute = "NoExecute";

bool tolerates(const PodToleration& toleration, const NoExecuteTaint& taint) {
  if (!toleration.effect.empty() && toleration.effect != kNoExecute) return false;
  if (toleration.key.empty()) return toleration.exists;
  return toleration.key == taint.key && (toleration.exists || toleration.value == taint.value);
}

std::vector<NoExecuteTaint> taints_of(SegmentView node) {
  std::vector<NoExecuteTaint> out;
  (void)with_object<core::Node>(node, [&](core::Node::Reader from) -> Status {
    for (auto taint : from.getSpec().getTaints()) {
      if (taint.getEffect() != kNoExecute) continue;
      NoExecuteTaint one{text(taint.getKey()), text(taint.getValue()), std::nullopt};
      if (taint.getHasTimeAdded()) one.since = taint.getTimeAdded();
      out.push_back(std::move(one));
    }
    return {};
  });
  return out;
}

std::vector<PodToleration> tolerations_of(SegmentView pod) {
  std::vector<PodToleration> out;
  (void)with_object<core::Pod>(pod, [&](core::Pod::Reader from) -> Status {
    for (auto toleration : from.getSpec().getTolerations()) {
      PodToleration one{text(toleration.getKey()), toleration.getOperator() == "Exists", text(toleration.getValue()),
                        text(toleration.getEffect()), std::nullopt};
      if (toleration.getHasTolerationSeconds()) one.seconds = toleration.getTolerationSeconds();
      out.push_back(std::move(one));
    }
    return {};
  });
  return out;
}

/// When the pod was bound, as its conditions say, or started; `seen` where neither is known yet.
std::int64_t bound_at(SegmentView pod, std::int64_t seen) {
  std::int64_t out = seen;
  (void)with_object<core::Pod>(pod, [&](core::Pod::Reader from) -> Status {
    const auto status = from.getStatus();
    if (status.getHasStartTime()) out = status.getStartTime();
    for (auto condition : status.getConditions()) {
      const bool bound = condition.getType() == "PodScheduled" && condition.getStatus() == "True";
      if (bound && condition.getHasLastTransitionTime()) out = condition.getLastTransitionTime();
    }
    return {};
  });
  return out;
}

/// Key and whether the node is to have it.
std::vector<std::pair<const char*, bool>> own_taints(core::Node::Reader node) {
  bool failed = false;
  bool silent = false;
  for (auto condition : node.getStatus().getConditions()) {
    if (condition.getType() != "Ready") continue;
    failed = condition.getStatus() == "False";
    silent = condition.getStatus() == "Unknown";
  }
  return {{"node.kubernetes.io/unschedulable", node.getSpec().getUnschedulable()},
          {"node.kubernetes.io/not-ready", failed},
          {"node.kubernetes.io/unreachable", silent}};
}

/// The pod with the condition that tells why it goes.
Result<std::optional<Segment>> with_disruption(SegmentView pod, std::int64_t now) {
  constexpr const char* kType = "DisruptionTarget";
  constexpr const char* kReason = "DeletionByTaintManager";
  return changed<core::Pod>(pod, [now](core::Pod::Builder object) {
    auto status = object.getStatus();
    const auto fill = [now](core::PodCondition::Builder condition) {
      if (condition.getStatus() != "True") condition.setLastTransitionTime(now);
      condition.setHasLastTransitionTime(true);
      condition.setType(kType);
      condition.setStatus("True");
      condition.setReason(kReason);
      condition.setMessage("Taint manager: deleting due to NoExecute taint");
    };
    for (auto condition : status.getConditions()) {
      if (condition.getType() != kType) continue;
      if (condition.getStatus() == "True" && condition.getReason() == kReason) return false;
      fill(condition);
      return true;
    }
    auto before = status.disownConditions();
    auto list = status.initConditions(before.getReader().size() + 1);
    unsigned i = 0;
    for (auto condition : before.getReader()) list.setWithCaveats(i++, condition);
    fill(list[i]);
    return true;
  });
}

class NodeTaintActor final : public Reconciler {
 public:
  using Reconciler::Reconciler;

 protected:
  std::optional<std::chrono::system_clock::time_point> reconcile() override {
    const ObjectPtr me = cache().find(object());
    if (me && !me->deleting) show_own_taints(*me);
    const auto taints = me ? taints_of(me->segment) : std::vector<NoExecuteTaint>();
    if (taints.empty()) {
      seen_.clear();
      return std::nullopt;
    }
    const std::int64_t now = seconds_now();
    std::map<std::string, std::int64_t> still;
    std::optional<std::int64_t> next;
    for (const auto& pod : cache().list("pods", "")) {
      if (pod->pod->node_name != object().name || pod->deleting) continue;
      const auto before = seen_.find(pod->uid);
      const std::int64_t seen = before == seen_.end() ? now : before->second;
      still[pod->uid] = seen;
      const auto at = leaves_at(taints, tolerations_of(pod->segment), {seen, bound_at(pod->segment, seen)});
      if (!at) continue;
      if (*at <= now) {
        evict(*pod, now);
      } else {
        next = std::min(next.value_or(*at), *at);
      }
    }
    seen_ = std::move(still);
    if (!next) return std::nullopt;
    return std::chrono::system_clock::time_point(std::chrono::seconds(*next));
  }

 private:
  void show_own_taints(const Object& me) {
    const auto change = [now = seconds_now()](SegmentView current) { return with_own_taints(current, now); };
    const auto next = change(me.segment);
    if (next && *next) update(object(), me.uid, change, "FailedTaint");
  }

  void evict(const Object& pod, std::int64_t now) {
    const auto change = [now](SegmentView current) { return with_disruption(current, now); };
    update(pod.name, pod.uid, change, "FailedEviction", [this, name = pod.name, uid = pod.uid] {
      remove(name, uid, "FailedEviction", [this, name, uid] {
        record({name, uid, "Pod", "v1", "taint-eviction-controller", "TaintManagerEviction",
                "Marking for deletion Pod " + name.ns + "/" + name.name, false});
      });
    });
  }

  std::map<std::string, std::int64_t> seen_;  ///< By pod uid: since when it is known on the tainted node.
};

std::vector<ObjectName> concerned(const Cache& cache, const ObjectPtr& before, const ObjectPtr& now) {
  const Object& any = now ? *now : *before;
  if (any.name.resource == kNodes) return {any.name};
  if (any.name.resource != "pods" || !now || now->pod->node_name.empty()) return {};
  if (before && before->pod->node_name == now->pod->node_name && before->deleting == now->deleting) return {};
  const ObjectPtr node = cache.find({kNodes, "", now->pod->node_name});
  if (!node || taints_of(node->segment).empty()) return {};
  return {node->name};
}

}  // namespace

std::optional<std::int64_t> leaves_at(const std::vector<NoExecuteTaint>& taints,
                                      const std::vector<PodToleration>& tolerations, const Together& since) {
  std::optional<std::int64_t> first;
  for (const NoExecuteTaint& taint : taints) {
    const auto used = std::find_if(tolerations.begin(), tolerations.end(),
                                   [&](const PodToleration& one) { return tolerates(one, taint); });
    if (used == tolerations.end()) return since.seen;
    if (!used->seconds) continue;
    const std::int64_t both = taint.since ? std::max(*taint.since, since.pod) : since.seen;
    const std::int64_t end = *used->seconds <= 0 ? since.seen : both + *used->seconds;
    first = std::min(first.value_or(end), end);
  }
  return first;
}

Result<std::optional<Segment>> with_own_taints(SegmentView node, std::int64_t now) {
  constexpr const char* kNoSchedule = "NoSchedule";
  return changed<core::Node>(node, [now](core::Node::Builder object) {
    const auto own = own_taints(object.asReader());
    std::vector<unsigned> kept;
    std::vector<const char*> missing;
    for (const auto& [key, wanted] : own) {
      if (wanted) missing.push_back(key);
    }
    const auto before = object.asReader().getSpec().getTaints();
    for (unsigned i = 0; i < before.size(); ++i) {
      const auto of_key = [key = before[i].getKey()](const auto& one) { return key == one.first; };
      const auto found = std::find_if(own.begin(), own.end(), of_key);
      const bool ours = found != own.end() && before[i].getEffect() == kNoSchedule;
      if (ours) std::erase(missing, found->first);
      if (!ours || found->second) kept.push_back(i);
    }
    if (missing.empty() && kept.size() == before.size()) return false;
    auto spec = object.getSpec();
    auto orphan = spec.disownTaints();
    auto list = spec.initTaints(static_cast<unsigned>(kept.size() + missing.size()));
    unsigned filled = 0;
    for (const unsigned i : kept) list.setWithCaveats(filled++, orphan.getReader()[i]);
    for (const char* key : missing) {
      auto taint = list[filled++];
      taint.setKey(key);
      taint.setEffect(kNoSchedule);
      taint.setTimeAdded(now);
      taint.setHasTimeAdded(true);
    }
    return true;
  });
}

ControlledKind tainted_nodes() { return kind_of<NodeTaintActor>("node-taint", kNodes, concerned); }

}  // namespace troupe::controllers
