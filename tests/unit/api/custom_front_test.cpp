#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <new>

#include "api/custom/custom_resources.hpp"
#include "api/custom/openapi.hpp"
#include "api/custom/version.hpp"
#include "api/custom/worker.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const schema::TypeTable& types() {
  static const schema::TypeTable kTypes = schema::TypeTable::built_in().value();
  return kTypes;
}

std::string etag(const Answer& answer) {
  const std::string* found = answer.headers.find("etag");
  return found != nullptr ? *found : "";
}

constexpr const char* kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr const char* kTabs = "/apis/stable.example.com/v1/namespaces/default/crontabs";

std::string definition(std::string_view plural = "crontabs", std::string_view kind = "CronTab",
                       std::string_view extra = "") {
  const std::string name(plural);
  return R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":")" + name +
         R"(.stable.example.com"},"spec":{"group":"stable.example.com","scope":"Namespaced","names":{"plural":")" +
         name + R"(","kind":")" + std::string(kind) + R"(","shortNames":["ct"],"categories":["all"])" +
         std::string(extra) +
         R"(},"versions":[{"name":"v1","served":true,"storage":true,)"
         R"("subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas",)"
         R"("labelSelectorPath":".status.selector"}},)"
         R"("additionalPrinterColumns":[{"name":"Spec","type":"string","jsonPath":".spec.cronSpec"},)"
         R"({"name":"Replicas","type":"integer","jsonPath":".spec.replicas"},)"
         R"({"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}],)"
         R"("schema":{"openAPIV3Schema":{"type":"object","description":"CronTab runs things.","properties":{)"
         R"("spec":{"type":"object","required":["cronSpec"],"properties":{)"
         R"("cronSpec":{"type":"string","pattern":"^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$"},)"
         R"("image":{"type":"string","default":"none"},"replicas":{"type":"integer","minimum":1,"maximum":10},)"
         R"("ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],)"
         R"("items":{"type":"object","required":["port"],"properties":{"port":{"type":"integer"},)"
         R"("protocol":{"type":"string","default":"TCP"},"name":{"type":"string"}}}},)"
         R"("tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}}},)"
         R"("status":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"replicas":{"type":"integer"},"selector":{"type":"string"}}}}}}}]}})";
}

/// The definition without the names that others have.
std::string definition_of(std::string_view plural, std::string_view kind) {
  std::string out = definition(plural, kind);
  const std::string names = R"("shortNames":["ct"],)";
  return out.erase(out.find(names), names.size());
}

std::string tab(std::string_view name, std::string_view spec = R"("cronSpec":"* * * * */5","replicas":1)") {
  return R"({"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":")" + std::string(name) +
         R"("},"spec":{)" + std::string(spec) + "}}";
}

/// A store that refuses and cuts as a test says.
class FaultyStore final : public storage::Store {
 public:
  explicit FaultyStore(storage::Store& inner) : inner_(inner) {}

  void get(const storage::Key& key, storage::Revision at, storage::GetDone done) override {
    inner_.get(key, at, std::move(done));
  }
  void list(storage::ListRequest request, storage::Visit visit, storage::ListDone done) override {
    inner_.list(std::move(request), std::move(visit), std::move(done));
  }
  void commit(storage::Batch batch, storage::CommitDone done) override {
    if (take_commit && take_commit(batch, done)) return;
    inner_.commit(std::move(batch), std::move(done));
  }
  Result<std::unique_ptr<storage::Watch>> watch(storage::WatchRequest request, storage::Ready ready) override {
    if (no_watches) return fail(ErrorCode::kBusy, "no watches now");
    auto watch = inner_.watch(std::move(request), std::move(ready));
    if (!watch) return watch;
    return std::make_unique<CutWatch>(*this, std::move(*watch));
  }
  void compact(storage::Revision revision, storage::Callback<void(Status)> done) override {
    inner_.compact(revision, std::move(done));
  }
  storage::Revision revision() const override { return inner_.revision(); }
  storage::StoreStats stats() const override { return inner_.stats(); }
  Result<std::uint64_t> count(const storage::Prefix& prefix) const override { return inner_.count(prefix); }
  bool completes_inline() const override { return true; }

