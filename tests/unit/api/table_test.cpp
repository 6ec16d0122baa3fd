#include "api/table.hpp"

#include <gtest/gtest.h>

#include "api/object_codec.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

class TableTest : public ::testing::Test {
 protected:
  /// The cells that the columns of always and of -o wide have, "|" between.
  std::string row(std::string_view group, std::string_view version, std::string_view plural, std::string_view json) {
    const Resource* resource = api.routes.find(group, version, plural);
    if (resource == nullptr) return "no such resource";
    auto object = parse_json(json);
    if (!object) return object.error().message;
    std::string out;
    for (const schema::Column& column : resource->columns) {
      std::string cell;
      append_cell(cell, *resource, column, object->root(), api.environment.now());
      if (cell.starts_with('"')) cell = cell.substr(1, cell.size() - 2);
      out += (out.empty() ? "" : "|") + cell;
    }
    return out;
  }
  std::string pod(const std::string& spec, const std::string& status, const std::string& metadata = "") {
    return row("", "v1", "pods",
               R"({"metadata":{"name":"p")" + metadata + R"(},"spec":{)" + spec + R"(},"status":{)" + status + "}}");
  }

  testing::FrontFixture api;
};

// The fixture's clock stands at 2026-01-01T00:00:00Z.
constexpr std::string_view kTwo = R"("initContainers":[{"name":"s","restartPolicy":"Always"},{"name":"i"}],)"
                                  R"("containers":[{"name":"c"}])";

TEST_F(TableTest, APodWhoseSidecarRunsIsRunningAndCountsIt) {
  EXPECT_EQ(pod(std::string(kTwo),
                R"("phase":"Running","initContainerStatuses":[)"
                R"({"name":"s","started":true,"ready":true,"restartCount":0,"state":{"running":{}}},)"
                R"({"name":"i","ready":true,"restartCount":4,"state":{"terminated":{"exitCode":0}}}],)"
                R"("containerStatuses":[{"name":"c","ready":true,"restartCount":0,"state":{"running":{}}}])"),
            "p|2/2|Running|0|<unknown>|<none>|<none>|<none>|<none>");
}

TEST_F(TableTest, APodCountsTheReadinessGatesThatArePassed) {
  const std::string gates = R"("readinessGates":[{"conditionType":"a"},{"conditionType":"b"},{"conditionType":"c"}])";
  EXPECT_EQ(pod(gates, R"("phase":"Running","conditions":[{"type":"a","status":"True"},{"type":"b","status":"False"},)"
                       R"({"type":"b","status":"True"}])"),
            "p|0/0|Running|0|<unknown>|<none>|<none>|<none>|1/3");
}

TEST_F(TableTest, ASidecarThatHasNotStartedHoldsThePod) {
  EXPECT_EQ(pod(std::string(kTwo),
                R"("phase":"Pending","initContainerStatuses":[{"name":"s","started":false,"state":{"running":{}}}])"),
            "p|0/2|Init:0/2|0|<unknown>|<none>|<none>|<none>|<none>");
}

TEST_F(TableTest, RestartsSayHowLongAgoTheLastOneWas) {
  EXPECT_EQ(pod(R"("containers":[{"name":"c"},{"name":"d"}])",
                R"("phase":"Running","containerStatuses":[)"
                R"({"name":"c","ready":true,"restartCount":2,"state":{"running":{}},)"
                R"("lastState":{"terminated":{"finishedAt":"2025-12-31T23:59:00Z"}}},)"
                R"({"name":"d","restartCount":1,"state":{"waiting":{"reason":"CrashLoopBackOff"}},)"
                R"("lastState":{"terminated":{"finishedAt":"2025-12-31T23:59:55Z"}}}])"),
            "p|1/2|CrashLoopBackOff|3 (5s ago)|<unknown>|<none>|<none>|<none>|<none>");
}

TEST_F(TableTest, RestartsOfInitContainersAreCountedWhileThePodWaitsForThem) {
  EXPECT_EQ(pod(R"("initContainers":[{"name":"i"}],"containers":[{"name":"c"}])",
                R"("phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,)"
                R"("state":{"terminated":{"exitCode":1,"signal":9}}}])"),
            "p|0/1|Init:Signal:9|2|<unknown>|<none>|<none>|<none>|<none>");
}

TEST_F(TableTest, APodThatHasEndedIsNotTerminating) {
  const std::string going = R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")";
  EXPECT_EQ(pod("", R"("phase":"Succeeded","reason":"Completed")", going),
            "p|0/0|Completed|0|<unknown>|<none>|<none>|<none>|<none>");
  EXPECT_EQ(pod("", R"("phase":"Running")", going), "p|0/0|Terminating|0|<unknown>|<none>|<none>|<none>|<none>");
}

