#include "api/verbs_stream.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "api/object_codec.hpp"
#include "api/pod_containers.hpp"
#include "api/selectors.hpp"
#include "api/streaming/command_channels.hpp"
#include "api/streaming/port_forward.hpp"
#include "api/streaming/remote_command.hpp"
#include "net/websocket.hpp"

/// pods/NAME/exec and attach: a client's connection becomes a command's streams.
namespace troupe::api {
namespace {

constexpr std::size_t kMaxWords = 4096;

/// As the kubelet refuses: its text, which clients show as it is.
void answer_plain(const CallPtr& call, int status, std::string text) {
  call->answer(status, "text/plain; charset=utf-8", std::move(text));
}

using Serve = void (*)(const CallPtr&, NodeStreams& node, const schema::Node& pod);

/// Reads the pod, then goes on with it.
void with_pod(const CallPtr& call, NodeStreams& node, Serve serve) {
  auto key = storage::make_key(call->resource->store_id, call->info.name_space, call->info.name);
  if (!key) return call->answer(not_found(call->about()));
  call->services.store.get(*key, storage::kNow, [call, &node, serve](Result<storage::GetResult> got) {
    call->services.env.post([call, &node, serve, got = std::make_shared<Result<storage::GetResult>>(std::move(got))] {
      if (!*got) return call->answer(from_store(got->error(), call->about()));
      if (!(*got)->record) return call->answer(not_found(call->about()));
      auto pod = to_document((*got)->record->view(), *call->resource);
      if (!pod) return call->answer(pod.error());
      if (text_at(pod->root(), "spec.nodeName").empty()) {
        return call->answer(bad_request("pod " + call->info.name + " does not have a host assigned"));
      }
      serve(call, node, pod->root());
    });
  });
}

ApiResult<NodeCommand> read_options(const Call& call) {
  NodeCommand out;
  const Query& query = call.info.query;
  struct Flag {
    std::string_view name;
    bool* value;
  };
  for (const Flag& flag : {Flag{"stdin", &out.input}, Flag{"stdout", &out.output}, Flag{"stderr", &out.error},
                           Flag{"tty", &out.terminal}}) {
    *flag.value = query.flag(flag.name);
  }
  if (out.terminal) out.error = false;
  if (!out.input && !out.output && !out.error) {
    return refuse(bad_request("you must specify at least 1 of stdin, stdout, stderr"));
  }
  for (const std::string_view word : query.all("command")) out.argv.emplace_back(word);
  if (out.argv.size() > kMaxWords) return refuse(bad_request("command: more than 4096 words"));
  return out;
}

bool is_spdy(const net::HttpRequest& request) {
  return net::equals_ignoring_case(request.headers.joined("upgrade"), "SPDY/3.1");
}

/// How a client's connection is switched.
struct Switch {
  net::HttpResponse head;
  bool spdy = false;  ///< Else WebSocket.
  std::string protocol;
};

/// Chooses the first of the client's protocols that is served; answers when there is none.
std::optional<Switch> choose(const CallPtr& call, const std::vector<std::string>& websocket,
                             const std::vector<std::string>& spdy) {
  Switch out;
  out.spdy = is_spdy(call->request);
  if (!out.spdy && !net::websocket::is_upgrade(call->request)) {
    call->answer(bad_request("Upgrade request required"));
    return std::nullopt;
  }
  static constexpr std::string_view kHeader = "X-Stream-Protocol-Version";
  std::vector<std::string> offered;
  if (out.spdy) {
    for (const auto& [name, value] : call->request.headers.fields()) {
      if (net::equals_ignoring_case(name, kHeader)) offered.push_back(value);
    }
  } else {
    offered = net::websocket::offered_protocols(call->request);
  }
  const auto& served = out.spdy ? spdy : websocket;
  const auto found = std::find_first_of(offered.begin(), offered.end(), served.begin(), served.end());
  if (found == offered.end()) {
    std::string names;
    for (const auto& one : served) names += (names.empty() ? "" : ", ") + one;
    call->answer(bad_request("unable to upgrade: none of the offered subprotocols is served; offer one of " + names));
    return std::nullopt;
  }
  out.protocol = *found;
  if (out.spdy) {
    out.head.status = 101;
    out.head.headers.add("Connection", "Upgrade");
    out.head.headers.add("Upgrade", "SPDY/3.1");
    out.head.headers.add(std::string(kHeader), out.protocol);
    return out;
  }
  auto head = net::websocket::handshake(call->request, out.protocol);
  if (!head) {
    call->answer(bad_request(head.error().message));
    return std::nullopt;
  }
  out.head = std::move(*head);
  return out;
}

using Open = std::function<void(NodeStreams::Opened, NodeStreams::Ended)>;

/// Switches the connection and connects it with what `open` starts.
void serve_command(const CallPtr& call, const NodeCommand& command, Switch how, const Open& open) {
  const auto serial = std::make_shared<Serial>();
  serial->run([call, command, how = std::move(how), open, serial]() mutable {
    if (!how.spdy) {
      const int version = how.protocol.starts_with("v5") ? 5 : 4;
      const Channel lowest = command.output ? Channel::kOutput : command.error ? Channel::kError : Channel::kStatus;
      auto channels =
          open_websocket_channels(call->writer, std::move(how.head), version, serial, call->services.env, lowest);
      return run_remote_command(call, std::move(channels), serial, command.argv, open);
    }
    std::vector<Channel> expected{Channel::kStatus};
    if (command.input) expected.push_back(Channel::kInput);
    if (command.output) expected.push_back(Channel::kOutput);
    if (command.error) expected.push_back(Channel::kError);
    if (command.terminal) expected.push_back(Channel::kResize);
    auto later = std::make_shared<std::weak_ptr<CommandChannels>>();
    auto channels = open_spdy_channels(call->writer, std::move(how.head), serial, call->services.env,
                                       std::move(expected), [call, later, serial, command, open] {
                                         if (auto ready = later->lock()) {
                                           run_remote_command(call, std::move(ready), serial, command.argv, open);
                                         }
                                       });
    *later = channels;
  });
}

void serve_exec(const CallPtr& call, NodeStreams& node, const schema::Node& pod) {
  auto command = read_options(*call);
  if (!command) return call->answer(command.error());
  if (command->argv.empty()) return call->answer(bad_request("you must provide at least 1 command"));
  auto container = choose_container(pod, call->info.name, std::string(call->info.query.get("container")));
  if (!container) return call->answer(container.error());
  command->run = running_container(pod, *container);
  if (command->run.empty()) return answer_plain(call, 500, "container not found (\"" + *container + "\")");
  auto how = choose(call, {"v5.channel.k8s.io", "v4.channel.k8s.io"}, {"v4.channel.k8s.io"});
  if (!how) return;
  serve_command(call, *command, std::move(*how),
                [&node, command = *command](NodeStreams::Opened opened, NodeStreams::Ended ended) {
                  node.exec(command, std::move(opened), std::move(ended));
                });
}

void serve_attach(const CallPtr& call, NodeStreams& node, const schema::Node& pod) {
  auto command = read_options(*call);
  if (!command) return call->answer(command.error());
  command->argv.clear();
  auto container = choose_container(pod, call->info.name, std::string(call->info.query.get("container")));
  if (!container) return call->answer(container.error());
  command->run = running_container(pod, *container);
  if (command->run.empty()) return answer_plain(call, 500, "container not found (\"" + *container + "\")");
  auto how = choose(call, {"v5.channel.k8s.io", "v4.channel.k8s.io"}, {"v4.channel.k8s.io"});
  if (!how) return;
  serve_command(call, *command, std::move(*how),
                [&node, command = *command](NodeStreams::Opened opened, NodeStreams::Ended ended) {
                  node.attach(command, std::move(opened), std::move(ended));
                });
}

void serve_port_forward(const CallPtr& call, NodeStreams& node, const schema::Node& pod) {
  if (text_at(pod, "status.phase") != "Running") {
    return answer_plain(call, 500, "pod not running: " + call->info.name);
  }
  auto how = choose(call, {"SPDY/3.1+portforward.k8s.io"}, {"portforward.k8s.io"});
  if (!how) return;
  const auto form = how->spdy ? ClientLink::Form::kBytes : ClientLink::Form::kMessages;
  ForwardTarget target{text_at(pod, "metadata.uid"), call->info.name};
  run_port_forward(call, std::move(how->head), form, node, std::move(target));
}

}  // namespace

void exec_in_pod(const CallPtr& call, NodeStreams& node) { with_pod(call, node, serve_exec); }

void attach_to_pod(const CallPtr& call, NodeStreams& node) { with_pod(call, node, serve_attach); }

void forward_ports(const CallPtr& call, NodeStreams& node) { with_pod(call, node, serve_port_forward); }

}  // namespace troupe::api
