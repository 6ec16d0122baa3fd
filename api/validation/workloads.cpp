#include <string>

#include "api/validation/formats.hpp"
#include "api/validation/label_match.hpp"
#include "api/validation/parts.hpp"
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
    subject.faults.invalid_json(At(metadata, "labels"), shown(labels), "`selector` does not match template `labels`");
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

/// A strategy as kube-apiserver's own type shows it.
std::string strategy_json(std::string_view type, const Node* rolling) {
  return R"({"Type":")" + std::string(type) + R"(","RollingUpdate":)" + shown(rolling) + "}";
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
  } else if (type != "Recreate" && type != "RollingUpdate") {
    subject.faults.unsupported_json(at, strategy_json(type, rolling), {"Recreate", "RollingUpdate"});
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
  const std::string_view order = text_member(subject.value, "podManagementPolicy");
  if (!order.empty() && order != "OrderedReady" && order != "Parallel") {
    subject.faults.invalid(At(subject.at, "podManagementPolicy"), order, "must be 'OrderedReady' or 'Parallel'");
  }
  const At ordinals(subject.at, "ordinals");
  check_not_negative(member(member(subject.value, "ordinals"), "start"), At(ordinals, "start"), subject.faults);
  const Node* strategy = member(subject.value, "updateStrategy");
  const Node* rolling = member(strategy, "rollingUpdate");
  const std::string_view type = text_member(strategy, "type");
  const At at(subject.at, "updateStrategy");
  const At rolling_at(at, "rollingUpdate");
  if (type == "OnDelete" && rolling != nullptr) {
    subject.faults.invalid(rolling_at, *rolling, "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type != "OnDelete" && type != "RollingUpdate") {
    subject.faults.invalid_json(at, strategy_json(type, rolling), "must be 'RollingUpdate' or 'OnDelete'");
  }
  if (type != "RollingUpdate") return;
  check_not_negative(member(rolling, "partition"), At(rolling_at, "partition"), subject.faults);
  const Node* unavailable = member(rolling, "maxUnavailable");
  const At unavailable_at(rolling_at, "maxUnavailable");
  check_int_or_percent(unavailable, false, unavailable_at, subject.faults);
  if (is_zero(unavailable)) subject.faults.invalid(unavailable_at, *unavailable, "cannot be 0");
}

void check_daemon_set_spec(const Subject& subject) {
  check_selector(subject, "daemonset");
  check_template(subject, "DaemonSet", false);
  const Node* rolling = member(member(subject.value, "updateStrategy"), "rollingUpdate");
  const At at(subject.at, "updateStrategy");
  const At rolling_at(at, "rollingUpdate");
  const Node* unavailable = member(rolling, "maxUnavailable");
  const bool surges = member(rolling, "maxSurge") != nullptr && !is_zero(member(rolling, "maxSurge"));
  const std::string_view type = text_member(member(subject.value, "updateStrategy"), "type");
  if (type != "OnDelete" && type != "RollingUpdate") {
    subject.faults.unsupported_json(at, strategy_json(type, rolling), {"RollingUpdate", "OnDelete"});
  }
  if (type != "RollingUpdate") return;
  if (is_zero(unavailable) && !surges) {
    subject.faults.required(At(rolling_at, "maxUnavailable"), "cannot be 0 when maxSurge is 0");
  }
  if (surges && unavailable != nullptr && !is_zero(unavailable)) {
    subject.faults.invalid_json(At(rolling_at, "maxSurge"), shown(member(rolling, "maxSurge")),
                                "may not be set when maxUnavailable is non-zero");
  }
}

void check_pod_template(const Subject& subject) {
  if (is_blank(member(member(subject.value, "spec"), "ephemeralContainers"))) return;
  const At spec(subject.at, "spec");
  subject.faults.forbidden(At(spec, "ephemeralContainers"), "ephemeral containers not allowed in pod template");
}

void check_disruption_budget(const Subject& subject) {
  const Node* least = member(subject.value, "minAvailable");
  const Node* most = member(subject.value, "maxUnavailable");
  if (least == nullptr || most == nullptr) return;
  subject.faults.invalid(subject.at, subject.value, "minAvailable and maxUnavailable cannot be both set");
}

}  // namespace troupe::api
