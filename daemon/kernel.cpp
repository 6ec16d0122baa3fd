#include "daemon/kernel.hpp"

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "actors/node/node_actor.hpp"
#include "actors/scheduler/scheduler_actor.hpp"
#include "api/server.hpp"
#include "daemon/api_client.hpp"
#include "daemon/controllers.hpp"
#include "daemon/crash_page.hpp"
#include "daemon/event_store.hpp"
#include "daemon/events.hpp"
#include "daemon/housekeeping.hpp"
#include "daemon/interning.hpp"
#include "daemon/last_words.hpp"
#include "daemon/metrics.hpp"
#include "daemon/node_checks.hpp"
#include "daemon/node_limits.hpp"
#include "daemon/node_objects.hpp"
#include "daemon/node_ports.hpp"
#include "daemon/node_streams.hpp"
#include "daemon/objects.hpp"
#include "daemon/port_news.hpp"
#include "daemon/scheduler_ports.hpp"
#include "daemon/services.hpp"
#include "daemon/status_page.hpp"
#include "daemon/tree_page.hpp"
#include "kernel/io_threads.hpp"
#include "kernel/log.hpp"
#include "kernel/metrics.hpp"
#include "kernel/random.hpp"
#include "kernel/supervision_tree.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"
#include "net/pki.hpp"
#include "net/pod_network.hpp"
#include "runtime/process_runtime.hpp"
#include "runtime/seccomp.hpp"
#include "runtime/user_namespace.hpp"
#include "schema/resource_table.hpp"
#include "schema/type_table.hpp"
#include "storage/log_store.hpp"
#include "storage/memory_store.hpp"

namespace troupe::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto kApiGrace = 2s;
constexpr auto kActorPatience = 5s;
constexpr auto kKeeperReplacedAfter = 500ms;  // a service manager that starts one itself comes first

/// One thread waits for what another says once.
class Once {
 public:
  void tell(Status status) {
    const std::scoped_lock lock(mutex_);
    if (!answer_) answer_ = std::move(status);
    told_.notify_all();
  }
  Status wait() {
    std::unique_lock lock(mutex_);
    told_.wait(lock, [this] { return answer_.has_value(); });
    return *answer_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::optional<Status> answer_;
};

/// Everything of one kernel, in the order in which it is made; destroyed in reverse.
class Kernel {
 public:
  explicit Kernel(const KernelOptions& options) : options_(options) {}
  ~Kernel() { stop(); }

  Status start() {
    // The table of types needs no store: it is built while that opens.
    auto types = std::async(std::launch::async, [] { return schema::TypeTable::built_in(); });
    // So are the certificates read: the first use of OpenSSL takes its time.
    const net::PkiRequest request{options_.data_dir + "/pki", net::default_server_names(options_.listen_address),
                                  std::chrono::system_clock::now()};
    pki_ = std::async(std::launch::async, [request] { return net::read_pki(request); }).share();
    if (auto status = open_store(); !status) return status;
    if (auto status = make_tables(types.get()); !status) return status;
    if (auto status = start_api(); !status) return status;
    pki_ = {};
    return start_actors();
  }

  void say_ready() const {
    std::printf("troupe: ready, https://%s:%u%s%s\n", options_.listen_address.c_str(), unsigned{api_->port()},
                options_.kubeconfig.empty() ? "" : ", kubeconfig ", options_.kubeconfig.c_str());
    std::fflush(stdout);
  }

  /// The actors gave up: the exit code says so.
  bool gave_up() const { return watch_.gave_up(); }

  void stop() {
    if (api_) {
      Once stopped;
      api_->stop(kApiGrace, [&] { stopped.tell({}); });
      (void)stopped.wait();
    }
    {
      const std::scoped_lock lock(root_mutex_);
      root_ = {};
    }
    watch_.stopping();
    if (system_) {
      for (const auto& name : system_->stop(kActorPatience)) logger_->warn("kernel", "had to be killed: " + name);
    }
    background_.stop();
    if (events_) {
      events_->flush();
      events_->close();
    }
    if (streams_) streams_->use(nullptr, nullptr, nullptr, "");
    runtime_.reset();
    checks_.reset();
    if (log_store_ != nullptr) log_store_->stop();
    if (objects_) objects_->close();
    if (controllers_) controllers_->close();
    api_.reset();
    system_.reset();
  }

