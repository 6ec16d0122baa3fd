#include "api/front.hpp"

#include <gtest/gtest.h>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using testing::at;

constexpr std::string_view kMaps = "/api/v1/namespaces/default/configmaps";
constexpr std::string_view kMerge = "application/merge-patch+json";

std::string path(std::string_view name) { return std::string(kMaps) + "/" + std::string(name); }
std::string map(const std::string& name) {
  return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + R"(","labels":{"n":")" + name +
         R"("}},"data":{"k":"v"}})";
}

class FrontTest : public ::testing::Test {
 protected:
  testing::FrontFixture api;
};

TEST_F(FrontTest, AnObjectIsCreatedReadChangedAndDeleted) {
  const auto created = api.ask("POST", std::string(kMaps), map("a"));
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(at(created.body, "metadata.uid").size(), 36U);
  const auto read = api.ask("GET", path("a"));
  EXPECT_EQ(read.body, created.body);
  const auto patched = api.ask("PATCH", path("a"), R"({"data":{"k":null,"l":"w"}})", std::string(kMerge));
  EXPECT_EQ(at(patched.body, "data.l"), "w");
  EXPECT_EQ(at(patched.body, "data.k"), "");
  EXPECT_NE(at(patched.body, "metadata.resourceVersion"), at(created.body, "metadata.resourceVersion"));
  const auto gone = api.ask("DELETE", path("a"));
  EXPECT_EQ(at(gone.body, "status"), "Success") << gone.body;
  EXPECT_EQ(at(api.ask("GET", path("a")).body, "reason"), "NotFound");
}

TEST_F(FrontTest, ErrorsAreStatusObjectsAsClientsKnowThem) {
  api.ask("POST", std::string(kMaps), map("a"));
  const auto again = api.ask("POST", std::string(kMaps), map("a"));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(at(again.body, "message"), "configmaps \"a\" already exists");
  EXPECT_EQ(at(again.body, "details.kind"), "configmaps");
  const auto bad = api.ask("POST", std::string(kMaps), map("Bad_Name"));
  EXPECT_EQ(bad.status, 422);
  EXPECT_EQ(at(bad.body, "details.kind"), "ConfigMap");
  EXPECT_EQ(api.ask("POST", "/api/v1/namespaces/nowhere/configmaps", map("a")).status, 404);
  EXPECT_EQ(api.ask("POST", std::string(kMaps), "{").status, 400);
  EXPECT_EQ(api.ask("POST", std::string(kMaps), map("b"), "text/plain").status, 415);
  EXPECT_EQ(api.ask("GET", path("a"), "", "", "text/html").status, 406);
  EXPECT_EQ(api.ask("PUT", std::string(kMaps), map("a")).status, 405);
  EXPECT_EQ(api.ask("GET", "/api/v1/namespaces/default/nonsense").status, 404);
  EXPECT_EQ(api.ask("GET", "/api/v1/namespaces/default/pods/p/log").status, 501);
}

TEST_F(FrontTest, WhatADryRunWouldCreateHasNoResourceVersion) {
  const auto dry = api.ask("POST", std::string(kMaps) + "?dryRun=All", map("a"));
  ASSERT_EQ(dry.status, 201) << dry.body;
  EXPECT_EQ(at(dry.body, "metadata.uid").size(), 36U);
  EXPECT_EQ(dry.body.find("resourceVersion"), std::string::npos) << dry.body;
}

TEST_F(FrontTest, ARequestForACertificateSaysWhoMadeIt) {
  const std::string requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  // "-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n"
  const std::string pem =
      "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUE9PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K";
  const auto made = api.ask("POST", requests,
                            R"({"metadata":{"name":"mine"},"spec":{"request":")" + pem +
                                R"(",)"
                                R"("signerName":"a.b/c","usages":["client auth"],"username":"other",)"
                                R"("uid":"7","groups":["theirs"],"extra":{"k":["v"]}}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(at(made.body, "spec.username"), "admin");
  EXPECT_NE(made.body.find(R"("groups":["system:masters","system:authenticated"])"), std::string::npos) << made.body;
  for (const char* foreign : {"other", "theirs", "extra", R"("7")"}) {
    EXPECT_EQ(made.body.find(foreign), std::string::npos) << foreign;
  }
}

