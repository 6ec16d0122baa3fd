#include "actors/controllers/namespace_controller.hpp"

#include <algorithm>
#include <optional>

#include "actors/controllers/requests.hpp"
#include "kernel/clock.hpp"
#include "kernel/system.hpp"
#include "schema/codec/time.hpp"

namespace troupe::controllers {
namespace {

using kernel::Envelope;
using kernel::Local;
using kernel::make_local;

constexpr std::string_view kName = "namespace controller";
/// Deletions of one namespace that are under way at the same time.
constexpr std::size_t kInFlight = 32;
constexpr auto kFirstRetry = std::chrono::seconds(1);
constexpr int kMaxDoublings = 5;
/// How long what remains must stand still before the conditions say so.
constexpr auto kStatusPause = std::chrono::seconds(1);

using ContentKey = std::pair<ResourceIndex, std::string>;

/// API → controller: the answer to one request about a namespace.
struct Answered {
  enum class What : std::uint8_t { kDelete, kReadForFinalize, kFinalize, kReadForStatus, kStatus };
  What what;
  std::string ns;
  ContentKey object;
  ApiAnswer answer;
};

struct Content {
  ObjectMeta meta;
  bool asked = false;
};

/// A namespace on its way out.
struct Purge {
  std::map<ContentKey, Content> content;
  std::size_t in_flight = 0;
  std::size_t pods = 0;
  bool synced = false;
  bool finalizing = false;
  bool writing_status = false;
  bool timer = false;  ///< A retry is due.
  bool status_due = false;
  bool news = true;  ///< Something changed since the conditions were written.
  int failures = 0;
  std::string failure;  ///< Of the last pass.
};

class NamespaceController final : public kernel::Actor {
 public:
  NamespaceController(ObjectFeed& feed, ApiPort& api)
      : feed_(feed),
        api_(api),
        namespaces_(feed.catalogue().find("", "namespaces")),
        pods_(feed.catalogue().find("", "pods")) {}

 protected:
  Status init() override {
    if (!namespaces_ || !pods_) return fail(ErrorCode::kInternal, "there are no namespaces or pods in the API");
    Interest interest;
    interest.resources = {*namespaces_};
    feed_.attach(std::string(kName), self(), interest);
    return {};
  }

  bool receive(Envelope& envelope) override {
    return kernel::match(
        envelope, [this](const Local<FeedRestarted>&) { purges_.clear(); },
        [this](const Local<ObjectNews>& news) {
          for (const auto& item : news->items) take(item);
        },
        [this](const Local<FeedSynced>& m) {
          const auto found = purges_.find(m->ns);
          if (found == purges_.end()) return;
          found->second.synced = true;
          advance(m->ns, found->second);
        },
        [this](const Local<Answered>& m) { answered(*m); });
  }

 private:
  void take(const ObjectNews::Item& item) {
    const ObjectMeta& meta = item.meta;
    if (meta.resource == *namespaces_) return take_namespace(item);
    const auto found = purges_.find(meta.ns);
    if (found == purges_.end()) return;
    Purge& purge = found->second;
    const ContentKey key(meta.resource, meta.name);
    const bool is_pod = meta.resource == *pods_;
    if (item.gone) {
      if (purge.content.erase(key) != 0 && is_pod) --purge.pods;
    } else {
      const auto [at, is_new] = purge.content.try_emplace(key);
      at->second.meta = meta;
      if (is_new && is_pod) ++purge.pods;
    }
    purge.news = true;
    if (purge.synced) advance(meta.ns, purge);
  }

  void take_namespace(const ObjectNews::Item& item) {
    const std::string& name = item.meta.name;
    if (item.gone) {
      if (purges_.erase(name) != 0) feed_.unfollow(std::string(kName), name);
      return;
    }
    if (!item.meta.deleting || !purges_.try_emplace(name).second) return;
    feed_.follow(std::string(kName), name);
  }

  /// Asks for what can be asked for now: pods, when they are gone the others, when all is gone the end.
  void advance(const std::string& ns, Purge& purge) {
    if (purge.content.empty()) return finalize(ns, purge);
    for (auto& [key, content] : purge.content) {
      if (purge.in_flight >= kInFlight) return;
      if (content.asked || content.meta.deleting) continue;
      if (purge.pods != 0 && key.first != *pods_) continue;
      content.asked = true;
      ++purge.in_flight;
      ask(Answered::What::kDelete, ns, key, delete_request(feed_.catalogue(), content.meta, "Background", false));
    }
    if (purge.in_flight == 0) plan_status(ns, purge);
  }

  void ask(Answered::What what, const std::string& ns, const ContentKey& object, ApiRequest request) {
    api_.ask(std::move(request), [system = &system(), me = self(), what, ns, object](ApiAnswer answer) {
      system->send(me, make_local<Answered>(what, ns, object, std::move(answer)));
    });
  }

