#include "tests/scenario/pod_world.hpp"

#include <capnp/message.h>

#include <algorithm>
#include <utility>

#include "actors/pod/siblings.hpp"
#include "daemon/object_internal.hpp"
#include "kernel/clock.hpp"
#include "kernel/registry.hpp"
#include "kernel/supervisor.hpp"

namespace troupe::scenario {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kStoreTime = std::chrono::microseconds(150);

struct Poke {};

const schema::TypeTable& types() {
  static const schema::TypeTable table = std::move(schema::TypeTable::built_in().value());
  return table;
}

const schema::ResourceTable& resources() {
  static const schema::ResourceTable table = std::move(schema::ResourceTable::built_in().value());
  return table;
}

api::Routes make_routes() {
  auto numbers = std::make_shared<std::map<std::string, std::uint32_t, std::less<>>>();
  const auto number = [numbers](std::string_view name) -> Result<std::uint32_t> {
    return numbers->try_emplace(std::string(name), static_cast<std::uint32_t>(numbers->size() + 1)).first->second;
  };
  return std::move(api::Routes::built_in(resources(), types(), {number, number, {}}).value());
}

/// Annotations that are asked for.
void annotate(const PodManifest& manifest, k8s::meta::v1::ObjectMeta::Builder meta) {
  std::map<std::string, std::string> annotations;
  if (!manifest.backoff.empty()) annotations.emplace(pod::kBackoffAnnotation, manifest.backoff);
  if (!manifest.strategy.empty()) annotations.emplace(pod::kStrategyAnnotation, manifest.strategy);
  auto notes = meta.initAnnotations(static_cast<unsigned>(annotations.size()));
  unsigned note = 0;
  for (const auto& [key, value] : annotations) {
    notes[note].setKey(key);
    notes[note++].setValue(value);
  }
}

/// The main containers behind the first, and the first one's restart rules.
void add_mains(const PodManifest& manifest, capnp::List<daemon::core::Container>::Builder mains) {
  auto main = mains[0];
  for (unsigned i = 1; i < mains.size(); ++i) {
    mains[i].setName("main-" + std::to_string(i));
    mains[i].initCommand(1).set(0, manifest.more_commands[i - 1]);
  }
  if (!manifest.restart_all.empty()) {
    main.setRestartPolicy(manifest.restart_policy);
    auto rule = main.initRestartPolicyRules(1)[0];
    rule.setAction("RestartAllContainers");
    rule.initExitCodes().setOperator("In");
    auto codes = rule.getExitCodes().initValues(static_cast<unsigned>(manifest.restart_all.size()));
    for (unsigned i = 0; i < codes.size(); ++i) codes.set(i, manifest.restart_all[i]);
  }
}

}  // namespace

/// The runtime as one kernel sees it: what a dead kernel asked for is answered to nobody.
class PodWorld::Proxy final : public runtime::Runtime, public runtime::RuntimeListener {
 public:
  explicit Proxy(runtime::FakeRuntime& fake) : fake_(fake) {}

  void start(runtime::RuntimeListener& listener) override {
    listener_ = &listener;
    ++epoch_;
    if (!started_) {
      started_ = true;
      return fake_.start(*this);
    }
    fake_.list(guard<runtime::Inventory>([this](Result<runtime::Inventory> all) {
      if (all) listener_->on_attached(std::move(*all));
    }));
  }
  void kernel_died() {
    listener_ = nullptr;
    ++epoch_;
  }

  void create_sandbox(runtime::SandboxSpec spec, runtime::Done done) override {
    fake_.create_sandbox(std::move(spec), guard_done(std::move(done)));
  }
  void remove_sandbox(std::string id, runtime::Done done) override {
    fake_.remove_sandbox(std::move(id), guard_done(std::move(done)));
  }
  void create_container(runtime::ContainerSpec spec, runtime::Done done) override {
    fake_.create_container(std::move(spec), guard_done(std::move(done)));
  }
  void start_container(std::string id, runtime::Callback<runtime::StartInfo> done) override {
    fake_.start_container(std::move(id), guard<runtime::StartInfo>(std::move(done)));
  }
  void stop_container(std::string id, int signal, std::chrono::milliseconds grace, runtime::Done done) override {
    fake_.stop_container(std::move(id), signal, grace, guard_done(std::move(done)));
  }
  void remove_container(std::string id, runtime::Done done) override {
    fake_.remove_container(std::move(id), guard_done(std::move(done)));
  }
  void exec(runtime::ExecSpec spec, runtime::Callback<runtime::ExecResult> done) override {
    fake_.exec(std::move(spec), guard<runtime::ExecResult>(std::move(done)));
  }
  void list(runtime::Callback<runtime::Inventory> done) override {
    fake_.list(guard<runtime::Inventory>(std::move(done)));
  }
  void reopen_log(std::string id, runtime::Done done) override {
    fake_.reopen_log(std::move(id), guard_done(std::move(done)));
  }

