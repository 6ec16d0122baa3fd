#include <gtest/gtest.h>

#include "api/object_codec.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api::testing {
namespace {

constexpr const char* kApply = "application/apply-patch+yaml";
constexpr const char* kMerge = "application/merge-patch+json";

/// The scalar at a path of JSON, where numbers name items: "spec.ports.0.port". "" when there is none.
std::string pick(std::string_view json, std::string_view path) {
  const auto document = parse_json(json);
  if (!document) return "no JSON: " + std::string(json);
  const schema::Node* node = &document->root();
  while (node != nullptr && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string step(path.substr(0, dot));
    const bool item = node->is_array();
    const std::size_t index = item ? std::stoul(step) : 0;
    node = !item ? node->find(step) : index < node->size() ? &node->items()[index] : nullptr;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  std::string out;
  if (node == nullptr) return out;
  if (node->is_string()) return std::string(node->as_string());
  append_json(*node, out);
  return out;
}

class ServerSideApply : public ::testing::Test, protected FrontFixture {
 protected:
  static constexpr std::string_view kMaps = "/api/v1/namespaces/default/configmaps/";
  static constexpr std::string_view kDeployments = "/apis/apps/v1/namespaces/default/deployments/";

  Answer apply(std::string_view path, std::string_view manager, std::string body, std::string_view more = "") {
    return ask("PATCH", std::string(path) + "?fieldManager=" + std::string(manager) + std::string(more),
               std::move(body), kApply);
  }
  Answer apply_map(std::string_view manager, std::string_view rest, std::string_view more = "") {
    return apply(std::string(kMaps) + "m", manager,
                 R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},)" + std::string(rest) + "}", more);
  }
  Answer apply_deployment(std::string_view manager, std::string_view spec, std::string_view more = "") {
    return apply(
        std::string(kDeployments) + "web", manager,
        R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":)" + std::string(spec) + "}",
        more);
  }
  std::string json(std::string_view path) { return ask("GET", std::string(path)).body; }
  std::string map() { return json(std::string(kMaps) + "m"); }

  /// "manager Operation [subresource] fieldsV1" for each entry.
  static std::vector<std::string> managers(std::string_view object) {
    std::vector<std::string> out;
    const auto document = parse_json(object);
    if (!document) return out;
    const schema::Node* metadata = document->root().find("metadata");
    const schema::Node* entries = metadata != nullptr ? metadata->find("managedFields") : nullptr;
    if (entries == nullptr) return out;
    for (const schema::Node& entry : entries->items()) {
      std::string text;
      for (const char* key : {"manager", "operation", "subresource"}) {
        const schema::Node* found = entry.find(key);
        if (found != nullptr) text.append(found->as_string()).append(" ");
      }
      append_json(*entry.find("fieldsV1"), text);
      out.push_back(std::move(text));
    }
    return out;
  }
};

using Strings = std::vector<std::string>;

TEST_F(ServerSideApply, AnApplyWithoutAnObjectMakesOne) {
  const Answer made = apply_map("a", R"("data":{"k":"1"})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(managers(made.body), Strings({R"(a Apply {"f:data":{"f:k":{}}})"}));
  EXPECT_EQ(pick(made.body, "metadata.namespace"), "default");
  EXPECT_EQ(apply_map("a", R"("data":{"k":"1"})").status, 200);
}

TEST_F(ServerSideApply, AnUnchangedApplyWritesNothing) {
  const std::string before = apply_map("a", R"("data":{"k":"1"})").body;
  environment.advance(std::chrono::seconds(60));
  EXPECT_EQ(apply_map("a", R"("data":{"k":"1"})").body, before);
  EXPECT_EQ(map(), before);
}

TEST_F(ServerSideApply, WhatIsAppliedNoLongerGoesUnlessSomebodyElseOwnsIt) {
  apply_map("a", R"("data":{"k":"1","l":"2","m":"3"})");
  apply_map("b", R"("data":{"l":"2"})");
  const Answer left = apply_map("a", R"("data":{"m":"3"})");
  EXPECT_EQ(pick(left.body, "data.k"), "");
  EXPECT_EQ(pick(left.body, "data.l"), "2");
  EXPECT_EQ(managers(left.body), Strings({R"(a Apply {"f:data":{"f:m":{}}})", R"(b Apply {"f:data":{"f:l":{}}})"}));
  EXPECT_EQ(pick(apply_map("b", R"("data":{})").body, "data.l"), "");
}

TEST_F(ServerSideApply, AConflictNamesManagersAndFields) {
  apply_deployment("a",
                   R"({"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
    "spec":{"containers":[{"name":"c","image":"x:1"}]}}})");
  const Answer one = apply_deployment("b", R"({"replicas":3})");
  EXPECT_EQ(one.status, 409);
  EXPECT_EQ(pick(one.body, "message"), "Apply failed with 1 conflict: conflict with \"a\": .spec.replicas");
  EXPECT_EQ(pick(one.body, "reason"), "Conflict");
  EXPECT_NE(
      one.body.find(
          R"("causes":[{"reason":"FieldManagerConflict","message":"conflict with \"a\"","field":".spec.replicas"}])"),
      std::string::npos)
      << one.body;
  const Answer two =
      apply_deployment("b", R"({"replicas":3,"template":{"spec":{"containers":[{"name":"c","image":"x:2"}]}}})");
  EXPECT_EQ(pick(two.body, "message"),
            "Apply failed with 2 conflicts: conflicts with \"a\":\n- .spec.replicas\n- "
            ".spec.template.spec.containers[name=\"c\"].image");
  const Answer forced = apply_deployment("b", R"({"replicas":3})", "&force=true");
  EXPECT_EQ(forced.status, 200) << forced.body;
  EXPECT_EQ(pick(forced.body, "spec.replicas"), "3");
  EXPECT_EQ(managers(forced.body)[1], R"(b Apply {"f:spec":{"f:replicas":{}}})");
  EXPECT_EQ(managers(forced.body)[0].find("replicas"), std::string::npos);
}

