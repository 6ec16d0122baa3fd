#include <gtest/gtest.h>
#include <zlib.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answer_writer.hpp"
#include "api/pretty.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/yaml.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using testing::at;

const std::string kMaps = "/api/v1/namespaces/default/configmaps";

class ReadTest : public ::testing::Test {
 protected:
  void make(int first, int count, std::size_t bytes) {
    for (int i = first; i < first + count; ++i) {
      const std::string name = "m" + std::to_string(1000 + i);
      const auto made = api.ask("POST", kMaps,
                                R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name +
                                    R"("},"data":{"k":")" + std::string(bytes, 'x') + "\"}}");
      ASSERT_EQ(made.status, 201) << made.body;
    }
  }
  std::size_t items_of(const std::string& json) {
    schema::JsonDecoder decoder;
    schema::Document document;
    schema::Diagnostics diagnostics;
    if (!decoder.parse(json, document, diagnostics)) return 0;
    const schema::Node* items = document.root().find("items");
    if (items == nullptr) items = document.root().find("rows");
    return items != nullptr ? items->size() : 0;
  }
  static net::Headers with(const char* name, const char* value) {
    net::Headers headers;
    headers.add(name, value);
    return headers;
  }

  testing::FrontFixture api;
};

std::string inflated(const std::string& packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(packed.size() * 1100 + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST_F(ReadTest, ALongListIsSentInPiecesThatMakeOneListOfOneRevision) {
  make(0, 120, 4000);
  for (const char* accept : {"application/json", "application/json;as=Table;v=v1;g=meta.k8s.io",
                             "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}) {
    const bool whole = std::string_view(accept) == "application/json";
    const auto list = api.open(kMaps + "?fieldSelector=metadata.name!=kube-root-ca.crt", accept);
    ASSERT_TRUE(list->done) << accept;
    EXPECT_EQ(items_of(list->body), 120U) << accept;
    EXPECT_NE(at(list->body, "metadata.resourceVersion"), "") << accept;
    if (whole) {
      EXPECT_GT(list->pieces.size(), 2U);
      for (const auto& piece : list->pieces) EXPECT_LT(piece->size(), 160U * 1024);
    }
  }
}

/// A client that takes a piece when the test says.
class Stepper final : public net::ResponseWriter {
 public:
  void respond(net::HttpResponse) override { done = true; }
  void start(net::HttpResponse) override {}
  bool write(net::SharedBytes bytes) override {
    body += *bytes;
    ++pieces;
    return false;
  }
  void finish() override { done = true; }
  void abort() override { aborted = true; }
  std::size_t buffered() const override { return 0; }
  void on_drain(std::function<void()> drained) override { drained_ = std::move(drained); }
  void on_close(std::function<void()>) override {}
  void drain() {
    if (const auto drained = std::exchange(drained_, nullptr)) drained();
  }

  std::string body;
  int pieces = 0;
  bool done = false;
  bool aborted = false;

 private:
  std::function<void()> drained_;
};

constexpr const char* kProtobuf = "application/vnd.kubernetes.protobuf";
const std::string kPartial = ";as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/// The items of a list's message.
std::vector<std::string> items_in(std::string_view list) {
  std::vector<std::string> items;
  schema::ProtoReader reader(list);
  while (reader.next()) {
    if (reader.number() == 2) items.emplace_back(reader.bytes());
  }
  EXPECT_FALSE(reader.failed());
  return items;
}

TEST_F(ReadTest, ALongListInProtobufOrYamlIsSentInPiecesToo) {
  make(0, 120, 4000);
  for (const std::string& accept :
       {std::string(kProtobuf), kProtobuf + kPartial, std::string("application/yaml"), "application/yaml" + kPartial,
        std::string("application/yaml;as=Table;v=v1;g=meta.k8s.io")}) {
    const auto list = api.open(kMaps, accept);
    ASSERT_TRUE(list->done) << accept;
    const bool metadata_only = accept.find(";as=") != std::string::npos;  // then it is not long
    EXPECT_GT(list->pieces.size() + (metadata_only ? 3U : 0U), 2U) << accept;
    for (const auto& piece : list->pieces) EXPECT_LT(piece->size(), 160U * 1024) << accept;
    // A page that holds all is sent whole.
    EXPECT_EQ(list->body, api.ask("GET", kMaps + "?limit=500", "", "", accept).body) << accept;
  }
}

TEST_F(ReadTest, AListInProtobufHoldsItsObjectsAsTheyAreAlone) {
  make(0, 120, 4000);
  const auto list = api.open(kMaps, kProtobuf);
  const auto envelope = schema::open_envelope(list->body);
  ASSERT_TRUE(envelope.has_value());
  const auto items = items_in(envelope->raw);
  ASSERT_EQ(items.size(), 120U);
  for (const int i : {0, 60, 119}) {
    const auto alone = api.ask("GET", kMaps + "/m" + std::to_string(1000 + i), "", "", kProtobuf);
    EXPECT_EQ(items[static_cast<std::size_t>(i)], schema::open_envelope(alone.body)->raw) << i;
  }
  const auto metadata = api.open(kMaps, kProtobuf + kPartial);
  const auto partial = schema::open_envelope(metadata->body);
  ASSERT_TRUE(partial.has_value());
  EXPECT_EQ(partial->kind, "PartialObjectMetadataList");
  EXPECT_EQ(partial->api_version, "meta.k8s.io/v1");
  EXPECT_EQ(items_in(partial->raw).size(), 120U);
}

TEST_F(ReadTest, AListInYamlSaysWhatTheListInJsonSays) {
  for (const int count : {0, 120}) {
    if (count != 0) make(0, count, 4000);
    for (const char* form : {"", ";as=Table;v=v1;g=meta.k8s.io", ";as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}) {
      const auto yaml = api.open(kMaps, std::string("application/yaml") + form);
      const auto json = api.open(kMaps, std::string("application/json") + form);
      schema::Document from_yaml;
      schema::Diagnostics diagnostics;
      schema::YamlReader reader(yaml->body, schema::Limits{});
      ASSERT_TRUE(reader.next(from_yaml, diagnostics).value_or(false)) << yaml->body.substr(0, 1000);
      schema::JsonDecoder decoder;
      schema::Document from_json;
      ASSERT_TRUE(decoder.parse(json->body, from_json, diagnostics).has_value());
      EXPECT_TRUE(schema::same_value(from_yaml.root(), from_json.root())) << form << yaml->body.substr(0, 1000);
    }
  }
}

TEST_F(ReadTest, AListInProtobufIsOfOneRevisionWhateverHappensBetweenItsPieces) {
  make(0, 120, 4000);
  const auto before = api.ask("GET", kMaps + "?limit=500", "", "", kProtobuf);
  const auto client = std::make_shared<Stepper>();
  api.get(kMaps, kProtobuf, client);
  ASSERT_EQ(client->pieces, 1);
  make(200, 3, 10);
  ASSERT_EQ(api.ask("DELETE", kMaps + "/m1100").status, 200);
  for (int i = 0; i < 100 && !client->done; ++i) {
    client->drain();
    api.run();
  }
  ASSERT_TRUE(client->done);
  EXPECT_FALSE(client->aborted);
  EXPECT_GT(client->pieces, 2);
  EXPECT_EQ(client->body, before.body);
}

TEST_F(ReadTest, AListInProtobufOfAVersionThatIsNotStoredIsMadeOfConvertedObjects) {
  const std::string scalers = "/namespaces/default/horizontalpodautoscalers";
  const auto made =
      api.ask("POST", "/apis/autoscaling/v2" + scalers,
              R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{)"
              R"("maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"}}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto list = api.ask("GET", "/apis/autoscaling/v1" + scalers, "", "", kProtobuf);
  const auto envelope = schema::open_envelope(list.body);
  ASSERT_TRUE(envelope.has_value()) << list.body;
  EXPECT_EQ(envelope->kind, "HorizontalPodAutoscalerList");
  EXPECT_EQ(envelope->api_version, "autoscaling/v1");
  const auto items = items_in(envelope->raw);
  ASSERT_EQ(items.size(), 1U);
  const auto alone = api.ask("GET", "/apis/autoscaling/v1" + scalers + "/h", "", "", kProtobuf);
  EXPECT_EQ(items.front(), schema::open_envelope(alone.body)->raw);
}

TEST_F(ReadTest, ALongAnswerIsCompressedForAnotherMachineThatTakesIt) {
  make(0, 60, 4000);
  const auto plain = api.ask("GET", kMaps);
  const auto streamed = api.ask("GET", kMaps, "", "", "", with("Accept-Encoding", "deflate, gzip;q=0.8"));
  ASSERT_NE(streamed.headers.find("content-encoding"), nullptr);
  EXPECT_LT(streamed.body.size() * 10, plain.body.size());
  EXPECT_EQ(inflated(streamed.body), plain.body);
  const auto page = api.ask("GET", kMaps + "?limit=500", "", "", "", with("Accept-Encoding", "gzip"));
  ASSERT_NE(page.headers.find("content-encoding"), nullptr);
  EXPECT_EQ(inflated(page.body), api.ask("GET", kMaps + "?limit=500").body);
  EXPECT_EQ(api.ask("GET", kMaps, "", "", "", with("Accept-Encoding", "gzip;q=0")).headers.find("content-encoding"),
            nullptr);
  const auto small = api.ask("GET", kMaps + "?limit=2", "", "", "", with("Accept-Encoding", "gzip"));
  EXPECT_EQ(small.headers.find("content-encoding"), nullptr);
}

TEST_F(ReadTest, AVeryLongAnswerIsCompressedInTurns) {
  make(0, 300, 4000);
  const auto page = api.open(kMaps + "?limit=500", "", with("Accept-Encoding", "gzip"));
  ASSERT_TRUE(page->done);
  EXPECT_GT(page->pieces.size(), 1U);
  EXPECT_EQ(inflated(page->body), api.ask("GET", kMaps + "?limit=500").body);
}

TEST_F(ReadTest, ALongListIsSentInPiecesWhenItIsIndentedToo) {
  make(0, 60, 4000);
  const auto pretty = api.open(kMaps + "?pretty=1");
  ASSERT_TRUE(pretty->done);
  EXPECT_GT(pretty->pieces.size(), 1U);
  EXPECT_EQ(pretty->body, indented(api.ask("GET", kMaps).body));
}

TEST(Pretty, IndentsPiecesAsTheWhole) {
  const std::string json = R"({"a":{},"b":[],"c":[1,{"d":"x\"{,}\\"}],"e":"\\"})";
  const std::string whole = indented(json);
  EXPECT_EQ(whole,
            "{\n  \"a\": {},\n  \"b\": [],\n  \"c\": [\n    1,\n    {\n      \"d\": \"x\\\"{,}\\\\\"\n    }\n  ],\n"
            "  \"e\": \"\\\\\"\n}");
  for (std::size_t cut = 0; cut <= json.size(); ++cut) {
    Indenter pieces;
    const std::string first = pieces.add(json.substr(0, cut));
    EXPECT_EQ(first + pieces.add(json.substr(cut)), whole) << cut;
  }
}

TEST_F(ReadTest, AListInProtobufIsAnEnvelopeAroundItsItems) {
  make(0, 3, 10);
  const auto list = api.ask("GET", kMaps + "?limit=2", "", "", "application/vnd.kubernetes.protobuf");
  const auto envelope = schema::open_envelope(list.body);
  ASSERT_TRUE(envelope.has_value());
  EXPECT_EQ(envelope->kind, "ConfigMapList");
  EXPECT_EQ(envelope->api_version, "v1");
  schema::ProtoReader reader(envelope->raw);
  std::size_t items = 0;
  std::string token;
  while (reader.next()) {
    if (reader.number() == 2) ++items;
    if (reader.number() != 1) continue;
    schema::ProtoReader metadata(reader.bytes());
    while (metadata.next()) {
      if (metadata.number() == 3) token = metadata.bytes();
    }
  }
  EXPECT_EQ(items, 2U);
  EXPECT_FALSE(token.empty());
}

TEST_F(ReadTest, ARevisionToComeIsWaitedForAndThenRefused) {
  make(0, 1, 10);
  const std::string now = at(api.ask("GET", kMaps).body, "metadata.resourceVersion");
  const std::string next = std::to_string(std::stoull(now) + 1);
  const auto list = api.open(kMaps + "?resourceVersion=" + next + "&resourceVersionMatch=NotOlderThan");
  const auto object = api.open(kMaps + "/m1000?resourceVersion=" + next);
  EXPECT_FALSE(list->done);
  EXPECT_FALSE(object->done);
  make(1, 1, 10);
  EXPECT_TRUE(list->done);
  EXPECT_EQ(list->head.status, 200);
  EXPECT_TRUE(object->done);
  const auto never = api.ask("GET", kMaps + "?resourceVersion=99999");
  EXPECT_EQ(never.status, 504);
  EXPECT_NE(never.body.find("Too large resource version"), std::string::npos);
  EXPECT_EQ(at(never.body, "details.retryAfterSeconds"), "1");
}

TEST_F(ReadTest, AWatchFromARevisionToComeBeginsThere) {
  make(0, 1, 10);
  const std::string now = at(api.ask("GET", kMaps).body, "metadata.resourceVersion");
  const auto watch = api.open(kMaps + "?watch=1&resourceVersion=" + std::to_string(std::stoull(now) + 1));
  EXPECT_EQ(watch->head.status, 200);
  make(1, 1, 10);
  api.run();
  EXPECT_EQ(watch->body, "");  // that was the revision itself
  make(2, 1, 10);
  api.run();
  EXPECT_EQ(at(watch->body, "object.metadata.name"), "m1002");
  watch->leave();
  api.run();
}

/// A client that takes what it was sent only when the test says.
class SlowReader final : public net::ResponseWriter {
 public:
  void respond(net::HttpResponse) override {}
  void start(net::HttpResponse) override {}
  bool write(net::SharedBytes bytes) override {
    body += *bytes;
    waiting += bytes->size();
    return false;
  }
  void finish() override { ended = true; }
  void abort() override { ended = true; }
  std::size_t buffered() const override { return waiting; }
  void on_drain(std::function<void()> drained) override { drained_ = std::move(drained); }
  void on_close(std::function<void()> closed) override { closed_ = std::move(closed); }
  bool take() {
    waiting = 0;
    const auto drained = std::exchange(drained_, nullptr);
    if (drained) drained();
    return drained != nullptr;
  }
  void leave() { std::exchange(closed_, nullptr)(); }

  std::string body;
  std::size_t waiting = 0;
  bool ended = false;

 private:
  std::function<void()> drained_;
  std::function<void()> closed_;
};

TEST_F(ReadTest, AWatchShowsALongStateToASlowClientPieceByPiece) {
  make(0, 200, 4000);
  net::HttpRequest request;
  request.method = "GET";
  request.target = kMaps + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  auto master = std::make_shared<net::ClientCertificate>();
  master->common_name = "admin";
  master->organizations = {"system:masters"};
  request.certificate = std::move(master);
  const auto client = std::make_shared<SlowReader>();
  api.front->handle(std::move(request), client);
  api.run();
  make(200, 1, 10);  // comes while the state is still being sent
  api.run();
  EXPECT_LT(client->waiting, 150U * 1024);
  int pieces = 1;
  for (; client->take(); ++pieces) {
    api.run();
    EXPECT_LT(client->waiting, 150U * 1024);
  }
  EXPECT_FALSE(client->ended);
  EXPECT_GT(pieces, 5);
  std::size_t added = 0;
  for (std::size_t at = 0; (at = client->body.find("\"ADDED\"", at)) != std::string::npos; ++at) ++added;
  EXPECT_GE(added, 201U);
  EXPECT_LT(client->body.find("m1199"), client->body.find("initial-events-end"));
  EXPECT_LT(client->body.find("initial-events-end"), client->body.find("m1200"));
  client->leave();
  api.run();
}

TEST_F(ReadTest, AWatchFromARevisionToComeGoesWithItsClient) {
  auto watch = api.open(kMaps + "?watch=1&resourceVersion=99999999999");
  EXPECT_EQ(watch->head.status, 200);
  watch->leave();
  api.run();
  const std::weak_ptr<testing::Recorder> connection = watch;
  watch.reset();
  EXPECT_TRUE(connection.expired()) << "the wait held the connection";
}

TEST_F(ReadTest, AContinueTokenThatIsTooOldComesWithOneThatIsNot) {
  make(0, 4, 10);
  const auto first = api.ask("GET", kMaps + "?limit=2");
  const std::string token = at(first.body, "metadata.continue");
  make(4, 2, 10);
  ASSERT_TRUE(storage::compact_and_wait(api.store, api.store.revision()).has_value());
  const auto expired = api.ask("GET", kMaps + "?limit=2&continue=" + token);
  EXPECT_EQ(expired.status, 410);
  EXPECT_EQ(at(expired.body, "reason"), "Expired");
  const std::string fresh = at(expired.body, "metadata.continue");
  ASSERT_NE(fresh, "");
  const auto rest = api.ask("GET", kMaps + "?continue=" + fresh);
  EXPECT_EQ(rest.status, 200);
  EXPECT_EQ(items_of(first.body) + items_of(rest.body), items_of(api.ask("GET", kMaps).body));
}

TEST_F(ReadTest, OptionsThatContradictEachOtherAreRefusedAsUpstreamRefusesThem) {
  struct Case {
    const char* query;
    const char* message;
  };
  const Case cases[] = {
      {"resourceVersionMatch=Exact", "resourceVersionMatch is forbidden unless resourceVersion is provided"},
      {"resourceVersionMatch=Exact&resourceVersion=0",
       "resourceVersionMatch \\\"exact\\\" is forbidden for resourceVersion \\\"0\\\""},
      {"resourceVersionMatch=Never&resourceVersion=1",
       "Unsupported value: \\\"Never\\\": supported values: \\\"Exact\\\", \\\"NotOlderThan\\\", \\\"\\\""},
      {"resourceVersionMatch=NotOlderThan&resourceVersion=1&continue=x",
       "resourceVersionMatch is forbidden when continue is provided"},
      {"sendInitialEvents=true", "sendInitialEvents is forbidden for list"},
      {"watch=1&resourceVersionMatch=NotOlderThan",
       "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"},
      {"watch=1&sendInitialEvents=true", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"},
  };
  for (const Case& each : cases) {
    const auto answer = api.ask("GET", kMaps + "?" + each.query);
    EXPECT_EQ(answer.status, 422) << each.query << answer.body;
    EXPECT_NE(answer.body.find(each.message), std::string::npos) << each.query << answer.body;
  }
}

TEST_F(ReadTest, WatchesOfTheSameFormSendTheSameBytes) {
  const auto one = api.open(kMaps + "?watch=1&resourceVersion=0");
  const auto two = api.open(kMaps + "?watch=1&resourceVersion=0");
  const auto table = api.open(kMaps + "?watch=1&resourceVersion=0", "application/json;as=Table;v=v1;g=meta.k8s.io");
  const auto late = api.open(kMaps + "?watch=1&resourceVersion=0", "application/json;as=Table;v=v1;g=meta.k8s.io");
  const std::size_t before = one->pieces.size();
  make(0, 1, 10);
  api.run();
  ASSERT_EQ(one->pieces.size(), before + 1);
  EXPECT_EQ(one->pieces.back().get(), two->pieces.back().get());
  EXPECT_EQ(table->pieces.back().get(), late->pieces.back().get());
  make(1, 1, 10);
  api.run();
  EXPECT_EQ(table->body, late->body);
  for (const auto& each : {one, two, table, late}) each->leave();
  api.run();
}

TEST_F(ReadTest, PrettyIndentsAndPeopleWithCurlGetItUnasked) {
  make(0, 1, 3);
  EXPECT_NE(api.ask("GET", kMaps + "/m1000?pretty=true").body.find("{\n  \"kind\": \"ConfigMap\",\n"),
            std::string::npos);
  EXPECT_EQ(api.ask("GET", kMaps + "/m1000").body.find("\n "), std::string::npos);
  const auto curl = with("User-Agent", "curl/8.0");
  EXPECT_NE(api.ask("GET", kMaps + "/none", "", "", "", curl).body.find("\n  \"status\": \"Failure\""),
            std::string::npos);
  EXPECT_EQ(api.ask("GET", kMaps + "/m1000?pretty=0", "", "", "", curl).body.find("\n "), std::string::npos);
  EXPECT_EQ(items_of(api.ask("GET", kMaps + "?pretty=1").body), items_of(api.ask("GET", kMaps).body));
}

TEST_F(ReadTest, MetricsCountRequestsUnderKubernetesNames) {
  make(0, 2, 3);
  api.ask("GET", kMaps + "/none");
  api.ask("GET", "/apis/nowhere/v1/things");
  const auto watch = api.open(kMaps + "?watch=1");
  const auto metrics = api.ask("GET", "/metrics");
  EXPECT_EQ(*metrics.headers.find("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"apiserver_request_total{code=\"201\",component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"configmaps\","
        "scope=\"namespace\",subresource=\"\",verb=\"POST\",version=\"v1\"} 2\n",
        "apiserver_request_total{code=\"404\",component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"configmaps\","
        "scope=\"resource\",subresource=\"\",verb=\"GET\",version=\"v1\"} 1\n",
        "# TYPE apiserver_request_duration_seconds histogram\n", "le=\"0.005\"", "le=\"+Inf\"",
        "apiserver_current_inflight_requests{request_kind=\"readOnly\"} 1\n",
        "apiserver_storage_objects{resource=\"configmaps\"}", "process_resident_memory_bytes ",
        "apiserver_longrunning_requests{component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"configmaps\","
        "scope=\"namespace\",subresource=\"\",verb=\"WATCH\",version=\"v1\"} 1\n"}) {
    EXPECT_NE(metrics.body.find(line), std::string::npos) << line << "\n" << metrics.body.substr(0, 3000);
  }
  EXPECT_EQ(metrics.body.find("nowhere"), std::string::npos) << "clients cannot make series";
  watch->leave();
  api.run();
}

TEST_F(ReadTest, NoTextOfAClientBecomesALabelOfMetrics) {
  const auto series = [this] {
    const std::string text = api.ask("GET", "/metrics").body;
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("\napiserver_request_duration_seconds_sum{", at)) != std::string::npos;
         ++at) {
      ++count;
    }
    EXPECT_EQ(text.find("forged"), std::string::npos) << text;
    return count;
  };
  series();
  const std::size_t before = series();
  for (const char* sub : {"a", "b", "c", "forged%22%7D%201%0Aapiserver_request_total%7Bforged=%221"}) {
    api.ask("GET", kMaps + "/y/" + sub);
    net::HttpRequest nobody;  // shows no credentials
    nobody.method = "GET";
    nobody.target = kMaps + "/y/" + sub;
    const auto refused = std::make_shared<testing::Recorder>();
    api.front->handle(std::move(nobody), refused);
    EXPECT_EQ(refused->head.status, 401);
    net::HttpRequest known;
    known.method = "DELETE";
    known.target = "/api/v1/" + std::string(sub[0] == 'a' ? "nodes" : "secrets");
    api.front->handle(std::move(known), std::make_shared<testing::Recorder>());
  }
  EXPECT_LE(series() - before, 2U) << "one for each verb, of what is not known";
}

}  // namespace
}  // namespace troupe::api
