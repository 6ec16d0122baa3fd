#include "api/validation/validation.hpp"

#include <algorithm>

#include "api/custom/definition_rules.hpp"
#include "api/custom/version.hpp"
#include "api/validation/change.hpp"
#include "api/validation/rules.hpp"

namespace troupe::api {

namespace {

std::vector<Cause> custom_faults(const schema::Node& object, const Resource& resource) {
  Faults faults;
  check_type(object, *resource.custom->metadata_type, At(), faults, object);
  auto causes = faults.take();
  for (Cause& cause : custom::value_faults(object, resource.custom->schema)) causes.push_back(std::move(cause));
  return causes;
}

/// Ephemeral containers come to a pod that is there, by the subresource.
void check_new_pod(const schema::Node& pod, Faults& faults) {
  const schema::Node* containers = member(member(pod, "spec"), "ephemeralContainers");
  if (containers == nullptr || containers->size() == 0) return;
  const At root;
  const At spec(root, "spec");
  faults.forbidden(At(spec, "ephemeralContainers"), "cannot be set on create");
}

void check_kind(const schema::Node& object, const Resource& resource, Faults& faults) {
  if (resource.type != nullptr) check_type(object, *resource.type, At(), faults, object);
}

/// What an update finds wrong but what was wrong before in the same way: an object that came in under older rules can
/// still be changed elsewhere.
std::vector<Cause> without_old_faults(std::vector<Cause> causes, const schema::Node& old, const Resource& resource) {
  if (causes.empty()) return causes;
  Faults faults;
  check_kind(old, resource, faults);
  const std::vector<Cause> before = faults.take();
  std::erase_if(causes, [&](const Cause& cause) {
    return std::any_of(before.begin(), before.end(), [&](const Cause& each) {
      return each.field == cause.field && each.reason == cause.reason && each.message == cause.message;
    });
  });
  return causes;
}

}  // namespace

std::vector<Cause> object_faults(const schema::Node& object, const Resource& resource) {
  if (resource.custom) return custom_faults(object, resource);
  Faults faults;
  if (custom::is_definition(resource)) custom::definition_faults(object, faults);
  if (resource.group == "events.k8s.io") check_new_event(object, faults);
  check_kind(object, resource, faults);
  if (resource.group.empty() && resource.kind == "Pod") check_new_pod(object, faults);
  if (resource.group == "networking.k8s.io" && resource.kind == "Ingress") check_new_ingress(object, faults);
  if (resource.group == "batch" && resource.kind == "Job") check_new_job(object, faults);
  if (resource.group == "batch" && resource.kind == "CronJob") check_new_cron_job(object, faults);
  return faults.take();
}

std::vector<Cause> change_faults(const schema::Node& object, const schema::Node& old, const Resource& resource,
                                 std::string_view subresource) {
  if (resource.custom) return custom_faults(object, resource);
  if (subresource == "status") return {};
  Faults faults;
  check_kind(object, resource, faults);
  std::vector<Cause> causes = without_old_faults(faults.take(), old, resource);
  Faults changes;
  if (custom::is_definition(resource)) {
    custom::definition_faults(object, changes);
    custom::definition_change_faults(object, old, changes);
  }
  const bool series_changed = resource.group == "events.k8s.io" && !same_member(&object, &old, "series");
  if (series_changed) check_event_series(object, changes);
  check_change(object, old, resource, subresource, changes);
  for (Cause& cause : changes.take()) causes.push_back(std::move(cause));
  return causes;
}

}  // namespace troupe::api
