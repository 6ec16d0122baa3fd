#include "schema/conversion.hpp"

#include <gmock/gmock.h>

#include <random>
#include <string>

#include "schema/codec/json.hpp"

namespace troupe::schema {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const Node& node) {
  ByteBuffer out;
  encode_json(node, out);
  return std::string(out.view());
}

Document parse(const std::string& json) {
  JsonDecoder decoder;
  Document document;
  Diagnostics diagnostics;
  const Status done = decoder.parse(json, document, diagnostics);
  if (!done) throw std::runtime_error(done.error().message + ": " + json);
  return document;
}

/// Through the stored form of its own version, as a server does it: what the type does not know would get lost.
std::string through(const std::string& json, const std::string& to) {
  static const TypeTable types = TypeTable::built_in().value();
  Document document = parse(json);
  const Status done = convert(document, document.root(), to);
  if (!done) throw std::runtime_error(done.error().message);
  const std::string kind(document.root().find("kind")->as_string());
  const auto slash = to.find('/');
  const Type* type = slash == std::string::npos ? types.find("", to, kind)
                                                : types.find(to.substr(0, slash), to.substr(slash + 1), kind);
  StoredBuilder stored;
  Diagnostics diagnostics(Strictness::kStrict);
  const Status decoded = decode_node(document.root(), *type, {}, stored, diagnostics);
  if (!decoded) throw std::runtime_error(decoded.error().message + ": " + text_of(document.root()));
  EXPECT_TRUE(diagnostics.findings().empty()) << text_of(document.root());
  ByteBuffer out;
  encode_json(*type, StructView::root(stored.words()), {.api_version = to, .kind = kind, .resource_version = {}}, out);
  return std::string(out.view());
}

void expect_same(const std::string& actual, const std::string& expected) {
  const Document a = parse(actual);
  const Document b = parse(expected);
  EXPECT_TRUE(same_value(a.root(), b.root())) << actual << "\n" << expected;
}

constexpr const char* kEvent =
    R"({"apiVersion":"v1","kind":"Event","metadata":{"name":"e","namespace":"d"},)"
    R"("involvedObject":{"kind":"Pod","name":"p","fieldPath":"spec.containers{c}"},"reason":"BackOff","message":"m",)"
    R"("source":{"component":"kubelet","host":"n1"},"firstTimestamp":"2024-01-01T00:00:00Z",)"
    R"("lastTimestamp":"2024-01-01T00:00:05Z","count":3,"type":"Warning","eventTime":"2024-01-01T00:00:00.000001Z",)"
    R"("series":{"count":2,"lastObservedTime":"2024-01-01T00:00:04.000000Z"},"action":"Starting",)"
    R"("related":{"kind":"Node","name":"n1"},"reportingComponent":"kubelet","reportingInstance":"i"})";

TEST(Conversion, AnEventOfTheCoreGroupBecomesOneOfEvents) {
  const std::string events = through(kEvent, "events.k8s.io/v1");
  EXPECT_THAT(events, HasSubstr(R"("regarding":{"kind":"Pod","name":"p","fieldPath":"spec.containers{c}"})"));
  EXPECT_THAT(events, HasSubstr(R"("note":"m")"));
  EXPECT_THAT(events, HasSubstr(R"("deprecatedSource":{"component":"kubelet","host":"n1"})"));
  EXPECT_THAT(events, HasSubstr(R"("deprecatedFirstTimestamp":"2024-01-01T00:00:00Z")"));
  EXPECT_THAT(events, HasSubstr(R"("deprecatedLastTimestamp":"2024-01-01T00:00:05Z")"));
  EXPECT_THAT(events, HasSubstr(R"("deprecatedCount":3)"));
  EXPECT_THAT(events, HasSubstr(R"("reportingController":"kubelet")"));
  EXPECT_THAT(events, HasSubstr(R"("apiVersion":"events.k8s.io/v1")"));
}

TEST(Conversion, AnEventComesBackUnchanged) { expect_same(through(through(kEvent, "events.k8s.io/v1"), "v1"), kEvent); }

