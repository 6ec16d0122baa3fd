#include "api/field_set.hpp"

#include <gtest/gtest.h>

#include "api/apply_merge.hpp"
#include "api/field_set_walk.hpp"
#include "api/object_codec.hpp"
#include "schema/type_table.hpp"

namespace troupe::api {
namespace {

const schema::TypeTable& types() {
  static const schema::TypeTable kTable = schema::TypeTable::built_in().value();
  return kTable;
}

Shape shape(std::string_view name) {
  if (name.empty()) return shape_of(nullptr);
  const schema::Type* type = types().find(name);
  EXPECT_NE(type, nullptr) << name;
  return shape_of(type);
}

std::string text_of(const schema::Node& node) {
  std::string out;
  append_json(node, out);
  return out;
}

std::string text_of(const FieldSet& set) {
  schema::Document document;
  auto written = write_field_set(set, document);
  return written ? text_of(*written) : written.error().message;
}

FieldSet set_of(std::string_view json) { return read_field_set(parse_json(json).value().root()).value(); }

TEST(FieldSet, ComesBackAsItWasRead) {
  for (const char* json : {"{}", R"({"f:a":{}})", R"({"f:a":{".":{},"f:b":{}},"f:c":{}})",
                           R"({"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}})",
                           R"({"f:finalizers":{"v:\"x\"":{}},"f:z":{"i:3":{}}})"}) {
    EXPECT_EQ(text_of(set_of(json)), json);
  }
  for (const char* json : {"[]", R"({"x":{}})", R"({"f:a":1})"}) {
    EXPECT_FALSE(read_field_set(parse_json(json).value().root())) << json;
  }
}

TEST(FieldSet, ArithmeticIsThatOfSetsOfPaths) {
  struct Case {
    const char* a;
    const char* b;
    const char* both;
    const char* either;
    const char* less;
  };
  const Case cases[] = {
      {R"({"f:a":{},"f:b":{}})", R"({"f:b":{},"f:c":{}})", R"({"f:b":{}})", R"({"f:a":{},"f:b":{},"f:c":{}})",
       R"({"f:a":{}})"},
      {R"({"f:a":{".":{},"f:x":{}}})", R"({"f:a":{}})", R"({"f:a":{}})", R"({"f:a":{".":{},"f:x":{}}})",
       R"({"f:a":{"f:x":{}}})"},
      {R"({"f:a":{"f:x":{}}})", R"({"f:a":{"f:y":{}}})", "{}", R"({"f:a":{"f:x":{},"f:y":{}}})",
       R"({"f:a":{"f:x":{}}})"},
      {"{}", R"({"f:a":{}})", "{}", R"({"f:a":{}})", "{}"},
  };
  for (const Case& each : cases) {
    const FieldSet a = set_of(each.a);
    const FieldSet b = set_of(each.b);
    EXPECT_EQ(text_of(a.intersection(b)), each.both);
    EXPECT_EQ(intersects(parse_json(each.a).value().root(), b), !a.intersection(b).empty()) << each.a << each.b;
    FieldSet all = a;
    all.unite(b);
    EXPECT_EQ(text_of(all), each.either);
    FieldSet less = a;
    less.subtract(b);
    EXPECT_EQ(text_of(less), each.less);
  }
}

TEST(FieldSet, PathsReadAsKubernetesWritesThem) {
  const FieldSet set = set_of(
      R"({"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}},"f:z":{"v:\"x\"":{},"i:2":{}}}})");
  EXPECT_EQ(path_texts(set),
            std::vector<std::string>({".spec.ports[port=80,protocol=\"TCP\"]",
                                      ".spec.ports[port=80,protocol=\"TCP\"].name", ".spec.z[2]", ".spec.z[=\"x\"]"}));
}

TEST(FieldsOf, OwnsByTheTypesOfListsMapsAndStructs) {
  struct Case {
    const char* type;
    const char* configuration;
    const char* set;
  };
  const Case cases[] = {
      {"core/v1.ConfigMap", R"({"apiVersion":"v1","metadata":{"name":"x","uid":"u","labels":{"a":"b"}},"data":{}})",
       R"({"f:data":{},"f:metadata":{"f:labels":{"f:a":{}}}})"},
      {"core/v1.Pod", R"({"metadata":{"finalizers":["a","b"],"ownerReferences":[{"uid":"1","name":"n"}]}})",
       R"({"f:metadata":{"f:finalizers":{"v:\"a\"":{},"v:\"b\"":{}},"f:ownerReferences":{"k:{\"uid\":\"1\"}":{".":{},"f:name":{},"f:uid":{}}}}})"},
      {"core/v1.Pod", R"({"spec":{"tolerations":[{"key":"a"}],"containers":[{"name":"c","command":["x","y"]}]}})",
       R"({"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:command":{},"f:name":{}}},"f:tolerations":{}}})"},
      {"apps/v1.Deployment", R"({"spec":{"selector":{"matchLabels":{"a":"b"}},"replicas":null,"strategy":{}}})",
       R"({"f:spec":{"f:replicas":{},"f:selector":{},"f:strategy":{}}})"},
      {"core/v1.Service", R"({"spec":{"publishNotReadyAddresses":false,"ports":[]}})",
       R"({"f:spec":{"f:publishNotReadyAddresses":{}}})"},
      {"", R"({"spec":{"list":[1,{"a":1}],"deep":{"x":1,"y":null,"z":{}}}})",
       R"({"f:spec":{".":{},"f:deep":{".":{},"f:x":{},"f:y":{},"f:z":{}},"f:list":{}}})"},
  };
  for (const Case& each : cases) {
    const auto configuration = parse_json(each.configuration).value();
    const auto set = fields_of(shape(each.type), configuration.root());
    ASSERT_TRUE(set) << each.configuration << set.error().message;
    EXPECT_EQ(text_of(*set), each.set) << each.configuration;
  }
}

