#include "api/allocation.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "api/defaults_pod.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"
#include "api/validation/formats.hpp"

namespace troupe::api {

using schema::Document;
using schema::Node;

namespace {

constexpr int kProbes = 16;
constexpr std::uint32_t kLeftFree = 2;  ///< The network's own number and the first address, which is `kubernetes`'s.

bool has_address(const Node* spec) {
  const std::string_view address = text_member(spec, "clusterIP");
  return !address.empty() && address != "None" && text_member(spec, "type") != "ExternalName";
}

bool has_node_ports(const Node* spec) {
  const std::string_view type = text_member(spec, "type");
  if (type == "NodePort") return true;
  const Node* wanted = member(spec, "allocateLoadBalancerNodePorts");
  return type == "LoadBalancer" && (wanted == nullptr || true_member(spec, "allocateLoadBalancerNodePorts"));
}

std::set<std::int64_t> node_ports_of(const Node* spec) {
  std::set<std::int64_t> out;
  const Node* ports = member(spec, "ports");
  if (ports != nullptr) {
    for (const Node& port : ports->items()) {
      if (const std::int64_t number = int_member(&port, "nodePort"); number != 0) out.insert(number);
    }
  }
  const std::int64_t health = int_member(spec, "healthCheckNodePort");
  if (health != 0) out.insert(health);
  return out;
}

/// One allocation: what is wanted, and how to look whether it is taken.
struct Allocation : std::enable_shared_from_this<Allocation> {
  AdmissionPtr admission;
  Admitted done;
  std::set<std::int64_t> held;   ///< Ports that the old service has.
  std::set<std::int64_t> taken;  ///< Ports that this one was just given.
  std::size_t port = 0;          ///< The next one to look at.

  Node& spec() const { return *admission->object.root().find("spec"); }
  const Node* old_spec() const { return admission->old ? member(admission->old->root(), "spec") : nullptr; }
  const Services& services() const { return admission->call->services; }
  const ServiceRanges& ranges() const { return services().ranges; }
  std::uint64_t chance() const { return services().env.random(); }