  /// True: the commit was dealt with.
  std::function<bool(storage::Batch&, storage::CommitDone&)> take_commit;
  bool no_watches = false;
  bool cut = false;  ///< Whoever takes events now is cut.

 private:
  struct CutWatch final : storage::Watch {
    CutWatch(FaultyStore& of, std::unique_ptr<storage::Watch> inner) : store(of), watch(std::move(inner)) {}
    Result<std::vector<std::shared_ptr<const storage::Event>>> take(std::size_t max) override {
      if (store.cut) return fail(ErrorCode::kDisconnected, "cut");
      return watch->take(max);
    }
    storage::Revision revision() const override { return watch->revision(); }
    FaultyStore& store;
    std::unique_ptr<storage::Watch> watch;
  };

  storage::Store& inner_;
};

class CustomKinds : public ::testing::Test {
 protected:
  CustomKinds() { start(); }

  /// As a server that was started anew on the same store.
  void start() {
    custom_.reset();
    live_ = std::make_unique<LiveRoutes>(Routes::with_custom(api.routes, {}));
    api.front = std::make_unique<Front>(Services{store, types(), api.routes, api.environment, "", {}, live_.get()},
                                        Authenticator(), FrontOptions{});
    live_->follow([front = api.front.get()](const Routes& now) { front->routes_changed(now); });
    custom_ = std::make_unique<custom::CustomResources>(
        custom::CustomDeps{store, types(), api.routes, interning(), api.environment, *live_,
                           [this](std::function<void()> job) { api.environment.post(std::move(job)); }});
    EXPECT_TRUE(custom_->load());
    EXPECT_TRUE(custom_->start(*api.front));
    api.run();
  }

  Interning interning() {
    Interning out = api.numbering.interning();
    out.resource = [this, number = out.resource](std::string_view name) {
      if (name == exhausting_) throw std::bad_alloc();
      return number(name);
    };
    return out;
  }

  void define(const std::string& json = definition()) {
    const Answer made = api.ask("POST", kDefinitions, json, "application/json");
    ASSERT_EQ(made.status, 201) << made.body;
  }

  std::string condition(const std::string& name, std::string_view type) {
    const auto object = parse_json(api.ask("GET", std::string(kDefinitions) + "/" + name).body);
    const schema::Node* status = object->root().find("status");
    const schema::Node* list = status != nullptr ? status->find("conditions") : nullptr;
    if (list == nullptr) return "no conditions";
    for (const schema::Node& each : list->items()) {
      if (text_at(each, "type") == type) return text_at(each, "status") + " " + text_at(each, "reason");
    }
    return "none";
  }

  FrontFixture api;
  FaultyStore store{api.store};
  std::string exhausting_;  ///< There is no memory for this definition.
  std::unique_ptr<LiveRoutes> live_;
  std::unique_ptr<custom::CustomResources> custom_;
};

TEST_F(CustomKinds, AreServedAsSoonAsTheyAreDefined) {
  EXPECT_EQ(api.ask("GET", kTabs).status, 404);
  define();
  EXPECT_EQ(condition("crontabs.stable.example.com", "Established"), "True InitialNamesAccepted");
  EXPECT_EQ(condition("crontabs.stable.example.com", "NamesAccepted"), "True NoConflicts");
  const Answer made = api.ask("POST", kTabs, tab("a"), "application/json");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(at(made.body, "spec.image"), "none");
  EXPECT_EQ(at(made.body, "metadata.generation"), "1");
  EXPECT_EQ(at(made.body, "apiVersion"), "stable.example.com/v1");
  EXPECT_NE(at(made.body, "metadata.resourceVersion"), "");
  const Answer got = api.ask("GET", std::string(kTabs) + "/a");
  EXPECT_EQ(got.body, made.body);
  const Answer list = api.ask("GET", "/apis/stable.example.com/v1/crontabs");
  EXPECT_EQ(at(list.body, "kind"), "CronTabList");
  EXPECT_THAT(list.body, HasSubstr(R"("name":"a")"));
  EXPECT_EQ(api.ask("DELETE", std::string(kTabs) + "/a").status, 200);
  EXPECT_EQ(api.ask("GET", std::string(kTabs) + "/a").status, 404);
}

