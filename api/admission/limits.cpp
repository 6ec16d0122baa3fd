#include <algorithm>
#include <memory>
#include <string>

#include "api/admission/admission.hpp"
#include "api/metadata.hpp"
#include "api/validation/faults.hpp"
#include "api/validation/quantities.hpp"

namespace troupe::api {

using schema::Node;
using schema::Quantity;

namespace {

/// Copies each amount of `defaults` that `resources.<part>` lacks.
ApiStatus fill_part(schema::Document& pod, Node& container, std::string_view part, const Node* defaults) {
  if (defaults == nullptr || defaults->size() == 0) return {};
  auto resources = object_member(pod, container, "resources");
  if (!resources) return refuse(resources.error());
  auto amounts = object_member(pod, **resources, part);
  if (!amounts) return refuse(amounts.error());
  for (const schema::Member& each : defaults->members()) {
    if (member(**amounts, each.key) != nullptr) continue;
    auto copied = pod.copy(each.value);
    if (!copied) return refuse(too_large(copied.error().message));
    if (auto set = set_node(pod, **amounts, each.key, *copied); !set) return set;
  }
  return {};
}

/// The bounds of one item of a LimitRange against one set of amounts.
void check_bounds(const Node& item, std::string_view type, const Node* requests, const Node* limits,
                  std::vector<std::string>& faults) {
  const auto say = [&](std::string_view bound, std::string_view name, const Quantity& value, const std::string& what) {
    faults.push_back(std::string(bound) + " " + std::string(name) + " usage per " + std::string(type) + " is " +
                     value.to_string() + ", but " + what);
  };
  const auto missing = [&](std::string_view bound, std::string_view name, const Quantity& value,
                           std::string_view what) {
    faults.push_back(std::string(bound) + " " + std::string(name) + " usage per " + std::string(type) + " is " +
                     value.to_string() + ".  No " + std::string(what) + " is specified");
  };
  if (const Node* least = member(item, "min"); least != nullptr) {
    for (const schema::Member& each : least->members()) {
      const auto bound = quantity_of(&each.value);
      const auto request = quantity_member(requests, each.key);
      const auto limit = quantity_member(limits, each.key);
      if (!bound) continue;
      if (!request) {
        missing("minimum", each.key, *bound, "request");
      } else if (*request < *bound) {
        say("minimum", each.key, *bound, "request is " + request->to_string());
      } else if (limit && *limit < *bound) {
        say("minimum", each.key, *bound, "limit is " + limit->to_string());
      }
    }
  }
  if (const Node* most = member(item, "max"); most != nullptr) {
    for (const schema::Member& each : most->members()) {
      const auto bound = quantity_of(&each.value);
      const auto limit = quantity_member(limits, each.key);
      const auto request = quantity_member(requests, each.key);
      if (!bound) continue;
      if (!limit && type != "PersistentVolumeClaim") {
        missing("maximum", each.key, *bound, "limit");
      } else if (limit && *limit > *bound) {
        say("maximum", each.key, *bound, "limit is " + limit->to_string());
      } else if (request && *request > *bound) {
        say("maximum", each.key, *bound, "request is " + request->to_string());
      }
    }
  }
}

void check_container(const Node& item, const Node& container, std::vector<std::string>& faults) {
  const Node* resources = member(container, "resources");
  check_bounds(item, "Container", member(resources, "requests"), member(resources, "limits"), faults);
}

ApiStatus limit_pod(Admission& admission, const Node& item, std::vector<std::string>& faults) {
  Node* spec = admission.object.root().find("spec");
  if (spec == nullptr || text_member(item, "type") != "Container") return {};
  for (const std::string_view list : {"initContainers", "containers"}) {
    Node* containers = spec->find(list);
    if (containers == nullptr) continue;
    for (Node& container : containers->items()) {
      if (!container.is_object()) continue;
      for (const auto& [part, defaults] :
           {std::pair<std::string_view, std::string_view>{"limits", "default"}, {"requests", "defaultRequest"}}) {
        if (auto set = fill_part(admission.object, container, part, member(item, defaults)); !set) return set;
      }
      check_container(item, container, faults);
    }
  }
  return {};
}

ApiStatus apply_limits(Admission& admission, const std::vector<Found>& ranges) {
  std::vector<std::string> faults;
  const bool pod = admission.creates("", "Pod");
  for (const Found& range : ranges) {
    const Node* items = member(member(range.document.root(), "spec"), "limits");
    if (items == nullptr) continue;
    for (const Node& item : items->items()) {
      if (pod) {
        if (auto done = limit_pod(admission, item, faults); !done) return done;
      } else if (text_member(item, "type") == "PersistentVolumeClaim") {
        const Node* requests = member(member(member(admission.object.root(), "spec"), "resources"), "requests");
        check_bounds(item, "PersistentVolumeClaim", requests, nullptr, faults);
      }
    }
  }
  if (faults.empty()) return {};
  std::string why = faults.size() > 1 ? "[" : "";
  for (std::size_t i = 0; i < faults.size(); ++i) why += (i == 0 ? "" : ", ") + faults[i];
  if (faults.size() > 1) why += "]";
  return refuse(forbidden(admission.call->about(), why));
}

}  // namespace

void admit_limits(const AdmissionPtr& admission, const Admitted& done) {
  read_all(*admission->call, {"", "v1", "limitranges", admission->call->info.name_space},
           [admission, done](ApiResult<std::vector<Found>> ranges) {
             if (!ranges) return done(refuse(ranges.error()));
             done(apply_limits(*admission, *ranges));
           });
}

}  // namespace troupe::api