TEST_F(TableTest, ServicesAndEndpointsShowWhereTheyAreReached) {
  EXPECT_EQ(row("", "v1", "services",
                R"({"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","clusterIP":"10.0.0.1","ports":[{"port":80,)"
                R"("nodePort":30080,"protocol":"TCP"}],"selector":{"b":"c","a":"b"}},)"
                R"("status":{"loadBalancer":{"ingress":[{"hostname":"lb.example"},{"ip":"1.2.3.4"}]}}})"),
            "s|LoadBalancer|10.0.0.1|lb.example,1.2.3.4|80:30080/TCP|<unknown>|a=b,b=c");
  EXPECT_EQ(row("", "v1", "endpoints",
                R"({"metadata":{"name":"e"},"subsets":[{"addresses":[{"ip":"1.1.1.1"},{"ip":"fd00::1"}],)"
                R"("ports":[{"port":80},{"port":81}]}]})"),
            "e|1.1.1.1:80,[fd00::1]:80,1.1.1.1:81 + 1 more...|<unknown>");
  EXPECT_EQ(row("", "v1", "endpoints", R"({"metadata":{"name":"e"}})"), "e|<none>|<unknown>");
  EXPECT_EQ(row("discovery.k8s.io", "v1", "endpointslices",
                R"({"metadata":{"name":"e"},"addressType":"IPv4","ports":[{"port":80},{"name":"x"}],)"
                R"("endpoints":[{"addresses":["1"]},{"addresses":["2"]},{"addresses":["3"]},{"addresses":["4"]}]})"),
            "e|IPv4|80,x|1,2,3 + 1 more...|<unknown>");
  EXPECT_EQ(row("discovery.k8s.io", "v1", "endpointslices", R"({"metadata":{"name":"e"},"addressType":"IPv4"})"),
            "e|IPv4|<unset>|<unset>|<unknown>");
}

TEST_F(TableTest, IngressesShowHostsAndPorts) {
  const std::string_view group = "networking.k8s.io";
  EXPECT_EQ(row(group, "v1", "ingresses", R"({"metadata":{"name":"i"},"spec":{}})"), "i|<none>|*||80|<unknown>");
  EXPECT_EQ(row(group, "v1", "ingresses",
                R"({"metadata":{"name":"i"},"spec":{"ingressClassName":"c","tls":[{}],"rules":[{"host":"a"},)"
                R"({"host":"b"},{"host":"c"},{"host":"d"}]}})"),
            "i|c|a,b,c + 1 more...||80, 443|<unknown>");
  EXPECT_EQ(
      row(group, "v1", "ingressclasses",
          R"({"metadata":{"name":"i"},"spec":{"controller":"c","parameters":{"kind":"K","apiGroup":"g","name":"n"}}})"),
      "i|c|K.g/n|<unknown>");
  EXPECT_EQ(row(group, "v1", "ipaddresses",
                R"({"metadata":{"name":"1"},"spec":{"parentRef":{"resource":"services","namespace":"n","name":"s"}}})"),
            "1|services/n/s|<unknown>");
  EXPECT_EQ(row(group, "v1", "networkpolicies",
                R"({"metadata":{"name":"n"},"spec":{"podSelector":{"matchLabels":{"b":"c"},"matchExpressions":[)"
                R"({"key":"a","operator":"NotIn","values":["z","y"]},{"key":"c","operator":"DoesNotExist"}]}}})"),
            "n|a notin (y,z),b=c,!c|<unknown>");
}

TEST_F(TableTest, QuotasAndAutoscalersShowWhatIsUsed) {
  EXPECT_EQ(row("", "v1", "resourcequotas",
                R"({"metadata":{"name":"q"},"status":{"hard":{"pods":"5","limits.cpu":"2","cpu":"1"},)"
                R"("used":{"pods":"1","limits.cpu":"500m"}}})"),
            "q|<unknown>|cpu: 0/1, pods: 1/5|limits.cpu: 500m/2");
  const std::string head = R"({"metadata":{"name":"h"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"d"},)"
                           R"("minReplicas":1,"maxReplicas":3,"metrics":[{"type":"Resource","resource":{"name":"cpu",)"
                           R"("target":{"averageUtilization":50}}})";
  EXPECT_EQ(row("autoscaling", "v2", "horizontalpodautoscalers", head + "]}}"),
            "h|Deployment/d|cpu: <unknown>/50%|1|3|0|<unknown>");
  EXPECT_EQ(
      row("autoscaling", "v2", "horizontalpodautoscalers",
          head + R"(,{"type":"Pods","pods":{"target":{"averageValue":"5"}}},{"type":"x"}]},)" +
              R"("status":{"currentReplicas":2,"currentMetrics":[{"resource":{"current":{"averageUtilization":7}}},)"
              R"({"pods":{"current":{"averageValue":"4"}}}]}})"),
      "h|Deployment/d|cpu: 7%/50%, 4/5 + 1 more...|1|3|2|<unknown>");
  EXPECT_EQ(row("policy", "v1", "poddisruptionbudgets", R"({"metadata":{"name":"b"},"spec":{"maxUnavailable":"50%"}})"),
            "b|N/A|50%|0|<unknown>");
}