TEST_F(ServerSideApply, AnUpdatesOwnerIsNamedWithItsVersion) {
  ask("POST", "/api/v1/namespaces/default/configmaps?fieldManager=kubectl-client-side-apply",
      R"({"metadata":{"name":"m"},"data":{"k":"1"}})");
  const Answer refused = apply_map("me", R"("data":{"k":"2"})");
  EXPECT_EQ(pick(refused.body, "message"),
            "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.k");
}

TEST_F(ServerSideApply, WritersOwnWhatTheyChange) {
  const Answer made = ask("POST", "/api/v1/namespaces/default/configmaps?fieldManager=maker",
                          R"({"metadata":{"name":"m","labels":{"x":"y"}},"data":{"k":"1","l":"2"}})");
  EXPECT_EQ(
      managers(made.body),
      Strings({R"(maker Update {"f:data":{".":{},"f:k":{},"f:l":{}},"f:metadata":{"f:labels":{".":{},"f:x":{}}}})"}));
  const Answer patched =
      ask("PATCH", std::string(kMaps) + "m?fieldManager=patcher", R"({"data":{"k":"9","l":null}})", kMerge);
  EXPECT_EQ(managers(patched.body),
            Strings({R"(maker Update {"f:data":{},"f:metadata":{"f:labels":{".":{},"f:x":{}}}})",
                     R"(patcher Update {"f:data":{"f:k":{}}})"}));
  EXPECT_EQ(pick(patched.body, "metadata.managedFields.0.time"), "2026-01-01T00:00:00Z");
}

TEST_F(ServerSideApply, TheCreatorOwnsDefaultsAndAnApplierDoesNot) {
  const std::string service =
      R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}})";
  const Answer made = ask("POST", "/api/v1/namespaces/default/services?fieldManager=maker", service);
  EXPECT_NE(managers(made.body)[0].find("f:sessionAffinity"), std::string::npos) << made.body;
  ask("DELETE", "/api/v1/namespaces/default/services/s");
  const Answer applied = apply("/api/v1/namespaces/default/services/s", "me", service);
  EXPECT_EQ(
      managers(applied.body),
      Strings({R"(me Apply {"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}}})"}));
}

TEST_F(ServerSideApply, ItemsAreToldApartByKeysWithTheirDefaults) {
  const std::string path = "/api/v1/namespaces/default/services/s";
  const auto service = [](std::string_view ports) {
    return R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":)" + std::string(ports) +
           "}}";
  };
  apply(path, "a", service(R"([{"name":"x","port":53}])"));
  const Answer both = apply(path, "b", service(R"([{"name":"y","port":53,"protocol":"UDP"}])"));
  EXPECT_EQ(pick(both.body, "spec.ports.1.protocol"), "UDP") << both.body;
  const Answer one = apply(path, "b", service(R"([{"port":53,"protocol":"TCP","name":"x"}])"));
  EXPECT_EQ(one.status, 200) << one.body;
  EXPECT_EQ(pick(one.body, "spec.ports.1.port"), "");
}