  void refuse_with(Cause cause) const {
    done(refuse(invalid("", "Service", admission->call->info.name, {std::move(cause)})));
  }
};
using Task = std::shared_ptr<Allocation>;

using Taken = std::function<void(ApiResult<bool>)>;

void is_taken(const Task& task, const storage::Key& key, Taken done) {
  task->services().store.get(key, storage::kNow, [done = std::move(done)](Result<storage::GetResult> got) {
    if (!got) return done(refuse(from_store(got.error(), {"", "services", ""})));
    done(got->record.has_value());
  });
}

Result<storage::Key> address_key(const Services& services, std::string_view address) {
  const Resource* resource = services.routes.find("networking.k8s.io", "v1", "ipaddresses");
  return storage::make_key(resource != nullptr ? resource->store_id : 0, "", address);
}

Result<storage::Key> port_key(const Services& services, std::int64_t port) {
  return storage::make_key(services.routes.node_ports(), "", std::to_string(port));
}

// ---- Node ports ----

void next_port(const Task& task);

/// The record of a port names who has it.
storage::Record port_record(const Task& task) {
  storage::RecordMeta meta;
  meta.form = storage::Form::kRaw;
  const RequestInfo& info = task->admission->call->info;
  return storage::Record::of(meta, info.name_space + "/" + info.name);
}

void take_port(const Task& task, std::int64_t number) {
  task->taken.insert(number);
  if (!task->held.contains(number)) {
    auto key = port_key(task->services(), number);
    if (!key) return task->done(refuse(from_store(key.error(), {"", "services", ""})));
    task->admission->extra.put(std::move(*key), port_record(task), storage::Condition::absent());
  }
  Node& port = task->spec().find("ports")->items()[task->port];
  auto set = set_node(task->admission->object, port, "nodePort", Node(number));
  if (!set) return task->done(std::move(set));
  ++task->port;
  next_port(task);
}

void search_port(const Task& task, int probes) {
  const auto [low, high] = task->ranges().node_ports;
  const auto count = static_cast<std::uint64_t>(high - low + 1);
  if (probes > 0) {
    const auto number = low + static_cast<std::int64_t>(task->chance() % count);
    if (task->taken.contains(number) || task->held.contains(number)) return search_port(task, probes - 1);
    auto key = port_key(task->services(), number);
    return is_taken(task, *key, [task, number, probes](ApiResult<bool> taken) {
      if (!taken) return task->done(refuse(taken.error()));
      if (*taken) return search_port(task, probes - 1);
      take_port(task, number);
    });
  }
  auto used = std::make_shared<std::set<std::int64_t>>(task->taken);
  used->insert(task->held.begin(), task->held.end());
  storage::ListRequest request;
  request.prefix = storage::prefix_of(task->services().routes.node_ports());
  request.limit = std::numeric_limits<std::size_t>::max();
  task->services().store.list(
      std::move(request),
      [used](std::string_view bytes, const storage::RecordView&) {
        if (auto parts = storage::split_key(bytes))
          used->insert(std::strtoll(std::string(parts->name).c_str(), nullptr, 10));
        return true;
      },
      [task, used, low = low, high = high](Result<storage::ListEnd> end) {
        if (!end) return task->done(refuse(from_store(end.error(), {"", "services", ""})));
        for (std::int64_t number = low; number <= high; ++number) {
          if (!used->contains(number)) return take_port(task, number);
        }
        task->done(refuse(internal_error("failed to allocate a nodePort: range is full")));
      });
}

void next_port(const Task& task) {
  Node* ports = task->spec().find("ports");
  if (ports == nullptr || task->port >= ports->items().size() || !has_node_ports(&task->spec())) {
    for (const std::int64_t number : task->held) {
      if (task->taken.contains(number)) continue;
      if (auto key = port_key(task->services(), number)) task->admission->extra.erase(std::move(*key));
    }
    return task->done({});
  }
  const std::int64_t wanted = int_member(&ports->items()[task->port], "nodePort");
  if (wanted == 0) return search_port(task, kProbes);
  if (task->held.contains(wanted) || task->taken.contains(wanted)) return take_port(task, wanted);
  const std::string field = "spec.ports[" + std::to_string(task->port) + "].nodePort";
  const auto [low, high] = task->ranges().node_ports;
  if (wanted < low || wanted > high) {
    return task->refuse_with(invalid_value(field, std::to_string(wanted),
                                           "provided port is not in the valid range. The range of valid ports is " +
                                               std::to_string(low) + "-" + std::to_string(high)));
  }
  auto key = port_key(task->services(), wanted);
  is_taken(task, *key, [task, wanted, field](ApiResult<bool> taken) {
    if (!taken) return task->done(refuse(taken.error()));
    if (!*taken) return take_port(task, wanted);
    task->refuse_with(invalid_value(field, std::to_string(wanted), "provided port is already allocated"));
  });
}

// ---- Addresses ----

ApiResult<storage::Record> address_record(const Task& task, const std::string& address) {
  const RequestInfo& info = task->admission->call->info;
  const Resource* resource = task->services().routes.find("networking.k8s.io", "v1", "ipaddresses");
  auto document =
      parse_json(R"({"apiVersion":"networking.k8s.io/v1","kind":"IPAddress","metadata":{"name":")" + address +
                 R"(","labels":{"ipaddress.kubernetes.io/ip-family":"IPv4",)" +
                 R"("ipaddress.kubernetes.io/managed-by":"ipallocator.k8s.io"}},"spec":{"parentRef":{)" +
                 R"("resource":"services","namespace":")" + info.name_space + R"(","name":")" + info.name + "\"}}}");
  if (!document) return refuse(document.error());
  if (auto made = prepare_create(*document, *resource, task->services().env); !made) return refuse(made.error());
  schema::Diagnostics ignored;
  return to_record(*document, *resource, ignored);
}

void take_address(const Task& task, const std::string& address) {
  auto key = address_key(task->services(), address);
  auto record = address_record(task, address);
  if (!record) return task->done(refuse(record.error()));
  task->admission->extra.put(std::move(*key), std::move(*record), storage::Condition::absent());
  Document& object = task->admission->object;
  Node& spec = task->spec();
  if (auto set = set_text(object, spec, "clusterIP", address); !set) return task->done(std::move(set));
  auto set = set_json(object, spec, "clusterIPs", "[\"" + address + "\"]");
  if (!set) return task->done(std::move(set));
  next_port(task);
}

void search_address(const Task& task, int probes) {
  const ServiceRanges& ranges = task->ranges();
  const std::uint32_t size = ranges.addresses();
  if (probes > 0) {
    const auto offset = kLeftFree + static_cast<std::uint32_t>(task->chance() % (size - kLeftFree - 1));
    const std::string address = ipv4_text(ranges.network + offset);
    auto key = address_key(task->services(), address);
    return is_taken(task, *key, [task, address, probes](ApiResult<bool> taken) {
      if (!taken) return task->done(refuse(taken.error()));
      if (*taken) return search_address(task, probes - 1);
      take_address(task, address);
    });
  }
  read_all(*task->admission->call, {"networking.k8s.io", "v1", "ipaddresses", ""},
           [task, size](ApiResult<std::vector<Found>> found) {
             if (!found) return task->done(refuse(found.error()));
             std::set<std::string, std::less<>> used;
             for (const Found& each : *found) used.emplace(names_of(each.document.root()).name);
             for (std::uint32_t offset = kLeftFree; offset + 1 < size; ++offset) {
               const std::string address = ipv4_text(task->ranges().network + offset);
               if (!used.contains(address)) return take_address(task, address);
             }
             task->done(refuse(internal_error("failed to allocate a serviceIP: range is full")));
           });
}