TEST_F(FrontTest, WhoCreatesWhatNobodyActsOnYetIsTold) {
  const auto ask = [this](const std::string& kind, const std::string& spec) {
    return api.ask("POST", "/apis/batch/v1/namespaces/default/" + kind,
                   R"({"metadata":{"generateName":"a"},"spec":{)" + spec + "}}");
  };
  const std::string job = R"("template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}})";
  const auto told = ask("jobs", job);
  ASSERT_EQ(told.status, 201) << told.body;
  const std::string* warning = told.headers.find("warning");
  ASSERT_NE(warning, nullptr);
  EXPECT_NE(warning->find("Job: Troupe keeps this object, but has no controller yet that acts on it"),
            std::string::npos)
      << *warning;
  const auto map_made = api.ask("POST", std::string(kMaps), map("a"));
  EXPECT_EQ(map_made.headers.find("warning"), nullptr);
}

TEST_F(FrontTest, AnOldResourceVersionIsAConflictAndNoneIsNot) {
  const auto created = api.ask("POST", std::string(kMaps), map("a"));
  const std::string old = at(created.body, "metadata.resourceVersion");
  api.ask("PATCH", path("a"), R"({"data":{"x":"1"}})", std::string(kMerge));
  const std::string stale = R"({"metadata":{"name":"a","resourceVersion":")" + old + R"("},"data":{}})";
  EXPECT_EQ(at(api.ask("PUT", path("a"), stale).body, "reason"), "Conflict");
  EXPECT_EQ(api.ask("PUT", path("a"), R"({"metadata":{"name":"a"},"data":{"y":"2"}})").status, 200);
}

TEST_F(FrontTest, AnUnchangedObjectKeepsItsRevision) {
  const auto created = api.ask("POST", std::string(kMaps), map("a"));
  const auto same = api.ask("PATCH", path("a"), R"({"data":{"k":"v"}})", std::string(kMerge));
  EXPECT_EQ(at(same.body, "metadata.resourceVersion"), at(created.body, "metadata.resourceVersion"));
}

TEST_F(FrontTest, UnknownFieldsWarnOrAreRefused) {
  const std::string body = R"({"metadata":{"name":"a"},"dta":{"k":"v"}})";
  const auto warned = api.ask("POST", std::string(kMaps), body);
  EXPECT_EQ(warned.status, 201);
  ASSERT_NE(warned.headers.find("warning"), nullptr);
  EXPECT_NE(warned.headers.find("warning")->find("dta"), std::string::npos);
  EXPECT_EQ(api.ask("POST", std::string(kMaps) + "?fieldValidation=Strict", body).status, 400);
}

TEST_F(FrontTest, AListGoesOnWhereThePageBeforeEnded) {
  for (const char* name : {"a", "b", "c"}) api.ask("POST", std::string(kMaps), map(name));
  const auto first = api.ask("GET", std::string(kMaps) + "?limit=2");
  EXPECT_EQ(at(first.body, "metadata.remainingItemCount"), "1") << first.body;
  api.ask("POST", std::string(kMaps), map("d"));
  const auto second = api.ask("GET", std::string(kMaps) + "?limit=2&continue=" + at(first.body, "metadata.continue"));
  EXPECT_NE(second.body.find("\"name\":\"c\""), std::string::npos);
  EXPECT_EQ(second.body.find("\"name\":\"d\""), std::string::npos) << "not the first page's state";
  EXPECT_EQ(api.ask("GET", std::string(kMaps) + "?continue=v1.1.zz").status, 400);
  EXPECT_EQ(api.ask("GET", std::string(kMaps) + "?resourceVersion=999&resourceVersionMatch=Exact").status, 504);
}

TEST_F(FrontTest, SelectorsChooseWhatIsListed) {
  for (const char* name : {"a", "b"}) api.ask("POST", std::string(kMaps), map(name));
  const auto labelled = api.ask("GET", std::string(kMaps) + "?labelSelector=n%3Da");
  EXPECT_NE(labelled.body.find("\"name\":\"a\""), std::string::npos);
  EXPECT_EQ(labelled.body.find("\"name\":\"b\""), std::string::npos);
  const auto unknown = api.ask("GET", std::string(kMaps) + "?fieldSelector=data.k%3Dv");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(at(unknown.body, "message"),
            R"("data.k" is not a known field selector: only "metadata.name", "metadata.namespace")");
  const auto of_pods = api.ask("GET", "/api/v1/pods?fieldSelector=spec.k%3Dv");
  EXPECT_EQ(at(of_pods.body, "message"), "field label not supported: spec.k") << "they have fields of their own";
}

