#include "actors/controllers/service_account_controller.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "actors/controllers/requests.hpp"
#include "kernel/system.hpp"

namespace troupe::controllers {
namespace {

using kernel::Envelope;
using kernel::Local;
using kernel::make_local;

constexpr std::string_view kName = "service account controller";
constexpr std::size_t kInFlight = 32;
constexpr auto kFirstRetry = std::chrono::seconds(1);
constexpr int kMaxDoublings = 5;

/// The two that every namespace has.
enum class Part : std::uint8_t { kAccount, kRootCa };
using Task = std::pair<std::string, Part>;

/// API → controller: the answer to a creation.
struct Made {
  Task task;
  ApiAnswer answer;
};

class ServiceAccountController final : public kernel::Actor {
 public:
  ServiceAccountController(ObjectFeed& feed, ApiPort& api, std::string root_ca)
      : feed_(feed), api_(api), root_ca_(std::move(root_ca)) {}

 protected:
  Status init() override {
    const Catalogue& catalogue = feed_.catalogue();
    const auto namespaces = catalogue.find("", "namespaces");
    const auto accounts = catalogue.find("", "serviceaccounts");
    const auto maps = catalogue.find("", "configmaps");
    if (!namespaces || !accounts || !maps) return fail(ErrorCode::kInternal, "the API lacks core resources");
    namespaces_ = *namespaces;
    accounts_ = *accounts;
    Interest interest;
    interest.resources = {namespaces_};
    interest.named = {{accounts_, "default"}, {*maps, "kube-root-ca.crt"}};
    feed_.attach(std::string(kName), self(), std::move(interest));
    return {};
  }

  bool receive(Envelope& envelope) override {
    return kernel::match(
        envelope,
        [this](const Local<FeedRestarted>&) {
          living_.clear();
          there_.clear();
          synced_ = false;
        },
        [this](const Local<ObjectNews>& news) {
          for (const auto& item : news->items) take(item);
          work();
        },
        [this](const Local<FeedSynced>&) {
          synced_ = true;
          for (const auto& ns : living_) check(ns);
          work();
        },
        [this](const Local<Made>& m) { made(*m); });
  }

 private:
  void take(const ObjectNews::Item& item) {
    const ObjectMeta& meta = item.meta;
    if (meta.resource == namespaces_) {
      if (item.gone || meta.deleting) {
        living_.erase(meta.name);
      } else {
        living_.insert(meta.name);
      }
      return check(meta.name);
    }
    const Task task(meta.ns, meta.resource == accounts_ ? Part::kAccount : Part::kRootCa);
    if (item.gone) {
      there_.erase(task);
    } else {
      there_.insert(task);
    }
    check(meta.ns);
  }

  void check(const std::string& ns) {
    if (!synced_ || living_.count(ns) == 0) return;
    for (const Part part : {Part::kAccount, Part::kRootCa}) {
      const Task task(ns, part);
      if (there_.count(task) == 0 && busy_.count(task) == 0) wanted_.insert(task);
    }
  }

  void work() {
    while (!wanted_.empty() && busy_.size() < kInFlight) {
      const Task task = *wanted_.begin();
      wanted_.erase(wanted_.begin());
      if (living_.count(task.first) == 0 || there_.count(task) != 0) continue;
      busy_.insert(task);
      make(task);
    }
  }

  void make(const Task& task) {
    ApiRequest request;
    request.method = "POST";
    const bool account = task.second == Part::kAccount;
    request.target = {"", "v1", account ? "serviceaccounts" : "configmaps", task.first, "", ""};
    request.body = account ? R"({"kind":"ServiceAccount","apiVersion":"v1","metadata":{"name":"default"}})"
                           : R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"kube-root-ca.crt",)"
                             R"("annotations":{"kubernetes.io/description":"Contains a CA bundle that can be used to )"
                             R"(verify the kube-apiserver when using internal endpoints such as the internal service )"
                             R"(IP or kubernetes.default.svc."}},"data":{"ca.crt":)" +
                                 quoted(root_ca_) + "}}";
    api_.ask(std::move(request), [system = &system(), me = self(), task](ApiAnswer answer) {
      system->send(me, make_local<Made>(task, std::move(answer)));
    });
  }

  void made(const Made& message) {
    busy_.erase(message.task);
    // 409: it is there; 403, 404: its namespace goes away: the news tell. All else is tried again.
    const int code = message.answer.code;
    if (message.answer.ok() || code == 409) {
      failures_ = 0;
    } else if (code != 403 && code != 404) {
      after(kFirstRetry * (1 << std::min(failures_++, kMaxDoublings)), [this, ns = message.task.first] {
        check(ns);
        work();
      });
    }
    work();
  }

  ObjectFeed& feed_;
  ApiPort& api_;
  std::string root_ca_;
  ResourceIndex namespaces_ = 0;
  ResourceIndex accounts_ = 0;
  std::set<std::string> living_;  ///< Namespaces that are not being deleted.
  std::set<Task> there_;
  std::set<Task> wanted_;
  std::set<Task> busy_;
  int failures_ = 0;
  bool synced_ = false;
};

}  // namespace

kernel::ChildSpec service_account_controller_child(ObjectFeed& feed, ApiPort& api, std::string root_ca) {
  kernel::SpawnOptions options;
  options.name = kName;
  options.type = "service-account-controller";
  options.key = "service-account-controller";
  options.mailbox_limit = 1'000'000;
  auto make = [&feed, &api, root_ca = std::move(root_ca)]() -> std::unique_ptr<kernel::Actor> {
    return std::make_unique<ServiceAccountController>(feed, api, root_ca);
  };
  return kernel::worker(std::string(kName), kernel::ActorFactory(std::move(make))).spawn_with(options);
}

}  // namespace troupe::controllers