  void on_attached(runtime::Inventory inventory) override {
    if (listener_ != nullptr) listener_->on_attached(std::move(inventory));
  }
  void on_detached(Error reason) override {
    if (listener_ != nullptr) listener_->on_detached(std::move(reason));
  }
  void on_exit(runtime::ContainerExit exit) override {
    if (listener_ != nullptr) listener_->on_exit(std::move(exit));
  }

 private:
  template <class T>
  runtime::Callback<T> guard(runtime::Callback<T> done) {
    return [this, mine = epoch_, done = std::move(done)](Result<T> answer) {
      if (mine == epoch_) done(std::move(answer));
    };
  }
  runtime::Done guard_done(runtime::Done done) {
    return [this, mine = epoch_, done = std::move(done)](Status status) {
      if (mine == epoch_) done(std::move(status));
    };
  }

  runtime::FakeRuntime& fake_;
  runtime::RuntimeListener* listener_ = nullptr;
  std::uint64_t epoch_ = 0;
  bool started_ = false;
};

/// Lets the world's jobs run when their time has come.
class PodWorld::Host final : public kernel::Actor {
 public:
  explicit Host(PodWorld& world) : world_(world) {}

 protected:
  Status init() override {
    look();
    return {};
  }
  bool receive(kernel::Envelope& envelope) override {
    return kernel::match(envelope, [this](const kernel::Local<Poke>&) { look(); });
  }

 private:
  void look() {
    world_.run_due();
    const auto due = world_.next_due();
    if (timer_) cancel(timer_);
    timer_ = {};
    if (due) timer_ = after(std::max(*due - world_.now(), nanoseconds(0)), [this] { look(); });
  }

  PodWorld& world_;
  kernel::TimerHandle timer_;
};

/// What dies with the kernel process.
struct PodWorld::Kernel {
  explicit Kernel(const kernel::SystemOptions& options) : system(std::make_unique<kernel::System>(options)) {}
  ~Kernel() {
    if (events) events->close();
    system.reset();
  }

  std::unique_ptr<net::HostNetwork> network = std::make_unique<net::HostNetwork>("192.0.2.10");
  std::unique_ptr<daemon::Objects> objects;
  std::unique_ptr<daemon::EventRecorder> events;
  std::unique_ptr<daemon::StoreDesiredState> desired;
  std::unique_ptr<daemon::StoreStatusSink> sink;
  std::unique_ptr<daemon::StoreObjectSource> sources;
  std::unique_ptr<daemon::StoreBinder> binder;
  std::unique_ptr<node::RuntimeBridge> bridge;
  std::unique_ptr<kernel::System> system;
};

PodWorld::PodWorld(std::uint64_t seed) : seed_(seed), routes_(std::make_unique<api::Routes>(make_routes())) {
  storage::MemoryStoreOptions options;
  options.post = [this](storage::Callback<void()> job) {
    auto shared = std::make_shared<storage::Callback<void()>>(std::move(job));
    post(kStoreTime, true, [shared] { (*shared)(); });
  };
  store_ = std::make_unique<storage::MemoryStore>(std::move(options));
  runtime::FakeRuntime::Host host;
  host.now = [this] { return runtime::WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) + now(); };
  host.after = [this](nanoseconds delay, std::function<void()> run) { post(delay, false, std::move(run)); };
  fake_ = std::make_unique<runtime::FakeRuntime>(std::move(host), [this](const runtime::ContainerSpec& spec) {
    const auto found = programs.find(spec.argv.front());
    return found == programs.end() ? runtime::FakeProgram() : found->second;
  });
  fake_->commands = [this](const runtime::ExecSpec& spec) {
    const auto found = commands.find(spec.argv.front());
    return found == commands.end() ? runtime::FakeCommand() : found->second;
  };
  proxy_ = std::make_unique<Proxy>(*fake_);
}

