#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>

#include "api/log_reader.hpp"
#include "api/object_codec.hpp"
#include "api/pod_containers.hpp"
#include "api/selectors.hpp"
#include "api/verbs.hpp"
#include "schema/codec/time.hpp"

/// GET of pods/NAME/log: the container's log files as a stream of text.
namespace troupe::api {
namespace {

constexpr std::chrono::milliseconds kFirstPause(5);
constexpr std::chrono::milliseconds kLongestPause(100);
constexpr std::int64_t kNanosInSecond = 1'000'000'000;

struct LogRequest {
  std::string container;
  bool follow = false;
  bool previous = false;
  LogOptions options;
};

std::string log_time(std::int64_t seconds, std::int64_t nanos) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%09lldZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<long long>(nanos));
  return text.data();
}

ApiError bad_option(const Call& call, std::string field, std::string_view value, std::string_view why) {
  return invalid("", "PodLogOptions", call.info.name, {invalid_value(std::move(field), value, why)});
}

/// A whole number that is at least `least`.
ApiResult<std::optional<std::uint64_t>> bounded_number(const Call& call, std::string_view name, std::int64_t least,
                                                       std::string_view why) {
  const std::string_view text = call.info.query.get(name);
  if (text.starts_with("-") && text.find_first_not_of("0123456789", 1) == std::string_view::npos) {
    return refuse(bad_option(call, std::string(name), text, why));
  }
  auto number = call.info.query.number(name);
  if (!number) return number;
  if (*number && **number < static_cast<std::uint64_t>(least)) {
    return refuse(bad_option(call, std::string(name), text, why));
  }
  return number;
}

ApiStatus read_since(const Call& call, LogOptions& out) {
  const bool has_time = !call.info.query.get("sinceTime").empty();
  auto seconds = bounded_number(call, "sinceSeconds", 1, "must be greater than 0");
  if (!seconds) return refuse(seconds.error());
  if (has_time && *seconds) {
    return refuse(invalid("", "PodLogOptions", call.info.name,
                          {forbidden_field("", "at most one of `sinceTime` or `sinceSeconds` may be specified")}));
  }
  if (*seconds) {
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(call.services.env.now().time_since_epoch());
    const auto back = static_cast<std::int64_t>(std::min<std::uint64_t>(**seconds, 1ULL << 32U));
    const std::int64_t from = now.count() - back * kNanosInSecond;
    out.since = log_time(from / kNanosInSecond, from % kNanosInSecond);
  } else if (has_time) {
    const std::string text(call.info.query.get("sinceTime"));
    auto time = schema::parse_time(text);
    if (!time) return refuse(bad_request("sinceTime: " + time.error().message));
    out.since = log_time(time->seconds, time->nanos);
  }
  return {};
}

ApiResult<LogRequest> read_request(const Call& call) {
  LogRequest out;
  const Query& query = call.info.query;
  out.container = query.get("container");
  struct Flag {
    std::string_view name;
    bool* value;
  };
  for (const Flag& flag :
       {Flag{"follow", &out.follow}, Flag{"previous", &out.previous}, Flag{"timestamps", &out.options.timestamps}}) {
    *flag.value = query.flag(flag.name);
  }
  auto tail = bounded_number(call, "tailLines", 0, "must be greater than or equal to 0");
  if (!tail) return refuse(tail.error());
  out.options.tail_lines = *tail;
  auto limit = bounded_number(call, "limitBytes", 1, "must be greater than 0");
  if (!limit) return refuse(limit.error());
  out.options.limit_bytes = *limit;
  if (auto since = read_since(call, out.options); !since) return refuse(since.error());
  const std::string_view stream = query.get("stream");
  if (stream == "Stdout") out.options.stream = "stdout";
  if (stream == "Stderr") out.options.stream = "stderr";
  return out;
}

/// The run whose log is meant, chosen and refused as the kubelet does.
ApiResult<std::string> choose_run(const schema::Node& pod, const std::string& pod_name, const std::string& container,
                                  bool previous) {
  const std::string who = "container \"" + container + "\" in pod \"" + pod_name + "\"";
  const schema::Node* status = status_of_container(pod, container);
  if (status == nullptr) return refuse(bad_request(who + " is not available"));
  const std::string last = text_at(*status, "lastState.terminated.containerID");
  if (previous) {
    if (!last.empty()) return last;
    return refuse(bad_request("previous terminated " + who + " not found"));
  }
  const schema::Node* state = status->find("state");
  if (state != nullptr && state->find("running") != nullptr) return text_at(*status, "containerID");
  if (state != nullptr && state->find("terminated") != nullptr) {
    const std::string ended = text_at(*state, "terminated.containerID");
    if (!ended.empty()) return ended;
    if (!last.empty()) return last;
    return refuse(bad_request(who + " is terminated"));
  }
  if (!last.empty()) return last;
  const std::string reason = state != nullptr ? text_at(*state, "waiting.reason") : std::string();
  if (reason.empty()) return refuse(bad_request(who + " is waiting to start - no logs yet"));
  return refuse(bad_request(who + " is waiting to start: " + reason));
}

