@0xf93812fb95394a99;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::batch::v1");
$K.package(name = "batch/v1", group = "batch", version = "v1", enums = [(name = "batch/v1.CompletionMode", closed =
    true, values = ["NonIndexed", "Indexed"]), (name = "batch/v1.ConcurrencyPolicy", closed = true, values = ["Allow",
    "Forbid", "Replace"]), (name = "batch/v1.JobConditionType", values = ["Suspended", "Complete", "Failed",
    "FailureTarget", "SuccessCriteriaMet"]), (name = "batch/v1.PodFailurePolicyAction", closed = true, values =
    ["FailJob", "FailIndex", "Ignore", "Count"]), (name = "batch/v1.PodFailurePolicyOnExitCodesOperator", closed =
    true, values = ["In", "NotIn"]), (name = "batch/v1.PodReplacementPolicy", closed = true, values =
    ["TerminatingOrFailed", "Failed"])]);

struct CronJob $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.21"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :CronJobSpec $K.f(proto = 2, emit = always, rules = ["required"]);
  status @2 :CronJobStatus $K.f(proto = 3, emit = always, optional = true);
}

struct CronJobList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.21"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(CronJob) $K.f(proto = 2, emit = always);
}

struct CronJobSpec {
  schedule @0 :Text $K.f(proto = 1, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  timeZone @1 :Text $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  startingDeadlineSeconds @2 :Int64 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasStartingDeadlineSeconds @3 :Bool $K.presence("startingDeadlineSeconds");
  concurrencyPolicy @4 :Text $K.f(values = "batch/v1.ConcurrencyPolicy", proto = 3, optional = true);
  suspend @5 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasSuspend @6 :Bool $K.presence("suspend");
  jobTemplate @7 :JobTemplateSpec $K.f(proto = 5, emit = always);
  successfulJobsHistoryLimit @8 :Int32 $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  hasSuccessfulJobsHistoryLimit @9 :Bool $K.presence("successfulJobsHistoryLimit");
  failedJobsHistoryLimit @10 :Int32 $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasFailedJobsHistoryLimit @11 :Bool $K.presence("failedJobsHistoryLimit");
}

struct CronJobStatus {
  active @0 :List(CoreV1.ObjectReference) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  lastScheduleTime @1 :Int64 $K.f(kind = time, proto = 4, emit = ifSet, pointer = true, optional = true);
  hasLastScheduleTime @2 :Bool $K.presence("lastScheduleTime");
  lastSuccessfulTime @3 :Int64 $K.f(kind = time, proto = 5, emit = ifSet, pointer = true, optional = true);
  hasLastSuccessfulTime @4 :Bool $K.presence("lastSuccessfulTime");
}

struct Job $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.2"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :JobSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :JobStatus $K.f(proto = 3, emit = always, optional = true);
}

struct JobCondition {
  type @0 :Text $K.f(values = "batch/v1.JobConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastProbeTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastProbeTime @3 :Bool $K.presence("lastProbeTime");
  lastTransitionTime @4 :Int64 $K.f(kind = time, proto = 4, emit = always, optional = true);
  hasLastTransitionTime @5 :Bool $K.presence("lastTransitionTime");
  reason @6 :Text $K.f(proto = 5, optional = true);
  message @7 :Text $K.f(proto = 6, optional = true);
}

struct JobList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.2"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Job) $K.f(proto = 2, emit = always);
}