TEST_F(CustomKinds, AreInDiscoveryWithTheirNames) {
  const std::string before = etag(api.ask("GET", "/apis", "", "", "application/json"));
  define();
  const Answer groups = api.ask("GET", "/apis", "", "", "application/json");
  EXPECT_NE(etag(groups), before);
  EXPECT_THAT(groups.body, HasSubstr("\"stable.example.com\""));
  const Answer list = api.ask("GET", "/apis/stable.example.com/v1");
  EXPECT_THAT(list.body, HasSubstr(R"("shortNames":["ct"],"categories":["all"])"));
  EXPECT_THAT(list.body, HasSubstr("crontabs/status"));
  EXPECT_THAT(list.body, HasSubstr("crontabs/scale"));
  const Answer all =
      api.ask("GET", "/apis", "", "", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_THAT(all.body, HasSubstr(R"("resource":"crontabs")"));
  EXPECT_THAT(api.ask("GET", "/openapi/v3").body, HasSubstr("apis/stable.example.com/v1"));
  const Answer document = api.ask("GET", "/openapi/v3/apis/stable.example.com/v1");
  ASSERT_TRUE(parse_json(document.body)) << document.body;
  EXPECT_THAT(document.body, HasSubstr("\"com.example.stable.v1.CronTab\""));
  EXPECT_THAT(document.body, HasSubstr("CronTab runs things."));
}

TEST_F(CustomKinds, AreInTheDocumentOfOpenApi2AsLongAsTheyAreServed) {
  const Answer before = api.ask("GET", "/openapi/v2");
  EXPECT_THAT(before.body, Not(HasSubstr("com.example.stable")));
  define();
  const Answer with = api.ask("GET", "/openapi/v2");
  EXPECT_NE(etag(with), etag(before));
  const auto document = parse_json(with.body);
  ASSERT_TRUE(document);
  const schema::Node* kind = document->root().find("definitions")->find("com.example.stable.v1.CronTab");
  ASSERT_NE(kind, nullptr);
  const schema::Node& spec = *kind->find("properties")->find("spec");
  EXPECT_EQ(text_at(spec, "properties.image.type"), "string");
  EXPECT_EQ(text_at(spec, "properties.image.default"), "") << "version 2 tells no defaults";
  EXPECT_EQ(text_at(*kind, "properties.status.properties.replicas.type"), "") << "it keeps unknown fields";
  EXPECT_EQ(text_at(*kind, "properties.metadata.$ref"),
            "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  const schema::Node& paths = *document->root().find("paths");
  const schema::Node* path = paths.find("/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}");
  ASSERT_NE(path, nullptr);
  EXPECT_EQ(text_at(*path, "patch.x-kubernetes-action"), "patch");
  const Answer again = api.ask("GET", "/openapi/v2");
  EXPECT_EQ(etag(again), etag(with));
  const Answer protobuf =
      api.ask("GET", "/openapi/v2", "", "", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
  EXPECT_EQ(protobuf.status, 200);
  EXPECT_THAT(protobuf.body, HasSubstr("com.example.stable.v1.CronTab"));
  EXPECT_EQ(api.ask("DELETE", std::string(kDefinitions) + "/crontabs.stable.example.com").status, 200);
  EXPECT_EQ(etag(api.ask("GET", "/openapi/v2")), etag(before));
}

TEST_F(CustomKinds, TheirWatchesEndWithTheirDefinitionAfterTheirObjects) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  const auto watch = api.open(std::string(kTabs) + "?watch=1");
  const auto other = api.open("/api/v1/namespaces/default/configmaps?watch=1");
  EXPECT_FALSE(watch->done);
  EXPECT_EQ(api.ask("DELETE", std::string(kDefinitions) + "/crontabs.stable.example.com").status, 200);
  EXPECT_TRUE(watch->done) << "a client lists again, and finds nothing there";
  EXPECT_THAT(watch->body, HasSubstr(R"("type":"DELETED")"));
  EXPECT_FALSE(other->done);
  other->leave();
  api.run();
}

TEST_F(CustomKinds, TheirWatchesEndWhenTheirSchemaChangesAndLastOtherwise) {
  define();
  const auto watch = api.open(std::string(kTabs) + "?watch=1");
  const std::string path = std::string(kDefinitions) + "/crontabs.stable.example.com";
  const char* merge = "application/merge-patch+json";
  ASSERT_EQ(api.ask("PATCH", path, R"({"metadata":{"labels":{"a":"b"}}})", merge).status, 200);
  EXPECT_FALSE(watch->done);
  const auto patched =
      api.ask("PATCH", path,
              R"([{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/description","value":"New."}])",
              "application/json-patch+json");
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_TRUE(watch->done);
}

