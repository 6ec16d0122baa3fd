#include "daemon/tree_page.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/object_internal.hpp"

namespace troupe::daemon {
namespace {

constexpr std::string_view kPodActor = "pod ";
constexpr std::size_t kMostWords = 200;

/// In one line; of long words their end, where programs say what they died of.
std::string last_words(capnp::Text::Reader message) {
  std::string words;
  for (const char each : std::string_view(message.begin(), message.size())) {
    const bool blank = static_cast<unsigned char>(each) <= ' ' || each == '\x7f';
    if (!blank) words += each;
    if (blank && !words.empty() && words.back() != ' ') words += ' ';
  }
  if (!words.empty() && words.back() == ' ') words.pop_back();
  if (words.size() <= kMostWords) return words;
  std::size_t from = words.size() - kMostWords;
  while (from < words.size() && (static_cast<unsigned char>(words[from]) & 0xC0U) == 0x80) ++from;
  return "…" + words.substr(from);
}

/// "Error, exit code 3: cannot open the database"
std::string end_of(core::ContainerStateTerminated::Reader end) {
  std::string out = text(end.getReason());
  if (out.empty()) out = "ended";
  out += ", exit code " + std::to_string(end.getExitCode());
  if (end.getSignal() != 0) out += ", signal " + std::to_string(end.getSignal());
  if (const std::string words = last_words(end.getMessage()); !words.empty()) out += ": " + words;
  return out;
}

kernel::TreeNode container_node(core::ContainerStatus::Reader status) {
  kernel::TreeNode node;
  const auto state = status.getState();
  const auto last = status.getLastState();
  node.name = text(status.getName());
  node.restarts = static_cast<std::uint32_t>(std::max(0, status.getRestartCount()));
  if (state.hasTerminated()) {
    node.state = kernel::ChildState::kStopped;
    node.last_reason = end_of(state.getTerminated());
  } else if (last.hasTerminated()) {
    node.last_reason = end_of(last.getTerminated());
  }
  if (state.hasWaiting()) {
    if (last.hasTerminated()) node.state = kernel::ChildState::kRestarting;
    node.note = text(state.getWaiting().getReason());
  }
  return node;
}

void collect(kernel::TreeNode& node, std::map<std::string, kernel::TreeNode*>& actors) {
  for (kernel::TreeNode& child : node.children) collect(child, actors);
  if (node.name.starts_with(kPodActor)) actors.emplace(node.name.substr(kPodActor.size()), &node);
}

void show(core::Pod::Reader pod, kernel::TreeNode& actor) {
  const auto meta = pod.getMetadata();
  actor.note = text(meta.getNamespace()) + "/" + text(meta.getName());
  const auto status = pod.getStatus();
  for (const auto& list :
       {status.getInitContainerStatuses(), status.getContainerStatuses(), status.getEphemeralContainerStatuses()}) {
    for (auto container : list) actor.children.push_back(container_node(container));
  }
}

}  // namespace

void show_pod(SegmentView pod, kernel::TreeNode& actor) {
  (void)with_object<core::Pod>(pod, [&](core::Pod::Reader object) -> Status {
    show(object, actor);
    return {};
  });
}

void show_pods(const Objects& objects, kernel::TreeNode& tree) {
  std::map<std::string, kernel::TreeNode*> actors;
  collect(tree, actors);
  if (actors.empty()) return;
  (void)each_object<core::Pod>(objects, objects.resource("", "v1", "pods"), [&](core::Pod::Reader pod) {
    const auto found = actors.find(text(pod.getMetadata().getUid()));
    if (found != actors.end()) show(pod, *found->second);
  });
}

}  // namespace troupe::daemon