TEST_F(ServerSideApply, AnObjectNobodyTrackedBelongsToBeforeFirstApply) {
  apply_map("a", R"("data":{"k":"1"})");
  const Answer reset = ask("PATCH", std::string(kMaps) + "m", R"({"metadata":{"managedFields":[{}]}})", kMerge);
  EXPECT_EQ(managers(reset.body), Strings()) << reset.body;
  ask("PATCH", std::string(kMaps) + "m", R"({"data":{"l":"2"}})", kMerge);
  EXPECT_EQ(managers(map()), Strings());
  EXPECT_EQ(pick(apply_map("a", R"("data":{"k":"3"})").body, "message"),
            "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.k");
  EXPECT_EQ(managers(apply_map("a", R"("data":{"k":"1"})").body),
            Strings({R"(a Apply {"f:data":{"f:k":{}}})",
                     R"(before-first-apply Update {"f:data":{".":{},"f:k":{},"f:l":{}}})"}));
}

TEST_F(ServerSideApply, StatusAndSpecHaveEntriesOfTheirOwn) {
  apply_deployment("a",
                   R"({"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
    "spec":{"containers":[{"name":"c","image":"x:1"}]}}})");
  const std::string status = std::string(kDeployments) + "web/status";
  const Answer updated =
      ask("PATCH", status + "?fieldManager=controller", R"({"spec":{"replicas":7},"status":{"replicas":2}})", kMerge);
  EXPECT_EQ(managers(updated.body).back(), R"(controller Update status {"f:status":{"f:replicas":{}}})");
  const Answer applied =
      apply(status, "other",
            R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"z":"z"}},
    "spec":{"replicas":9},"status":{"readyReplicas":1}})");
  EXPECT_EQ(applied.status, 200) << applied.body;
  EXPECT_EQ(pick(applied.body, "spec.replicas"), "2");
  EXPECT_EQ(pick(applied.body, "metadata.labels.z"), "");
  EXPECT_EQ(pick(applied.body, "status.readyReplicas"), "1");
  EXPECT_EQ(managers(applied.body)[1], R"(other Apply status {"f:status":{"f:readyReplicas":{}}})");
  const Answer scaled =
      ask("PATCH", std::string(kDeployments) + "web/scale?fieldManager=hpa", R"({"spec":{"replicas":5}})", kMerge);
  EXPECT_EQ(scaled.status, 200);
  EXPECT_EQ(
      pick(apply_deployment("x", R"({"replicas":4})").body, "message"),
      "Apply failed with 1 conflict: conflict with \"hpa\" with subresource \"scale\" using apps/v1: .spec.replicas");
}

TEST_F(ServerSideApply, AtMostTenUpdatesAreKeptApart) {
  apply_map("a", R"("data":{"k":"1"})");
  for (int i = 0; i < 14; ++i) {
    environment.advance(std::chrono::seconds(1));
    const std::string n = std::to_string(10 + i);
    ask("PATCH", std::string(kMaps) + "m?fieldManager=w" + n, R"({"data":{"k)" + n + R"(":"x"}})", kMerge);
  }
  const Strings owners = managers(map());
  EXPECT_EQ(owners.size(), 11u);
  EXPECT_EQ(owners[1], R"(ancient-changes Update {"f:data":{"f:k10":{},"f:k11":{},"f:k12":{},"f:k13":{},"f:k14":{}}})");
}

TEST_F(ServerSideApply, RefusesWhatCannotBeApplied) {
  const std::string m = std::string(kMaps) + "m";
  const std::string good = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"}})";
  const Answer nobody = ask("PATCH", m, good, kApply);
  EXPECT_EQ(nobody.status, 422);
  EXPECT_EQ(pick(nobody.body, "message"),
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
  EXPECT_EQ(ask("PATCH", m + "?fieldManager=a&force=true", "{}", kMerge).status, 422);
  EXPECT_EQ(ask("PATCH", m + "?fieldManager=a", good, "application/apply-patch+cbor").status, 415);
  EXPECT_EQ(ask("PATCH", m + "?fieldManager=" + std::string(129, 'a'), good, kApply).status, 422);
  EXPECT_EQ(apply(m, "a", ": [").status, 400);
  EXPECT_EQ(apply(m, "a", R"({"apiVersion":"apps/v1","kind":"ConfigMap"})").status, 400);
  EXPECT_EQ(apply(m, "a", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"other"}})").status, 400);
  EXPECT_EQ(apply(m, "a", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"m"}})").status, 400);
  EXPECT_EQ(apply(m, "a", R"({"apiVersion":"v1","metadata":{"name":"m"}})").status, 400);
  const Answer managed = apply_map("a", R"("data":{},"metadata":{"name":"m","managedFields":[{}]})");
  EXPECT_EQ(pick(managed.body, "message"), "metadata.managedFields must be nil");
  const Answer unknown = apply_map("a", R"("dta":{"k":"1"})");
  EXPECT_EQ(unknown.status, 500);
  EXPECT_EQ(pick(unknown.body, "message"),
            "failed to create typed patch object (/m; /v1, Kind=ConfigMap): .dta: field not declared in schema");
  const Answer twice =
      apply("/api/v1/namespaces/default/services/s", "a",
            R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{"port":1},{"port":1}]}})");
  EXPECT_NE(twice.body.find("duplicate entries for key [port=1,protocol=\\\"TCP\\\"]"), std::string::npos)
      << twice.body;
  const Answer doubled =
      apply(m, "a", "apiVersion: v1\nkind: ConfigMap\ndata: {a: b, a: c}\n", "&fieldValidation=Strict");
  EXPECT_EQ(doubled.status, 400) << doubled.body;
}

