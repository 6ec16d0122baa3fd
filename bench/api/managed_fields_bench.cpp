// What managedFields cost a plain write, and an apply as a whole, in processor time beside the document work that every
// write does anyway (the floor: parse the object's JSON once).
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "api/apply.hpp"
#include "api/object_codec.hpp"
#include "bench/arguments.hpp"

namespace {

using troupe::api::Application;
using troupe::api::ApplyKind;
using troupe::api::Editor;
using troupe::api::parse_json;
using troupe::api::shape_of;
using troupe::schema::Document;

double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Figure {
  double p50;
  double p99;
};

template <class Job>
Figure measure(const Job& job) {
  std::vector<double> times;
  for (int i = 0; i < 4'000; ++i) times.push_back(job());
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

void print(const char* name, const char* object, Figure figure, Figure floor) {
  std::printf("{\"name\":\"%s\",\"object\":\"%s\",\"unit\":\"us\",\"p50\":%.2f,\"p99\":%.2f,\"floor_p50\":%.2f}\n",
              name, object, figure.p50, figure.p99, floor.p50);
}

std::string pod(const char* image) {
  std::string containers;
  for (const char* name : {"web", "log"}) {
    containers +=
        std::string(containers.empty() ? "" : ",") + R"({"name":")" + name + R"(","image":")" + image +
        R"(","ports":[{"name":"http","containerPort":80,"protocol":"TCP"}],"env":[{"name":"A","value":"1"},)" +
        R"({"name":"B","value":"2"}],"resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"100m",)" +
        R"("memory":"64Mi"}},"volumeMounts":[{"name":"data","mountPath":"/data"}],"imagePullPolicy":)" +
        R"("IfNotPresent","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"})";
  }
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","uid":"u","labels":{"app":"web","tier":"front"}},)"
         R"("spec":{"containers":[)" +
         containers +
         R"(],"volumes":[{"name":"data","emptyDir":{}}],"restartPolicy":"Always","dnsPolicy":"ClusterFirst",)"
         R"("schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}})";
}

std::string config_map(const char* value) {
  return std::string(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","uid":"u"},"data":{"a":")") +
         value + R"(","b":")" + std::string(160, 'x') + "\"}}";
}

void run(const char* name, const troupe::schema::Type* type, const std::string& before, const std::string& after,
         const std::string& nothing) {
  const Editor editor{"kubectl-create", "v1", "", "2026-01-01T00:00:00Z"};
  const auto shape = shape_of(type);
  const Document empty = parse_json(nothing).value();
  const Figure floor = measure([&] {
    const double from = cpu_us();
    const auto parsed = parse_json(before);
    return parsed ? cpu_us() - from : 0;
  });
  print("managed_fields.create", name, measure([&] {
          Document object = parse_json(before).value();
          const double from = cpu_us();
          const auto done = track_update(object, empty.root(), true, shape, editor);
          return done ? cpu_us() - from : 0;
        }),
        floor);
  Document live = parse_json(before).value();
  if (!track_update(live, empty.root(), true, shape, editor)) return;
  print("managed_fields.update", name, measure([&] {
          Document object = parse_json(after).value();
          const double from = cpu_us();
          const auto done = track_update(object, live.root(), false, shape, editor);
          return done ? cpu_us() - from : 0;
        }),
        floor);
  ApplyKind kind;
  kind.shape = shape;
  kind.normalize = [](Document object) -> troupe::api::ApiResult<Document> { return object; };
  const Document configuration = parse_json(after).value();
  print("apply", name, measure([&] {
          const double from = cpu_us();
          const auto done =
              apply_configuration(live.root(), false, Application{configuration.root(), editor, true}, kind);
          return done ? cpu_us() - from : 0;
        }),
        floor);
}

}  // namespace

int main(int argc, char** argv) {
  troupe::bench::Arguments(argc, argv, "managed_fields_bench").done();
  const auto types = troupe::schema::TypeTable::built_in();
  if (!types) return 1;
  run("ConfigMap of 256 B", types->find("", "v1", "ConfigMap"), config_map("1"), config_map("2"),
      R"({"metadata":{"creationTimestamp":null}})");
  run("Pod of 1.5 kB", types->find("", "v1", "Pod"), pod("x:1"), pod("x:2"),
      R"({"metadata":{"creationTimestamp":null},"spec":{"containers":null},"status":{}})");
}
