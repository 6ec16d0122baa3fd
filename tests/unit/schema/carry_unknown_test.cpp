// Objects of an older and of a newer schema, kept as bytes in tests/fixtures/schema/evolution: each must read right
// under the other for ever, and an older program that rewrites a newer object must lose nothing.
#include "schema/carry_unknown.hpp"

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gmock/gmock.h>

#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "schema/codec/json.hpp"

namespace troupe::schema {
namespace {

using Segment = std::vector<std::uint64_t>;

Segment read_words(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (bytes.empty() || bytes.size() % 8 != 0) throw std::runtime_error("no fixture " + path);
  Segment words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

struct Version {
  explicit Version(const std::string& name)
      : description(read_words(TROUPE_EVOLUTION_BUILT "/" + name + ".bin")),
        table(TypeTable::from_description(std::as_bytes(std::span(description))).value()),
        widget(*table.find("demo/v1.Widget")),
        object(read_words(TROUPE_EVOLUTION_FIXTURES "/written-by-" + name + ".bin")) {}

  std::string json(const Segment& words) const {
    ByteBuffer out;
    encode_json(widget, StructView::root(words), {}, out);
    return std::string(out.view());
  }
  /// The object as this version would write it after reading it: what it does not know is gone.
  Segment rewrite(const std::string& text) const {
    JsonDecoder decoder;
    StoredBuilder out;
    Diagnostics diagnostics;
    const Status done = decoder.decode(text, widget, out, diagnostics);
    if (!done) throw std::runtime_error(done.error().message);
    return {out.words().begin(), out.words().end()};
  }

  Segment description;
  TypeTable table;
  const Type& widget;
  Segment object;
};

const Version& older() {
  static const Version version("old");
  return version;
}
const Version& newer() {
  static const Version version("new");
  return version;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("no " + from + " in " + text);
  return text.replace(at, from.size(), to);
}

/// What `version` writes when it reads `object`, changes its JSON, and writes it back.
Segment changed_by(const Version& version, const Segment& object, const std::string& from, const std::string& to) {
  const Segment after = version.rewrite(replaced(version.json(object), from, to));
  Segment merged;
  return carry_unknown(version.widget, object, after, merged) ? merged : after;
}

TEST(SchemaEvolution, NewerSchemaReadsWhatTheOlderOneWrote) {
  EXPECT_EQ(newer().json(older().object),
            R"({"name":"w","size":7,"spec":{"requests":{"cpu":"1"},"limits":{"cpu":"2"},"count":4},"ready":true,)"
            R"("weight":0,"parts":[{"name":"a","port":80,"label":"x"},{"name":"b","port":81}],"file":"f","mode":420,)"
            R"("ports":{"http":{"name":"h","port":8080}},"history":[{"file":"h1"},{"file":"h2","mode":1}],)"
            R"("when":"2023-11-14T22:13:20Z","limit":"100m","target":"http"})");
}

TEST(SchemaEvolution, OlderSchemaReadsWhatTheNewerOneWrote) {
  EXPECT_EQ(older().json(newer().object),
            R"({"name":"w","spec":{"requests":{"cpu":"1"},"count":4},"ready":true,"weight":5,)"
            R"("parts":[{"name":"a","port":80,"label":"x"},{"name":"a","port":81}],"file":"f","mode":420,)"
            R"("ports":{"dns":{"name":"d"},"http":{"name":"h","port":8080}},"history":[{"file":"h1"},{"file":"h2"}],)"
            R"("limit":"100m","target":3})");
}

TEST(SchemaEvolution, UnknownTrailingFieldsSurviveAReadModifyWriteByTheOlderSchema) {
  const Segment merged = changed_by(older(), newer().object, R"("limit":"100m")", R"("limit":"200m")");
  EXPECT_EQ(newer().json(merged), replaced(newer().json(newer().object), R"("limit":"100m")", R"("limit":"200m")"));
}

TEST(SchemaEvolution, UnknownFieldsOfListElementsFollowTheirKeys) {
  const std::string was = R"({"name":"a","port":80,"label":"x"},{"name":"a","port":81})";
  const std::string now = R"({"name":"a","port":81},{"name":"new","port":80},{"name":"a","port":80})";
  const std::string json = newer().json(changed_by(older(), newer().object, was, now));
  EXPECT_THAT(json, testing::HasSubstr(R"("parts":[{"zone":"z2","name":"a","port":81,"rank":12},)"
                                       R"({"name":"new","port":80},{"zone":"z1","name":"a","port":80,"rank":11}])"));
}

TEST(SchemaEvolution, UnknownFieldsOfMapEntriesFollowTheirKeys) {
  const std::string was = R"("ports":{"dns":{"name":"d"},)";
  const std::string now = R"("ports":{"admin":{"name":"x"},)";
  const std::string json = newer().json(changed_by(older(), newer().object, was, now));
  EXPECT_THAT(json,
              testing::HasSubstr(R"("ports":{"admin":{"name":"x"},"http":{"zone":"zh","name":"h","port":8080}})"));
}

TEST(SchemaEvolution, AListWithoutKeysKeepsUnknownFieldsOnlyWhileItIsUnchanged) {
  const Segment other = changed_by(older(), newer().object, R"("ready":true,)", "");
  EXPECT_THAT(newer().json(other),
              testing::HasSubstr(R"("history":[{"follow":true,"file":"h1"},{"file":"h2","line":3}])"));
  const Segment reordered =
      changed_by(older(), newer().object, R"([{"file":"h1"},{"file":"h2"}])", R"([{"file":"h2"},{"file":"h1"}])");
  EXPECT_THAT(newer().json(reordered), testing::HasSubstr(R"("history":[{"file":"h2"},{"file":"h1"}])"));
}

TEST(SchemaEvolution, AStructThatWasRemovedTakesItsUnknownFieldsAlong) {
  const Segment merged = changed_by(older(), newer().object, R"("spec":{"requests":{"cpu":"1"},"count":4},)", "");
  EXPECT_THAT(newer().json(merged), testing::HasSubstr(R"("spec":{},)"));
}

TEST(SchemaEvolution, SlotsOfRemovedFieldsSurviveAReadModifyWriteByTheNewerSchema) {
  const Segment merged = changed_by(newer(), older().object, R"("limit":"100m")", R"("limit":"200m")");
  EXPECT_THAT(older().json(merged), testing::HasSubstr(R"("gone":99)"));
  EXPECT_THAT(older().json(merged), testing::HasSubstr(R"("claims":["c1"])"));
  EXPECT_THAT(older().json(merged), testing::HasSubstr(R"("limit":"200m")"));
}

TEST(SchemaEvolution, AValueWithoutItsLaterPresenceBitIsPresent) {
  EXPECT_THAT(newer().json(older().object), testing::HasSubstr(R"("size":7)"));
  const Segment zero = changed_by(older(), older().object, R"("size":7,)", "");
  EXPECT_THAT(newer().json(zero), testing::Not(testing::HasSubstr("size")));
}

TEST(SchemaEvolution, NothingIsCarriedWhenTheSchemaKnowsAll) {
  Segment out = {1, 2, 3};
  EXPECT_FALSE(carry_unknown(older().widget, older().object, older().rewrite(older().json(older().object)), out));
  EXPECT_FALSE(carry_unknown(newer().widget, newer().object, newer().rewrite(newer().json(newer().object)), out));
  EXPECT_EQ(out, (Segment{1, 2, 3}));
  EXPECT_FALSE(carry_unknown(newer().widget, {}, {}, out));
}

TEST(SchemaEvolution, ACopyByCapnProtoKeepsUnknownFieldsToo) {
  const kj::ArrayPtr<const capnp::word> segment[] = {
      kj::arrayPtr(reinterpret_cast<const capnp::word*>(newer().object.data()), newer().object.size())};
  capnp::SegmentArrayMessageReader reader(kj::arrayPtr(segment, 1));
  capnp::MallocMessageBuilder copy(1024);
  copy.setRoot(reader.getRoot<capnp::AnyStruct>());
  const auto words = copy.getSegmentsForOutput()[0];
  const auto* first = reinterpret_cast<const std::uint64_t*>(words.begin());
  EXPECT_EQ(newer().json(Segment(first, first + words.size())), newer().json(newer().object));
}

TEST(SchemaEvolution, LongChainsOfRewritesByBothVersionsLoseNothing) {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Segment object = newer().object;
    for (int step = 0; step < 20; ++step) {
      const Version& writer = random() % 2 == 0 ? older() : newer();
      const std::string now = "\"limit\":\"" + std::to_string(random() % 1000) + "m\"";
      const std::string json = writer.json(object);
      const auto from = json.find("\"limit\":\"");
      const auto to = json.find('"', from + 9);
      object = changed_by(writer, object, json.substr(from, to + 1 - from), now);
    }
    const std::string json = newer().json(object);
    const auto from = json.find("\"limit\":\"");
    const auto to = json.find('"', from + 9);
    EXPECT_EQ(replaced(json, json.substr(from, to + 1 - from), R"("limit":"100m")"), newer().json(newer().object));
  }
}

}  // namespace
}  // namespace troupe::schema