TEST_F(CustomKinds, AWatchThatBeginsInTheInstantOfAChangeEndsToo) {
  define();
  std::shared_ptr<Recorder> watch;
  // Behind the front's own follower, and before the new routes are those that requests see.
  live_->follow([&](const Routes& now) {
    const Resource* tabs = now.find("stable.example.com", "v1", "crontabs");
    const Resource* before = live_->get()->find("stable.example.com", "v1", "crontabs");
    if (watch || tabs->custom->generation == before->custom->generation) return;
    watch = api.begin("GET", std::string(kTabs) + "?watch=1");
  });
  ASSERT_EQ(api.ask("PATCH", std::string(kDefinitions) + "/crontabs.stable.example.com",
                    R"([{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/description","value":"New."}])",
                    "application/json-patch+json")
                .status,
            200);
  ASSERT_NE(watch, nullptr);
  EXPECT_EQ(watch->head.status, 200);
  EXPECT_TRUE(watch->done);
  const auto next = api.open(std::string(kTabs) + "?watch=1");
  EXPECT_FALSE(next->done);
  next->leave();
  api.run();
}

TEST_F(CustomKinds, RulesThatAreNotEnforcedAreWarnedOf) {
  std::string json = definition();
  const std::string at_spec = R"("spec":{"type":"object","required":["cronSpec"],)";
  json.replace(json.find(at_spec), at_spec.size(),
               at_spec + R"("x-kubernetes-validations":[{"rule":"self.replicas < 5","message":"few"}],)");
  const Answer made = api.ask("POST", kDefinitions, json, "application/json");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.headers.joined("warning"), HasSubstr("spec.versions[0].schema.openAPIV3Schema: "
                                                        "x-kubernetes-validations are stored and not enforced"));
  const Answer patched = api.ask("PATCH", std::string(kDefinitions) + "/crontabs.stable.example.com",
                                 R"({"metadata":{"labels":{"a":"b"}}})", "application/merge-patch+json");
  EXPECT_THAT(patched.headers.joined("warning"), HasSubstr("not enforced"));
}

TEST_F(CustomKinds, AreHashedForOpenApiOnceForTheRoutesOfTheMoment) {
  define();
  custom::OpenApiIndex index;
  const std::string built_in = R"({"paths":{"api/v1":{}}})";
  const auto first = index.of(built_in, live_->get());
  EXPECT_THAT(*first, HasSubstr("apis/stable.example.com/v1?hash="));
  EXPECT_EQ(index.of(built_in, live_->get()), first);
  define(definition_of("ticks", "Tick"));
  const auto second = index.of(built_in, live_->get());
  EXPECT_NE(*second, *first);
}

