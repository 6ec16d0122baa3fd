#include <algorithm>
#include <set>
#include <utility>

#include "actors/controllers/endpoints.hpp"
#include "actors/controllers/naming.hpp"
#include "actors/controllers/read_internal.hpp"
#include "schema/core_v1.capnp.h"
#include "schema/discovery_v1.capnp.h"

namespace troupe::controllers {
namespace {

namespace core = k8s::core::v1;
namespace discovery = k8s::discovery::v1;

constexpr const char* kPortsAnnotation = "troupe.dev/ports";
constexpr auto kPatience = std::chrono::seconds(2);  ///< For the ports of a pod that is an endpoint already.
constexpr const char* kServices = "services";
constexpr const char* kSlices = "endpointslices.discovery.k8s.io";
constexpr const char* kServiceLabel = "kubernetes.io/service-name";
constexpr const char* kManagerLabel = "endpointslice.kubernetes.io/managed-by";
constexpr const char* kManager = "endpointslice-controller.k8s.io";

struct ServiceView {
  Selector selector;
  bool publish_all = false;
  std::vector<ServicePortView> ports;
};

std::string protocol_of(capnp::Text::Reader from) { return from.size() > 0 ? text(from) : "TCP"; }

Result<ServiceView> read_service(SegmentView segment) {
  return with_object<core::Service>(segment, [](core::Service::Reader from) -> Result<ServiceView> {
    ServiceView out;
    out.selector.match_labels = entries(from.getSpec().getSelector());
    out.publish_all = from.getSpec().getPublishNotReadyAddresses();
    for (auto port : from.getSpec().getPorts()) {
      ServicePortView one{text(port.getName()), protocol_of(port.getProtocol()), port.getPort(), ""};
      if (port.hasTargetPort() && port.getTargetPort().isStr()) {
        one.target = 0;
        one.target_name = text(port.getTargetPort().getStr());
      } else if (port.hasTargetPort() && port.getTargetPort().getInt() != 0) {
        one.target = port.getTargetPort().getInt();
      }
      out.ports.push_back(std::move(one));
    }
    return out;
  });
}

Result<BackendView> read_backend(const Object& pod) {
  return with_object<core::Pod>(pod.segment, [&](core::Pod::Reader from) -> Result<BackendView> {
    BackendView out;
    out.name = pod.name.name;
    out.uid = pod.uid;
    out.node = pod.pod->node_name;
    for (auto ip : from.getStatus().getPodIPs()) out.addresses.push_back(text(ip.getIp()));
    if (out.addresses.empty() && from.getStatus().getPodIP().size() > 0) {
      out.addresses.push_back(text(from.getStatus().getPodIP()));
    }
    out.ready = pod.pod->ready_since.has_value();
    out.deleting = pod.deleting;
    out.ended = pod.pod->phase == "Succeeded" || pod.pod->phase == "Failed";
    for (auto annotation : from.getMetadata().getAnnotations()) {
      if (annotation.getKey() == kPortsAnnotation) out.own_ports = annotation.getValue() == "own";
    }
    for (auto container : from.getSpec().getContainers()) {
      for (auto port : container.getPorts()) {
        out.ports.push_back({text(port.getName()), protocol_of(port.getProtocol()), port.getContainerPort(), ""});
      }
    }
    return out;
  });
}

void fill_target(core::ObjectReference::Builder into, const std::string& ns, const EndpointView& endpoint) {
  into.setKind("Pod");
  into.setNamespace(ns);
  into.setName(endpoint.pod);
  into.setUid(endpoint.uid);
}

void fill_slice(discovery::EndpointSlice::Builder into, const std::string& ns, const EndpointGroup& group) {
  auto ports = into.initPorts(static_cast<unsigned>(group.ports.size()));
  for (unsigned i = 0; i < ports.size(); ++i) {
    ports[i].setName(group.ports[i].name);
    ports[i].setProtocol(group.ports[i].protocol);
    ports[i].setPort(group.ports[i].port);
    ports[i].setHasPort(true);
  }
  auto endpoints = into.initEndpoints(static_cast<unsigned>(group.endpoints.size()));
  for (unsigned i = 0; i < endpoints.size(); ++i) {
    const EndpointView& one = group.endpoints[i];
    endpoints[i].initAddresses(1).set(0, one.address);
    auto conditions = endpoints[i].initConditions();
    conditions.setReady(one.ready);
    conditions.setHasReady(true);
    conditions.setServing(one.ready || one.terminating);
    conditions.setHasServing(true);
    conditions.setTerminating(one.terminating);
    conditions.setHasTerminating(true);
    if (!one.node.empty()) endpoints[i].setNodeName(one.node);
    fill_target(endpoints[i].initTargetRef(), ns, one);
  }
}

void fill_addresses(capnp::List<core::EndpointAddress>::Builder list, const std::string& ns,
                    const std::vector<const EndpointView*>& from) {
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setIp(from[i]->address);
    if (!from[i]->node.empty()) list[i].setNodeName(from[i]->node);
    fill_target(list[i].initTargetRef(), ns, *from[i]);
  }
}

void fill_endpoints(core::Endpoints::Builder into, const std::string& ns, const std::vector<EndpointGroup>& groups) {
  auto subsets = into.initSubsets(static_cast<unsigned>(groups.size()));
  for (unsigned i = 0; i < subsets.size(); ++i) {
    std::vector<const EndpointView*> ready;
    std::vector<const EndpointView*> waiting;
    for (const auto& one : groups[i].endpoints) {
      if (one.ready) {
        ready.push_back(&one);
      } else if (!one.terminating) {
        waiting.push_back(&one);
      }
    }
    if (!ready.empty()) fill_addresses(subsets[i].initAddresses(static_cast<unsigned>(ready.size())), ns, ready);
    if (!waiting.empty()) {
      fill_addresses(subsets[i].initNotReadyAddresses(static_cast<unsigned>(waiting.size())), ns, waiting);
    }
    auto ports = subsets[i].initPorts(static_cast<unsigned>(groups[i].ports.size()));
    for (unsigned j = 0; j < ports.size(); ++j) {
      ports[j].setName(groups[i].ports[j].name);
      ports[j].setProtocol(groups[i].ports[j].protocol);
      ports[j].setPort(groups[i].ports[j].port);
    }
  }
}

bool same_ports(const Object& slice, const EndpointGroup& group) {
  const auto same =
      with_object<discovery::EndpointSlice>(slice.segment, [&](discovery::EndpointSlice::Reader from) -> Result<bool> {
        std::vector<EndpointPortView> ports;
        for (auto port : from.getPorts()) {
          ports.push_back({text(port.getName()), text(port.getProtocol()), port.getPort()});
        }
        return ports == group.ports;
      });
  return same && *same;
}

class ServiceActor final : public Reconciler {
 public:
  ServiceActor(ControllerDeps deps, std::string key, ObjectName object, PodPorts ports)
      : Reconciler(deps, std::move(key), std::move(object)), ports_(std::move(ports)) {}