TEST_F(FrontTest, AWatchShowsWhatHappensToWhatItSelects) {
  const auto watch = api.open(std::string(kMaps) + "?watch=true&labelSelector=n%3Da");
  api.ask("POST", std::string(kMaps), map("b"));
  api.ask("POST", std::string(kMaps), map("a"));
  EXPECT_EQ(watch->body.find("\"name\":\"b\""), std::string::npos);
  EXPECT_TRUE(watch->body.starts_with(R"({"type":"ADDED","object":{)")) << watch->body;
  watch->body.clear();
  api.ask("PATCH", path("a"), R"({"data":{"k":"w"}})", std::string(kMerge));
  EXPECT_TRUE(watch->body.starts_with(R"({"type":"MODIFIED")")) << watch->body;
  watch->body.clear();
  const auto left = api.ask("PATCH", path("a"), R"({"metadata":{"labels":{"n":"z"}}})", std::string(kMerge));
  EXPECT_EQ(at(watch->body, "type"), "DELETED");
  EXPECT_EQ(at(watch->body, "object.metadata.labels.n"), "a") << "the old content";
  EXPECT_EQ(at(watch->body, "object.metadata.resourceVersion"), at(left.body, "metadata.resourceVersion"));
  watch->leave();
  api.run();
}

TEST_F(FrontTest, AWatchWithInitialEventsEndsThemWithABookmark) {
  api.ask("POST", std::string(kMaps), map("a"));
  const auto watch =
      api.open(std::string(kMaps) +
               "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
  EXPECT_LT(watch->body.find("\"ADDED\""), watch->body.find("\"BOOKMARK\""));
  EXPECT_NE(watch->body.find(R"("k8s.io/initial-events-end":"true")"), std::string::npos) << watch->body;
  watch->leave();
  api.run();
}

TEST_F(FrontTest, WhatIsKeptAndHasNoEffectIsWarnedOf) {
  struct Case {
    std::string_view path;
    const char* object;
    const char* warning;
  };
  const Case cases[] = {
      {"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
       R"({"metadata":{"name":"w.x.io"},"webhooks":[{"name":"a.b.c","clientConfig":{"url":"https://x/y"},)"
       R"("sideEffects":"None","admissionReviewVersions":["v1"]}]})",
       "299 - \"webhooks: are stored and not called by this server\""},
      {"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", R"({"metadata":{"name":"none.x.io"}})",
       ""},
      {"/apis/apiregistration.k8s.io/v1/apiservices",
       R"({"metadata":{"name":"v1.x.io"},"spec":{"group":"x.io","version":"v1","groupPriorityMinimum":1,)"
       R"("versionPriority":1,"service":{"namespace":"n","name":"s"}}})",
       "299 - \"spec.service: is stored, and no request is passed on to it by this server\""},
      {kMaps, R"({"metadata":{"name":"plain"}})", ""},
  };
  for (const Case& each : cases) {
    const auto made = api.ask("POST", std::string(each.path), each.object);
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.joined("warning"), each.warning) << each.path;
  }
}

TEST_F(FrontTest, AServiceOfTheApiStandsForEachGroupOfThisServer) {
  const auto apps = api.ask("GET", "/apis/apiregistration.k8s.io/v1/apiservices/v1.apps");
  ASSERT_EQ(apps.status, 200) << apps.body;
  EXPECT_EQ(at(apps.body, "spec.groupPriorityMinimum"), "17800");
  EXPECT_NE(apps.body.find(R"("type":"Available","status":"True")"), std::string::npos) << apps.body;
  EXPECT_EQ(api.ask("GET", "/apis/apiregistration.k8s.io/v1/apiservices/v1.").status, 200);
  EXPECT_EQ(api.ask("GET", "/apis/apiregistration.k8s.io/v1/apiservices/v1.apiregistration.k8s.io").status, 404);
  const auto of = [&](const char* version) {
    const auto found = api.ask("GET", std::string("/apis/apiregistration.k8s.io/v1/apiservices/") + version);
    return std::stoi(at(found.body, "spec.versionPriority"));
  };
  EXPECT_GT(of("v2.autoscaling"), of("v1.autoscaling")) << "as discovery prefers them";
}