constexpr const char* kAutoscaler =
    R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler",)"
    R"("metadata":{"name":"h","annotations":{"own":"kept"}},"spec":{)"
    R"("scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"minReplicas":1,"maxReplicas":9,)"
    R"("metrics":[)"
    R"({"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"100Mi"}}},)"
    R"({"type":"Pods","pods":{"metric":{"name":"rps","selector":{"matchLabels":{"a":"b"}}},)"
    R"("target":{"type":"AverageValue","averageValue":"1k"}}},)"
    R"({"type":"Object","object":{"describedObject":{"kind":"Ingress","name":"i"},"target":{"type":"Value","value":"10k"},)"
    R"("metric":{"name":"hits"}}},)"
    R"({"type":"Object","object":{"describedObject":{"kind":"Ingress","name":"i"},)"
    R"("target":{"type":"AverageValue","averageValue":"5"},"metric":{"name":"hits"}}},)"
    R"({"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"AverageValue","averageValue":"30"}}},)"
    R"({"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"Value","value":"7"}}},)"
    R"({"type":"ContainerResource","containerResource":{"name":"cpu","target":{"type":"Utilization",)"
    R"("averageUtilization":60},"container":"c"}},)"
    R"({"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}],)"
    R"("behavior":{"scaleDown":{"stabilizationWindowSeconds":0,"selectPolicy":"Max",)"
    R"("policies":[{"type":"Pods","value":4,"periodSeconds":60}]}}},)"
    R"("status":{"observedGeneration":2,"currentReplicas":3,"desiredReplicas":4,"currentMetrics":[)"
    R"({"type":"Resource","resource":{"name":"cpu","current":{"averageValue":"90m","averageUtilization":70}}},)"
    R"({"type":"Resource","resource":{"name":"memory","current":{"averageValue":"90Mi"}}},)"
    R"({"type":"External","external":{"metric":{"name":"queue"},"current":{"averageValue":"29"}}}],)"
    R"("conditions":[{"type":"AbleToScale","status":"True","lastTransitionTime":"2024-01-01T00:00:00Z"}]}})";

TEST(Conversion, AnAutoscalerShowsItsCpuTargetAsV1AndTheRestInAnnotations) {
  const std::string v1 = through(kAutoscaler, "autoscaling/v1");
  EXPECT_THAT(v1, HasSubstr(R"("targetCPUUtilizationPercentage":80)"));
  EXPECT_THAT(v1, HasSubstr(R"("currentCPUUtilizationPercentage":70)"));
  EXPECT_THAT(v1, HasSubstr(R"("own":"kept")"));
  for (const char* name : {"metrics", "behavior", "conditions", "current-metrics"}) {
    EXPECT_THAT(v1, HasSubstr("autoscaling.alpha.kubernetes.io/" + std::string(name)));
  }
  const Document document = parse(v1);
  const std::string metrics(document.root()
                                .find("metadata")
                                ->find("annotations")
                                ->find("autoscaling.alpha.kubernetes.io/metrics")
                                ->as_string());
  EXPECT_THAT(metrics, HasSubstr(R"({"type":"Resource","resource":{"name":"memory","targetAverageValue":"100Mi"}})"));
  EXPECT_THAT(metrics, HasSubstr(R"("metricName":"rps")"));
  EXPECT_THAT(metrics, HasSubstr(R"("targetAverageUtilization":60)"));
}

TEST(Conversion, AnAutoscalerComesBackUnchanged) {
  expect_same(through(through(kAutoscaler, "autoscaling/v1"), "autoscaling/v2"), kAutoscaler);
}

TEST(Conversion, AnAutoscalerWithACpuTargetAloneNeedsNoAnnotation) {
  const std::string v1 =
      R"({"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{)"
      R"("scaleTargetRef":{"kind":"Deployment","name":"web"},"maxReplicas":3,"targetCPUUtilizationPercentage":80},)"
      R"("status":{"currentReplicas":0,"desiredReplicas":0}})";
  const std::string v2 = through(v1, "autoscaling/v2");
  EXPECT_THAT(v2, HasSubstr(R"("metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization",)"
                            R"("averageUtilization":80}}}])"));
  EXPECT_THAT(v2, Not(HasSubstr("annotations")));
  expect_same(through(v2, "autoscaling/v1"), v1);
}

TEST(Conversion, StaleAnnotationsOfAV2ObjectDoNotComeBack) {
  const std::string v2 =
      R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"h","annotations":)"
      R"({"autoscaling.alpha.kubernetes.io/behavior":"{}","autoscaling.alpha.kubernetes.io/metrics":"[{}]"}},)"
      R"("spec":{"scaleTargetRef":{"kind":"D","name":"w"},"maxReplicas":3}})";
  EXPECT_THAT(through(v2, "autoscaling/v1"), Not(HasSubstr("annotations")));
}

