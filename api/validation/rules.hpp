#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/validation/faults.hpp"
#include "schema/type_table.hpp"

/// Rules of single fields as a table by type, and functions for what spans several fields of a type. One walk along
/// the schema applies both wherever a type occurs: a container's rules hold in a pod and in every template.
namespace troupe::api {

enum class Check : std::uint8_t {
  kRequired,      ///< Present, and not empty when it is text, a list or a map.
  kNotNegative,   ///< A whole number from 0.
  kPositive,      ///< A whole number from 1.
  kRange,         ///< A whole number from `low` to `high`.
  kFileMode,      ///< 0 to 0777.
  kPort,          ///< 1 to 65535.
  kPortOrName,    ///< The same, or the name of a port.
  kOneOf,         ///< One of `values` (joined by '|'); "" passes.
  kDnsLabel,      ///< These formats pass when the text is "".
  kDnsSubdomain,  //
  kQualifiedName,
  kLabels,
  kIp,
  kCidr,
  kAbsolutePath,
  kNoBacksteps,     ///< A path without a part "..".
  kDescendingPath,  ///< The same, and relative.
  kFilePath,        ///< The same, and its first part does not begin with "..", as what holds versions of files does.
  kPercent,         ///< A whole number or a percentage up to 100%.
  kAnyPercent,      ///< The same, over 100% too.
  kUniqueNames,     ///< The items of a list have different `name`s.
  kElsewhere,       ///< The check of the struct tells which values there are, not the enumeration's list.
};

struct Rule {
  std::string_view field;
  Check check = Check::kRequired;
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::string_view values{};
};

/// What a function that checks a whole struct is told.
struct Subject {
  const schema::Node& value;
  const At& at;
  Faults& faults;
  const schema::Node& root;  ///< The whole object.
};
using StructCheck = void (*)(const Subject& subject);

struct TypeRules {
  std::string_view type;  ///< "core/v1.Container"
  std::span<const Rule> rules;
  StructCheck check = nullptr;
};

/// All tables, each sorted by type.
std::span<const TypeRules> core_rules();
std::span<const TypeRules> other_rules();

/// Applies the rules of `type`, and of all types below it, to a value.
void check_type(const schema::Node& value, const schema::Type& type, const At& at, Faults& faults,
                const schema::Node& root);

void check_rules(std::span<const Rule> rules, const schema::Node& value, const At& at, Faults& faults);

// Checks of whole structs, by the type they are for.
void check_container(const Subject& subject);
void check_ephemeral_container(const Subject& subject);
void check_pod_spec(const Subject& subject);
void check_pod_details(const Subject& subject);
void check_variable_source(const Subject& subject);
void check_env_from(const Subject& subject);
void check_downward_file(const Subject& subject);
void check_empty_dir(const Subject& subject);
void check_named_source(const Subject& subject);
void check_security_context(const Subject& subject);
void check_probe(const Subject& subject);
void check_grpc(const Subject& subject);
void check_handler(const Subject& subject);
void check_volume(const Subject& subject);
void check_env_var(const Subject& subject);
void check_resources(const Subject& subject);
void check_toleration(const Subject& subject);
void check_taint(const Subject& subject);
void check_label_selector_requirement(const Subject& subject);
void check_node_selector_requirement(const Subject& subject);
void check_service_spec(const Subject& subject);
void check_deployment_spec(const Subject& subject);
void check_replica_set_spec(const Subject& subject);
void check_replication_controller_spec(const Subject& subject);
void check_stateful_set_spec(const Subject& subject);
void check_daemon_set_spec(const Subject& subject);
void check_job_spec(const Subject& subject);
void check_cron_job_spec(const Subject& subject);
void check_job_template(const Subject& subject);
/// What holds only when it is created.
void check_new_job(const schema::Node& job, Faults& faults);
void check_new_cron_job(const schema::Node& job, Faults& faults);
void check_pod_template(const Subject& subject);
void check_config_map(const Subject& subject);
void check_core_event(const Subject& subject);
void check_event(const Subject& subject);
/// Of events.k8s.io only: what holds when it is created, and for a series that was changed.
void check_new_event(const schema::Node& event, Faults& faults);
void check_event_series(const schema::Node& event, Faults& faults);
void check_secret(const Subject& subject);
void check_claim_spec(const Subject& subject);
void check_claim_template(const Subject& subject);
void check_csi_persistent_volume(const Subject& subject);
void check_csi_volume(const Subject& subject);
void check_storage_class(const Subject& subject);
void check_volume_spec(const Subject& subject);
void check_quota_spec(const Subject& subject);
void check_limit_item(const Subject& subject);
void check_limits(const Subject& subject);
void check_disruption_budget(const Subject& subject);
void check_metric(const Subject& subject);
void check_scaler_spec(const Subject& subject);
void check_priority_class(const Subject& subject);
void check_endpoint_slice(const Subject& subject);
void check_hook(const Subject& subject);
void check_hook_rule(const Subject& subject);
void check_hooks(const Subject& subject);
void check_policy_rule(const Subject& subject);
void check_role_reference(const Subject& subject);
void check_role_subject(const Subject& subject);
void check_signing_request(const Subject& subject);
void check_projected_volume(const Subject& subject);
void check_token_file(const Subject& subject);
void check_pod_security(const Subject& subject);
void check_ingress_backend(const Subject& subject);
void check_ingress_class_spec(const Subject& subject);
void check_ingress_path(const Subject& subject);
void check_ingress_spec(const Subject& subject);
/// What holds only when it is created.
void check_new_ingress(const schema::Node& ingress, Faults& faults);
void check_network_peer(const Subject& subject);
void check_network_policy_spec(const Subject& subject);
void check_network_port(const Subject& subject);
void check_ip_block(const Subject& subject);

}  // namespace troupe::api