TEST_F(FrontTest, TablesHaveTheColumnsOfTheKind) {
  api.ask("POST", std::string(kMaps), map("a"));
  const auto table = api.ask("GET", std::string(kMaps), "", "", "application/json;as=Table;v=v1;g=meta.k8s.io");
  EXPECT_NE(table.body.find(R"("cells":["a","1","0s"])"), std::string::npos) << table.body;
  EXPECT_NE(table.body.find(R"("kind":"PartialObjectMetadata")"), std::string::npos);
  const std::string form = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const std::pair<const char*, const char*> rows[] = {{"None", R"("object":null)"},
                                                      {"Metadata", R"("object":{"kind":"PartialObjectMetadata")"},
                                                      {"Object", R"("object":{"kind":"ConfigMap")"}};
  for (const auto& [include, object] : rows) {
    const auto chosen = api.ask("GET", std::string(kMaps) + "?includeObject=" + include, "", "", form);
    EXPECT_NE(chosen.body.find(object), std::string::npos) << chosen.body;
  }
  const auto unknown = api.ask("GET", std::string(kMaps) + "?includeObject=All", "", "", form);
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(at(unknown.body, "message"),
            "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": must be 'Metadata', "
            "'Object', 'None', or empty");
}

TEST_F(FrontTest, MetadataIsCheckedOnCreateAndUpdate) {
  const auto faults_of = [&](const std::string& metadata) {
    const auto made = api.ask("POST", std::string(kMaps), R"({"metadata":{)" + metadata + "}}");
    return std::to_string(made.status) + " " + at(made.body, "message");
  };
  EXPECT_EQ(
      faults_of(R"("name":"a","finalizers":["mine"])"),
      "422 ConfigMap \"a\" is invalid: metadata.finalizers[0]: Invalid value: \"mine\": name is neither a standard "
      "finalizer name nor is it fully qualified");
  EXPECT_EQ(
      faults_of(R"("name":"a","ownerReferences":[{"apiVersion":"apps/","kind":"x","name":"y","uid":"z"}])"),
      "422 ConfigMap \"a\" is invalid: metadata.ownerReferences[0].apiVersion: Invalid value: \"apps/\": version must "
      "not be empty");
  const std::string owner = R"({"apiVersion":"v1","kind":"Pod","name":"x","uid":"y","controller":true})";
  EXPECT_NE(faults_of(R"("name":"a","ownerReferences":[)" + owner + "," + owner + "]")
                .find("Only one reference can have Controller set to true. Found \"true\" in references for x and x"),
            std::string::npos);
  EXPECT_NE(faults_of(R"("generateName":"A-")").find("metadata.generateName: Invalid value: \"A-\": "),
            std::string::npos);
  EXPECT_NE(faults_of(R"("name":"a","labels":{"a/b/c":"x"})").find("with an optional DNS subdomain prefix and '/'"),
            std::string::npos);
  EXPECT_EQ(faults_of(R"("generateName":"a-","finalizers":["a.b/c","orphan"])").substr(0, 3), "201");
  api.ask("POST", std::string(kMaps), map("m"));
  EXPECT_EQ(api.ask("PATCH", std::string(kMaps) + "/m", R"({"metadata":{"ownerReferences":[{"kind":"x"}]}})",
                    std::string(kMerge))
                .status,
            422);
}

TEST(FinalizerWarnings, AreOfNewNamesWithoutADomain) {
  const auto object = parse_json(R"({"metadata":{"finalizers":["mine","a.b/c","orphan"]}})");
  const auto old = parse_json(R"({"metadata":{"finalizers":["mine"]}})");
  const auto warnings = finalizer_warnings(object->root(), nullptr);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_TRUE(warnings.front().starts_with("metadata.finalizers: \"mine\": prefer a domain-qualified finalizer name"));
  EXPECT_TRUE(finalizer_warnings(object->root(), &old->root()).empty());
}