/// "troupe://UID.CONTAINER.ATTEMPT" to the attempt.
std::string attempt_of(const std::string& id) {
  const auto dot = id.rfind('.');
  return dot == std::string::npos || !id.starts_with(kIdScheme) ? "" : id.substr(dot + 1);
}

/// One client that reads a log. A step runs on one thread at a time; the next one is posted by the one before.
class LogSession : public std::enable_shared_from_this<LogSession> {
 public:
  LogSession(CallPtr call, LogRequest request, std::string path, std::string run)
      : call_(std::move(call)),
        request_(std::move(request)),
        run_(std::move(run)),
        reader_(std::move(path), request_.options) {}

  void start() {
    call_->writer->start(call_->head(200, "text/plain"));
    call_->writer->on_close([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->closed_ = true;
    });
    next();
  }

 private:
  void next() {
    call_->services.env.post([self = shared_from_this()] { self->step(); });
  }

  void step() {
    if (closed_) return call_->writer->finish();
    // Asked before the last read: what a run wrote is in its file before its end is told.
    const bool may_grow = request_.follow && idle_ && still_runs();
    std::string out;
    const LogReader::State state = reader_.read(out);
    const bool wrote = !out.empty();
    const bool room = !wrote || call_->writer->write(std::make_shared<const std::string>(std::move(out)));
    if (state == LogReader::State::kFull) return call_->writer->finish();
    if (wrote) pause_ = kFirstPause;
    if (!room) {
      call_->writer->on_drain([self = shared_from_this()] { self->next(); });
      return;
    }
    if (state == LogReader::State::kMore) return next();
    if (!request_.follow || (idle_ && !may_grow && !wrote)) return call_->writer->finish();
    wait();
  }

  /// Nothing to read: look again soon, and later when nothing comes for long.
  void wait() {
    idle_ = true;
    const std::lock_guard<std::mutex> lock(mutex_);
    timer_ = call_->services.env.after(pause_, [self = shared_from_this()] { self->next(); });
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

  bool still_runs() {
    auto key = storage::make_key(call_->resource->store_id, call_->info.name_space, call_->info.name);
    if (!key) return false;
    auto got = storage::get_now(call_->services.store, *key);
    if (!got || !got->record) return false;
    auto pod = to_document(got->record->view(), *call_->resource);
    if (!pod) return false;
    const schema::Node* status = status_of_container(pod->root(), request_.container);
    if (status == nullptr || text_at(*status, "containerID") != run_) return false;
    const schema::Node* state = status->find("state");
    return state != nullptr && state->find("running") != nullptr;
  }

  CallPtr call_;
  LogRequest request_;
  std::string run_;
  LogReader reader_;
  std::chrono::milliseconds pause_ = kFirstPause;
  std::mutex mutex_;
  std::unique_ptr<Environment::Timer> timer_;
  bool idle_ = false;
  std::atomic<bool> closed_{false};
};

void serve_log(const CallPtr& call, const storage::RecordView& record) {
  auto request = read_request(*call);
  if (!request) return call->answer(request.error());
  auto pod = to_document(record, *call->resource);
  if (!pod) return call->answer(pod.error());
  const schema::Node& root = pod->root();
  const std::string& name = call->info.name;
  auto container = choose_container(root, name, request->container);
  if (!container) return call->answer(container.error());
  if (text_at(root, "spec.nodeName").empty()) return call->answer(200, "text/plain", "");
  auto run = choose_run(root, name, *container, request->previous);
  if (!run) return call->answer(run.error());
  const std::string attempt = attempt_of(*run);
  if (attempt.empty()) return call->answer(internal_error("the container's id is none of this node's"));
  request->container = *container;
  const std::string path = call->services.pod_logs + "/" + call->info.name_space + "_" + name + "_" +
                           text_at(root, "metadata.uid") + "/" + *container + "/" + attempt + ".log";
  std::make_shared<LogSession>(call, std::move(*request), path, std::move(*run))->start();
}

}  // namespace

void read_pod_log(const CallPtr& call) {
  if (call->services.pod_logs.empty()) return call->answer(not_implemented("this server has no logs of pods"));
  auto key = storage::make_key(call->resource->store_id, call->info.name_space, call->info.name);
  if (!key) return call->answer(not_found(call->about()));
  call->services.store.get(*key, storage::kNow, [call](Result<storage::GetResult> got) {
    call->services.env.post([call, got = std::make_shared<Result<storage::GetResult>>(std::move(got))] {
      if (!*got) return call->answer(from_store(got->error(), call->about()));
      if (!(*got)->record) return call->answer(not_found(call->about()));
      serve_log(call, (*got)->record->view());
    });
  });
}

}  // namespace troupe::api