TEST_F(ServerSideApply, DryRunShowsAndKeepsNothing) {
  EXPECT_EQ(apply_map("a", R"("data":{"k":"1"})", "&dryRun=All").status, 201);
  EXPECT_EQ(ask("GET", std::string(kMaps) + "m").status, 404);
  const std::string before = apply_map("a", R"("data":{"k":"1"})").body;
  EXPECT_EQ(pick(apply_map("a", R"("data":{"k":"2"})", "&dryRun=All").body, "data.k"), "2");
  EXPECT_EQ(map(), before);
}

TEST_F(ServerSideApply, KubectlTakesOverWhatClientSideApplySet) {
  ask("POST", "/api/v1/namespaces/default/configmaps?fieldManager=kubectl-client-side-apply",
      R"({"metadata":{"name":"m","annotations":{"kubectl.kubernetes.io/last-applied-configuration":
         "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"data\":{\"k\":\"1\"}}"}},"data":{"k":"1","l":"2"}})");
  EXPECT_EQ(apply_map("other", R"("data":{"k":"2"})").status, 409);
  EXPECT_EQ(apply_map("kubectl", R"("data":{"l":"3"})").status, 409);
  const Answer taken = apply_map("kubectl", R"("data":{"k":"2"})");
  EXPECT_EQ(taken.status, 200) << taken.body;
  const auto object = parse_json(taken.body);
  const schema::Node* annotations = object->root().find("metadata")->find("annotations");
  EXPECT_NE(annotations->find("kubectl.kubernetes.io/last-applied-configuration")->as_string().find(R"("k":"2")"),
            std::string_view::npos);
}

TEST_F(ServerSideApply, AClientMayWriteManagedFieldsItself) {
  ask("POST", "/api/v1/namespaces/default/configmaps?fieldManager=maker",
      R"({"metadata":{"name":"m"},"data":{"k":"1"}})");
  const Answer moved = ask("PATCH", std::string(kMaps) + "m",
                           R"([{"op":"replace","path":"/metadata/managedFields/0/manager","value":"heir"}])",
                           "application/json-patch+json");
  EXPECT_EQ(managers(moved.body), Strings({R"(heir Update {"f:data":{".":{},"f:k":{}}})"})) << moved.body;
  const Answer kept = ask("PATCH", std::string(kMaps) + "m", R"({"metadata":{"managedFields":null}})", kMerge);
  EXPECT_EQ(managers(kept.body).size(), 1u);
}

TEST_F(ServerSideApply, AQuantityWrittenOtherwiseIsNoConflict) {
  const auto spec = [](std::string_view cpu) {
    return R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[
      {"name":"c","image":"x:1","resources":{"limits":{"cpu":")" +
           std::string(cpu) + R"("}}}]}}})";
  };
  const std::string first = apply_deployment("a", spec("500m")).body;
  EXPECT_EQ(pick(first, "metadata.generation"), "1");
  EXPECT_EQ(apply_deployment("b", spec("0.5")).status, 200);
  const Answer again = apply_deployment("a", spec("0.5"));
  EXPECT_EQ(pick(again.body, "metadata.generation"), "1") << again.body;
}

TEST_F(ServerSideApply, AStructThatNobodyOwnsAnyMoreGoesWithItsDefaults) {
  const std::string rest = R"("selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
    "spec":{"containers":[{"name":"c","image":"x:1"}]}})";
  const Answer made = apply_deployment("a", "{" + rest + R"(,"strategy":{"rollingUpdate":{"maxSurge":3}}})");
  EXPECT_EQ(pick(made.body, "spec.strategy.rollingUpdate.maxSurge"), "3");
  const Answer left = apply_deployment("a", "{" + rest + "}");
  EXPECT_EQ(pick(left.body, "spec.strategy.rollingUpdate.maxSurge"), "25%") << left.body;
}

}  // namespace
}  // namespace troupe::api::testing