TEST_F(FrontTest, OptionsThatThereAreNoneOfAreInvalid) {
  const std::string maps(kMaps);
  EXPECT_EQ(at(api.ask("POST", maps + "?fieldValidation=Foo", map("m")).body, "message"),
            "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"Foo\": supported values: "
            "\"\", \"Ignore\", \"Strict\", \"Warn\"");
  EXPECT_EQ(
      at(api.ask("POST", maps + "?dryRun=Foo", map("m")).body, "message"),
      "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Foo\"]: supported values: \"All\"");
  EXPECT_EQ(api.ask("POST", maps, map("m")).status, 201);
  EXPECT_EQ(api.ask("DELETE", maps + "/m", R"({"dryRun":["Foo"]})").status, 422);
  EXPECT_EQ(api.ask("DELETE", maps + "/m", R"({"dryRun":["All"]})").status, 200);
  EXPECT_EQ(api.ask("GET", maps + "/m").status, 200);
}

TEST_F(FrontTest, HealthIsToldCheckByCheck) {
  EXPECT_EQ(api.ask("GET", "/livez").body, "ok");
  EXPECT_EQ(api.ask("GET", "/livez?verbose").body, "[+]ping ok\nlivez check passed\n");
  EXPECT_EQ(
      api.ask("GET", "/livez?verbose&exclude=ping&exclude=x").body,
      "[+]ping excluded: ok\nwarn: some health checks cannot be excluded: no matches for \"x\"\nlivez check passed\n");
  EXPECT_EQ(api.ask("GET", "/livez/ping").body, "ok");
  EXPECT_EQ(api.ask("GET", "/livez/nonsense").status, 404);
}

TEST_F(FrontTest, TheRootNamesThePathsThatAreServed) {
  const auto root = api.ask("GET", "/");
  EXPECT_EQ(root.status, 200);
  for (const char* path : {"/api", "/api/v1", "/apis/apps", "/apis/apps/v1", "/healthz", "/metrics", "/openapi/v2"}) {
    EXPECT_NE(root.body.find("\"" + std::string(path) + "\""), std::string::npos) << path;
    EXPECT_EQ(api.ask("GET", path).status, 200) << path;
  }
}

TEST_F(FrontTest, WhatCannotBeReadIsNamedByItsKind) {
  EXPECT_EQ(at(api.ask("POST", std::string(kMaps), R"({"metadata":{"name":"m"},"data":{"a":1}})").body, "message"),
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: data.a: expected string, got integer");
  EXPECT_EQ(at(api.ask("POST", std::string(kMaps) + "?fieldValidation=Strict",
                       R"({"metadata":{"name":"m"},"data":{"a":"1","a":"2"}})")
                   .body,
               "message"),
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: duplicate field "
            "\"data.a\"");
}

TEST_F(FrontTest, StatusAndSpecAreWrittenApart) {
  const std::string pods = "/api/v1/namespaces/default/pods";
  const auto pod = api.ask("POST", pods,
                           R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]},)"
                           R"("status":{"phase":"Running"}})");
  ASSERT_EQ(pod.status, 201) << pod.body;
  EXPECT_EQ(at(pod.body, "status.phase"), "Pending");
  EXPECT_EQ(at(pod.body, "spec.restartPolicy"), "Always");
  const auto running = api.ask("PATCH", pods + "/p/status", R"({"status":{"phase":"Running"},"spec":{"hostname":"x"}})",
                               std::string(kMerge));
  EXPECT_EQ(at(running.body, "status.phase"), "Running");
  EXPECT_EQ(at(running.body, "spec.hostname"), "");
  const auto changed = api.ask("PATCH", pods + "/p", R"({"status":{"phase":"Failed"}})", std::string(kMerge));
  EXPECT_EQ(at(changed.body, "status.phase"), "Running");
}

TEST_F(FrontTest, APodWithSchedulingGatesSaysThatItWaitsForThem) {
  const std::string pods = "/api/v1/namespaces/default/pods";
  const auto made = api.ask("POST", pods,
                            R"({"metadata":{"name":"p"},"spec":{"schedulingGates":[{"name":"a.b/c"}],)"
                            R"("containers":[{"name":"c","image":"i"}]}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_NE(made.body.find(R"("reason":"SchedulingGated","message":"Scheduling is blocked due to non-empty)"),
            std::string::npos)
      << made.body;
  const auto table = api.ask("GET", pods, "", "", "application/json;as=Table;v=v1;g=meta.k8s.io");
  EXPECT_NE(table.body.find(R"("cells":["p","0/1","SchedulingGated","0")"), std::string::npos) << table.body;
}

