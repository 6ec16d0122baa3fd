#include "actors/pod/handlers.hpp"

#include <utility>

#include "actors/pod/adoption.hpp"
#include "actors/pod/last_words.hpp"

namespace troupe::pod {
namespace {

using Done = std::function<void(HandlerAnswer)>;

constexpr int kFirstBad = 400;

void run_exec(const PodDeps& deps, std::string id, const Handler& handler, std::chrono::milliseconds timeout,
              Done done) {
  runtime::ExecSpec command;
  command.container_id = std::move(id);
  command.argv = handler.command;
  command.timeout = timeout;
  std::string words;
  for (const auto& word : handler.command) words += (words.empty() ? "" : " ") + word;
  deps.runtime.exec(std::move(command), [words, timeout, done = std::move(done)](Result<runtime::ExecResult> result) {
    if (!result) {
      // A command that is not there is the pod's fault; a keeper that is not there is not.
      const ErrorCode code = result.error().code;
      const bool theirs = code == ErrorCode::kPermission || code == ErrorCode::kInvalidArgument ||
                          (code == ErrorCode::kNotFound && result.error().message.starts_with("exec "));
      return done({theirs ? ProbeAnswer::kFailure : ProbeAnswer::kUnknown, result.error().message});
    }
    if (result->timed_out) {
      const std::string limit = format_duration(timeout);
      return done({ProbeAnswer::kFailure, "command timed out: \"" + words + "\" timed out after " + limit});
    }
    done({result->exit_code == 0 ? ProbeAnswer::kSuccess : ProbeAnswer::kFailure, valid_utf8(result->output)});
  });
}

void run_http(const PodDeps& deps, const Handler& handler, std::string host, std::uint16_t port,
              std::chrono::milliseconds timeout, Done done) {
  HttpCheck check;
  check.tls = handler.scheme == "HTTPS";
  check.host = std::move(host);
  check.port = port;
  check.path = handler.path.starts_with("/") ? handler.path : "/" + handler.path;
  check.headers = handler.headers;
  const std::string url = (check.tls ? "https://" : "http://") + check.host + ":" + std::to_string(port) + check.path;
  deps.checks->http(std::move(check), timeout, [url, done = std::move(done)](Result<HttpAnswer> answer) {
    if (!answer) return done({ProbeAnswer::kFailure, "Get \"" + url + "\": " + answer.error().message});
    if (answer->status >= 200 && answer->status < kFirstBad) return done({ProbeAnswer::kSuccess, ""});
    done({ProbeAnswer::kFailure, "HTTP probe failed with statuscode: " + std::to_string(answer->status)});
  });
}

}  // namespace

void run_handler(const PodDeps& deps, const PodSpec& spec, const PodState& state, std::size_t container,
                 const Handler& handler, std::chrono::milliseconds timeout, Done done) {
  if (handler.kind == Handler::Kind::kExec) {
    return run_exec(deps, run_id(spec, container, state.containers[container].attempt), handler, timeout,
                    std::move(done));
  }
  if (deps.checks == nullptr || handler.kind == Handler::Kind::kGrpc || handler.kind == Handler::Kind::kNone) {
    return done({ProbeAnswer::kUnknown, "this kind of action is not supported here"});
  }
  const auto port = find_port(spec.containers[container], handler.port);
  if (!port) return done({ProbeAnswer::kUnknown, "couldn't find port: \"" + handler.port + "\""});
  // Only the pod's own address has the pod's own ports.
  const auto given = static_cast<std::uint16_t>(*port);
  const std::uint16_t real = handler.host.empty() ? deps.network.real_port(spec.uid, given) : given;
  std::string host = handler.host.empty() ? state.pod_ip : handler.host;
  if (handler.kind == Handler::Kind::kHttp) {
    return run_http(deps, handler, std::move(host), real, timeout, std::move(done));
  }
  deps.checks->tcp(std::move(host), real, timeout, [done = std::move(done)](const Status& status) {
    done({status ? ProbeAnswer::kSuccess : ProbeAnswer::kFailure, status ? "" : status.error().message});
  });
}

}  // namespace troupe::pod
