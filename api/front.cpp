#include "api/front.hpp"

#include <algorithm>

#include "api/answer_writer.hpp"
#include "api/custom/openapi.hpp"
#include "api/custom/version.hpp"
#include "api/discovery.hpp"
#include "api/discovery_metrics.hpp"
#include "api/openapi_v2.hpp"
#include "api/server_paths.hpp"
#include "api/verbs.hpp"
#include "api/verbs_stream.hpp"
#include "api/views.hpp"
#include "api/watch.hpp"

namespace troupe::api {

namespace {

constexpr int kRetryAfter = 1;
constexpr std::size_t kMaxOrder = 4096;
constexpr std::string_view kOpenApiV2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

bool allows(std::span<const std::string_view> verbs, std::string_view verb) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

std::string reason_of(int status) {
  switch (status) {
    case 400:
      return "BadRequest";
    case 413:
    case 431:
      return "RequestEntityTooLarge";
    case 408:
      return "Timeout";
    case 500:
      return "InternalError";
    default:
      return "Unknown";
  }
}

ApiError path_method_not_allowed() {
  ApiError error = path_not_found();
  error.code = 405;
  error.reason = "MethodNotAllowed";
  error.message = "the server does not allow this method on the requested resource";
  return error;
}

bool impersonates(const net::HttpRequest& request) {
  static constexpr std::string_view kPrefix = "impersonate-";
  for (const auto& [name, value] : request.headers.fields()) {
    if (name.size() > kPrefix.size() &&
        net::equals_ignoring_case(std::string_view(name).substr(0, kPrefix.size()), kPrefix)) {
      return true;
    }
  }
  return false;
}

std::string version_json(const std::string& git_version) {
  std::string out = R"({"major":"1","minor":"36","emulationMajor":"1","emulationMinor":"36",)";
  out += R"("minCompatibilityMajor":"1","minCompatibilityMinor":"35","gitVersion":)";
  append_json_string(out, git_version);
  out += R"(,"gitCommit":"","gitTreeState":"clean","buildDate":"1970-01-01T00:00:00Z","goVersion":"none",)";
  return out + R"("compiler":"gcc","platform":"linux/amd64"})";
}

/// What the embedding program could not say or do.
ApiError refusal_of(const Error& why) {
  ApiError error = unavailable(why.message);
  if (why.code == ErrorCode::kInvalidArgument) error = bad_request(why.message);
  if (why.code == ErrorCode::kNotFound) error = path_not_found();
  if (why.code == ErrorCode::kConflict) error = conflict({}, "");
  if (why.code == ErrorCode::kTimeout) {
    error.code = 504;
    error.reason = "Timeout";
  }
  error.message = why.message;
  return error;
}

/// Hands its answer to the client.
std::function<void(Result<std::string>)> text_answer(const CallPtr& call) {
  return [call](Result<std::string> text) {
    if (!text) return call->answer(refusal_of(text.error()));
    call->answer(200, "text/plain; charset=utf-8", std::move(*text));
  };
}

}  // namespace

Front::Front(const Services& services, Authenticator authenticator, FrontOptions options)
    : services_(services),
      authenticator_(std::move(authenticator)),
      options_(std::move(options)),
      openapi_(services_.routes, services_.types),
      reads_(options_.max_reads),
      writes_(options_.max_writes),
      watches_(options_.max_watches) {}

net::HttpResponse Front::refusal(int status, std::string_view reason) const {
  ApiError error;
  error.code = status;
  error.reason = reason_of(status);
  error.message = reason;
  return error_response(error);
}

bool Front::streams_body(std::string_view method, std::string_view target) const {
  if (options_.streams == nullptr || target.find("/proxy") == std::string_view::npos) return false;
  const auto info = parse_request(method, target);
  if (!info || !info->is_resource || info->subresource != "proxy") return false;
  const Resource* resource = services_.routes.find(info->group, info->version, info->resource);
  return resource != nullptr && resource->find_subresource("proxy") != nullptr;
}

InFlight& Front::class_of(const RequestInfo& info) {
  const std::string& sub = info.subresource;
  if (info.verb == "watch" || sub == "log" || sub == "exec" || sub == "attach" || sub == "portforward" ||
      sub == "proxy") {
    return watches_;  // lasts for as long as its reader likes
  }
  return info.verb == "get" || info.verb == "list" || info.verb == "head" ? reads_ : writes_;
}

void Front::handle(net::HttpRequest request, std::shared_ptr<net::ResponseWriter> writer) {
  auto call = std::make_shared<Call>(services_);
  call->request = std::move(request);
  auto answer = std::make_shared<AnswerWriter>(std::move(writer), call->request, services_.env);
  call->writer = answer;
  auto info = parse_request(call->request.method, call->request.target);
  if (!info) return call->answer(info.error());
  call->info = std::move(*info);
  auto user = authenticator_.authenticate(call->request);
  const Resource* served = user && call->info.is_resource
                               ? services_.routes.find(call->info.group, call->info.version, call->info.resource)
                               : nullptr;
  answer->count_in(metrics_.of(call->info, served), &class_of(call->info) == &watches_);
  if (user) call->info.user = *user;
  const bool shows_credentials =
      !call->request.certificate_fault.empty() || call->request.headers.find("authorization") != nullptr;
  if (!user && (shows_credentials || !is_public_path(call->info.path))) return call->answer(user.error());
  if (auto allowed = authorize(call->info, call->info.user.get()); !allowed) return call->answer(allowed.error());
  if (impersonates(call->request)) {
    return call->answer(forbidden({}, "impersonation is not supported until roles exist"));
  }
  if (!is_public_path(call->info.path)) {
    call->ticket = class_of(call->info).enter();
    if (!call->ticket) {
      return call->answer(
          too_many_requests("too many requests of this kind are being served, please try again later", kRetryAfter));
    }
  }
  if (call->info.is_resource) return serve_resource(call);
  serve_path(call);
}

void Front::answer_cacheable(const CallPtr& call, std::string_view content_type, const std::string& body,
                             std::string etag) {
  if (etag.empty()) etag = etag_of(body);
  net::HttpResponse response;
  response.headers.add("Content-Type", std::string(content_type));
  response.headers.add("Vary", "Accept");
  response.headers.add("ETag", etag);
  response.headers.add("Cache-Control", "public");
  const std::string* known = call->request.headers.find("if-none-match");
  if (known != nullptr && known->find(etag) != std::string::npos) {
    response.status = 304;
  } else {
    response.body = body;
  }
  call->writer->respond(std::move(response));
}

void Front::serve_discovery(const CallPtr& call, bool core) {
  Offer offer;
  offer.yaml = false;
  offer.protobuf = false;
  offer.table = false;
  offer.partial_metadata = false;
  offer.aggregated_discovery = true;
  auto accepted = negotiate(call->request.headers.joined("accept"), offer);
  if (!accepted) return call->answer(accepted.error());
  const auto routes = all_routes();
  if (accepted->view == View::kObject) {
    if (core) return answer_cacheable(call, "application/json", core_versions_json(options_.server_address));
    std::string groups = group_list_json(*routes);
    if (options_.streams != nullptr) add_metrics_group(groups, false);
    return answer_cacheable(call, "application/json", groups);
  }
  const std::string_view version = accepted->view == View::kAggregatedDiscoveryV2 ? "v2" : "v2beta1";
  std::string body = aggregated_json(*routes, core, version);
  if (!core && options_.streams != nullptr) add_metrics_group(body, true);
  answer_cacheable(call, aggregated_content_type(version), body);
}

void Front::serve_openapi_v2(const CallPtr& call) {
  const auto protobuf = openapi_v2_in_protobuf(call->request.headers.joined("accept"));
  if (!protobuf) return call->answer(protobuf.error());
  const auto document = openapi_.v2(*protobuf ? OpenApiForm::kProtobuf : OpenApiForm::kJson, all_routes());
  if (!document) return call->answer(internal_error("the OpenAPI document could not be encoded"));
  answer_cacheable(call, *protobuf ? kOpenApiV2Protobuf : "application/json", document->body, document->etag);
}

void Front::serve_metrics(const CallPtr& call) {
  std::string out;
  metrics_.append_text(out);
  append_metric_head(out, "apiserver_current_inflight_requests", "gauge", "Requests being served, without watches.");
  out += "apiserver_current_inflight_requests{request_kind=\"mutating\"} " + std::to_string(writes_.count()) + "\n";
  out += "apiserver_current_inflight_requests{request_kind=\"readOnly\"} " + std::to_string(reads_.count()) + "\n";
  append_metric_head(out, "apiserver_storage_objects", "gauge", "Objects stored, by resource.");
  for (const Resource& resource : services_.routes.resources()) {
    if (resource.stored != nullptr || !resource.has_verb("list")) continue;
    const auto count = services_.store.count(storage::prefix_of(resource.store_id));
    if (!count) continue;
    out.append("apiserver_storage_objects{resource=\"").append(resource.qualified()).append("\"} ");
    out.append(std::to_string(*count)).append("\n");
  }
  append_process_metrics(out);
  if (options_.metrics) options_.metrics(out);
  call->answer(200, "text/plain; version=0.0.4; charset=utf-8", std::move(out));
}

void Front::serve_order(const CallPtr& call, const OrderHandler& handler) {
  if (call->info.user == nullptr || !call->info.user->in_group("system:masters")) {
    return call->answer(forbidden({}, "only system:masters may order this"));
  }
  if (call->info.verb != "post") return call->answer(path_method_not_allowed());
  if (call->request.body.size() > kMaxOrder) {
    return call->answer(too_large("an order has at most " + std::to_string(kMaxOrder) + " bytes"));
  }
  handler(std::move(call->request.body), text_answer(call));
}

void Front::serve_path(const CallPtr& call) {
  const std::string& path = call->info.path;
  if (const auto order = options_.orders.find(path); order != options_.orders.end()) {
    return serve_order(call, order->second);
  }
  if (call->info.verb != "get" && call->info.verb != "head") {
    return call->answer(path_method_not_allowed());
  }
  if (path == "/readyz" || path.starts_with("/readyz/")) return serve_health(call, ready_);
  if (is_public_path(path) && path != "/version") return serve_health(call, true);
  if (auto own = options_.paths.find(path); own != options_.paths.end()) return own->second(text_answer(call));
  if (path == "/metrics") return serve_metrics(call);
  if (path == "/") return call->answer(200, "application/json", root_paths(*all_routes(), options_.paths));
  if (path == "/version") return call->answer(200, "application/json", version_json(options_.git_version));
  if (path == "/api") return serve_discovery(call, true);
  if (path == "/apis") return serve_discovery(call, false);
  if (path == "/openapi/v2") return serve_openapi_v2(call);
  if (path == "/openapi/v3")
    return answer_cacheable(call, "application/json", *openapi_index_.of(openapi_.index(), all_routes()));
  static constexpr std::string_view kOpenApi = "/openapi/v3/";
  if (path.starts_with(kOpenApi)) {
    const std::string* document = openapi_.document(std::string_view(path).substr(kOpenApi.size()));
    if (document != nullptr) return answer_cacheable(call, "application/json", *document);
    const auto routes = all_routes();
    auto own = custom::openapi_document(std::string_view(path).substr(kOpenApi.size()), *routes, services_.types);
    if (!own.empty()) return answer_cacheable(call, "application/json", own);
    return call->answer(path_not_found());
  }
  std::string body;
  const auto routes = all_routes();
  const std::string_view rest = std::string_view(path).substr(1);
  const std::size_t first = std::min(rest.find('/'), rest.size());
  const std::size_t second = std::min(rest.find('/', first + 1), rest.size());
  if (rest.starts_with("api/")) {
    body = resource_list_json(*routes, "", rest.substr(4));
  } else if (rest.starts_with("apis/") && second == rest.size()) {
    body = group_json(*routes, rest.substr(5));
  } else if (rest.starts_with("apis/")) {
    body = resource_list_json(*routes, rest.substr(first + 1, second - first - 1), rest.substr(second + 1));
  }
  if (options_.streams != nullptr && body.empty()) body = metrics_document(path);
  if (body.empty()) return call->answer(path_not_found());
  answer_cacheable(call, "application/json", body);
}

std::shared_ptr<const Routes> Front::all_routes() const {
  if (services_.live != nullptr) return services_.live->get();
  return {std::shared_ptr<const void>(), &services_.routes};
}

/// What holds for custom kinds only. True when the call was answered.
bool Front::find_custom(const CallPtr& call) {
  const RequestInfo& info = call->info;
  call->held = services_.live->get();
  call->resource = call->held->find(info.group, info.version, info.resource);
  if (call->resource == nullptr || !call->resource->custom) return false;
  if (!call->resource->terminating || info.verb != "create") return false;
  ApiError error = method_not_allowed(call->about(), info.verb);
  error.message = "create not allowed while custom resource definition is terminating";
  call->answer(error);
  return true;
}

void Front::serve_resource(const CallPtr& call) {
  RequestInfo& info = call->info;
  if (info.group == kMetricsGroup && options_.streams != nullptr) return read_metrics(call, *options_.streams);
  call->resource = services_.routes.find(info.group, info.version, info.resource);
  if (call->resource == nullptr && services_.live != nullptr && find_custom(call)) return;
  if (call->resource == nullptr || (info.api_prefix == "api") != info.group.empty()) {
    return call->answer(path_not_found());
  }
  const Resource& resource = *call->resource;
  const bool is_namespaces = resource.group.empty() && resource.plural == "namespaces";
  const bool wrong_scope = !resource.namespaced && !info.name_space.empty() && !is_namespaces;
  const bool no_namespace = resource.namespaced && info.name_space.empty() && !info.name.empty();
  if (wrong_scope || no_namespace) return call->answer(path_not_found());
  if (info.subresource == "proxy" && options_.streams != nullptr && resource.find_subresource("proxy") != nullptr) {
    return proxy(call, *options_.streams);  // the answer's form is for whom it reaches to choose
  }
  Offer offer;
  offer.table = info.verb == "get" || info.verb == "list" || info.verb == "watch";
  offer.partial_metadata = info.subresource.empty();
  offer.protobuf_objects = !resource.custom || info.subresource == "scale";
  auto accepted = negotiate(call->request.headers.joined("accept"), offer);
  if (!accepted) return call->answer(accepted.error());
  call->accepted = std::move(*accepted);
  if (call->accepted.view == View::kTable) {
    if (auto fault = include_object_fault(info.query); !fault.empty()) return call->answer(bad_request(fault));
  }
  if (!info.subresource.empty()) {
    const schema::Subresource* sub = resource.find_subresource(info.subresource);
    if (sub == nullptr) return call->answer(path_not_found());
    return serve_subresource(call, *sub);
  }
  const bool needs_name = info.verb == "get" || info.verb == "update" || info.verb == "patch" || info.verb == "delete";
  const bool needs_none = info.verb == "create" || info.verb == "list" || info.verb == "deletecollection";
  if ((needs_name && info.name.empty()) || (needs_none && !info.name.empty())) {
    return call->answer(method_not_allowed(call->about(), info.verb));
  }
  if (!resource.has_verb(info.verb)) return call->answer(method_not_allowed(call->about(), info.verb));
  if (!resource.has_verb("get") && !resource.has_verb("list")) return review_access(call);
  if (info.verb == "get") return get_object(call);
  if (info.verb == "list") return list_objects(call);
  if (info.verb == "watch") return watch_objects(call, &shared_events_, &custom_watches_);
  if (info.verb == "create") return create_object(call);
  if (info.verb == "update") return update_object(call);
  if (info.verb == "patch") return patch_object(call);
  if (info.verb == "delete") return delete_object(call);
  if (info.verb == "deletecollection") return delete_collection(call);
  call->answer(method_not_allowed(call->about(), info.verb));
}

void Front::serve_subresource(const CallPtr& call, const schema::Subresource& sub) {
  const std::string& verb = call->info.verb;
  if (!allows(sub.verbs, verb)) return call->answer(method_not_allowed(call->about(), verb));
  if (sub.name == "status") {
    if (verb == "get") return get_object(call);
    if (verb == "update") return update_object(call);
    if (verb == "patch") return patch_object(call);
  }
  if (sub.name == "finalize" && verb == "update") return update_object(call);
  if (sub.name == "scale") return scale_object(call);
  if (sub.name == "binding" && verb == "create") return bind_pod(call);
  if (sub.name == "eviction" && verb == "create") return evict_pod(call);
  if (sub.name == "approval" && verb == "update") return approve_request(call);
  if (sub.name == "resize" || sub.name == "ephemeralcontainers" || sub.name == "approval") {
    if (verb == "get") return get_object(call);
    if (verb == "update") return update_object(call);
    if (verb == "patch") return patch_object(call);
  }
  if (sub.name == "log" && verb == "get") return read_pod_log(call);
  if (options_.streams != nullptr) {
    if (sub.name == "exec") return exec_in_pod(call, *options_.streams);
    if (sub.name == "attach") return attach_to_pod(call, *options_.streams);
    if (sub.name == "portforward") return forward_ports(call, *options_.streams);
  }
  call->answer(not_implemented("the subresource " + call->info.resource + "/" + std::string(sub.name) +
                               " is answered by no part of this server yet"));
}

}  // namespace troupe::api
