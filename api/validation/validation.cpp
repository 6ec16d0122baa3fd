#include "api/validation/validation.hpp"

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

}  // namespace

std::vector<Cause> object_faults(const schema::Node& object, const Resource& resource) {
  if (resource.custom) return custom_faults(object, resource);
  Faults faults;
  if (custom::is_definition(resource)) custom::definition_faults(object, faults);
  if (resource.group == "events.k8s.io") check_new_event(object, faults);
  if (resource.type != nullptr) check_type(object, *resource.type, At(), faults, object);
  if (resource.group.empty() && resource.kind == "Pod") check_new_pod(object, faults);
  return faults.take();
}

std::vector<Cause> change_faults(const schema::Node& object, const schema::Node& old, const Resource& resource,
                                 std::string_view subresource) {
  if (resource.custom) return custom_faults(object, resource);
  if (subresource == "status") return {};
  Faults faults;
  if (custom::is_definition(resource)) {
    custom::definition_faults(object, faults);
    custom::definition_change_faults(object, old, faults);
  }
  const bool series_changed = resource.group == "events.k8s.io" && !same_member(&object, &old, "series");
  if (series_changed) check_event_series(object, faults);
  if (resource.type != nullptr) check_type(object, *resource.type, At(), faults, object);
  check_change(object, old, resource, subresource, faults);
  return faults.take();
}

}  // namespace troupe::api
