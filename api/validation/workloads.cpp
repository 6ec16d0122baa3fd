#include <algorithm>
#include <charconv>
#include <string>

#include "api/object_codec.hpp"
#include "api/validation/cron.hpp"
#include "api/validation/formats.hpp"
#include "api/validation/label_match.hpp"
#include "api/validation/rules.hpp"

namespace troupe::api {

using schema::Node;

namespace {

/// The template is there, its labels are those the selector picks, and its pods restart as the kind wants it.
void check_template(const Subject& subject, std::string_view kind, bool selector_is_map) {
  const Node* pods = member(subject.value, "template");
  const At at(subject.at, "template");
  if (pods == nullptr) return subject.faults.required(at);
  const Node* labels = member(member(pods, "metadata"), "labels");
  const Node* selector = member(subject.value, "selector");
  const At metadata(at, "metadata");
  const bool matches =
      selector == nullptr || (selector_is_map ? map_matches(selector, labels) : selector_matches(selector, labels));
  if (!matches) {
    std::string json = "null";
    if (labels != nullptr) {
      json.clear();
      append_json(*labels, json);
    }
    subject.faults.invalid_json(At(metadata, "labels"), json, "`selector` does not match template `labels`");
  }
  const Node* spec = member(pods, "spec");
  const At spec_at(at, "spec");
  if (spec == nullptr) return;
  const std::string_view restart = text_member(spec, "restartPolicy");
  if (!restart.empty() && restart != "Always") {
    subject.faults.unsupported(At(spec_at, "restartPolicy"), restart, {"Always"});
  }
  if (member(spec, "activeDeadlineSeconds") != nullptr) {
    subject.faults.forbidden(At(spec_at, "activeDeadlineSeconds"),
                             "activeDeadlineSeconds in " + std::string(kind) + " is not Supported");
  }
}

/// A selector that selects everything is none.
void check_selector(const Subject& subject, std::string_view kind) {
  const Node* selector = member(subject.value, "selector");
  if (selector == nullptr) return;
  const Node* labels = member(selector, "matchLabels");
  const Node* expressions = member(selector, "matchExpressions");
  const bool any = (labels != nullptr && labels->size() != 0) || (expressions != nullptr && expressions->size() != 0);
  if (!any) {
    subject.faults.invalid(At(subject.at, "selector"), *selector, "empty selector is invalid for " + std::string(kind));
  }
}

bool is_zero(const Node* value) {
  if (value == nullptr) return false;
  return value->is_int() ? value->as_int() == 0 : value->is_string() && value->as_string() == "0%";
}

std::string value_json(const Node* value) {
  std::string json;
  if (value != nullptr) append_json(*value, json);
  return json;
}

}  // namespace

void check_deployment_spec(const Subject& subject) {
  check_selector(subject, "deployment");
  check_template(subject, "ReplicaSet", false);
  const Node* strategy = member(subject.value, "strategy");
  const Node* rolling = member(strategy, "rollingUpdate");
  const At at(subject.at, "strategy");
  const At rolling_at(at, "rollingUpdate");
  const std::string_view type = text_member(strategy, "type");
  if (type == "Recreate" && rolling != nullptr) {
    subject.faults.forbidden(rolling_at, "may not be specified when strategy `type` is 'Recreate'");
  }
  const Node* unavailable = member(rolling, "maxUnavailable");
  if (type == "RollingUpdate" && is_zero(unavailable) && is_zero(member(rolling, "maxSurge"))) {
    subject.faults.invalid(At(rolling_at, "maxUnavailable"), *unavailable, "may not be 0 when `maxSurge` is 0");
  }
  const Node* progress = member(subject.value, "progressDeadlineSeconds");
  if (progress != nullptr && progress->is_int() && progress->as_int() >= 0 &&
      progress->as_int() <= int_member(&subject.value, "minReadySeconds")) {
    subject.faults.invalid(At(subject.at, "progressDeadlineSeconds"), *progress,
                           "must be greater than minReadySeconds");
  }
}

void check_replica_set_spec(const Subject& subject) {
  check_selector(subject, "deployment");
  check_template(subject, "ReplicaSet", false);
}

void check_replication_controller_spec(const Subject& subject) {
  const Node* selector = member(subject.value, "selector");
  if (selector == nullptr || selector->size() == 0) subject.faults.required(At(subject.at, "selector"));
  check_template(subject, "ReplicationController", true);
}

void check_stateful_set_spec(const Subject& subject) {
  check_selector(subject, "statefulset");
  check_template(subject, "StatefulSet", false);
  const Node* rolling = member(member(subject.value, "updateStrategy"), "rollingUpdate");
  const At at(subject.at, "updateStrategy");
  const At rolling_at(at, "rollingUpdate");
  check_not_negative(member(rolling, "partition"), At(rolling_at, "partition"), subject.faults);
}

void check_daemon_set_spec(const Subject& subject) {
  check_selector(subject, "daemonset");
  check_template(subject, "DaemonSet", false);
  const Node* rolling = member(member(subject.value, "updateStrategy"), "rollingUpdate");
  const At at(subject.at, "updateStrategy");
  const At rolling_at(at, "rollingUpdate");
  const Node* unavailable = member(rolling, "maxUnavailable");
  const bool surges = member(rolling, "maxSurge") != nullptr && !is_zero(member(rolling, "maxSurge"));
  if (is_zero(unavailable) && !surges) {
    subject.faults.required(At(rolling_at, "maxUnavailable"), "cannot be 0 when maxSurge is 0");
  }
  if (surges && unavailable != nullptr && !is_zero(unavailable)) {
    subject.faults.invalid_json(At(rolling_at, "maxSurge"), value_json(member(rolling, "maxSurge")),
                                "may not be set when maxUnavailable is non-zero");
  }
}

namespace {

/// Limits for each index are of jobs that have indexes.
void check_job_indexes(const Subject& subject) {
  if (text_member(subject.value, "completionMode") == "Indexed") return;
  for (const std::string_view field : {"backoffLimitPerIndex", "maxFailedIndexes"}) {
    const Node* limit = member(subject.value, field);
    if (limit != nullptr) subject.faults.invalid(At(subject.at, field), *limit, "requires indexed completion mode");
  }
}

}  // namespace

void check_job_spec(const Subject& subject) {
  check_job_indexes(subject);
  const Node* pods = member(subject.value, "template");
  const At at(subject.at, "template");
  const At spec_at(at, "spec");
  if (pods == nullptr) return subject.faults.required(at);
  const std::string_view restart = text_member(member(pods, "spec"), "restartPolicy");
  if (restart == "Always") {
    subject.faults.required(At(spec_at, "restartPolicy"), "valid values: \"OnFailure\", \"Never\"");
  } else if (!restart.empty() && restart != "OnFailure" && restart != "Never") {
    subject.faults.unsupported(At(spec_at, "restartPolicy"), restart, {"OnFailure", "Never"});
  }
  if (text_member(subject.value, "completionMode") == "Indexed" && member(subject.value, "completions") == nullptr) {
    subject.faults.required(At(subject.at, "completions"), "when completion mode is Indexed");
  }
  if (member(subject.value, "podFailurePolicy") != nullptr && restart != "Never") {
    subject.faults.invalid(At(spec_at, "restartPolicy"), restart,
                           "only \"Never\" is supported when podFailurePolicy is specified");
  }
}

void check_job_template(const Subject& subject) {
  const Node* spec = member(subject.value, "spec");
  const Node* selector = member(spec, "selector");
  const At at(subject.at, "spec");
  if (selector == nullptr) return subject.faults.required(At(at, "selector"));
  const Node* labels = member(member(member(spec, "template"), "metadata"), "labels");
  if (selector_matches(selector, labels)) return;
  const At template_at(at, "template");
  const At metadata(template_at, "metadata");
  std::string json = labels == nullptr ? "null" : value_json(labels);
  subject.faults.invalid_json(At(metadata, "labels"), json, "`selector` does not match template `labels`");
}

void check_cron_job_spec(const Subject& subject) {
  constexpr std::size_t kLongestName = 52;  // a job's, less what makes it that of one run
  const Node* metadata = member(subject.root, "metadata");
  const std::string_view name = text_member(metadata, "name");
  if (name.size() > kLongestName) {
    const At root;
    const At metadata_at(root, "metadata");
    subject.faults.invalid(At(metadata_at, "name"), name, "must be no more than 52 characters");
  }
  const std::string_view schedule = text_member(subject.value, "schedule");
  if (!schedule.empty()) {
    if (schedule.find("TZ") != std::string_view::npos) {
      subject.faults.invalid(At(subject.at, "schedule"), schedule,
                             "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    } else if (std::string fault = cron_fault(schedule); !fault.empty()) {
      subject.faults.invalid(At(subject.at, "schedule"), schedule, fault);
    }
  }
  if (member(subject.value, "jobTemplate") == nullptr) return subject.faults.required(At(subject.at, "jobTemplate"));
  const Node* job = member(member(subject.value, "jobTemplate"), "spec");
  const At template_at(subject.at, "jobTemplate");
  const At job_at(template_at, "spec");
  if (true_member(job, "manualSelector")) {
    subject.faults.unsupported(At(job_at, "manualSelector"), "true", {"nil", "false"});
  }
}

void check_disruption_budget(const Subject& subject) {
  const Node* least = member(subject.value, "minAvailable");
  const Node* most = member(subject.value, "maxUnavailable");
  if (least == nullptr || most == nullptr) return;
  subject.faults.invalid(subject.at, subject.value, "minAvailable and maxUnavailable cannot be both set");
}

void check_scaler_spec(const Subject& subject) {
  const Node* least = member(subject.value, "minReplicas");
  if (least != nullptr && least->is_int() && least->as_int() < 1) {
    subject.faults.invalid(At(subject.at, "minReplicas"), *least, "must be greater than or equal to 1");
  }
  const Node* most = member(subject.value, "maxReplicas");
  if (least != nullptr && most != nullptr && least->is_int() && most->is_int() && most->as_int() < least->as_int()) {
    subject.faults.invalid(At(subject.at, "maxReplicas"), *most, "must be greater than or equal to `minReplicas`");
  }
}

}  // namespace troupe::api