 private:
  Status open_store() {
    kernel::LogOptions log;
    log.format = options_.log_json ? kernel::LogFormat::kJson : kernel::LogFormat::kText;
    log.level = options_.verbosity >= 2 ? kernel::LogLevel::kDebug : kernel::LogLevel::kInfo;
    auto logger = kernel::make_logger(log);
    if (!logger) return fail(logger.error());
    logger_ = std::move(*logger);
    threads_ = std::make_unique<kernel::IoThreads>(options_.threads);
    if (options_.memory_store) {
      store_ = std::make_unique<storage::MemoryStore>();
      return {};
    }
    storage::LogStoreOptions options;
    options.dir = options_.data_dir + "/store";
    // LMDB's pages lie in the page cache; what is kept beside them is memory that workloads could use.
    options.cache_bytes = 24u << 20;
    auto opened = storage::LogStore::open(std::move(options));
    if (!opened) return fail(opened.error());
    log_store_ = opened->get();
    store_ = std::move(*opened);
    log_store_->start();
    return {};
  }

  Status make_tables(Result<schema::TypeTable> types) {
    if (!types) return fail(types.error());
    types_ = std::make_unique<schema::TypeTable>(std::move(*types));
    auto resources = schema::ResourceTable::built_in();
    if (!resources) return fail(resources.error());
    resources_ = std::make_unique<schema::ResourceTable>(std::move(*resources));
    interning_ = interning(*store_);
    auto routes = api::Routes::built_in(*resources_, *types_, interning_);
    if (!routes) return fail(routes.error());
    routes_ = std::make_unique<api::Routes>(std::move(*routes));
    const std::string folder = options_.memory_store ? "" : options_.data_dir + "/events";
    auto apart = EventsApart::open(*store_, routes_->find("", "v1", "events")->store_id, folder, *logger_);
    if (!apart) return fail(apart.error());
    apart_ = std::move(*apart);
    return {};
  }

  storage::Store& store() { return apart_->store(); }

  std::string port_file() const { return options_.data_dir + "/port"; }

  Status serve(std::uint16_t port) {
    api::ApiServerOptions options;
    options.data_dir = options_.data_dir;
    options.known_pki = [pki = pki_] { return pki.get(); };
    options.listen_address = options_.listen_address;
    options.port = port;
    options.kubeconfig = options_.kubeconfig;
    options.token_file = options_.token_file;
    auto ranges = api::ServiceRanges::parse(options_.service_range, options_.node_port_range);
    if (!ranges) return fail(ranges.error());
    options.ranges = *ranges;
    options.pod_logs = options_.data_dir + "/pods";
    options.paths.emplace("/troupe/tree", [this](auto done) { answer_tree(std::move(done)); });
    options.paths.emplace("/troupe/status", [this](auto done) { done(status_text()); });
    options.orders.emplace("/troupe/crash", [this](const std::string& actor, auto done) {
      if (!serving_) return done(fail(ErrorCode::kUnavailable, "the actors are not started yet"));
      crash_actor(*system_, *objects_, actor, std::move(done));
    });
    options.metrics = [this](std::string& out) { append_metrics(out); };
    if (!streams_) streams_ = std::make_unique<LocalStreams>(threads_->context(), background_);
    api::ApiServerDeps deps{threads_->context(), store(), *types_,        *resources_,
                            interning_,          nullptr, streams_.get(), routes_.get()};
    auto server = api::ApiServer::make(std::move(deps), std::move(options));
    auto ready = std::make_shared<Once>();
    if (auto status = server->start([ready](Status later) { ready->tell(std::move(later)); }); !status) return status;
    api_ = std::move(server);
    return ready->wait();
  }

  Result<std::string> status_text() const {
    if (!serving_) return fail(ErrorCode::kUnavailable, "the actors are not started yet");
    const StatusFacts facts{TROUPE_VERSION, options_.listen_address + ":" + std::to_string(api_->port()), started_};
    return status_page(*objects_, facts, std::chrono::system_clock::now());
  }

  /// What actors and the store count, in Prometheus' form.
  void append_metrics(std::string& out) {
    append_store_metrics(store_->stats(), out);
    const std::scoped_lock lock(root_mutex_);
    if (root_) out += system_->metrics().to_text();
  }