PodWorld::~PodWorld() {
  if (kernel_) crash_kernel();
}

nanoseconds PodWorld::now() const {
  return kernel_ ? std::max(now_, nanoseconds(kernel_->system->clock().now().time_since_epoch())) : now_;
}

void PodWorld::post(nanoseconds delay, bool of_kernel, std::function<void()> run) {
  const nanoseconds at = now() + std::max(delay, nanoseconds(0));
  const std::uint64_t number = ++jobs_made_;
  jobs_.emplace(std::make_pair(at, number), Job{at, number, of_kernel, std::move(run)});
  if (kernel_) kernel_->system->registry().send("host", kernel::make_local<Poke>());
}

void PodWorld::run_due() {
  while (!jobs_.empty() && jobs_.begin()->first.first <= now()) {
    auto job = jobs_.extract(jobs_.begin());
    job.mapped().run();
  }
}

std::optional<nanoseconds> PodWorld::next_due() const {
  if (jobs_.empty()) return std::nullopt;
  return jobs_.begin()->first.first;
}

void PodWorld::run_for(nanoseconds span) {
  const nanoseconds end = now() + span;
  if (kernel_) {
    kernel_->system->run_for(span);
    now_ = end;
    return;
  }
  while (!jobs_.empty() && jobs_.begin()->first.first <= end) {
    now_ = std::max(now_, jobs_.begin()->first.first);
    run_due();
  }
  now_ = end;
}

void PodWorld::start_kernel() {
  kernel::SystemOptions options;
  options.seed = seed_ * 1000 + ++kernels_;
  kernel_ = std::make_unique<Kernel>(options);
  Kernel& k = *kernel_;
  kernel::System& system = *k.system;
  if (now_ > nanoseconds(0)) system.run_for(now_);
  k.objects = std::make_unique<daemon::Objects>(
      *store_, *routes_, [this](std::function<void()> job) { post(nanoseconds(1000), true, std::move(job)); });
  k.events = std::make_unique<daemon::EventRecorder>(*k.objects, system);
  k.desired = std::make_unique<daemon::StoreDesiredState>(system, *k.objects, "n1");
  k.sink = std::make_unique<daemon::StoreStatusSink>(system, *k.objects, *k.events, "n1");
  k.binder = std::make_unique<daemon::StoreBinder>(system, *k.objects, *k.events);
  k.bridge = std::make_unique<node::RuntimeBridge>(system);

  node::NodeDeps deps{*k.desired, *k.sink, *proxy_, *k.network, "n1", "/var/log/pods", 100, {}};
  k.sources = std::make_unique<daemon::StoreObjectSource>(*k.objects);
  deps.objects = k.sources.get();
  deps.machine.cpus = 2;
  deps.machine.memory_bytes = 8ULL << 30U;
  kernel::SpawnOptions host;
  host.name = "host";
  host.key = "host";
  host.mailbox_limit = 1'000'000;
  kernel::SupervisorSpec plane;
  plane.name = "control plane";
  plane.flags = {kernel::Strategy::kRestForOne, 100, std::chrono::seconds(1)};
  plane.children = {k.desired->child(), k.binder->child(), scheduler::scheduler_child(*k.binder)};
  kernel::SupervisorSpec root;
  root.name = "root";
  root.flags = {kernel::Strategy::kOneForOne, 100, std::chrono::seconds(1)};
  root.children = {kernel::worker("host", kernel::ActorFactory([this]() -> std::unique_ptr<kernel::Actor> {
                                    return std::make_unique<Host>(*this);
                                  }))
                       .spawn_with(host),
                   kernel::supervisor("control plane", std::move(plane)),
                   kernel::supervisor("node half", node::node_half(deps))};
  auto started = kernel::Supervisor::start_root(system, std::move(root));
  if (!started) throw std::runtime_error(started.error().message);
  proxy_->start(*k.bridge);
}