TEST_F(CustomKinds, RefuseWhatTheirSchemaDoesNotAllow) {
  define();
  const Answer bad = api.ask("POST", kTabs, tab("a", R"("cronSpec":"* * * *","replicas":15)"), "application/json");
  EXPECT_EQ(bad.status, 422) << bad.body;
  EXPECT_THAT(bad.body, HasSubstr("spec.cronSpec in body should match"));
  EXPECT_THAT(bad.body, HasSubstr("spec.replicas in body should be less than or equal to 10"));
  const Answer none = api.ask("POST", kTabs, tab("a", ""), "application/json");
  EXPECT_EQ(none.status, 422);
  EXPECT_THAT(none.body, HasSubstr("spec.cronSpec: Required value"));
}

TEST_F(CustomKinds, DropUnknownFieldsAndSaySo) {
  define();
  const std::string body = tab("a", R"("cronSpec":"* * * * *","foo":1)");
  const Answer strict = api.ask("POST", std::string(kTabs) + "?fieldValidation=Strict", body, "application/json");
  EXPECT_EQ(strict.status, 400);
  EXPECT_THAT(strict.body, HasSubstr(R"(CronTab in version \"v1\" cannot be handled as a CronTab: )"
                                     R"(strict decoding error: unknown field \"spec.foo\")"));
  const Answer warned = api.ask("POST", kTabs, body, "application/json");
  EXPECT_EQ(warned.status, 201);
  ASSERT_NE(warned.headers.find("warning"), nullptr);
  EXPECT_THAT(*warned.headers.find("warning"), HasSubstr("unknown field"));
  EXPECT_THAT(warned.body, Not(HasSubstr("foo\":1")));
}

TEST_F(CustomKinds, AreSelectedByTheirNamesWhateverFieldsTheyName) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  ASSERT_EQ(api.ask("POST", kTabs, tab("b"), "application/json").status, 201);
  const Answer list = api.ask("GET", std::string(kTabs) + "?fieldSelector=metadata.name=b,metadata.namespace=default");
  EXPECT_EQ(list.status, 200) << list.body;
  EXPECT_THAT(list.body, HasSubstr(R"("name":"b")"));
  EXPECT_THAT(list.body, Not(HasSubstr(R"("name":"a")")));
  EXPECT_EQ(api.ask("GET", std::string(kTabs) + "?fieldSelector=spec.replicas=1").status, 400);
}

TEST_F(CustomKinds, TakePatchesButNoStrategicOnes) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  const std::string one = std::string(kTabs) + "/a";
  const Answer merged = api.ask("PATCH", one, R"({"spec":{"replicas":3}})", "application/merge-patch+json");
  EXPECT_EQ(merged.status, 200) << merged.body;
  EXPECT_EQ(at(merged.body, "spec.replicas"), "3");
  EXPECT_EQ(at(merged.body, "metadata.generation"), "2");
  const Answer json =
      api.ask("PATCH", one, R"([{"op":"replace","path":"/spec/replicas","value":4}])", "application/json-patch+json");
  EXPECT_EQ(at(json.body, "spec.replicas"), "4");
  EXPECT_EQ(api.ask("PATCH", one, "{}", "application/strategic-merge-patch+json").status, 415);
  const Answer same = api.ask("PATCH", one, R"({"spec":{"replicas":4}})", "application/merge-patch+json");
  EXPECT_EQ(at(same.body, "metadata.resourceVersion"), at(json.body, "metadata.resourceVersion"));
}

TEST_F(CustomKinds, KeepStatusAndSpecApart) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  const std::string one = std::string(kTabs) + "/a";
  const Answer status =
      api.ask("PATCH", one + "/status", R"({"spec":{"replicas":9},"status":{"replicas":2,"more":true}})",
              "application/merge-patch+json");
  EXPECT_EQ(status.status, 200) << status.body;
  EXPECT_EQ(at(status.body, "spec.replicas"), "1");
  EXPECT_EQ(at(status.body, "status.replicas"), "2");
  EXPECT_EQ(at(status.body, "metadata.generation"), "1");
  const Answer spec = api.ask("PATCH", one, R"({"status":{"replicas":7}})", "application/merge-patch+json");
  EXPECT_EQ(at(spec.body, "status.replicas"), "2");
  const Answer scale = api.ask("GET", one + "/scale");
  EXPECT_EQ(at(scale.body, "spec.replicas"), "1");
  EXPECT_EQ(at(scale.body, "status.replicas"), "2");
  const Answer scaled = api.ask("PATCH", one + "/scale", R"({"spec":{"replicas":5}})", "application/merge-patch+json");
  EXPECT_EQ(scaled.status, 200) << scaled.body;
  EXPECT_EQ(at(api.ask("GET", one).body, "spec.replicas"), "5");
  EXPECT_EQ(api.ask("PATCH", one + "/scale", R"({"spec":{"replicas":50}})", "application/merge-patch+json").status,
            422);
}

