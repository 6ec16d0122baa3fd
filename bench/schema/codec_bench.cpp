#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "bench/arguments.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace troupe::schema {
namespace {

/// A Pod as a Deployment makes it and a kubelet reports it, without managed fields: about 5 kB.
std::string realistic_pod() {
  std::string text =
      R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-5cf97446fc-7tnql",)"
      R"("generateName":"web-5cf97446fc-","namespace":"default","uid":"8c129a95-d4d1-47d2-9ff4-58cbe137d15c",)"
      R"("creationTimestamp":"2026-01-02T03:04:05Z","labels":{"app":"web","app.kubernetes.io/component":)"
      R"("frontend","pod-template-hash":"5cf97446fc","tier":"edge"},"annotations":)"
      R"({"example.com/checksum":"0f343b0931126a20f133d67c2b018a3b","example.com/note":"rolled out by hand"},)"
      R"("ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5cf97446fc","uid":)"
      R"("01254249-33d1-49ba-b297-8051061fa016","controller":true,"blockOwnerDeletion":true}]},"spec":{"volumes":)"
      R"([{"name":"config","configMap":{"name":"web-config","defaultMode":420}},{"name":"cache","emptyDir":{}},)"
      R"({"name":"kube-api-access-x7x7x","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,)"
      R"("path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}}],)"
      R"("defaultMode":420}}],"containers":[)";
  for (const std::string name : {"web", "sidecar"}) {
    text +=
        R"({"name":")" + name + R"(","image":"registry.example.com/team/)" + name +
        R"(:1.27.3","command":["/usr/bin/server","--listen=:8080"],"args":["--log-level=info","--cache=/var/cache"],)"
        R"("ports":[{"name":"http","containerPort":8080,"protocol":"TCP"},{"name":"metrics","containerPort":9090,"protocol":"TCP"}],)"
        R"("env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}},)"
        R"({"name":"GOMAXPROCS","value":"2"},{"name":"DATABASE_URL","value":"postgres://db.example.com:5432/web"}],)"
        R"("resources":{"limits":{"cpu":"500m","memory":"256Mi"},"requests":{"cpu":"250m","memory":"128Mi"}},)"
        R"("volumeMounts":[{"name":"config","readOnly":true,"mountPath":"/etc/web"},{"name":"cache","mountPath":"/var/cache"},)"
        R"({"name":"kube-api-access-x7x7x","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],)"
        R"("livenessProbe":{"httpGet":{"path":"/healthz","port":"http","scheme":"HTTP"},"initialDelaySeconds":5,)"
        R"("timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},)"
        R"("readinessProbe":{"httpGet":{"path":"/ready","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":5,)"
        R"("successThreshold":1,"failureThreshold":3},"terminationMessagePath":"/dev/termination-log",)"
        R"("terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","securityContext":)"
        R"({"runAsNonRoot":true,"readOnlyRootFilesystem":true,"allowPrivilegeEscalation":false}},)";
  }
  text.back() = ']';
  text +=
      R"(,"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":)"
      R"("default","nodeName":"node-1.example.com","securityContext":{},"schedulerName":"default-scheduler","tolerations":)"
      R"([{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},)"
      R"({"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],)"
      R"("priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},"status":{"phase":"Running",)"
      R"("conditions":[)";
  for (const std::string type : {"Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
    text += R"({"type":")" + type +
            R"(","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-01-02T03:04:09Z"},)";
  }
  text.back() = ']';
  text +=
      R"(,"hostIP":"192.0.2.10","podIP":"10.244.1.17","podIPs":[{"ip":"10.244.1.17"}],"startTime":"2026-01-02T03:04:05Z",)"
      R"("containerStatuses":[)";
  for (const std::string name : {"web", "sidecar"}) {
    text += R"({"name":")" + name +
            R"(","state":{"running":{"startedAt":"2026-01-02T03:04:08Z"}},"lastState":{},"ready":true,)"
            R"("restartCount":0,"image":"registry.example.com/team/)" +
            name + R"(:1.27.3","imageID":"registry.example.com/team/)" + name +
            R"(@sha256:0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b","containerID":)"
            R"("containerd://e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","started":true},)";
  }
  text.back() = ']';
  return text + R"(,"qosClass":"Burstable"}})";
}

/// Processor time of this thread in microseconds.
double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Figures {
  double mb_per_second = 0;       // the mean over the whole run
  double cpu_mb_per_second = 0;   // the same of the processor time: what other programs do not take away
  double best_mb_per_second = 0;  // of the quickest batch: the core was ours alone
  double p50_us = 0;
  double p99_us = 0;
  double allocations = 0;
};

