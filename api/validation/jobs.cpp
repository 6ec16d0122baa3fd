#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "api/names.hpp"
#include "api/validation/cron.hpp"
#include "api/validation/formats.hpp"
#include "api/validation/label_match.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/rules.hpp"

/// Jobs and CronJobs.
namespace troupe::api {

using schema::Node;

namespace {

constexpr std::size_t kMostRules = 20;
constexpr std::size_t kMostExitCodes = 255;
constexpr std::size_t kMostConditions = 20;
constexpr std::size_t kMostIndexes = 64 * 1024;
constexpr std::size_t kLongestManager = 63;
constexpr std::int64_t kMostIndexed = 100'000;
constexpr std::int64_t kManyCompletions = 100'000;
constexpr std::int64_t kMostOfMany = 10'000;

void at_most(const Node* spec, std::string_view field, std::int64_t most, std::string_view detail, const At& at,
             Faults& faults) {
  const auto number = number_member(spec, field);
  if (number && *number > most) faults.invalid_json(At(at, field), std::to_string(*number), detail);
}

/// What a job with indexes needs, and how large it may be.
void check_indexed(const Subject& subject) {
  const Node* spec = &subject.value;
  const auto completions = number_member(spec, "completions");
  if (!completions) subject.faults.required(At(subject.at, "completions"), "when completion mode is Indexed");
  at_most(spec, "parallelism", kMostIndexed, "must be less than or equal to 100000 when completion mode is Indexed",
          subject.at, subject.faults);
  if (completions) {
    at_most(spec, "maxFailedIndexes", *completions, "must be less than or equal to completions", subject.at,
            subject.faults);
  }
  at_most(spec, "maxFailedIndexes", kMostIndexed, "must be less than or equal to 100000", subject.at, subject.faults);
  const bool many = completions && *completions > kManyCompletions && member(spec, "backoffLimitPerIndex") != nullptr;
  if (!many) return;
  static constexpr std::string_view kDetail =
      "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index";
  if (member(spec, "maxFailedIndexes") == nullptr) {
    subject.faults.required(At(subject.at, "maxFailedIndexes"), "must be specified when completions is above 100000");
  }
  at_most(spec, "parallelism", kMostOfMany, kDetail, subject.at, subject.faults);
  at_most(spec, "maxFailedIndexes", kMostOfMany, kDetail, subject.at, subject.faults);
}

/// Limits for each index are of jobs that have indexes.
void check_indexes(const Subject& subject) {
  if (member(subject.value, "maxFailedIndexes") != nullptr &&
      member(subject.value, "backoffLimitPerIndex") == nullptr) {
    subject.faults.required(At(subject.at, "backoffLimitPerIndex"), "when maxFailedIndexes is specified");
  }
  const std::string_view mode = text_member(subject.value, "completionMode");
  if (mode == "Indexed") return check_indexed(subject);
  if (!mode.empty() && mode != "NonIndexed") return;
  for (const std::string_view field : {"backoffLimitPerIndex", "maxFailedIndexes"}) {
    const Node* limit = member(subject.value, field);
    if (limit != nullptr) subject.faults.invalid(At(subject.at, field), *limit, "requires indexed completion mode");
  }
}

bool has_container(const Node* pod, std::string_view name) {
  for (const std::string_view list : {"containers", "initContainers"}) {
    const auto containers = items_of(pod, list);
    const auto named = [&](const Node& each) { return text_member(each, "name") == name; };
    if (std::any_of(containers.begin(), containers.end(), named)) return true;
  }
  return false;
}

void check_exit_codes(const Node& codes, const Node* pod, const At& at, Faults& faults) {
  const std::string_view op = text_member(codes, "operator");
  if (op.empty()) {
    faults.required(At(at, "operator"), "valid values: [\"In\" \"NotIn\"]");
  } else if (op != "In" && op != "NotIn") {
    faults.unsupported(At(at, "operator"), op, {"In", "NotIn"});
  }
  const Node* name = member(codes, "containerName");
  if (name != nullptr && !has_container(pod, text_of(*name))) {
    faults.invalid(At(at, "containerName"), *name,
                   "must be one of the container or initContainer names in the pod template");
  }
  const At list(at, "values");
  const auto values = items_of(codes, "values");
  if (values.empty()) {
    faults.invalid_json(list, shown(member(codes, "values")), "at least one value is required");
  } else if (values.size() > kMostExitCodes) {
    faults.too_many(list, values.size(), kMostExitCodes);
  }
  bool ordered = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t code = values[i].is_int() ? values[i].as_int() : 0;
    if (op == "In" && code == 0) faults.invalid(At(list, i), values[i], "must not be 0 for the In operator");
    const auto same = [&](const Node& other) { return schema::same_value(other, values[i]); };
    if (std::any_of(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      faults.duplicate_json(At(list, i), std::to_string(code));
    }
    ordered = ordered && (i == 0 || !values[i - 1].is_int() || values[i - 1].as_int() <= code);
  }
  if (!ordered) faults.invalid(list, *member(codes, "values"), "must be ordered");
}

void check_conditions(std::span<const Node> conditions, const At& at, Faults& faults) {
  if (conditions.size() > kMostConditions) faults.too_many(at, conditions.size(), kMostConditions);
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const At item(at, i);
    check_qualified_name(text_member(conditions[i], "type"), At(item, "type"), faults);
    const std::string_view status = text_member(conditions[i], "status");
    if (status.empty()) {
      faults.required(At(item, "status"), "valid values: [\"False\" \"True\" \"Unknown\"]");
    } else if (status != "True" && status != "False" && status != "Unknown") {
      faults.unsupported(At(item, "status"), status, {"False", "True", "Unknown"});
    }
  }
}

void check_failure_rule(const Node& rule, const Node& spec, const At& at, Faults& faults) {
  const std::string_view action = text_member(rule, "action");
  const At action_at(at, "action");
  if (action.empty()) {
    faults.required(action_at, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
  } else if (action == "FailIndex") {
    if (member(spec, "backoffLimitPerIndex") == nullptr) {
      faults.invalid(action_at, action, "requires the backoffLimitPerIndex to be set");
    }
  } else if (action != "Count" && action != "FailJob" && action != "Ignore") {
    faults.unsupported(action_at, action, {"Count", "FailIndex", "FailJob", "Ignore"});
  }
  const Node* codes = member(rule, "onExitCodes");
  const auto conditions = items_of(rule, "onPodConditions");
  if (codes != nullptr) {
    check_exit_codes(*codes, member(member(spec, "template"), "spec"), At(at, "onExitCodes"), faults);
  }
  check_conditions(conditions, At(at, "onPodConditions"), faults);
  if (codes != nullptr && !conditions.empty()) {
    faults.invalid_unshown(at, "specifying both OnExitCodes and OnPodConditions is not supported");
  } else if (codes == nullptr && conditions.empty()) {
    faults.invalid_unshown(at, "specifying one of OnExitCodes and OnPodConditions is required");
  }
}

void check_failure_policy(const Subject& subject) {
  const Node* policy = member(subject.value, "podFailurePolicy");
  const At at(subject.at, "podFailurePolicy");
  const At list(at, "rules");
  const auto rules = items_of(policy, "rules");
  if (rules.size() > kMostRules) subject.faults.too_many(list, rules.size(), kMostRules);
  for (std::size_t i = 0; i < std::min(rules.size(), kMostRules); ++i) {
    check_failure_rule(rules[i], subject.value, At(list, i), subject.faults);
  }
  const std::string_view replacement = text_member(subject.value, "podReplacementPolicy");
  const At replacement_at(subject.at, "podReplacementPolicy");
  if (replacement.empty()) return;
  if (policy != nullptr && replacement != "Failed") {
    subject.faults.unsupported(replacement_at, replacement, {"Failed"});
  } else if (replacement != "Failed" && replacement != "TerminatingOrFailed") {
    subject.faults.unsupported(replacement_at, replacement, {"Failed", "TerminatingOrFailed"});
  }
}

void check_success_rule(const Node& rule, std::int64_t completions, const At& at, Faults& faults) {
  const auto count = number_member(&rule, "succeededCount");
  const std::string_view indexes = text_member(rule, "succeededIndexes");
  if (!count && member(rule, "succeededIndexes") == nullptr) {
    faults.required(at, "at least one of succeededCount or succeededIndexes must be specified");
  }
  if (indexes.size() > kMostIndexes) faults.too_long(At(at, "succeededIndexes"), kMostIndexes);
  if (!count) return;
  const At count_at(at, "succeededCount");
  check_not_negative(member(rule, "succeededCount"), count_at, faults);
  if (*count > completions) {
    faults.invalid_json(
        count_at, std::to_string(*count),
        "must be less than or equal to " + std::to_string(completions) + " (the number of specified completions)");
  }
}

void check_success_policy(const Subject& subject) {
  const Node* policy = member(subject.value, "successPolicy");
  if (policy == nullptr) return;
  const At at(subject.at, "successPolicy");
  if (text_member(subject.value, "completionMode") != "Indexed") {
    return subject.faults.invalid(at, *policy, "requires indexed completion mode");
  }
  const auto rules = items_of(policy, "rules");
  const At list(at, "rules");
  if (rules.empty()) {
    subject.faults.required(list, "at least one rules must be specified when the successPolicy is specified");
  }
  if (rules.size() > kMostRules) subject.faults.too_many(list, rules.size(), kMostRules);
  for (std::size_t i = 0; i < std::min(rules.size(), kMostRules); ++i) {
    check_success_rule(rules[i], int_member(&subject.value, "completions"), At(list, i), subject.faults);
  }
}

void check_restart_policy(const Subject& subject, const Node* pod) {
  const std::string_view restart = text_member(pod, "restartPolicy");
  const At at(subject.at, "template");
  const At spec(at, "spec");
  const At where(spec, "restartPolicy");
  if (restart == "Always") {
    subject.faults.required(where, "valid values: \"OnFailure\", \"Never\"");
  } else if (!restart.empty() && restart != "OnFailure" && restart != "Never") {
    subject.faults.unsupported(where, restart, {"OnFailure", "Never"});
  } else if (restart == "OnFailure" && member(subject.value, "podFailurePolicy") != nullptr) {
    subject.faults.invalid(where, restart, "only \"Never\" is supported when podFailurePolicy is specified");
  }
}

bool is_zone_part(std::string_view part) {
  constexpr std::size_t kLongest = 14;
  if (part.empty() || part.size() > kLongest || part == "." || part == ".." || part.front() == '-') return false;
  return std::all_of(part.begin(), part.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || c == '.' || c == '-' || c == '_' || c == '+';
  });
}

/// The name of a zone is one that the files of zones could have.
void check_time_zone(const Subject& subject) {
  const Node* zone = member(subject.value, "timeZone");
  if (zone == nullptr) return;
  const At at(subject.at, "timeZone");
  const std::string_view name = text_of(*zone);
  if (name.empty()) return subject.faults.invalid(at, name, "timeZone must be nil or non-empty string");
  for (std::string_view rest = name;;) {
    const std::size_t slash = rest.find('/');
    if (!is_zone_part(rest.substr(0, slash))) {
      return subject.faults.invalid(at, name, "unknown time zone " + std::string(name));
    }
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  if (lower == "local") {
    subject.faults.invalid(at, name,
                           "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  }
}

}  // namespace

void check_job_spec(const Subject& subject) {
  check_indexes(subject);
  if (const Node* manager = member(subject.value, "managedBy")) {
    const At at(subject.at, "managedBy");
    check_domain_path(text_of(*manager), at, subject.faults);
    if (text_of(*manager).size() > kLongestManager) subject.faults.too_long(at, kLongestManager);
  }
  check_failure_policy(subject);
  check_success_policy(subject);
  const Node* pods = member(subject.value, "template");
  if (pods == nullptr) return subject.faults.required(At(subject.at, "template"));
  check_restart_policy(subject, member(pods, "spec"));
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
  subject.faults.invalid_json(At(metadata, "labels"), shown(labels), "`selector` does not match template `labels`");
}

void check_new_job(const Node& job, Faults& faults) {
  const Node* spec = member(job, "spec");
  const auto completions = number_member(spec, "completions");
  if (text_member(spec, "completionMode") != "Indexed" || !completions || *completions <= 0) return;
  const std::string_view name = text_member(member(job, "metadata"), "name");
  const std::string last = std::string(name) + "-" + std::to_string(*completions - 1);
  if (is_dns_label(last)) return;
  const At root;
  const At metadata(root, "metadata");
  faults.invalid(At(metadata, "name"), name, "will not able to create pod with invalid DNS label: " + last);
}

void check_new_cron_job(const Node& job, Faults& faults) {
  constexpr std::size_t kLongestName = 52;  // a job's, less what makes it that of one run
  const std::string_view name = text_member(member(job, "metadata"), "name");
  if (name.size() <= kLongestName) return;
  const At root;
  const At metadata(root, "metadata");
  faults.invalid(At(metadata, "name"), name, "must be no more than 52 bytes");
}

void check_cron_job_spec(const Subject& subject) {
  const std::string_view schedule = text_member(subject.value, "schedule");
  const At at(subject.at, "schedule");
  if (schedule.find("TZ") != std::string_view::npos) {
    subject.faults.invalid(at, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  } else if (std::string fault = schedule.empty() ? "" : cron_fault(schedule); !fault.empty()) {
    subject.faults.invalid(at, schedule, fault);
  }
  check_time_zone(subject);
  const At template_at(subject.at, "jobTemplate");
  if (member(subject.value, "jobTemplate") == nullptr) return subject.faults.required(template_at);
  const Node* job = member(member(subject.value, "jobTemplate"), "spec");
  const At job_at(template_at, "spec");
  if (const Node* selector = member(job, "selector")) {
    subject.faults.invalid(At(job_at, "selector"), *selector, "`selector` will be auto-generated");
  }
  if (true_member(job, "manualSelector")) {
    subject.faults.unsupported_json(At(job_at, "manualSelector"), "true", {"nil", "false"});
  }
}

}  // namespace troupe::api