TEST(Conversion, AnAnnotationThatIsNoneOfOursIsDropped) {
  for (const char* bad :
       {"", "x", "{}", "[1]", "[[]]", "null", "[{\\\"type\\\":7}]", "[{\\\"type\\\":\\\"Pods\\\",\\\"pods\\\":3}]"}) {
    SCOPED_TRACE(bad);
    const std::string v1 =
        R"({"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h","annotations":)"
        R"({"autoscaling.alpha.kubernetes.io/metrics":")" +
        std::string(bad) +
        R"(","autoscaling.alpha.kubernetes.io/behavior":"7"}},)"
        R"("spec":{"scaleTargetRef":{"kind":"D","name":"w"},"maxReplicas":3}})";
    Document document = parse(v1);
    EXPECT_TRUE(convert(document, document.root(), "autoscaling/v2"));
    EXPECT_THAT(text_of(document.root()), Not(HasSubstr("alpha.kubernetes.io")));
    EXPECT_THAT(text_of(document.root()), Not(HasSubstr("behavior")));
  }
}

TEST(Conversion, OnlyKnownPairsAreConverted) {
  EXPECT_TRUE(can_convert("Event", "v1", "events.k8s.io/v1"));
  EXPECT_TRUE(can_convert("Pod", "v1", "v1"));
  EXPECT_FALSE(can_convert("Pod", "v1", "v2"));
  Document document = parse(R"({"apiVersion":"v1","kind":"Pod"})");
  EXPECT_EQ(convert(document, document.root(), "v2").error().code, ErrorCode::kUnsupported);
  Document nameless = parse(R"({"apiVersion":"v1"})");
  EXPECT_EQ(convert(nameless, nameless.root(), "v1").error().code, ErrorCode::kInvalidArgument);
  Document list = parse("[1]");
  EXPECT_EQ(convert(list, list.root(), "v1").error().code, ErrorCode::kInvalidArgument);
}

/// A random v2 metric of any kind, with only the fields that v2 allows.
std::string random_metric(std::mt19937& random) {
  const auto number = [&] { return std::to_string(random() % 1000 + 1); };
  const std::string selector = random() % 2 == 0 ? "" : R"(,"selector":{"matchLabels":{"k":"v)" + number() + "\"}}";
  const std::string metric = R"("metric":{"name":"m)" + number() + "\"" + selector + "}";
  const std::string value = R"("target":{"type":"Value","value":")" + number() + "\"}";
  const std::string average = R"("target":{"type":"AverageValue","averageValue":")" + number() + "m\"}";
  const std::string utilization = R"("target":{"type":"Utilization","averageUtilization":)" + number() + "}";
  switch (random() % 5) {
    case 0:
      return R"({"type":"Object","object":{"describedObject":{"kind":"K","name":"n"},)" +
             (random() % 2 == 0 ? value : average) + "," + metric + "}}";
    case 1:
      return R"({"type":"Pods","pods":{)" + metric + "," + average + "}}";
    case 2:
      return R"({"type":"Resource","resource":{"name":"memory",)" + (random() % 2 == 0 ? utilization : average) + "}}";
    case 3:
      return R"({"type":"ContainerResource","containerResource":{"name":"cpu","container":"c",)" +
             (random() % 2 == 0 ? utilization : average) + "}}";
    default:
      return R"({"type":"External","external":{)" + metric + "," + (random() % 2 == 0 ? value : average) + "}}";
  }
}

TEST(Conversion, GeneratedAutoscalersComeBackUnchanged) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::string metrics;
    for (std::uint32_t i = random() % 5; i > 0; --i) metrics += (metrics.empty() ? "" : ",") + random_metric(random);
    if (random() % 2 == 0) {  // last: where v1 puts it back
      metrics +=
          std::string(metrics.empty() ? "" : ",") +
          R"({"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}})";
    }
    const std::string v2 =
        R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{)"
        R"("scaleTargetRef":{"kind":"D","name":"w"},"maxReplicas":3)" +
        (metrics.empty() ? "" : ",\"metrics\":[" + metrics + "]") + R"(},"status":{"desiredReplicas":0}})";
    expect_same(through(through(v2, "autoscaling/v1"), "autoscaling/v2"), through(v2, "autoscaling/v2"));
  }
}

}  // namespace
}  // namespace troupe::schema
