#include "api/kept_only.hpp"

#include <string_view>

namespace troupe::api {

namespace {

bool has_items(const schema::Node& object, std::string_view name) {
  const schema::Node* list = object.find(name);
  return list != nullptr && list->is_array() && list->size() > 0;
}

}  // namespace

std::vector<std::string> kept_only_warnings(const Resource& resource, const schema::Node& object) {
  if (resource.group == "apiregistration.k8s.io" && resource.kind == "APIService") {
    const schema::Node* spec = object.find("spec");
    const schema::Node* service = spec != nullptr ? spec->find("service") : nullptr;
    if (service == nullptr || !service->is_object()) return {};
    return {"spec.service: is stored, and no request is passed on to it by this server"};
  }
  if (resource.group != "admissionregistration.k8s.io") return {};
  if (resource.kind.ends_with("WebhookConfiguration")) {
    if (!has_items(object, "webhooks")) return {};
    return {"webhooks: are stored and not called by this server"};
  }
  return {"admission policies are stored and not enforced by this server"};
}

}  // namespace troupe::api