  ApiRequest about(std::string method, const std::string& ns, std::string subresource, std::string body = {}) const {
    ApiRequest request;
    request.method = std::move(method);
    request.target = {"", "v1", "namespaces", "", ns, std::move(subresource)};
    request.body = std::move(body);
    return request;
  }

  void finalize(const std::string& ns, Purge& purge) {
    if (purge.finalizing || purge.in_flight != 0 || purge.writing_status || purge.timer) return;
    purge.finalizing = true;
    ask(Answered::What::kReadForFinalize, ns, {}, about("GET", ns, ""));
  }

  void answered(const Answered& message) {
    const auto found = purges_.find(message.ns);
    if (found == purges_.end()) return;
    Purge& purge = found->second;
    using What = Answered::What;
    switch (message.what) {
      case What::kDelete:
        return deleted(message, purge);
      case What::kReadForFinalize: {
        const std::string body = message.answer.ok() ? without_kubernetes_finalizer(message.answer.body) : "";
        // Without that finalizer others hold it, or it is gone: its news will tell.
        if (!body.empty()) return ask(What::kFinalize, message.ns, {}, about("PUT", message.ns, "finalize", body));
        if (is_transient(message.answer)) {
          purge.finalizing = false;
          retry(message.ns, purge);
        }
        return;
      }
      case What::kFinalize:
        if (message.answer.ok() || message.answer.code == 404) return;
        purge.finalizing = false;
        return retry(message.ns, purge);
      case What::kReadForStatus: {
        const auto now = std::chrono::floor<std::chrono::seconds>(system().clock().wall_now());
        std::string text;
        schema::append_time(text, now.time_since_epoch().count());
        const std::string body =
            message.answer.ok() ? with_conditions(message.answer.body, conditions_of(remaining(purge)), text) : "";
        if (!body.empty()) return ask(What::kStatus, message.ns, {}, about("PUT", message.ns, "status", body));
        [[fallthrough]];
      }
      case What::kStatus:
        purge.writing_status = false;
        return advance(message.ns, purge);
    }
  }

  void deleted(const Answered& message, Purge& purge) {
    --purge.in_flight;
    purge.news = true;
    const auto content = purge.content.find(message.object);
    const bool good = message.answer.ok() || message.answer.code == 404;
    if (good) {
      if (purge.in_flight == 0 && !purge.timer) purge.failure.clear();
    } else if (content != purge.content.end()) {
      content->second.asked = message.answer.code != 409;  // 409: another one of that name, asked for once more
      if (message.answer.code != 409) {
        purge.failure =
            message.answer.message.empty() ? "code " + std::to_string(message.answer.code) : message.answer.message;
        retry(message.ns, purge);
      }
    }
    advance(message.ns, purge);
  }

  /// Everything that was not done is asked for once more, after a while.
  void retry(const std::string& ns, Purge& purge) {
    if (purge.timer) return;
    purge.timer = true;
    after(kFirstRetry * (1 << std::min(purge.failures++, kMaxDoublings)), [this, ns] {
      const auto found = purges_.find(ns);
      if (found == purges_.end()) return;
      found->second.timer = false;
      for (auto& [key, content] : found->second.content) content.asked = content.meta.deleting;
      if (found->second.synced) advance(ns, found->second);
    });
  }

  Remaining remaining(const Purge& purge) const {
    Remaining out;
    for (const auto& [key, content] : purge.content) {
      const CatalogueEntry& entry = feed_.catalogue()[key.first];
      ++out.resources[entry.plural + "." + entry.group];
      for (const std::string& finalizer : content.meta.finalizers) ++out.finalizers[finalizer];
    }
    out.failure = purge.failure;
    return out;
  }

  void plan_status(const std::string& ns, Purge& purge) {
    if (!purge.news || purge.status_due || purge.writing_status) return;
    purge.status_due = true;
    after(kStatusPause, [this, ns] {
      const auto found = purges_.find(ns);
      if (found == purges_.end()) return;
      found->second.status_due = false;
      if (found->second.content.empty() || found->second.finalizing || found->second.writing_status) return;
      found->second.writing_status = true;
      found->second.news = false;
      ask(Answered::What::kReadForStatus, ns, {}, about("GET", ns, ""));
    });
  }

  ObjectFeed& feed_;
  ApiPort& api_;
  std::optional<ResourceIndex> namespaces_;
  std::optional<ResourceIndex> pods_;
  std::map<std::string, Purge> purges_;  ///< By namespace.
};

}  // namespace

kernel::ChildSpec namespace_controller_child(ObjectFeed& feed, ApiPort& api) {
  kernel::SpawnOptions options;
  options.name = kName;
  options.type = "namespace-controller";
  options.key = "namespace-controller";
  options.mailbox_limit = 1'000'000;
  return kernel::worker(std::string(kName), kernel::ActorFactory([&feed, &api]() -> std::unique_ptr<kernel::Actor> {
                          return std::make_unique<NamespaceController>(feed, api);
                        }))
      .spawn_with(options);
}

}  // namespace troupe::controllers