  /// The supervision tree as text, from the root supervisor.
  void answer_tree(std::function<void(Result<std::string>)> done) {
    kernel::ActorRef root;
    {
      const std::scoped_lock lock(root_mutex_);
      root = root_;
    }
    if (!root) return done(fail(ErrorCode::kUnavailable, "the actors are not started yet"));
    system_->request(root, kernel::make_local<kernel::TreeQuery>(), 5s, [this, done = std::move(done)](auto answer) {
      if (!answer) return done(fail(answer.error()));
      const auto tree = kernel::Local<kernel::TreeNode>::from(*answer);
      if (!tree) return done(fail(ErrorCode::kInternal, "the root supervisor answered something else"));
      auto shown = *tree;
      if (serving_) show_pods(*objects_, shown);
      done(kernel::render_tree(shown));
    });
  }

  /// A kernel that was restarted serves where its clients know it: on the port of the last run.
  Status start_api() {
    if (auto status = serve_somewhere(); !status) return status;
    return net::keep_file(options_.data_dir + "/address",
                          options_.listen_address + ":" + std::to_string(api_->port()) + "\n", 0644);
  }

  Status serve_somewhere() {
    if (options_.port != 0) return serve(options_.port);
    if (auto text = net::read_small_file(port_file())) {
      const auto last = static_cast<std::uint16_t>(std::strtoul(text->c_str(), nullptr, 10));
      if (last != 0 && serve(last)) return {};
      if (api_) return fail(ErrorCode::kInternal, "the API did not get ready");
    }
    if (auto status = serve(0); !status) return status;
    return net::write_file_atomically(port_file(), std::to_string(api_->port()) + "\n", 0644);
  }

  /// What pods check the API's certificate with.
  std::string root_ca() const { return net::read_small_file(options_.data_dir + "/pki/ca.crt").value_or(""); }

  void make_ports(const std::string& node_name) {
    auto* threads = threads_.get();
    const Objects::Post post = [threads](std::function<void()> job) {
      threads->post({[](void* a, void*) {
                       const std::unique_ptr<std::function<void()>> owned(static_cast<std::function<void()>*>(a));
                       (*owned)();
                     },
                     new std::function<void()>(std::move(job)), nullptr});
    };
    objects_ = std::make_unique<Objects>(store(), *routes_, post);
    events_ = std::make_unique<EventRecorder>(*objects_, *system_);
    client_ = std::make_unique<ApiClient>(api_->handler(), "system:kube-controller-manager");
    housekeeping_ = std::make_unique<Housekeeping>(*system_, store(), *routes_, *client_, root_ca());
    housekeeping_->follow(api_->routes());
    port_news_ = std::make_unique<PortNews>(*system_, *network_);
    network_->on_ports([news = port_news_.get()](const std::string& pod) { news->came(pod); });
    controllers_ = std::make_unique<Controllers>(
        *system_, *objects_, *events_, api_->handler(),
        controllers::PodPorts{[network = network_.get()](const std::string& uid, std::int32_t port) {
                                return std::int32_t{network->real_port(uid, static_cast<std::uint16_t>(port))};
                              },
                              [network = network_.get()](const std::string& uid) { return network->has_ports(uid); },
                              [news = port_news_.get()](const std::string& actor, std::set<std::string> pods) {
                                news->wait(actor, std::move(pods));
                              }},
        post);
    desired_ = std::make_unique<StoreDesiredState>(*system_, *objects_, node_name);
    sink_ = std::make_unique<StoreStatusSink>(*system_, *objects_, *events_, node_name);
    binder_ = std::make_unique<StoreBinder>(*system_, *objects_, *events_);
    bridge_ = std::make_unique<node::RuntimeBridge>(*system_);
    sources_ = std::make_unique<StoreObjectSource>(*objects_);
    runtime::ProcessRuntime::Options options;
    const char* named = std::getenv("TROUPE_KEEPER_SOCKET");
    options.socket_path = !options_.keeper_socket.empty() ? options_.keeper_socket
                          : named != nullptr              ? std::string(named)
                                                          : options_.data_dir + "/keeper.sock";
    options.replace_keeper_after = kKeeperReplacedAfter;
    auto processes = std::make_unique<runtime::ProcessRuntime>(std::move(options));
    streams_->use(processes.get(), processes.get(), network_.get(), node_name);
    runtime_ = std::move(processes);
    checks_ = std::make_unique<AsioChecks>(threads->context(), background_, *runtime_);
  }