void fixed_address(const Task& task, const std::string& address) {
  const ServiceRanges& ranges = task->ranges();
  const auto number = parse_ipv4(address);
  const std::string json = "[\"" + address + "\"]";
  const std::string failed = "failed to allocate IP " + address + ": ";
  if (!number || !ranges.contains(*number)) {
    return task->refuse_with(invalid_value("spec.clusterIPs", json,
                                           failed + "the provided IP (" + address +
                                               ") is not in the valid range. The range of valid IPs is " +
                                               ranges.cidr()));
  }
  // The first address is the service `kubernetes`'s, which the server makes itself.
  if (*number == ranges.network + 1) {
    return task->refuse_with(invalid_value("spec.clusterIPs", json, failed + "provided IP is already allocated"));
  }
  auto key = address_key(task->services(), address);
  is_taken(task, *key, [task, address, json, failed](ApiResult<bool> taken) {
    if (!taken) return task->done(refuse(taken.error()));
    if (!*taken) return take_address(task, address);
    task->refuse_with(invalid_value("spec.clusterIPs", json, failed + "provided IP is already allocated"));
  });
}

/// The fields that say which families a service has: one, IPv4.
ApiStatus fill_families(const Task& task, bool& refused) {
  Node& spec = task->spec();
  Document& object = task->admission->object;
  refused = true;
  const Node* families = member(spec, "ipFamilies");
  for (std::size_t i = 0; families != nullptr && i < families->items().size(); ++i) {
    if (!families->items()[i].is_string() || families->items()[i].as_string() == "IPv4") continue;
    task->refuse_with(
        invalid_value("spec.ipFamilies[" + std::to_string(i) + "]", "\"IPv6\"", "not configured on this cluster"));
    return {};
  }
  if (text_member(spec, "ipFamilyPolicy") == "RequireDualStack") {
    task->refuse_with(invalid_value("spec.ipFamilyPolicy", "\"RequireDualStack\"",
                                    "this cluster is not configured for dual-stack services"));
    return {};
  }
  refused = false;
  if (member(spec, "ipFamilyPolicy") == nullptr) {
    if (auto set = set_text(object, spec, "ipFamilyPolicy", "SingleStack"); !set) return set;
  }
  return set_json(object, spec, "ipFamilies", R"(["IPv4"])");
}

/// clusterIP and clusterIPs say the same, whichever of them was given.
ApiStatus agree_on_address(const Task& task) {
  Node& spec = task->spec();
  const Node* list = member(spec, "clusterIPs");
  const std::string address(text_member(spec, "clusterIP"));
  if (address.empty() && list != nullptr && list->size() != 0 && list->items()[0].is_string()) {
    return set_text(task->admission->object, spec, "clusterIP", list->items()[0].as_string());
  }
  if (!address.empty() && (list == nullptr || list->size() == 0)) {
    return set_json(task->admission->object, spec, "clusterIPs", "[\"" + address + "\"]");
  }
  return {};
}

bool is_service(const Resource& resource) { return resource.group.empty() && resource.kind == "Service"; }

/// A port that names none has the node port of the old one of that number; where the type needs none they go.
ApiStatus keep_node_ports(Document& object, Node& spec, const Node& old) {
  const Node* before = member(old, "ports");
  Node* ports = spec.find("ports");
  if (before == nullptr || ports == nullptr) return {};
  const bool wanted = has_node_ports(&spec);
  const std::set<std::int64_t> held = node_ports_of(&old);
  for (Node& port : ports->items()) {
    if (!wanted && held.contains(int_member(&port, "nodePort"))) object.erase(port, "nodePort");
    if (!wanted || int_member(&port, "nodePort") != 0) continue;
    for (const Node& had : before->items()) {
      const std::int64_t number = int_member(&had, "nodePort");
      if (number == 0 || !same_member(&had, &port, "port") || !same_member(&had, &port, "protocol")) continue;
      if (auto set = set_node(object, port, "nodePort", Node(number)); !set) return set;
    }
  }
  return {};
}