TEST_F(CustomKinds, AreAppliedByTheListTypesOfTheirSchema) {
  define();
  const std::string one = std::string(kTabs) + "/a";
  const auto apply = [&](const std::string& manager, const std::string& spec) {
    return api.ask("PATCH", one + "?fieldManager=" + manager, tab("a", spec), "application/apply-patch+yaml");
  };
  const Answer made = apply("one", R"("cronSpec":"* * * * *","ports":[{"port":80,"name":"web"}],"tags":["x"])");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.body, HasSubstr(R"(k:{\"port\":80,\"protocol\":\"TCP\"})"));
  const Answer two = apply("two", R"("cronSpec":"* * * * *","ports":[{"port":443}],"tags":["y"])");
  ASSERT_EQ(two.status, 200) << two.body;
  EXPECT_THAT(two.body, HasSubstr(R"("tags":["x","y"])"));
  EXPECT_THAT(two.body, HasSubstr(R"("name":"web")"));
  const Answer clash = apply("two", R"("cronSpec":"1 * * * *")");
  EXPECT_EQ(clash.status, 409) << clash.body;
  EXPECT_THAT(clash.body, HasSubstr(".spec.cronSpec"));
  const Answer gone = apply("one", R"("cronSpec":"* * * * *")");
  EXPECT_THAT(gone.body, Not(HasSubstr("\"port\":80")));
  EXPECT_THAT(gone.body, HasSubstr("443"));
}

TEST_F(CustomKinds, ShowTheirColumns) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  ASSERT_EQ(api.ask("PATCH", std::string(kTabs) + "/a/status",
                    R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})", "application/merge-patch+json")
                .status,
            200);
  const Answer table = api.ask("GET", kTabs, "", "", "application/json;as=Table;v=v1;g=meta.k8s.io");
  EXPECT_THAT(table.body, HasSubstr(R"("cells":["a","* * * * */5",1,"True"])"));
  EXPECT_THAT(table.body, HasSubstr(R"("name":"Replicas","type":"integer")"));
}

TEST_F(CustomKinds, AreWatched) {
  define();
  const auto watch = api.open(std::string(kTabs) + "?watch=true");
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  ASSERT_EQ(api.ask("DELETE", std::string(kTabs) + "/a").status, 200);
  EXPECT_THAT(watch->body,
              HasSubstr(R"({"type":"ADDED","object":{"apiVersion":"stable.example.com/v1","kind":"CronTab")"));
  EXPECT_THAT(watch->body, HasSubstr(R"({"type":"DELETED")"));
  watch->leave();
  api.run();
}

TEST_F(CustomKinds, FollowTheirDefinition) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  const std::string name = std::string(kDefinitions) + "/crontabs.stable.example.com";
  const Answer changed =
      api.ask("PATCH", name,
              R"([{"op":"add","path":"/spec/versions/-","value":{"name":"v2","served":true,"storage":false,)"
              R"("schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",)"
              R"("properties":{"cronSpec":{"type":"string"},"extra":{"type":"string","default":"new"}}}}}}}}])",
              "application/json-patch+json");
  ASSERT_EQ(changed.status, 200) << changed.body;
  const Answer other = api.ask("GET", "/apis/stable.example.com/v2/namespaces/default/crontabs/a");
  EXPECT_EQ(other.status, 200) << other.body;
  EXPECT_EQ(at(other.body, "apiVersion"), "stable.example.com/v2");
  EXPECT_EQ(at(other.body, "spec.extra"), "new");
  EXPECT_EQ(at(other.body, "spec.image"), "");
  EXPECT_EQ(at(api.ask("GET", std::string(kTabs) + "/a").body, "spec.image"), "none");
  const Answer group =
      api.ask("PATCH", name, R"({"spec":{"group":"other.example.com"}})", "application/merge-patch+json");
  EXPECT_EQ(group.status, 422);
  EXPECT_THAT(group.body, HasSubstr("spec.group: Invalid value: \\\"other.example.com\\\": field is immutable"));
}