  Status start_actors() {
    kernel::SystemOptions options;
    options.threads = threads_.get();
    options.seed = kernel::entropy_seed();
    options.logger = logger_.get();
    system_ = std::make_unique<kernel::System>(options);
    const node::Machine machine = node::probe_machine(options_.data_dir);
    if (machine.address.empty()) logger_->warn("kernel", "this machine has no address but loopback");
    network_ = std::make_unique<net::HostNetwork>(machine.address, is_free_port);
    const std::string name = options_.node_name.empty() ? node::node_name(machine.hostname) : options_.node_name;
    make_ports(name);
    const runtime::Namespaces namespaces = runtime::find_namespaces();
    const node::NodeDeps deps{*desired_,
                              *sink_,
                              *runtime_,
                              *network_,
                              name,
                              options_.data_dir + "/pods",
                              options_.max_pods,
                              machine,
                              checks_.get(),
                              sources_.get(),
                              [folder = options_.data_dir] { return node::read_pressures(folder); },
                              namespaces,
                              limit_obstacles(),
                              &background_,
                              {options_.data_dir + "/seccomp", runtime::find_filter_support(namespaces)}};
    kernel::SupervisorSpec plane;
    plane.name = "control plane";
    plane.flags = {kernel::Strategy::kRestForOne, 10, 10s};
    plane.children = {kernel::service("threads", threads_child_),
                      kernel::service("store", store_child_),
                      kernel::service("api", api_child_),
                      desired_->child(),
                      binder_->child(),
                      scheduler::scheduler_child(*binder_),
                      controllers_->child(),
                      housekeeping_->child()};
    kernel::SupervisorSpec root;
    root.name = "root";
    root.flags = {kernel::Strategy::kOneForOne, 3, 30s};
    root.children = {kernel::supervisor("control plane", std::move(plane)),
                     kernel::supervisor("node half", node::node_half(deps))};
    auto started = kernel::Supervisor::start_root(*system_, std::move(root), watch_.options());
    if (!started) return fail(started.error());
    {
      const std::scoped_lock lock(root_mutex_);
      root_ = *started;
    }
    runtime_->start(*bridge_);
    serving_ = true;
    return {};
  }

  KernelOptions options_;
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  std::atomic<bool> serving_{false};  ///< Everything is made.
  std::unique_ptr<kernel::Logger> logger_;
  std::unique_ptr<kernel::IoThreads> threads_;
  std::unique_ptr<storage::Store> store_;
  storage::LogStore* log_store_ = nullptr;
  std::unique_ptr<schema::TypeTable> types_;
  std::unique_ptr<schema::ResourceTable> resources_;
  std::shared_future<std::optional<net::Pki>> pki_;
  api::Interning interning_;
  std::unique_ptr<api::Routes> routes_;
  std::unique_ptr<EventsApart> apart_;
  std::unique_ptr<net::HostNetwork> network_;
  std::unique_ptr<PortNews> port_news_;
  std::unique_ptr<Objects> objects_;
  std::unique_ptr<EventRecorder> events_;
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<Controllers> controllers_;
  std::unique_ptr<StoreDesiredState> desired_;
  std::unique_ptr<StoreStatusSink> sink_;
  std::unique_ptr<StoreBinder> binder_;
  std::unique_ptr<node::RuntimeBridge> bridge_;
  std::unique_ptr<AsioChecks> checks_;
  std::unique_ptr<StoreObjectSource> sources_;
  std::unique_ptr<runtime::Runtime> runtime_;
  kernel::Background background_;
  std::unique_ptr<LocalStreams> streams_;
  Adopted threads_child_;
  Adopted store_child_;
  Adopted api_child_;
  RootWatch watch_;
  std::unique_ptr<kernel::System> system_;
  std::unique_ptr<api::ApiServer> api_;
  std::mutex root_mutex_;
  kernel::ActorRef root_;
};

}  // namespace

int run_kernel(const KernelOptions& options) {
  // Blocked before any thread starts, so that only `sigwait` below takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  if (const char* path = std::getenv("TROUPE_LAST_WORDS"); path != nullptr) keep_last_words(path);
  Kernel kernel(options);
  if (auto status = kernel.start(); !status) {
    std::fprintf(stderr, "troupe kernel: %s\n", status.error().message.c_str());
    return 1;
  }
  kernel.say_ready();
  int taken = 0;
  sigwait(&signals, &taken);
  kernel.stop();
  return kernel.gave_up() ? 1 : 0;
}

}  // namespace troupe::daemon
