#include "fuzz/api_harness.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "net/http1_parser.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::fuzz {

namespace {

using api::testing::Answer;
using api::testing::FrontFixture;

constexpr int kInputsPerFront = 500;  ///< Then a new one: what inputs created must not pile up.

void check(bool fine, const char* what, std::string_view text = {}) {
  if (fine) return;
  std::fprintf(stderr, "fuzz: %s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

/// An object and where it is, one of each kind of list and map.
struct Sample {
  std::string_view collection;
  std::string_view name;
  std::string_view json;
};
constexpr std::array kSamples = {
    Sample{"/api/v1/namespaces/default/configmaps", "m",
           R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","labels":{"a":"b"},"finalizers":["x/y"]},)"
           R"("data":{"k":"v"}})"},
    Sample{"/apis/apps/v1/namespaces/default/deployments", "d",
           R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":2,"selector":)"
           R"({"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":)"
           R"("c","image":"i","ports":[{"containerPort":80},{"containerPort":81,"protocol":"UDP"}],"env":[{"name":"A",)"
           R"("value":"1"}]}],"tolerations":[{"key":"a","operator":"Exists"}]}}}})"},
    Sample{"/api/v1/namespaces/default/services", "s",
           R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"selector":{"app":"d"},"ports":)"
           R"([{"name":"a","port":80,"targetPort":"http"},{"name":"b","port":81}]}})"}};

FrontFixture& front(const std::string& what) {
  static std::unique_ptr<FrontFixture> kept;
  static std::string kept_for;
  static int inputs = 0;
  if (kept && kept_for == what && ++inputs < kInputsPerFront) return *kept;
  kept.reset();
  kept = std::make_unique<FrontFixture>();
  kept_for = what;
  inputs = 0;
  for (const Sample& sample : kSamples) {
    const Answer made = kept->ask("POST", std::string(sample.collection), std::string(sample.json), "application/json");
    check(made.status == 201, "a sample is refused", made.body);
  }
  return *kept;
}

void check_answer(int status, std::string_view request) {
  check(status >= 200 && status < 600, "no answer", request);
  check(status != 500, "an internal error", request);
}

constexpr std::array kPatchTypes = {"application/json-patch+json", "application/merge-patch+json",
                                    "application/strategic-merge-patch+json", "application/apply-patch+yaml"};

std::string revision_of(const std::string& json) { return api::testing::at(json, "metadata.resourceVersion"); }

}  // namespace

void fuzz_request(std::string_view input) {
  net::Http1Parser parser({.header_bytes = 8 * 1024, .body_bytes = 64 * 1024});
  // In two pieces: what a head cut anywhere means must not differ.
  const std::size_t cut = input.empty() ? 0 : static_cast<unsigned char>(input[0]) % (input.size() + 1);
  std::size_t at = 0;
  net::Http1Parser::State state = net::Http1Parser::State::kNeedMore;
  for (const std::size_t end : {cut, input.size()}) {
    while (at < end) {
      std::size_t used = 0;
      state = parser.feed(input.substr(at, end - at), used);
      at += used;
      if (used == 0 || state == net::Http1Parser::State::kComplete) break;
    }
    if (state == net::Http1Parser::State::kComplete) break;
  }
  if (state != net::Http1Parser::State::kComplete) return;
  FrontFixture& api = front("request");
  const net::HttpRequest request = parser.take();
  net::Headers headers;
  std::string type;
  std::string accept;
  for (const auto& [name, value] : request.headers.fields()) headers.add(name, value);
  const bool watches = request.target.find("watch") != std::string::npos;
  if (watches && request.method == "GET") {
    api.open(request.target, accept, headers)->leave();
    return api.run();
  }
  const bool applies = request.headers.joined("content-type").find("apply") != std::string::npos;
  const Answer answer = api.ask(request.method, request.target, request.body, type, accept, headers);
  if (!applies && answer.status != 0) check_answer(answer.status, input);
}

void fuzz_patch(std::string_view input) {
  if (input.empty()) return;
  const auto choice = static_cast<unsigned char>(input[0]);
  const Sample& sample = kSamples[choice % kSamples.size()];
  const std::size_t kind = choice / kSamples.size() % kPatchTypes.size();
  FrontFixture& api = front("patch");
  const bool applies = kind == 3;
  const std::string object = std::string(sample.collection) + "/" + std::string(sample.name);
  const std::string target = object + (applies ? "?fieldManager=fuzz&force=true" : "");
  const std::string body(input.substr(1));
  const Answer answer = api.ask("PATCH", target, body, kPatchTypes[kind]);
  if (answer.status != 500 || !applies) check_answer(answer.status, body);
  if (answer.status != 200) return;
  check(api::parse_json(answer.body).has_value(), "no JSON", answer.body);
  if (kind == 1 || applies) {
    const Answer again = api.ask("PATCH", target, body, kPatchTypes[kind]);
    const bool same = again.status == 200 && revision_of(again.body) == revision_of(answer.body);
    const bool of_a_revision = again.status == 409 && body.find("resourceVersion") != std::string::npos;
    check(same || of_a_revision || again.status == 404, "the same patch changes the object again", body);
  }
  const Answer read = api.ask("GET", object);
  if (read.status != 200) return;
  const Answer put = api.ask("PUT", object, read.body, "application/json");
  check(put.status == 200, "what was read is refused", put.body);
  check(revision_of(put.body) == revision_of(read.body), "writing what was read changes it", read.body);
}

namespace {

std::string written(const api::LabelSelector& selector) {
  using Operator = api::LabelSelector::Requirement::Operator;
  std::string out;
  for (const auto& one : selector.requirements()) {
    if (!out.empty()) out += ',';
    if (one.op == Operator::kNotExists) out += '!';
    out += one.key;
    if (one.op == Operator::kExists || one.op == Operator::kNotExists) continue;
    out += one.op == Operator::kIn        ? " in ("
           : one.op == Operator::kNotIn   ? " notin ("
           : one.op == Operator::kGreater ? ">"
                                          : "<";
    for (std::size_t i = 0; i < one.values.size(); ++i) out.append(i == 0 ? "" : ",").append(one.values[i]);
    if (one.op == Operator::kIn || one.op == Operator::kNotIn) out += ')';
  }
  return out;
}

}  // namespace

void fuzz_selector(std::string_view input) {
  if (input.empty()) return;
  static const schema::Document object =
      api::parse_json(R"({"metadata":{"name":"n","labels":{"a":"b","app":"web","n":"5"}}})").value();
  const schema::Node* labels = object.root().find("metadata")->find("labels");
  const std::string_view text = input.substr(1);
  if (static_cast<unsigned char>(input[0]) % 2 == 0) {
    const auto selector = api::LabelSelector::parse(text);
    if (!selector) return;
    const std::string again = written(*selector);
    const auto other = api::LabelSelector::parse(again);
    check(other.has_value(), "a selector that was understood is not, written out", again);
    check(written(*other) == again, "a selector changes on the way", again);
    check(other->matches(labels) == selector->matches(labels), "a selector means something else", again);
    return;
  }
  const auto selector = api::FieldSelector::parse(text);
  if (!selector) return;
  static_cast<void>(selector->matches(object.root()));
  static_cast<void>(selector->exact_name());
}

}  // namespace troupe::fuzz