TEST_F(FrontTest, TheQualityOfServiceCountsInitContainersToo) {
  const auto made = api.ask("POST", "/api/v1/namespaces/default/pods",
                            R"({"metadata":{"name":"p"},"spec":{"initContainers":[{"name":"i","image":"i","resources":)"
                            R"({"requests":{"cpu":"1"}}}],"containers":[{"name":"c","image":"i"}]}})");
  EXPECT_EQ(at(made.body, "status.qosClass"), "Burstable") << made.body;
}

TEST_F(FrontTest, TheQualityOfServiceIsThatOfThePodsOwnResourcesWhereItNamesSome) {
  const auto made = api.ask("POST", "/api/v1/namespaces/default/pods",
                            R"({"metadata":{"name":"p"},"spec":{"resources":{"limits":{"cpu":"1","memory":"1Gi"}},)"
                            R"("containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"100m"}}}]}})");
  EXPECT_EQ(at(made.body, "status.qosClass"), "Guaranteed") << made.body;
}

TEST_F(FrontTest, ABoundPodIsGivenTimeToEnd) {
  const std::string pods = "/api/v1/namespaces/default/pods";
  api.ask("POST", pods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}})");
  const std::string binding = R"({"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}})";
  EXPECT_EQ(api.ask("POST", pods + "/p/binding", binding).status, 201);
  EXPECT_EQ(api.ask("POST", pods + "/p/binding", binding).status, 409);
  const auto marked =
      api.ask("DELETE", pods + "/p", R"({"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":7})");
  EXPECT_EQ(at(marked.body, "metadata.deletionGracePeriodSeconds"), "7") << marked.body;
  EXPECT_EQ(api.ask("DELETE", pods + "/p?gracePeriodSeconds=0").status, 200);
  EXPECT_EQ(api.ask("GET", pods + "/p").status, 404);
}

TEST_F(FrontTest, AFinalizerHoldsAnObjectUntilItIsTaken) {
  api.ask("POST", std::string(kMaps), R"({"metadata":{"name":"a","finalizers":["x.io/hold"]}})");
  EXPECT_NE(at(api.ask("DELETE", path("a")).body, "metadata.deletionTimestamp"), "");
  EXPECT_EQ(api.ask("GET", path("a")).status, 200);
  api.ask("PATCH", path("a"), R"({"metadata":{"finalizers":null}})", std::string(kMerge));
  EXPECT_EQ(api.ask("GET", path("a")).status, 404);
}

TEST_F(FrontTest, ScaleShowsAndSetsReplicasOnly) {
  const std::string sets = "/apis/apps/v1/namespaces/default/replicasets";
  api.ask("POST", sets,
          R"({"metadata":{"name":"r"},"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}},)"
          R"("template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c"}]}}}})");
  const auto scale = api.ask("GET", sets + "/r/scale");
  EXPECT_EQ(at(scale.body, "spec.replicas"), "2");
  EXPECT_EQ(at(scale.body, "status.selector"), "a=b");
  const auto patched = api.ask("PATCH", sets + "/r/scale", R"({"spec":{"replicas":5}})", std::string(kMerge));
  EXPECT_EQ(at(patched.body, "spec.replicas"), "5") << patched.body;
  EXPECT_EQ(at(api.ask("GET", sets + "/r").body, "spec.replicas"), "5");
}

TEST_F(FrontTest, ProtobufComesBackAsItWent) {
  const auto created =
      api.ask("POST", std::string(kMaps), map("a"), "application/json", "application/vnd.kubernetes.protobuf");
  ASSERT_EQ(created.status, 201);
  ASSERT_TRUE(created.body.starts_with(std::string_view("k8s\0", 4)));
  const auto list = api.ask("GET", std::string(kMaps), "", "", "application/vnd.kubernetes.protobuf");
  EXPECT_TRUE(list.body.starts_with(std::string_view("k8s\0", 4)));
  const auto dry = api.ask("PUT", path("a") + "?dryRun=All", created.body, "application/vnd.kubernetes.protobuf");
  EXPECT_EQ(at(dry.body, "data.k"), "v") << dry.body;
}