/// A change of the type takes the old type's fields along, where the update left them as they were.
void drop_what_the_type_lacks(Document& object, Node& spec, const Node& old) {
  const std::string_view type = text_member(spec, "type");
  const auto drop = [&](std::initializer_list<std::string_view> fields) {
    for (const std::string_view field : fields) {
      if (same_member(&spec, &old, field)) object.erase(spec, field);
    }
  };
  const Node* outside = member(spec, "externalIPs");
  const bool external = type == "ClusterIP" && outside != nullptr && outside->size() != 0;
  if (type != "NodePort" && type != "LoadBalancer" && !external) drop({"externalTrafficPolicy"});
  if (type != "LoadBalancer" || text_member(spec, "externalTrafficPolicy") != "Local") drop({"healthCheckNodePort"});
  if (type != "LoadBalancer") drop({"allocateLoadBalancerNodePorts", "loadBalancerClass"});
  if (type == "ExternalName")
    drop({"clusterIPs", "clusterIP", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"});
}

/// clusterIP and clusterIPs say the same also where an update named, or left out, only one of them.
ApiStatus keep_address(Document& object, Node& spec, const Node& old) {
  const std::string_view had = text_member(old, "clusterIP");
  if (had.empty()) return {};
  const std::string address(text_member(spec, "clusterIP"));
  const Node* list = member(spec, "clusterIPs");
  const bool no_list = list == nullptr || list->size() == 0;
  const bool same_list = same_member(&spec, &old, "clusterIPs");
  if (no_list || same_list) {
    if (!address.empty() && address != had) return set_json(object, spec, "clusterIPs", "[\"" + address + "\"]");
    if (auto set = set_text(object, spec, "clusterIP", had); !set || same_list) return set;
    const Node* before = member(old, "clusterIPs");
    auto copied = before != nullptr ? object.copy(*before) : Result<Node>(Node());
    if (!copied) return refuse(too_large(copied.error().message));
    return set_node(object, spec, "clusterIPs", *copied);
  }
  const Node& first = list->items()[0];
  if ((!address.empty() && address != had) || !first.is_string()) return {};
  return set_text(object, spec, "clusterIP", first.as_string());
}

void release_address(const Task& task) {
  const Node* old = task->old_spec();
  if (!has_address(old)) return;
  if (auto key = address_key(task->services(), text_member(old, "clusterIP"))) {
    task->admission->extra.erase(std::move(*key));
  }
}

}  // namespace

void allocate_service(const AdmissionPtr& admission, const Admitted& done) {
  auto task = std::make_shared<Allocation>();
  task->admission = admission;
  task->done = done;
  if (member(admission->object.root(), "spec") == nullptr) return task->done({});
  if (const Node* old = task->old_spec(); old != nullptr) task->held = node_ports_of(old);
  Node& spec = task->spec();
  if (text_member(spec, "type") == "ExternalName") {
    release_address(task);
    if (admission->old) {
      for (const std::string_view key : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
        admission->object.erase(spec, key);
      }
    }
    return next_port(task);
  }
  bool refused = false;
  if (auto filled = fill_families(task, refused); !filled) return task->done(std::move(filled));
  if (refused) return;
  if (auto agreed = agree_on_address(task); !agreed) return task->done(std::move(agreed));
  const std::string address(text_member(spec, "clusterIP"));
  const Node* old = task->old_spec();
  if (address == "None" || (has_address(old) && address == text_member(old, "clusterIP"))) return next_port(task);
  if (has_address(old)) return next_port(task);  // it may not change: the validation says so
  if (address.empty()) return search_address(task, kProbes);
  const Node* list = member(spec, "clusterIPs");
  const Node* first = list != nullptr && list->size() != 0 ? &list->items()[0] : nullptr;
  const bool agrees = first != nullptr && first->is_string() && first->as_string() == address;
  if (!is_ip(address) || !agrees) return next_port(task);  // the validation says so
  fixed_address(task, address);
}

ApiStatus keep_allocated(Document& object, const Node& old_root, const Resource& resource) {
  if (!is_service(resource)) return {};
  const Node* old = member(old_root, "spec");
  Node* spec = object.root().find("spec");
  if (old == nullptr || spec == nullptr || !spec->is_object()) return {};
  drop_what_the_type_lacks(object, *spec, *old);
  if (text_member(*spec, "type") != "ExternalName") {
    if (auto kept = keep_address(object, *spec, *old); !kept) return kept;
  }
  return keep_node_ports(object, *spec, *old);
}

void append_releases(const Services& services, const Resource& resource, const storage::RecordView& object,
                     storage::Batch& batch) {
  if (!is_service(resource)) return;
  auto document = to_document(object, resource);
  if (!document) return;
  const Node* spec = member(document->root(), "spec");
  if (has_address(spec)) {
    if (auto key = address_key(services, text_member(spec, "clusterIP"))) batch.erase(std::move(*key));
  }
  for (const std::int64_t number : node_ports_of(spec)) {
    if (auto key = port_key(services, number)) batch.erase(std::move(*key));
  }
}

}  // namespace troupe::api
