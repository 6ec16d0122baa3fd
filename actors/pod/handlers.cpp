#include "actors/pod/handlers.hpp"

#include <array>
#include <string_view>
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

void run_http(const PodDeps& deps, const Handler& handler, std::string pod, std::string host, std::uint16_t port,
              std::chrono::milliseconds timeout, Done done) {
  HttpCheck check;
  check.pod = std::move(pod);
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

void run_grpc(const PodDeps& deps, const Handler& handler, std::string pod, std::string host, std::uint16_t port,
              std::chrono::milliseconds timeout, Done done) {
  const bool v6 = host.find(':') != std::string::npos;
  std::string address = (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  auto judge = [address = std::move(address), timeout, done = std::move(done)](const GrpcAnswer& answer) {
    done(judge_grpc(answer, address, timeout));
  };
  GrpcCheck check{std::move(host), port, handler.path, std::move(pod)};
  deps.checks->grpc(std::move(check), timeout, std::move(judge));
}

/// gRPC's status codes as Go prints them.
std::string code_name(std::uint32_t code) {
  constexpr std::array<std::string_view, 17> kNames = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  return code < kNames.size() ? std::string(kNames.at(code)) : "Code(" + std::to_string(code) + ")";
}

std::string serving_name(std::int64_t serving) {
  constexpr std::array<std::string_view, 4> kNames = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
  const bool known = serving >= 0 && serving < static_cast<std::int64_t>(kNames.size());
  return known ? std::string(kNames.at(static_cast<std::size_t>(serving))) : std::to_string(serving);
}

}  // namespace

HandlerAnswer judge_grpc(const GrpcAnswer& answer, const std::string& address, std::chrono::milliseconds timeout) {
  constexpr std::uint32_t kDeadlineExceeded = 4;
  constexpr std::uint32_t kUnimplemented = 12;
  constexpr std::int64_t kServing = 1;
  const auto failed = [](const std::string& message) {
    return HandlerAnswer{ProbeAnswer::kFailure, valid_utf8(message)};
  };
  const std::string limit = format_duration(timeout);
  if (answer.kind == GrpcAnswer::Kind::kConnectTimeout) {
    return failed("timeout: failed to connect service \"" + address + "\" within " + limit +
                  ": context deadline exceeded");
  }
  if (answer.kind == GrpcAnswer::Kind::kNotConnected) {
    return failed("error: failed to connect service at \"" + address + "\": connection error: desc = \"" +
                  answer.message + "\"");
  }
  if (answer.kind == GrpcAnswer::Kind::kCallTimeout || answer.code == kDeadlineExceeded) {
    return failed("timeout: health rpc did not complete within " + limit);
  }
  if (answer.code == kUnimplemented) {
    return failed("error: this server does not implement the grpc health protocol (grpc.health.v1.Health): " +
                  answer.message);
  }
  if (answer.code != 0) {
    return failed("error: health rpc probe failed: rpc error: code = " + code_name(answer.code) +
                  " desc = " + answer.message);
  }
  if (answer.serving == kServing) return {ProbeAnswer::kSuccess, "service healthy"};
  return failed("service unhealthy (responded with \"" + serving_name(answer.serving) + "\")");
}

void run_handler(const PodDeps& deps, const PodSpec& spec, const PodState& state, std::size_t container,
                 const Handler& handler, std::chrono::milliseconds timeout, Done done) {
  if (handler.kind == Handler::Kind::kExec) {
    return run_exec(deps, run_id(spec, container, state.containers[container].attempt), handler, timeout,
                    std::move(done));
  }
  if (deps.checks == nullptr || handler.kind == Handler::Kind::kNone) {
    return done({ProbeAnswer::kUnknown, "this kind of action is not supported here"});
  }
  const auto port = find_port(spec.containers[container], handler.port);
  if (!port) return done({ProbeAnswer::kUnknown, "couldn't find port: \"" + handler.port + "\""});
  // Only the pod's own address has the pod's own ports.
  const auto given = static_cast<std::uint16_t>(*port);
  const std::uint16_t real = handler.host.empty() ? deps.network.real_port(spec.uid, given) : given;
  std::string host = handler.host.empty() ? state.pod_ip : handler.host;
  std::string pod = handler.host.empty() ? spec.uid : "";
  if (handler.kind == Handler::Kind::kHttp) {
    return run_http(deps, handler, std::move(pod), std::move(host), real, timeout, std::move(done));
  }
  if (handler.kind == Handler::Kind::kGrpc) {
    return run_grpc(deps, handler, std::move(pod), std::move(host), real, timeout, std::move(done));
  }
  TcpCheck check{std::move(pod), std::move(host), real};
  deps.checks->tcp(std::move(check), timeout, [done = std::move(done)](const Status& status) {
    done({status ? ProbeAnswer::kSuccess : ProbeAnswer::kFailure, status ? "" : status.error().message});
  });
}

}  // namespace troupe::pod
