#include "api/admission/quota.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "api/admission/admission.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"
#include "api/validation/quantities.hpp"

namespace troupe::api {

using schema::Node;
using schema::Quantity;

namespace {

std::string listed(const Amounts& amounts) {
  std::string out;
  for (const auto& [name, amount] : amounts) out += (out.empty() ? "" : ",") + name + "=" + amount.to_string();
  return out;
}

/// The objects of the kind that is created count anew; what other kinds use stands in the quota's status.
ApiStatus charge(Admission& admission, Found& quota, const std::vector<Found>& others) {
  Node& root = quota.document.root();
  const Resource& resource = *admission.call->resource;
  const Node* hard = member(member(root, "spec"), "hard");
  if (hard == nullptr || !quota_covers(root, admission.object.root(), resource)) return {};
  const Amounts wanted = quota_usage(admission.object.root(), resource);
  Amounts used;
  for (const Found& each : others) {
    if (!quota_covers(root, each.document.root(), resource)) continue;
    for (const auto& [name, amount] : quota_usage(each.document.root(), resource)) add_amount(used, name, amount);
  }
  Amounts requested;
  Amounts before;
  Amounts limited;
  auto status = object_member(quota.document, root, "status");
  if (!status) return refuse(status.error());
  auto shown = object_member(quota.document, **status, "used");
  if (!shown) return refuse(shown.error());
  bool counts = false;
  for (const schema::Member& each : hard->members()) {
    const std::string name(each.key);
    const auto most = quantity_of(&each.value);
    const auto asked = wanted.find(name);
    if (asked == wanted.end() || !most) continue;
    counts = true;
    Quantity had = used.contains(name) ? used.at(name) : Quantity::from_int(0);
    Quantity after = had;
    after.add(asked->second);
    if (after > *most && !asked->second.is_zero()) {
      requested.emplace(name, asked->second);
      before.emplace(name, had);
      limited.emplace(name, *most);
    }
    if (auto set = set_text(quota.document, **shown, name, after.to_string()); !set) return set;
  }
  const std::string quota_name(names_of(root).name);
  if (!requested.empty()) {
    return refuse(
        forbidden(admission.call->about(), "exceeded quota: " + quota_name + ", requested: " + listed(requested) +
                                               ", used: " + listed(before) + ", limited: " + listed(limited)));
  }
  if (!counts) return {};
  auto copied = quota.document.copy(*hard);
  if (!copied) return refuse(too_large(copied.error().message));
  if (auto set = set_node(quota.document, **status, "hard", *copied); !set) return set;
  const Resource* quotas = admission.call->services.routes.find("", "v1", "resourcequotas");
  schema::Diagnostics ignored;
  auto record = to_record(quota.document, *quotas, ignored);
  if (!record) return refuse(record.error());
  // Whoever counts at the same time wins or counts again: no two take the last place.
  admission.extra.put(quota.key, std::move(*record), storage::Condition::at(quota.revision));
  return {};
}

/// A quota of compute resources is about pods that say what they need.
ApiStatus require_amounts(const Admission& admission, const Node& quota) {
  if (admission.call->resource->qualified() != "pods") return {};
  const Node* hard = member(member(quota, "spec"), "hard");
  const Node* containers = member(member(admission.object.root(), "spec"), "containers");
  if (hard == nullptr || containers == nullptr ||
      !quota_covers(quota, admission.object.root(), *admission.call->resource))
    return {};
  std::string missing;
  for (const schema::Member& each : hard->members()) {
    std::string_view name = each.key;
    std::string_view part = "requests";
    if (name.starts_with("limits.")) part = "limits";
    if (const std::size_t dot = name.find('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
    if (name != "cpu" && name != "memory") continue;
    std::string where;
    for (const Node& container : containers->items()) {
      if (member(member(member(container, "resources"), part), name) != nullptr) continue;
      where += (where.empty() ? "" : ",") + std::string(text_member(container, "name"));
    }
    if (!where.empty()) missing += (missing.empty() ? "" : "; ") + std::string(each.key) + " for: " + where;
  }
  if (missing.empty()) return {};
  return refuse(forbidden(admission.call->about(),
                          "failed quota: " + std::string(names_of(quota).name) + ": must specify " + missing));
}

}  // namespace

void admit_quota(const AdmissionPtr& admission, const Admitted& done) {
  const std::string space = admission->call->info.name_space;
  read_all(*admission->call, {"", "v1", "resourcequotas", space},
           [admission, space, done](ApiResult<std::vector<Found>> found) {
             if (!found) return done(refuse(found.error()));
             if (found->empty()) return done({});
             auto quotas = std::make_shared<std::vector<Found>>(std::move(*found));
             const Resource& resource = *admission->call->resource;
             const Place place{resource.group, resource.version, resource.plural, space};
             read_all(*admission->call, place, [admission, quotas, done](ApiResult<std::vector<Found>> others) {
               if (!others) return done(refuse(others.error()));
               for (Found& quota : *quotas) {
                 if (auto told = require_amounts(*admission, quota.document.root()); !told)
                   return done(std::move(told));
                 if (auto charged = charge(*admission, quota, *others); !charged) return done(std::move(charged));
               }
               done({});
             });
           });
}

}  // namespace troupe::api