TEST_F(TableTest, VolumesAndClassesSayWhatIsUnset) {
  EXPECT_EQ(row("", "v1", "persistentvolumeclaims",
                R"({"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"]},"status":{"phase":"Pending"}})"),
            "c|Pending|||||<unset>|<unknown>|<unset>");
  EXPECT_EQ(row("", "v1", "persistentvolumeclaims",
                R"({"metadata":{"name":"c"},"spec":{"volumeName":"v","volumeMode":"Filesystem"},)"
                R"("status":{"phase":"Bound","accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"}}})"),
            "c|Bound|v|1Gi|RWO||<unset>|<unknown>|Filesystem");
  EXPECT_EQ(row("storage.k8s.io", "v1", "storageclasses",
                R"({"metadata":{"name":"s","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},)"
                R"("provisioner":"p","reclaimPolicy":"Retain"})"),
            "s (default)|p|Retain|Immediate|false|<unknown>");
}

TEST_F(TableTest, JobsShowWhatIsDoneOfWhatIsWanted) {
  EXPECT_EQ(
      row("batch", "v1", "jobs", R"({"metadata":{"name":"j"},"spec":{"parallelism":3},"status":{"succeeded":1}})"),
      "j|Running|1/1 of 3||<unknown>|||<none>");
  EXPECT_EQ(row("batch", "v1", "cronjobs", R"({"metadata":{"name":"j"},"spec":{"schedule":"@daily","suspend":true}})"),
            "j|@daily|<none>|True|0|<none>|<unknown>|||<none>");
}

TEST_F(TableTest, BothEventApisShowTheSame) {
  EXPECT_EQ(
      row("", "v1", "events",
          R"({"metadata":{"name":"e"},"type":"Warning","reason":"R","message":"m","involvedObject":{"kind":"Pod",)"
          R"("name":"p","fieldPath":"spec.x"},"source":{"component":"c","host":"h"},"count":3,)"
          R"("firstTimestamp":"2025-12-31T23:50:00Z","lastTimestamp":"2025-12-31T23:57:00Z"})"),
      "3m|Warning|R|pod/p|spec.x|c, h|m|10m|3|e");
  EXPECT_EQ(
      row("events.k8s.io", "v1", "events",
          R"({"metadata":{"name":"e"},"type":"Warning","reason":"R","note":"m","regarding":{"kind":"Pod",)"
          R"("name":"p","fieldPath":"spec.x"},"reportingController":"c","eventTime":"2025-12-31T23:50:00.000000Z",)"
          R"("series":{"count":3,"lastObservedTime":"2025-12-31T23:57:00.000000Z"}})"),
      "3m|Warning|R|pod/p|spec.x|c|m|10m|3|e");
}

TEST_F(TableTest, RequestsAndServicesOfTheServerSayTheirState) {
  EXPECT_EQ(row("certificates.k8s.io", "v1", "certificatesigningrequests",
                R"({"metadata":{"name":"r"},"spec":{"signerName":"s","username":"u","expirationSeconds":3600},)"
                R"("status":{"certificate":"eA==","conditions":[{"type":"Approved","status":"True"}]}})"),
            "r|<unknown>|s|u|60m|Approved,Issued");
  EXPECT_EQ(row("apiregistration.k8s.io", "v1", "apiservices",
                R"({"metadata":{"name":"a"},"spec":{"service":{"namespace":"n","name":"s"}},"status":{"conditions":[)"
                R"({"type":"Available","status":"False","reason":"Missing"}]}})"),
            "a|n/s|False (Missing)|<unknown>");
  EXPECT_EQ(row("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies",
                R"({"metadata":{"name":"a"},"spec":{"validations":[{},{}]}})"),
            "a|2|<unset>|<unknown>");
  EXPECT_EQ(row("apps", "v1", "controllerrevisions",
                R"({"metadata":{"name":"a","ownerReferences":[{"controller":true,"apiVersion":"apps/v1",)"
                R"("kind":"StatefulSet","name":"w"}]},"revision":3})"),
            "a|statefulset.apps/w|3|<unknown>");
}

TEST_F(TableTest, NodesHaveTheRolesOfTheirLabels) {
  EXPECT_EQ(
      row("", "v1", "nodes",
          R"({"metadata":{"name":"n","labels":{"node-role.kubernetes.io/worker":"","kubernetes.io/role":"edge"}},)"
          R"("spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}})"),
      "n|NotReady,SchedulingDisabled|edge,worker|<unknown>||<none>|<none>|<unknown>|<unknown>|<unknown>");
}

}  // namespace
}  // namespace troupe::api
