#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/streaming/proxy_exchange.hpp"
#include "api/streaming/proxy_rules.hpp"
#include "api/verbs_stream.hpp"

/// NAME/proxy of pods, services and nodes: finds what is meant, then hands the request on.
namespace troupe::api {

namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
constexpr std::string_view kKubeletPort = "10250";

using Found = std::function<void(const schema::Node&)>;

/// Reads an object of the core group in the request's namespace.
void with_object(const CallPtr& call, std::string_view plural, const std::string& name, Found found) {
  const Resource* resource = call->services.routes.find("", "v1", plural);
  if (resource == nullptr) return call->answer(path_not_found());
  auto key = storage::make_key(resource->store_id, resource->namespaced ? call->info.name_space : "", name);
  if (!key) return call->answer(not_found({"", plural, name}));
  call->services.store.get(*key, storage::kNow,
                           [call, resource, name, found = std::move(found)](Result<storage::GetResult> got) {
                             const auto kept = std::make_shared<Result<storage::GetResult>>(std::move(got));
                             call->services.env.post([call, resource, name, found, kept] {
                               const About about{"", resource->plural, name};
                               if (!*kept) return call->answer(from_store(kept->error(), about));
                               if (!(*kept)->record) return call->answer(not_found(about));
                               auto object = to_document((*kept)->record->view(), *resource);
                               if (!object) return call->answer(object.error());
                               found(object->root());
                             });
                           });
}

std::span<const schema::Node> items_at(const schema::Node* object, std::string_view name) {
  const schema::Node* list = object != nullptr ? object->find(name) : nullptr;
  return list != nullptr ? list->items() : std::span<const schema::Node>();
}

std::string join_host(const std::string& address, const std::string& port) {
  return (address.find(':') != std::string::npos ? "[" + address + "]" : address) + ":" + port;
}

std::optional<std::int64_t> number_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The last step: the port is read as a dialler reads it.
void reach(const CallPtr& call, NodeStreams& node, const ProxyId& id, std::string uid, const std::string& address,
           const std::string& port) {
  const auto number = number_of(port);
  if (!number) return call->answer(unreachable("dial tcp: lookup tcp/" + port + ": unknown port"));
  if (*number < 1 || *number > 65535) return call->answer(unreachable("dial tcp: address " + port + ": invalid port"));
  const std::string& method = call->request.method;
  if (call->info.proxied.empty() && !asks_upgrade(call->request) && (method == "GET" || method == "HEAD")) {
    // Relative links of the pod's pages need the path to end with a slash.
    const std::string_view target = call->request.target;
    net::HttpResponse moved;
    moved.status = 301;
    moved.headers.add("Location", std::string(proxy_prefix(call->request, call->info)) + "/" +
                                      std::string(target.substr(std::min(target.find('?'), target.size()))));
    return call->writer->respond(std::move(moved));
  }
  run_proxy(call, node,
            {std::move(uid), join_host(address, port), static_cast<std::uint16_t>(*number), id.scheme == "https"});
}

void to_pod(const CallPtr& call, NodeStreams& node, const ProxyId& id) {
  with_object(call, "pods", id.name, [call, &node, id](const schema::Node& pod) {
    const std::string address = text_at(pod, "status.podIP");
    if (address.empty()) return call->answer(bad_request("address not allowed"));
    std::string port = id.port;
    for (const schema::Node& container : items_at(pod.find("spec"), "containers")) {
      if (!port.empty()) break;
      const auto ports = items_at(&container, "ports");
      if (!ports.empty()) port = text_at(ports.front(), "containerPort");
    }
    reach(call, node, id, text_at(pod, "metadata.uid"), address, port.empty() ? "80" : port);
  });
}

/// One of the service's pods that are ready, by the name of the port.
void to_endpoint(const CallPtr& call, NodeStreams& node, const ProxyId& id, const std::string& port) {
  with_object(call, "endpoints", id.name, [call, &node, id, port](const schema::Node& endpoints) {
    struct Choice {
      const schema::Node* address;
      std::string port;
    };
    std::vector<Choice> choices;
    for (const schema::Node& subset : items_at(&endpoints, "subsets")) {
      for (const schema::Node& each : items_at(&subset, "ports")) {
        if (text_at(each, "name") != port) continue;
        for (const schema::Node& address : items_at(&subset, "addresses")) {
          const bool is_pod = text_at(address, "targetRef.kind") == "Pod" && !text_at(address, "targetRef.uid").empty();
          if (is_pod) choices.push_back({&address, text_at(each, "port")});
        }
      }
    }
    if (choices.empty()) return call->answer(unavailable("no endpoints available for service \"" + id.name + "\""));
    const Choice& chosen = choices[call->services.env.random() % choices.size()];
    reach(call, node, id, text_at(*chosen.address, "targetRef.uid"), text_at(*chosen.address, "ip"), chosen.port);
  });
}

void to_service(const CallPtr& call, NodeStreams& node, const ProxyId& id) {
  const auto number = number_of(id.port);
  if (!number) return to_endpoint(call, node, id, id.port);
  with_object(call, "services", id.name, [call, &node, id](const schema::Node& service) {
    for (const schema::Node& port : items_at(service.find("spec"), "ports")) {
      if (text_at(port, "port") == id.port) return to_endpoint(call, node, id, text_at(port, "name"));
    }
    call->answer(unavailable("no service port " + id.port + " found for service \"" + id.name + "\""));
  });
}

void to_node(const CallPtr& call, NodeStreams& node, const ProxyId& id) {
  with_object(call, "nodes", id.name, [call, &node, id](const schema::Node& object) {
    std::string address;
    for (const schema::Node& each : items_at(object.find("status"), "addresses")) {
      if (text_at(each, "type") == "InternalIP" && address.empty()) address = text_at(each, "address");
    }
    if (address.empty()) return call->answer(bad_request("address not allowed"));
    if (id.port.empty()) {  // there is no kubelet's server on a node
      return call->answer(
          unreachable("dial tcp " + join_host(address, std::string(kKubeletPort)) + ": connect: connection refused"));
    }
    reach(call, node, id, "", address, id.port);
  });
}

}  // namespace

void proxy(const CallPtr& call, NodeStreams& node) {
  const RequestInfo& info = call->info;
  const bool known = std::find(kMethods.begin(), kMethods.end(), call->request.method) != kMethods.end();
  if (!known || info.verb == "watch") return call->answer(method_not_allowed(call->about(), info.verb));
  const auto id = parse_proxy_id(info.name);
  if (!id) {
    const std::string kind = info.resource.substr(0, info.resource.size() - 1);
    return call->answer(bad_request("invalid " + kind + " request \"" + info.name + "\""));
  }
  if (info.resource == "pods") return to_pod(call, node, *id);
  if (info.resource == "services") return to_service(call, node, *id);
  to_node(call, node, *id);
}

}  // namespace troupe::api