TEST_F(FrontTest, DiscoveryNamesWhatIsServed) {
  const auto v2 =
      api.ask("GET", "/apis", "", "", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_EQ(*v2.headers.find("content-type"), "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_EQ(*v2.headers.find("vary"), "Accept");
  EXPECT_NE(v2.headers.find("etag"), nullptr);
  EXPECT_EQ(at(v2.body, "kind"), "APIGroupDiscoveryList");
  for (const char* target : {"/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1", "/version", "/openapi/v3"}) {
    const auto answer = api.ask("GET", target);
    EXPECT_EQ(answer.status, 200) << target;
    EXPECT_EQ(at(answer.body, "nothing"), "") << target;
  }
}

TEST_F(FrontTest, EveryOpenApiDocumentIsJson) {
  for (const GroupVersion& each : api.routes.group_versions()) {
    const auto answer = api.ask("GET", "/openapi/v3/" + openapi_path(each));
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(at(answer.body, "openapi"), "3.0.0") << openapi_path(each);
  }
}

class OrderTest : public ::testing::Test {
 protected:
  static net::HttpRequest from(std::string group, std::string method, std::string body = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = "/troupe/crash";
    request.body = std::move(body);
    auto who = std::make_shared<net::ClientCertificate>();
    who->common_name = "somebody";
    who->organizations = {std::move(group)};
    request.certificate = std::move(who);
    return request;
  }
  FrontOptions options() {
    FrontOptions out;
    out.orders.emplace("/troupe/crash", [this](std::string order, auto done) {
      orders.push_back(std::move(order));
      done(outcome);
    });
    return out;
  }
  int status_of(net::HttpRequest request) {
    const auto recorder = std::make_shared<testing::Recorder>();
    api.front->handle(std::move(request), recorder);
    last = recorder->body;
    return recorder->head.status;
  }

  std::vector<std::string> orders;
  Result<std::string> outcome = std::string("done\n");
  std::string last;
  testing::FrontFixture api{options()};
};

TEST_F(OrderTest, IsAPostOfItsTextByAMaster) {
  EXPECT_EQ(status_of(from("system:masters", "POST", "an actor")), 200);
  EXPECT_EQ(last, "done\n");
  EXPECT_EQ(orders, std::vector<std::string>{"an actor"});
}

TEST_F(OrderTest, IsRefusedToOthersAndByOtherMethods) {
  for (const char* group : {"system:authenticated", "developers", ""}) {
    EXPECT_EQ(status_of(from(group, "POST", "an actor")), 403) << group;
    EXPECT_EQ(at(last, "reason"), "Forbidden") << last;
  }
  net::HttpRequest nobody = from("", "POST", "an actor");
  nobody.certificate = nullptr;
  EXPECT_EQ(status_of(std::move(nobody)), 401);
  for (const char* method : {"GET", "HEAD", "PUT", "PATCH", "DELETE"}) {
    EXPECT_EQ(status_of(from("system:masters", method, "an actor")), 405) << method;
  }
  EXPECT_EQ(status_of(from("system:masters", "POST", std::string(4097, 'x'))), 413);
  EXPECT_TRUE(orders.empty());
}

TEST_F(OrderTest, WhatCannotBeDoneIsAStatusThatSaysWhy) {
  const std::pair<ErrorCode, int> cases[] = {{ErrorCode::kInvalidArgument, 400},
                                             {ErrorCode::kNotFound, 404},
                                             {ErrorCode::kConflict, 409},
                                             {ErrorCode::kUnavailable, 503},
                                             {ErrorCode::kTimeout, 504}};
  for (const auto& [code, status] : cases) {
    outcome = fail(code, "that is why");
    EXPECT_EQ(status_of(from("system:masters", "POST", "an actor")), status);
    EXPECT_EQ(at(last, "message"), "that is why") << last;
    EXPECT_EQ(at(last, "status"), "Failure") << last;
  }
}

TEST_F(FrontTest, ImpersonationIsRefusedAndNeverIgnored) {
  net::HttpRequest request;
  request.method = "GET";
  request.target = "/api/v1/nodes";
  request.headers.add("Impersonate-User", "x");
  auto master = std::make_shared<net::ClientCertificate>();
  master->common_name = "admin";
  master->organizations = {"system:masters"};
  request.certificate = master;
  auto recorder = std::make_shared<testing::Recorder>();
  api.front->handle(std::move(request), recorder);
  EXPECT_EQ(recorder->head.status, 403);
}

}  // namespace
}  // namespace troupe::api