void PodWorld::crash_kernel() {
  now_ = now();
  proxy_->kernel_died();
  for (auto job = jobs_.begin(); job != jobs_.end();) job = job->second.of_kernel ? jobs_.erase(job) : std::next(job);
  kernel_.reset();
  for (auto job = jobs_.begin(); job != jobs_.end();) job = job->second.of_kernel ? jobs_.erase(job) : std::next(job);
}

void PodWorld::create(const PodManifest& manifest) {
  capnp::MallocMessageBuilder builder;
  auto object = builder.initRoot<daemon::core::Pod>();
  auto meta = object.initMetadata();
  meta.setName(manifest.name);
  meta.setNamespace("default");
  meta.setUid("uid-" + std::to_string(++uids_));
  meta.setGeneration(1);
  annotate(manifest, meta);
  auto spec = object.initSpec();
  spec.setRestartPolicy(manifest.restart_policy);
  spec.setTerminationGracePeriodSeconds(manifest.grace_seconds);
  spec.setHasTerminationGracePeriodSeconds(true);
  auto inits = spec.initInitContainers(static_cast<unsigned>(manifest.init_commands.size()));
  for (unsigned i = 0; i < inits.size(); ++i) {
    inits[i].setName("init-" + std::to_string(i));
    inits[i].initCommand(1).set(0, manifest.init_commands[i]);
  }
  auto mains = spec.initContainers(static_cast<unsigned>(1 + manifest.more_commands.size()));
  auto main = mains[0];
  main.setName("main");
  main.initCommand(1).set(0, manifest.command);
  add_mains(manifest, mains);
  const auto set_probe = [](daemon::core::Probe::Builder probe, const std::string& command) {
    probe.initProbeHandler().initExec().initCommand(1).set(0, command);
    probe.setPeriodSeconds(1);
    probe.setFailureThreshold(2);
  };
  if (!manifest.liveness.empty()) set_probe(main.initLivenessProbe(), manifest.liveness);
  if (!manifest.readiness.empty()) set_probe(main.initReadinessProbe(), manifest.readiness);
  auto gates = spec.initReadinessGates(static_cast<unsigned>(manifest.gates.size()));
  for (unsigned i = 0; i < gates.size(); ++i) gates[i].setConditionType(manifest.gates[i]);
  if (!manifest.config_map.empty()) {
    auto variable = main.initEnv(1)[0];
    variable.setName("V");
    auto key = variable.initValueFrom().initConfigMapKeyRef();
    key.initLocalObjectReference().setName(manifest.config_map);
    key.setKey("k");
  }
  if (!manifest.cpu.empty()) {
    auto request = main.initResources().initRequests(1)[0];
    request.setKey("cpu");
    request.setValue(manifest.cpu);
  }
  object.initStatus().setPhase("Pending");
  const auto& objects = *kernel_->objects;
  kernel_->objects->create(*objects.resource("", "v1", "pods"), "default", manifest.name,
                           daemon::to_segment<daemon::core::Pod>(object.asReader()), [](const Status& status) {
                             if (!status) throw std::runtime_error(status.error().message);
                           });
}

void PodWorld::set_condition(const std::string& pod, const std::string& type, const std::string& status) {
  const auto change = [type, status](daemon::core::Pod::Builder object) {
    std::vector<capnp::Orphan<daemon::core::PodCondition>> all;
    auto orphanage = capnp::Orphanage::getForMessageContaining(object);
    for (auto one : object.getStatus().getConditions()) {
      if (daemon::text(one.getType()) != type) all.push_back(orphanage.newOrphanCopy(one.asReader()));
    }
    if (!status.empty()) {
      auto mine = orphanage.newOrphan<daemon::core::PodCondition>();
      mine.get().setType(type);
      mine.get().setStatus(status);
      all.push_back(std::move(mine));
    }
    auto list = object.getStatus().initConditions(static_cast<unsigned>(all.size()));
    for (unsigned i = 0; i < list.size(); ++i) list.setWithCaveats(i, all[i].getReader());
  };
  kernel_->objects->update(
      *kernel_->objects->resource("", "v1", "pods"), "default", pod,
      [change](daemon::SegmentView current) { return daemon::changed<daemon::core::Pod>(current, change); },
      [](const Status& done) {
        if (!done) throw std::runtime_error(done.error().message);
      });
}