 protected:
  std::optional<std::chrono::system_clock::time_point> reconcile() override {
    const ObjectPtr me = cache().find(object());
    auto service = me && !me->deleting ? read_service(me->segment) : fail(ErrorCode::kNotFound, "no such service");
    if (!service || service->selector.match_labels.empty()) {  // what it owns is the garbage collector's
      wait_for({});
      return std::nullopt;
    }
    std::vector<BackendView> pods;
    for (const auto& pod : cache().list("pods", object().ns)) {
      if (!service->selector.matches(pod->labels)) continue;
      if (auto backend = read_backend(*pod)) pods.push_back(std::move(*backend));
    }
    std::set<std::string> unknown;
    std::set<std::string> staying;
    for (const auto& pod : pods) {
      if (ports_known(pod)) continue;
      unknown.insert(pod.uid);
      if (!pod.deleting) staying.insert(pod.uid);
    }
    wait_for(unknown);
    if (const auto until = hold(staying)) return until;
    std::erase_if(pods, [&](const BackendView& pod) { return unknown.contains(pod.uid); });
    const auto groups = group_endpoints(service->ports, std::move(pods), service->publish_all, ports_.real_port);
    write_slices(*me, groups);
    write_endpoints(*me, groups);
    return std::nullopt;
  }

 private:
  void wait_for(const std::set<std::string>& uids) const {
    if (ports_.wait) ports_.wait(key(), uids);
  }

  /// After a kernel's start the runtime tells the pods' ports a moment after the store told the pods: who was an
  /// endpoint shall not vanish meanwhile. A pod that is none yet, or of which nobody tells, keeps nobody waiting.
  std::optional<std::chrono::system_clock::time_point> hold(const std::set<std::string>& unknown) {
    const auto published = unknown.empty() ? std::set<std::string>() : published_pods();
    const bool any =
        std::any_of(unknown.begin(), unknown.end(), [&](const auto& uid) { return published.contains(uid); });
    if (!any) {
      held_until_.reset();
      return std::nullopt;
    }
    if (!held_until_) held_until_ = wall_now() + kPatience;
    return wall_now() < *held_until_ ? held_until_ : std::nullopt;
  }

  std::set<std::string> published_pods() const {
    std::set<std::string> out;
    for (const auto& slice : slices()) {
      (void)with_object<discovery::EndpointSlice>(slice->segment, [&](discovery::EndpointSlice::Reader from) -> Status {
        for (auto endpoint : from.getEndpoints()) out.insert(text(endpoint.getTargetRef().getUid()));
        return {};
      });
    }
    return out;
  }

