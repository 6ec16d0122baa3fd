#include "api/validation/validation.hpp"

#include "api/validation/change.hpp"
#include "api/validation/rules.hpp"

namespace troupe::api {

std::vector<Cause> object_faults(const schema::Node& object, const Resource& resource) {
  Faults faults;
  if (resource.type != nullptr) check_type(object, *resource.type, At(), faults, object);
  return faults.take();
}

std::vector<Cause> change_faults(const schema::Node& object, const schema::Node& old, const Resource& resource,
                                 std::string_view subresource) {
  if (subresource == "status") return {};
  Faults faults;
  if (resource.type != nullptr) check_type(object, *resource.type, At(), faults, object);
  check_change(object, old, resource, subresource, faults);
  return faults.take();
}

}  // namespace troupe::api