TEST_F(CustomKinds, AreNotServedUnderNamesThatOthersHave) {
  define();
  const Answer second = api.ask("POST", kDefinitions, definition("ticks", "CronTab"), "application/json");
  ASSERT_EQ(second.status, 201) << second.body;
  EXPECT_EQ(condition("ticks.stable.example.com", "NamesAccepted"), "False ListKindConflict");
  EXPECT_EQ(condition("ticks.stable.example.com", "Established"), "False NotAccepted");
  EXPECT_EQ(api.ask("GET", "/apis/stable.example.com/v1/ticks").status, 404);
  ASSERT_EQ(api.ask("DELETE", std::string(kDefinitions) + "/crontabs.stable.example.com").status, 200);
  api.run();
  EXPECT_EQ(condition("ticks.stable.example.com", "Established"), "True InitialNamesAccepted");
  EXPECT_EQ(api.ask("GET", "/apis/stable.example.com/v1/ticks").status, 200);
}

TEST_F(CustomKinds, GoWithTheirObjects) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  const Answer held = api.ask(
      "POST", kTabs,
      R"({"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"b","finalizers":["example.com/x"]},"spec":{"cronSpec":"* * * * *"}})",
      "application/json");
  ASSERT_EQ(held.status, 201) << held.body;
  const std::string name = std::string(kDefinitions) + "/crontabs.stable.example.com";
  const Answer deleted = api.ask("DELETE", name);
  ASSERT_EQ(deleted.status, 200) << deleted.body;
  EXPECT_THAT(deleted.body, HasSubstr("customresourcecleanup.apiextensions.k8s.io"));
  api.run();
  EXPECT_EQ(condition("crontabs.stable.example.com", "Terminating"), "True InstanceDeletionInProgress");
  EXPECT_EQ(api.ask("GET", std::string(kTabs) + "/a").status, 404);
  EXPECT_EQ(api.ask("GET", std::string(kTabs) + "/b").status, 200);
  const Answer late = api.ask("POST", kTabs, tab("c"), "application/json");
  EXPECT_EQ(late.status, 405);
  EXPECT_THAT(late.body, HasSubstr("create not allowed while custom resource definition is terminating"));
  ASSERT_EQ(
      api.ask("PATCH", std::string(kTabs) + "/b", R"({"metadata":{"finalizers":null}})", "application/merge-patch+json")
          .status,
      200);
  api.run();
  EXPECT_EQ(api.ask("GET", name).status, 404);
  EXPECT_EQ(api.ask("GET", kTabs).status, 404);
  EXPECT_EQ(api.ask("GET", "/apis/stable.example.com/v1").status, 404);
}

TEST_F(CustomKinds, WhoseDefinitionTakesTooMuchMemoryHarmNoOthers) {
  exhausting_ = "bombs.stable.example.com";
  define(definition_of("bombs", "Bomb"));
  define();
  EXPECT_EQ(api.ask("GET", kTabs).status, 200);
  EXPECT_EQ(api.ask("GET", "/apis/stable.example.com/v1/bombs").status, 404);
}

TEST(CustomKindsThread, OutlivesAJobThatThrows) {
  std::promise<void> done;
  custom::Worker worker;
  worker.post([] { throw std::bad_alloc(); });
  worker.post([&done] { done.set_value(); });
  done.get_future().get();
}