template <class F>
Figures measure(std::size_t bytes, F&& f) {
  using Clock = std::chrono::steady_clock;
  constexpr int kBatch = 20;
  for (int i = 0; i < 2000; ++i) f();
  std::vector<double> micros;
  micros.reserve(100'000);
  const std::size_t before = allocations;
  const auto end = Clock::now() + std::chrono::seconds(3);
  std::size_t runs = 0;
  double total = 0;
  const double cpu_from = cpu_us();
  while (Clock::now() < end && micros.size() < micros.capacity()) {
    const auto start = Clock::now();
    for (int i = 0; i < kBatch; ++i) f();
    const double us = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    micros.push_back(us / kBatch);
    total += us;
    runs += kBatch;
  }
  const double cpu_total = cpu_us() - cpu_from;
  std::sort(micros.begin(), micros.end());
  Figures figures;
  figures.mb_per_second = static_cast<double>(bytes * runs) / total;
  figures.cpu_mb_per_second = static_cast<double>(bytes * runs) / cpu_total;
  figures.best_mb_per_second = static_cast<double>(bytes) / micros.front();
  figures.p50_us = micros[micros.size() / 2];
  figures.p99_us = micros[micros.size() * 99 / 100];
  figures.allocations = static_cast<double>(allocations - before) / static_cast<double>(runs);
  return figures;
}

/// Measures `f` and prints it, unless `only` is another name; true when it meets its target, by its processor time.
template <class F>
bool figure(std::string_view only, const char* name, std::size_t bytes, double target, F&& work) {
  if (!only.empty() && name != only) return true;
  const Figures f = measure(bytes, work);
  const bool fine = f.cpu_mb_per_second >= target && f.allocations <= 4;
  std::printf(
      "{\"figure\":\"%s\",\"mb_per_s\":%.0f,\"cpu_mb_per_s\":%.0f,\"best_mb_per_s\":%.0f,\"target_mb_per_s\":%.0f,"
      "\"p50_us\":%.2f,\"p99_us\":"
      "%.2f,\"bytes\":%zu,"
      "\"allocations_per_object\":%.3f,\"met\":%s}\n",
      name, f.mb_per_second, f.cpu_mb_per_second, f.best_mb_per_second, target, f.p50_us, f.p99_us, bytes,
      f.allocations, fine ? "true" : "false");
  return fine;
}

/// `only`: a figure's name, or empty for all.
int run(std::string_view only) {
  const auto start = std::chrono::steady_clock::now();
  const auto table = TypeTable::built_in();
  const double table_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  if (!table) return 1;
  std::printf("{\"figure\":\"type table\",\"ms\":%.2f,\"target_ms\":10,\"bytes\":%zu,\"target_bytes\":8388608}\n",
              table_ms, table->memory_bytes());
  const Type& pod = *table->find("", "v1", "Pod");
  const std::string json = realistic_pod();
  JsonDecoder decoder;
  StoredBuilder stored;
  Diagnostics diagnostics(Strictness::kStrict);
  if (const Status status = decoder.decode(json, pod, stored, diagnostics); !status) {
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
    return 1;
  }
  EncodeOptions options;
  options.api_version = "v1";
  options.kind = "Pod";
  options.resource_version = "123456";
  ByteBuffer out;
  encode_json(pod, StructView::root(stored.words()), options, out);
  bool fine = true;
  // The floor: what copying the text once costs.
  std::string copy(json.size(), ' ');
  figure(only, "copy of the text (floor)", json.size(), 0, [&] {
    std::memcpy(copy.data(), json.data(), json.size());
    asm volatile("" ::: "memory");
  });
  fine &= figure(only, "JSON to stored form", json.size(), 500, [&] {
    diagnostics.clear();
    if (!decoder.decode(json, pod, stored, diagnostics)) std::abort();
  });
  fine &= figure(only, "stored form to JSON", out.size(), 500, [&] {
    out.clear();
    encode_json(pod, StructView::root(stored.words()), options, out);
  });
  Document document;
  if (!decoder.parse(json, document, diagnostics)) return 1;
  figure(only, "JSON to Document", json.size(), 0, [&] {
    if (!decoder.parse(json, document, diagnostics)) std::abort();
  });
  figure(only, "Document to stored form", json.size(), 0, [&] {
    if (!decode_node(document.root(), pod, Limits{}, stored, diagnostics)) std::abort();
  });
  BackBuffer message;
  encode_enveloped(pod, StructView::root(stored.words()), options, message);
  const std::string bytes(message.view());
  figure(only, "stored form to protobuf", bytes.size(), 0, [&] {
    message.clear();
    encode_enveloped(pod, StructView::root(stored.words()), options, message);
  });
  figure(only, "protobuf to stored form", bytes.size(), 0, [&] {
    if (!decode_protobuf(open_envelope(bytes)->raw, pod, Limits{}, stored, diagnostics)) std::abort();
  });
  return fine ? 0 : 2;
}

}  // namespace
}  // namespace troupe::schema

int main(int argc, char** argv) {
  troupe::bench::Arguments arguments(argc, argv, "schema_codec_bench [FIGURE]");
  const std::string only = arguments.empty()
                               ? ""
                               : arguments.one_of({"copy of the text (floor)", "JSON to stored form",
                                                   "stored form to JSON", "JSON to Document", "Document to stored form",
                                                   "stored form to protobuf", "protobuf to stored form"});
  arguments.done();
  return troupe::schema::run(only);
}
