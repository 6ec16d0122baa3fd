#include "api/pod_containers.hpp"

#include "api/selectors.hpp"

namespace troupe::api {
namespace {

std::string names_of(const schema::Node& pod, std::string_view list) {
  std::string out;
  const schema::Node* spec = pod.find("spec");
  const schema::Node* containers = spec != nullptr ? spec->find(list) : nullptr;
  if (containers == nullptr || !containers->is_array()) return out;
  for (const schema::Node& container : containers->items()) {
    out += (out.empty() ? "" : " ") + text_at(container, "name");
  }
  return out;
}

bool has_name(std::string_view names, std::string_view name) {
  const std::string padded = " " + std::string(names) + " ";
  return padded.find(" " + std::string(name) + " ") != std::string::npos;
}

}  // namespace

ApiResult<std::string> choose_container(const schema::Node& pod, const std::string& pod_name,
                                        const std::string& asked) {
  const std::string mains = names_of(pod, "containers");
  const std::string inits = names_of(pod, "initContainers");
  const std::string extra = names_of(pod, "ephemeralContainers");
  if (asked.empty()) {
    if (mains.find(' ') == std::string::npos && !mains.empty() && inits.empty()) return mains;
    std::string message = "a container name must be specified for pod " + pod_name + ", choose one of: [" + mains + "]";
    if (!inits.empty()) message += " or one of the init containers: [" + inits + "]";
    return refuse(bad_request(std::move(message)));
  }
  if (has_name(mains, asked) || has_name(inits, asked) || has_name(extra, asked)) return asked;
  return refuse(bad_request("container " + asked + " is not valid for pod " + pod_name));
}

const schema::Node* status_of_container(const schema::Node& pod, std::string_view container) {
  const schema::Node* status = pod.find("status");
  if (status == nullptr) return nullptr;
  for (const char* list : {"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"}) {
    const schema::Node* found = status->find(list);
    if (found == nullptr || !found->is_array()) continue;
    for (const schema::Node& one : found->items()) {
      if (text_at(one, "name") == container) return &one;
    }
  }
  return nullptr;
}

std::string running_container(const schema::Node& pod, std::string_view container) {
  const schema::Node* status = status_of_container(pod, container);
  const schema::Node* state = status != nullptr ? status->find("state") : nullptr;
  if (state == nullptr || state->find("running") == nullptr) return std::string();
  const std::string id = text_at(*status, "containerID");
  return id.starts_with(kIdScheme) ? id.substr(kIdScheme.size()) : std::string();
}

}  // namespace troupe::api
