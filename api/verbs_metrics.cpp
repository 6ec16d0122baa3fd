#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <map>
#include <memory>
#include <utility>

#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/verbs_stream.hpp"

/// metrics.k8s.io: what nodes and pods use now. Made for each request, never kept.
namespace troupe::api {
namespace {

constexpr std::string_view kApiVersion = "metrics.k8s.io/v1beta1";

std::string time_text(std::chrono::system_clock::time_point at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string usage_json(std::uint64_t nanocores, std::uint64_t memory_bytes) {
  return R"({"cpu":")" + std::to_string(nanocores) + R"(n","memory":")" + std::to_string(memory_bytes / 1024) +
         R"(Ki"})";
}

struct Sample {
  std::string now;
  NodeUsage usage;
};

/// Everything of an object before its usage: names, time and window.
std::string head_json(const Sample& sample, std::string_view kind, std::string_view name_space, std::string_view name) {
  std::string out = R"({"kind":")" + std::string(kind) + R"(","apiVersion":")" + std::string(kApiVersion) +
                    R"(","metadata":{"name":)";
  append_json_string(out, name);
  if (!name_space.empty()) {
    out += R"(,"namespace":)";
    append_json_string(out, name_space);
  }
  out += R"(,"creationTimestamp":")" + sample.now + R"("},"timestamp":")" + sample.now + R"(","window":")";
  return out + std::to_string(sample.usage.window.count() / 1000) + "." +
         std::to_string(sample.usage.window.count() % 1000 / 100) + "s\"";
}

/// The stored object has the labels that are asked for; false when there is none of it any more.
bool is_selected(const CallPtr& call, const LabelSelector& selector, std::string_view plural,
                 const std::string& name_space, const std::string& name) {
  const Resource* resource = call->services.routes.find("", "v1", plural);
  if (resource == nullptr) return false;
  auto key = storage::make_key(resource->store_id, name_space, name);
  if (!key) return false;
  auto got = storage::get_now(call->services.store, *key);
  if (!got || !got->record) return false;
  if (selector.matches_all()) return true;
  auto object = to_document(got->record->view(), *resource);
  if (!object) return false;
  const schema::Node* metadata = object->root().find("metadata");
  return selector.matches(metadata != nullptr ? metadata->find("labels") : nullptr);
}

std::vector<std::string> node_items(const CallPtr& call, const Sample& sample, const LabelSelector& selector) {
  const std::string& name = sample.usage.node_name;
  if (!call->info.name.empty() && call->info.name != name) return {};
  if (!is_selected(call, selector, "nodes", "", name)) return {};
  return {head_json(sample, "NodeMetrics", "", name) + R"(,"usage":)" +
          usage_json(sample.usage.nanocores, sample.usage.memory_bytes) + "}"};
}

std::vector<std::string> pod_items(const CallPtr& call, const Sample& sample, const LabelSelector& selector) {
  std::map<std::pair<std::string, std::string>, std::string> pods;
  for (const auto& container : sample.usage.containers) {
    if (!call->info.name_space.empty() && container.pod_namespace != call->info.name_space) continue;
    if (!call->info.name.empty() && container.pod_name != call->info.name) continue;
    std::string& list = pods[{container.pod_namespace, container.pod_name}];
    list += list.empty() ? R"({"name":)" : R"(,{"name":)";
    append_json_string(list, container.name);
    list += R"(,"usage":)" + usage_json(container.nanocores, container.memory_bytes) + "}";
  }
  std::vector<std::string> out;
  for (const auto& [pod, containers] : pods) {
    if (!is_selected(call, selector, "pods", pod.first, pod.second)) continue;
    out.push_back(head_json(sample, "PodMetrics", pod.first, pod.second) + R"(,"containers":[)" + containers + "]}");
  }
  return out;
}

void answer_metrics(const CallPtr& call, const Sample& sample) {
  auto selector = LabelSelector::parse(call->info.query.get("labelSelector"));
  if (!selector) return call->answer(selector.error());
  const bool nodes = call->info.resource == "nodes";
  const auto items = nodes ? node_items(call, sample, *selector) : pod_items(call, sample, *selector);
  if (!call->info.name.empty()) {
    if (items.empty()) return call->answer(not_found({"metrics.k8s.io", call->info.resource, call->info.name}));
    return call->answer(200, "application/json", items.front());
  }
  std::string out = std::string(R"({"kind":")") + (nodes ? "Node" : "Pod") + R"(MetricsList","apiVersion":")" +
                    std::string(kApiVersion) + R"(","metadata":{},"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i) out += (i != 0 ? "," : "") + items[i];
  call->answer(200, "application/json", out + "]}");
}

}  // namespace

void read_metrics(const CallPtr& call, NodeStreams& node) {
  const RequestInfo& info = call->info;
  const bool nodes = info.resource == "nodes" && info.name_space.empty();
  const bool pods = info.resource == "pods" && (info.name.empty() || !info.name_space.empty());
  if (info.version != "v1beta1" || (!nodes && !pods) || !info.subresource.empty()) {
    return call->answer(path_not_found());
  }
  if (info.verb != "get" && info.verb != "list") {
    return call->answer(method_not_allowed({"metrics.k8s.io", info.resource, info.name}, info.verb));
  }
  node.usage([call](Result<NodeUsage> usage) {
    call->services.env.post([call, usage = std::make_shared<Result<NodeUsage>>(std::move(usage))] {
      if (!*usage) return call->answer(unavailable("metrics not available yet: " + usage->error().message));
      Sample sample{time_text(call->services.env.now()), std::move(**usage)};
      answer_metrics(call, sample);
    });
  });
}

}  // namespace troupe::api