TEST_F(CustomKinds, AreFollowedAgainAfterTheWatchWasCutWhileAStatusWasWritten) {
  storage::CommitDone held;
  int commits = 0;
  store.take_commit = [&](storage::Batch&, storage::CommitDone& done) {
    if (++commits != 2) return false;  // the status of the definition that is made first
    held = std::move(done);
    return true;
  };
  define();
  ASSERT_EQ(commits, 2);
  store.cut = true;
  store.no_watches = true;
  define(definition_of("ticks", "Tick"));
  store.take_commit = nullptr;
  held(fail(ErrorCode::kBusy, "the queue is full"));
  api.run();
  store.cut = false;
  store.no_watches = false;
  for (int i = 0; i < 3; ++i) api.environment.fire();
  define(definition_of("tocks", "Tock"));
  EXPECT_EQ(api.ask("GET", "/apis/stable.example.com/v1/tocks").status, 200);
  EXPECT_EQ(condition("crontabs.stable.example.com", "Established"), "True InitialNamesAccepted");
  EXPECT_EQ(condition("ticks.stable.example.com", "Established"), "True InitialNamesAccepted");
}

TEST_F(CustomKinds, DoNotComeBackWhenTheStoreWasBusyAsTheyWent) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  const std::string name = std::string(kDefinitions) + "/crontabs.stable.example.com";
  const Answer unserved = api.ask("PATCH", name, R"([{"op":"replace","path":"/spec/versions/0/served","value":false}])",
                                  "application/json-patch+json");
  ASSERT_EQ(unserved.status, 200) << unserved.body;
  const storage::ResourceId tabs = api.numbering.interning().resource("crontabs.stable.example.com").value();
  int refused = 0;
  store.take_commit = [&](storage::Batch& batch, storage::CommitDone& done) {
    const auto parts = storage::split_key(batch.operations.front().key.bytes());
    if (!parts || parts->resource != tabs) return false;
    ++refused;
    done(fail(ErrorCode::kBusy, "the queue is full"));
    return true;
  };
  ASSERT_EQ(api.ask("DELETE", name).status, 200);
  api.run();
  EXPECT_GE(refused, 1);
  EXPECT_EQ(api.ask("GET", name).status, 200) << "it stays as long as its objects";
  store.take_commit = nullptr;
  for (int i = 0; i < 3; ++i) api.environment.fire();
  EXPECT_EQ(api.ask("GET", name).status, 404);
  define();
  EXPECT_THAT(api.ask("GET", kTabs).body, Not(HasSubstr("cronSpec")));
}

TEST_F(CustomKinds, AreThereAfterARestart) {
  define();
  ASSERT_EQ(api.ask("POST", kTabs, tab("a"), "application/json").status, 201);
  start();
  EXPECT_EQ(at(api.ask("GET", std::string(kTabs) + "/a").body, "spec.cronSpec"), "* * * * */5");
}

TEST_F(CustomKinds, AreDefinedInKubernetesWords) {
  const auto refused = [&](const std::string& json) {
    const Answer answer = api.ask("POST", kDefinitions, json, "application/json");
    EXPECT_EQ(answer.status, 422) << answer.body;
    return at(answer.body, "message");
  };
  std::string json = definition();
  json.replace(json.find("crontabs.stable"), 15, "crontab.stable.");
  EXPECT_THAT(refused(json), HasSubstr(R"(must be spec.names.plural+"."+spec.group)"));
  json = definition();
  json.replace(json.find(R"("storage":true)"), 14, R"("storage":false)");
  EXPECT_THAT(refused(json), HasSubstr("must have exactly one version marked as storage version"));
  json = definition();
  json.replace(json.find("Namespaced"), 10, "Everywhere");
  EXPECT_THAT(refused(json), HasSubstr(R"(spec.scope: Unsupported value: "Everywhere")"));
  json = definition();
  json.replace(json.find(R"("type":"object","description")"), 29, R"("description")");
  EXPECT_THAT(refused(json), HasSubstr("spec.versions[0].schema.openAPIV3Schema.type: Required value"));
}

}  // namespace
}  // namespace troupe::api::testing