void PodWorld::create_config_map(const std::string& name) {
  capnp::MallocMessageBuilder builder;
  auto object = builder.initRoot<daemon::core::ConfigMap>();
  object.initMetadata().setName(name);
  object.getMetadata().setNamespace("default");
  auto entry = object.initData(1)[0];
  entry.setKey("k");
  entry.setValue("v");
  const auto& objects = *kernel_->objects;
  kernel_->objects->create(*objects.resource("", "v1", "configmaps"), "default", name,
                           daemon::to_segment<daemon::core::ConfigMap>(object.asReader()), [](const Status&) {});
}

void PodWorld::remove(const std::string& name) {
  const api::Resource& pods = *kernel_->objects->resource("", "v1", "pods");
  const bool placed = !get(name)->spec.node_name.empty();
  if (!placed) {
    return kernel_->objects->erase(
        pods, "default", name, [](daemon::SegmentView) { return Status(); }, [](const Status&) {});
  }
  kernel_->objects->update(
      pods, "default", name,
      [](daemon::SegmentView current) {
        return daemon::changed<daemon::core::Pod>(current, [](daemon::core::Pod::Builder object) {
          auto meta = object.getMetadata();
          meta.setDeletionTimestamp(1);
          meta.setHasDeletionTimestamp(true);
          meta.setDeletionGracePeriodSeconds(object.getSpec().getTerminationGracePeriodSeconds());
          meta.setHasDeletionGracePeriodSeconds(true);
        });
      },
      [](const Status&) {});
}

std::optional<pod::PodObject> PodWorld::get(const std::string& name) {
  const api::Resource& pods = *routes_->find("", "v1", "pods");
  auto got = storage::get_now(*store_, storage::make_key(pods.store_id, "default", name).value());
  if (!got || !got->record) return std::nullopt;
  return pod::read_pod(daemon::segment_of(got->record->view()).value()).value();
}

pod::ContainerStatus PodWorld::main_of(const std::string& name) {
  auto object = get(name);
  if (!object || object->status.containers.empty()) return {};
  return object->status.containers.front();
}

std::string PodWorld::condition(const std::string& pod, const std::string& type) {
  auto object = get(pod);
  if (!object) return "no pod";
  for (const auto& one : object->status.conditions) {
    if (one.type == type) return one.status + " " + one.reason + " " + one.message;
  }
  return "absent";
}

std::vector<std::string> PodWorld::events_of(const std::string& pod) {
  std::vector<std::string> out;
  storage::ListRequest request;
  request.prefix = storage::prefix_of(routes_->find("", "v1", "events")->store_id);
  (void)storage::list_now(*store_, request, [&](std::string_view, const storage::RecordView& record) {
    (void)daemon::with_object<daemon::core::Event>(
        daemon::segment_of(record).value(), [&](daemon::core::Event::Reader event) -> Status {
          if (daemon::text(event.getInvolvedObject().getName()) == pod) {
            out.push_back(daemon::text(event.getReason()) + ": " + daemon::text(event.getMessage()));
          }
          return {};
        });
    return true;
  });
  return out;
}

runtime::Inventory PodWorld::inventory() {
  std::optional<runtime::Inventory> all;
  fake_->list([&](Result<runtime::Inventory> answer) { all = answer.value_or(runtime::Inventory()); });
  for (int i = 0; i < 1000 && !all; ++i) run_for(nanoseconds(1000));
  return all.value_or(runtime::Inventory());
}

std::size_t PodWorld::running_processes() {
  const auto all = inventory().containers;
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const auto& one) { return one.state == runtime::ContainerState::kRunning; }));
}

bool PodWorld::kill(const std::string& name, int signal, const std::string& container) {
  const auto object = get(name);
  if (!object) return false;
  for (const auto& one : inventory().containers) {
    if (one.sandbox_id == object->spec.uid && one.name == container && fake_->kill_process(one.id, signal)) return true;
  }
  return false;
}

bool PodWorld::kill_actor(const std::string& key) {
  const kernel::ActorRef actor = kernel_->system->registry().find(key);
  if (!actor) return false;
  kernel_->system->send_exit(actor, kernel::ExitReason::killed());
  return true;
}

}  // namespace troupe::scenario