struct JobSpec {
  parallelism @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasParallelism @1 :Bool $K.presence("parallelism");
  completions @2 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasCompletions @3 :Bool $K.presence("completions");
  activeDeadlineSeconds @4 :Int64 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasActiveDeadlineSeconds @5 :Bool $K.presence("activeDeadlineSeconds");
  podFailurePolicy @6 :PodFailurePolicy $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  successPolicy @7 :SuccessPolicy $K.f(proto = 16, emit = ifSet, pointer = true, optional = true);
  backoffLimit @8 :Int32 $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasBackoffLimit @9 :Bool $K.presence("backoffLimit");
  backoffLimitPerIndex @10 :Int32 $K.f(proto = 12, emit = ifSet, pointer = true, optional = true);
  hasBackoffLimitPerIndex @11 :Bool $K.presence("backoffLimitPerIndex");
  maxFailedIndexes @12 :Int32 $K.f(proto = 13, emit = ifSet, pointer = true, optional = true);
  hasMaxFailedIndexes @13 :Bool $K.presence("maxFailedIndexes");
  selector @14 :MetaV1.LabelSelector $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  manualSelector @15 :Bool $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasManualSelector @16 :Bool $K.presence("manualSelector");
  template @17 :CoreV1.PodTemplateSpec $K.f(proto = 6, emit = always);
  ttlSecondsAfterFinished @18 :Int32 $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  hasTtlSecondsAfterFinished @19 :Bool $K.presence("ttlSecondsAfterFinished");
  completionMode @20 :Text $K.f(values = "batch/v1.CompletionMode", proto = 9, emit = ifSet, pointer = true, optional =
      true);
  suspend @21 :Bool $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  hasSuspend @22 :Bool $K.presence("suspend");
  podReplacementPolicy @23 :Text $K.f(values = "batch/v1.PodReplacementPolicy", proto = 14, emit = ifSet, pointer =
      true, optional = true);
  managedBy @24 :Text $K.f(proto = 15, emit = ifSet, pointer = true, optional = true);
}

struct JobStatus {
  conditions @0 :List(JobCondition) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic, patch =
      "merge", mergeKey = "type");
  startTime @1 :Int64 $K.f(kind = time, proto = 2, emit = ifSet, pointer = true, optional = true);
  hasStartTime @2 :Bool $K.presence("startTime");
  completionTime @3 :Int64 $K.f(kind = time, proto = 3, emit = ifSet, pointer = true, optional = true);
  hasCompletionTime @4 :Bool $K.presence("completionTime");
  active @5 :Int32 $K.f(proto = 4, optional = true);
  succeeded @6 :Int32 $K.f(proto = 5, optional = true);
  failed @7 :Int32 $K.f(proto = 6, optional = true);
  terminating @8 :Int32 $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  hasTerminating @9 :Bool $K.presence("terminating");
  completedIndexes @10 :Text $K.f(proto = 7, optional = true);
  failedIndexes @11 :Text $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  uncountedTerminatedPods @12 :UncountedTerminatedPods $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  ready @13 :Int32 $K.f(proto = 9, emit = ifSet, pointer = true);
  hasReady @14 :Bool $K.presence("ready");
}

struct JobTemplateSpec {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :JobSpec $K.f(proto = 2, emit = always, optional = true);
}

struct PodFailurePolicy {
  rules @0 :List(PodFailurePolicyRule) $K.f(proto = 1, emit = always, listType = atomic);
}

struct PodFailurePolicyOnExitCodesRequirement {
  containerName @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  operator @1 :Text $K.f(values = "batch/v1.PodFailurePolicyOnExitCodesOperator", proto = 2, emit = always);
  values @2 :List(Int32) $K.f(proto = 3, emit = always, listType = set);
}

struct PodFailurePolicyOnPodConditionsPattern {
  type @0 :Text $K.f(values = "core/v1.PodConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always, optional = true);
}

struct PodFailurePolicyRule {
  action @0 :Text $K.f(values = "batch/v1.PodFailurePolicyAction", proto = 1, emit = always);
  onExitCodes @1 :PodFailurePolicyOnExitCodesRequirement $K.f(proto = 2, emit = ifSet, pointer = true, optional =
      true);
  onPodConditions @2 :List(PodFailurePolicyOnPodConditionsPattern) $K.f(proto = 3, emit = ifNonEmpty, optional = true,
      listType = atomic);
}

struct SuccessPolicy {
  rules @0 :List(SuccessPolicyRule) $K.f(proto = 1, emit = always, listType = atomic);
}

struct SuccessPolicyRule {
  succeededIndexes @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  succeededCount @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasSucceededCount @2 :Bool $K.presence("succeededCount");
}

struct UncountedTerminatedPods {
  succeeded @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = set);
  failed @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = set);
}
