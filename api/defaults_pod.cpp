#include "api/defaults_pod.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api {

using schema::Document;
using schema::Node;

namespace {

using Pairs = std::span<const std::pair<std::string_view, std::string_view>>;

constexpr std::pair<std::string_view, std::string_view> kPodSpec[] = {
    {"restartPolicy", R"("Always")"},   {"terminationGracePeriodSeconds", "30"},
    {"dnsPolicy", R"("ClusterFirst")"}, {"schedulerName", R"("default-scheduler")"},
    {"securityContext", "{}"},          {"enableServiceLinks", "true"},
};
constexpr std::pair<std::string_view, std::string_view> kContainer[] = {
    {"terminationMessagePath", R"("/dev/termination-log")"},
    {"terminationMessagePolicy", R"("File")"},
};
constexpr std::pair<std::string_view, std::string_view> kProbe[] = {
    {"timeoutSeconds", "1"}, {"periodSeconds", "10"}, {"successThreshold", "1"}, {"failureThreshold", "3"}};
constexpr std::pair<std::string_view, std::string_view> kHttpGet[] = {{"path", R"("/")"}, {"scheme", R"("HTTP")"}};
constexpr std::pair<std::string_view, std::string_view> kGrpc[] = {{"service", R"("")"}};
constexpr std::pair<std::string_view, std::string_view> kPort[] = {{"protocol", R"("TCP")"}};
constexpr std::pair<std::string_view, std::string_view> kFieldRef[] = {{"apiVersion", R"("v1")"}};
constexpr std::pair<std::string_view, std::string_view> kMode[] = {{"defaultMode", "420"}};
constexpr std::pair<std::string_view, std::string_view> kHostPath[] = {{"type", R"("")"}};
constexpr std::pair<std::string_view, std::string_view> kClaim[] = {{"volumeMode", R"("Filesystem")"}};
constexpr std::pair<std::string_view, std::string_view> kToken[] = {{"expirationSeconds", "3600"}};

ApiStatus fill(Document& document, Node* object, Pairs defaults) {
  if (object == nullptr || !object->is_object()) return {};
  for (const auto& [key, json] : defaults) {
    if (member(*object, key) != nullptr) continue;
    if (auto set = set_json(document, *object, key, json); !set) return set;
  }
  return {};
}

Node* child(Node* object, std::string_view name) { return object != nullptr ? object->find(name) : nullptr; }

std::span<Node> items_of(Node* object, std::string_view name) {
  Node* list = child(object, name);
  return list != nullptr ? list->items() : std::span<Node>();
}

/// `image` without a tag, or with :latest, is looked for each time.
std::string_view pull_policy(std::string_view image) {
  const std::size_t slash = image.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? image : image.substr(slash + 1);
  if (last.find('@') != std::string_view::npos) return R"("IfNotPresent")";
  const std::size_t colon = last.find(':');
  const bool latest = colon == std::string_view::npos || last.substr(colon + 1) == "latest";
  return latest ? R"("Always")" : R"("IfNotPresent")";
}

/// What is limited and not requested is requested to its limit.
ApiStatus fill_requests(Document& document, Node& container) {
  Node* resources = container.find("resources");
  const Node* limits = member(resources, "limits");
  if (limits == nullptr || limits->size() == 0) return {};
  auto requests = object_member(document, *resources, "requests");
  if (!requests) return refuse(requests.error());
  for (const schema::Member& each : limits->members()) {
    if (member(**requests, each.key) != nullptr) continue;
    if (auto set = set_node(document, **requests, each.key, each.value); !set) return set;
  }
  return {};
}

ApiStatus fill_handlers(Document& document, Node& container) {
  for (const std::string_view name : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    Node* probe = child(&container, name);
    if (auto filled = fill(document, probe, kProbe); !filled) return filled;
    if (auto filled = fill(document, child(probe, "httpGet"), kHttpGet); !filled) return filled;
    if (auto filled = fill(document, child(probe, "grpc"), kGrpc); !filled) return filled;
  }
  for (const std::string_view name : {"postStart", "preStop"}) {
    Node* handler = child(child(&container, "lifecycle"), name);
    if (auto filled = fill(document, child(handler, "httpGet"), kHttpGet); !filled) return filled;
  }
  return {};
}

ApiStatus fill_container(Document& document, Node& container, bool host_network) {
  if (!container.is_object()) return {};
  if (auto filled = fill(document, &container, kContainer); !filled) return filled;
  if (const std::string_view image = text_member(container, "image");
      !image.empty() && member(container, "imagePullPolicy") == nullptr) {
    if (auto set = set_json(document, container, "imagePullPolicy", pull_policy(image)); !set) return set;
  }
  for (Node& port : items_of(&container, "ports")) {
    if (auto filled = fill(document, &port, kPort); !filled) return filled;
    const Node* number = member(port, "containerPort");
    if (!host_network || number == nullptr || int_member(&port, "hostPort") != 0) continue;
    if (auto set = set_node(document, port, "hostPort", *number); !set) return set;
  }
  for (Node& variable : items_of(&container, "env")) {
    if (auto filled = fill(document, child(child(&variable, "valueFrom"), "fieldRef"), kFieldRef); !filled)
      return filled;
  }
  if (auto filled = fill_requests(document, container); !filled) return filled;
  return fill_handlers(document, container);
}

ApiStatus fill_volume(Document& document, Node& volume) {
  if (!volume.is_object()) return {};
  if (volume.size() == 1 && member(volume, "name") != nullptr) return set_json(document, volume, "emptyDir", "{}");
  for (const std::string_view source : {"configMap", "secret", "downwardAPI", "projected"}) {
    if (auto filled = fill(document, child(&volume, source), kMode); !filled) return filled;
  }
  if (auto filled = fill(document, child(&volume, "hostPath"), kHostPath); !filled) return filled;
  Node* claim = child(child(child(&volume, "ephemeral"), "volumeClaimTemplate"), "spec");
  if (auto filled = fill(document, claim, kClaim); !filled) return filled;
  for (Node& item : items_of(child(&volume, "downwardAPI"), "items")) {
    if (auto filled = fill(document, child(&item, "fieldRef"), kFieldRef); !filled) return filled;
  }
  for (Node& source : items_of(child(&volume, "projected"), "sources")) {
    if (auto filled = fill(document, child(&source, "serviceAccountToken"), kToken); !filled) return filled;
    for (Node& item : items_of(child(&source, "downwardAPI"), "items")) {
      if (auto filled = fill(document, child(&item, "fieldRef"), kFieldRef); !filled) return filled;
    }
  }
  return {};
}

/// The account's name stands in two fields; the old one follows.
ApiStatus fill_account(Document& document, Node& spec) {
  const std::string name(text_member(spec, "serviceAccountName"));
  const std::string old(text_member(spec, "serviceAccount"));
  if (name.empty() && !old.empty()) return set_text(document, spec, "serviceAccountName", old);
  if (!name.empty() && old != name) return set_text(document, spec, "serviceAccount", name);
  return {};
}

std::string base64(std::string_view text) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((text.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      word = (word << 8) | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out.push_back(i + k > text.size() ? '=' : kDigits[(word >> (18 - 6 * k)) & 63U]);
    }
  }
  return out;
}

}  // namespace

ApiStatus apply_pod_defaults(Document& document, Node& spec) {
  if (auto filled = fill(document, &spec, kPodSpec); !filled) return filled;
  if (auto filled = fill_account(document, spec); !filled) return filled;
  const bool host_network = true_member(&spec, "hostNetwork");
  for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
    for (Node& container : items_of(&spec, list)) {
      if (auto filled = fill_container(document, container, host_network); !filled) return filled;
    }
  }
  for (Node& volume : items_of(&spec, "volumes")) {
    if (auto filled = fill_volume(document, volume); !filled) return filled;
  }
  return {};
}

ApiStatus fold_string_data(Document& document, Node& secret) {
  const Node* plain = member(secret, "stringData");
  if (plain == nullptr) return {};
  if (plain->is_object() && plain->size() != 0) {
    const Node copy = *plain;  // setting a member may move the others
    auto data = object_member(document, secret, "data");
    if (!data) return refuse(data.error());
    for (const schema::Member& each : copy.members()) {
      if (!each.value.is_string()) return {};  // told as a wrong type by who reads it next
      if (auto set = set_text(document, **data, each.key, base64(each.value.as_string())); !set) return set;
    }
  }
  document.erase(secret, "stringData");
  return {};
}

}  // namespace troupe::api