TEST(FieldsOf, SaysAllThatIsWrongWithItsPath) {
  const auto configuration =
      parse_json(R"({"spec":{"containers":[{"name":"c","imge":"x"},{"name":"c"},{"image":"x"}],"volumes":"v","x":1}})");
  const auto set = fields_of(shape("core/v1.Pod"), configuration->root());
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, 500);
  EXPECT_EQ(set.error().message,
            "errors:\n  .spec.containers: element: associative list with keys has an element that omits key field "
            "\"name\" (and doesn't have default value)\n  .spec.volumes: expected list, got \"v\"\n  .spec.x: field "
            "not declared in schema");
}

TEST(CompareFields, TellsAddedModifiedAndRemoved) {
  struct Case {
    const char* type;
    const char* from;
    const char* to;
    const char* added;
    const char* modified;
    const char* removed;
  };
  const Case cases[] = {
      {"core/v1.ConfigMap", R"({"data":{"a":"1","b":"2"}})", R"({"data":{"b":"3","c":"4"}})",
       R"({"f:data":{"f:c":{}}})", R"({"f:data":{"f:b":{}}})", R"({"f:data":{"f:a":{}}})"},
      {"core/v1.ConfigMap", "{}", R"({"data":{"a":"1"}})", R"({"f:data":{".":{},"f:a":{}}})", "{}", "{}"},
      {"core/v1.Pod", R"({"spec":{"containers":[{"name":"a"},{"name":"b","image":"1"}]}})",
       R"({"spec":{"containers":[{"name":"b","image":"2"},{"name":"c"}]}})",
       R"({"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{}}}}})",
       R"({"f:spec":{"f:containers":{"k:{\"name\":\"b\"}":{"f:image":{}}}}})",
       R"({"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}}}}})"},
      {"core/v1.Pod", R"({"metadata":{"uid":"1","generation":1,"finalizers":["a"]}})",
       R"({"metadata":{"uid":"2","generation":2,"finalizers":["b"]}})",
       R"({"f:metadata":{"f:finalizers":{"v:\"b\"":{}}}})", "{}", R"({"f:metadata":{"f:finalizers":{"v:\"a\"":{}}}})"},
      {"apps/v1.Deployment", R"({"spec":{"selector":{"matchLabels":{"a":"b"}}}})",
       R"({"spec":{"selector":{"matchLabels":{"a":"c"}}}})", "{}", R"({"f:spec":{"f:selector":{}}})", "{}"},
      {"", R"({"a":[1],"b":{"c":1}})", R"({"a":[2],"b":5})", "{}", R"({"f:a":{},"f:b":{}})", "{}"},
      {"core/v1.Service", R"({"spec":{"ports":[{"port":1},{"port":1,"protocol":"UDP"}]}})",
       R"({"spec":{"ports":[{"port":1,"protocol":"UDP"},{"port":1,"protocol":"TCP","name":"x"}]}})",
       R"({"f:spec":{"f:ports":{"k:{\"port\":1,\"protocol\":\"TCP\"}":{"f:name":{},"f:protocol":{}}}}})", "{}", "{}"},
  };
  for (const Case& each : cases) {
    const auto from = parse_json(each.from).value();
    const auto to = parse_json(each.to).value();
    const Comparison diff = compare_fields(shape(each.type), &from.root(), &to.root());
    EXPECT_EQ(text_of(diff.added), each.added) << each.from << each.to;
    EXPECT_EQ(text_of(diff.modified), each.modified) << each.from << each.to;
    EXPECT_EQ(text_of(diff.removed), each.removed) << each.from << each.to;
  }
}

TEST(MergeConfiguration, KeepsTheOrderOfTheConfigurationAndThePlacesOfOthers) {
  struct Case {
    const char* live;
    const char* configuration;
    const char* merged;
  };
  const Case cases[] = {
      {"abc", "c", "abc"}, {"abc", "ca", "bca"}, {"ab", "xa", "xab"},   {"ab", "ax", "abx"},
      {"", "ab", "ab"},    {"ab", "", "ab"},     {"abc", "cba", "cba"},
  };
  const auto pod = [](std::string_view names) {
    std::string out = R"({"spec":{"containers":[)";
    for (std::size_t i = 0; i < names.size(); ++i) {
      out.append(i == 0 ? "" : ",").append(R"({"name":")").append(1, names[i]).append("\"}");
    }
    return out + "]}}";
  };
  for (const Case& each : cases) {
    auto live = parse_json(pod(each.live)).value();
    const auto configuration = parse_json(pod(each.configuration)).value();
    ASSERT_TRUE(merge_configuration(live, shape("core/v1.Pod"), live.root(), configuration.root()));
    EXPECT_EQ(text_of(live.root()), pod(each.merged)) << each.live << " and " << each.configuration;
  }
}

}  // namespace
}  // namespace troupe::api