  std::vector<ObjectPtr> slices() const {
    std::vector<ObjectPtr> out;
    for (const auto& slice : cache().list(kSlices, object().ns)) {
      const auto service = slice->labels.find(kServiceLabel);
      const auto manager = slice->labels.find(kManagerLabel);
      if (service == slice->labels.end() || service->second != object().name || slice->deleting) continue;
      if (manager != slice->labels.end() && manager->second == kManager) out.push_back(slice);
    }
    return out;
  }

  void write_slices(const Object& me, std::vector<EndpointGroup> groups) {
    if (groups.empty()) groups.emplace_back();
    auto there = slices();
    for (const auto& group : groups) {
      auto found = std::find_if(there.begin(), there.end(), [&](const auto& one) { return same_ports(*one, group); });
      if (found == there.end()) found = there.begin();
      if (found == there.end()) {
        create_slice(me, group);
        continue;
      }
      const auto change = [ns = object().ns, group](SegmentView current) {
        return changed<discovery::EndpointSlice>(current, [&](discovery::EndpointSlice::Builder into) {
          fill_slice(into, ns, group);
          return true;
        });
      };
      const auto now = change((*found)->segment);
      if (now && *now && **now != (*found)->segment) update((*found)->name, (*found)->uid, change, "FailedUpdate");
      there.erase(found);
    }
    for (const auto& left : there) remove(left->name, left->uid, "FailedDelete");
  }

  void create_slice(const Object& me, const EndpointGroup& group) {
    const std::string name = child_name(object().name, random());
    capnp::MallocMessageBuilder builder;
    auto slice = builder.initRoot<discovery::EndpointSlice>();
    fill_meta(slice.initMetadata(), me, name, {{kServiceLabel, object().name}, {kManagerLabel, kManager}});
    slice.getMetadata().setGenerateName(object().name + "-");
    slice.setAddressType("IPv4");
    fill_slice(slice, object().ns, group);
    create({kSlices, object().ns, name}, to_segment<discovery::EndpointSlice>(slice.asReader()), "FailedCreate");
  }

  void write_endpoints(const Object& me, const std::vector<EndpointGroup>& groups) {
    const ObjectName name{"endpoints", object().ns, object().name};
    const ObjectPtr there = cache().find(name);
    const auto change = [ns = object().ns, groups](SegmentView current) {
      return changed<core::Endpoints>(current, [&](core::Endpoints::Builder into) {
        fill_endpoints(into, ns, groups);
        return true;
      });
    };
    if (there) {
      const auto now = change(there->segment);
      if (now && *now && **now != there->segment) update(name, there->uid, change, "FailedUpdate");
      return;
    }
    capnp::MallocMessageBuilder builder;
    auto made = builder.initRoot<core::Endpoints>();
    fill_meta(made.initMetadata(), me, object().name, me.labels);
    fill_endpoints(made, object().ns, groups);
    create(name, to_segment<core::Endpoints>(made.asReader()), "FailedCreate");
  }

  void fill_meta(k8s::meta::v1::ObjectMeta::Builder into, const Object& me, const std::string& name,
                 const Labels& labels) {
    into.setName(name);
    into.setNamespace(object().ns);
    if (!labels.empty()) set_labels(labels, [&](unsigned n) { return into.initLabels(n); });
    auto owner = into.initOwnerReferences(1)[0];
    owner.setApiVersion("v1");
    owner.setKind("Service");
    owner.setName(me.name.name);
    owner.setUid(me.uid);
    owner.setController(true);
    owner.setHasController(true);
    owner.setBlockOwnerDeletion(true);
    owner.setHasBlockOwnerDeletion(true);
  }

  bool ports_known(const BackendView& pod) const {
    return !pod.own_ports || pod.ended || pod.addresses.empty() || !ports_.known || ports_.known(pod.uid);
  }

  const PodPorts ports_;
  std::optional<std::chrono::system_clock::time_point> held_until_;  ///< While it waits for the ports of an endpoint.
};

std::vector<ObjectName> concerned(const Cache& cache, const ObjectPtr& before, const ObjectPtr& now) {
  const Object& any = now ? *now : *before;
  if (any.name.resource == kServices) return {any.name};
  std::vector<ObjectName> out;
  if (any.name.resource == kSlices || any.name.resource == "endpoints") {
    const auto* owner = any.controller();
    if (owner != nullptr && owner->kind == "Service") out.push_back({kServices, any.name.ns, owner->name});
    return out;
  }
  if (any.name.resource != "pods") return {};
  for (const auto& service : cache.list(kServices, any.name.ns)) {
    const auto view = read_service(service->segment);
    if (!view || view->selector.match_labels.empty()) continue;
    if ((before && view->selector.matches(before->labels)) || (now && view->selector.matches(now->labels))) {
      out.push_back(service->name);
    }
  }
  return out;
}

}  // namespace

ControlledKind services(const PodPorts& ports) { return kind_of<ServiceActor>("service", kServices, concerned, ports); }

}  // namespace troupe::controllers
