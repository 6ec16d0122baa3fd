#include "api/patch.hpp"

#include <gtest/gtest.h>

#include <span>

#include "api/object_codec.hpp"
#include "schema/type_table.hpp"

namespace troupe::api {
namespace {

const schema::TypeTable& types() {
  static const schema::TypeTable kTable = schema::TypeTable::built_in().value();
  return kTable;
}

std::string text_of(const schema::Document& document) {
  std::string out;
  append_json(document.root(), out);
  return out;
}

struct Case {
  const char* name;
  const char* object;
  const char* patch;
  const char* result;  ///< Null: it must be refused.
};

void expect_result(const Case& each, const schema::Document& object, const ApiStatus& applied) {
  if (each.result == nullptr) {
    EXPECT_FALSE(applied) << each.name;
    return;
  }
  ASSERT_TRUE(applied) << each.name << ": " << applied.error().message;
  const auto wanted = parse_json(each.result);
  ASSERT_TRUE(wanted) << each.name;
  EXPECT_TRUE(schema::same_value(object.root(), wanted->root())) << each.name << " gave " << text_of(object);
}

TEST(JsonPatch, DoesWhatRfc6902Says) {
  const Case cases[] = {
      {"add a member", R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
      {"add to the end", R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])", R"({"a":[1,2]})"},
      {"insert", R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
      {"replace", R"({"a":{"b":1}})", R"([{"op":"replace","path":"/a/b","value":[]}])", R"({"a":{"b":[]}})"},
      {"remove an item", R"({"a":[1,2]})", R"([{"op":"remove","path":"/a/0"}])", R"({"a":[2]})"},
      {"escaped names", R"({"a/b":1,"m~n":2})", R"([{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"}])",
       "{}"},
      {"move", R"({"a":{"x":1},"b":{}})", R"([{"op":"move","from":"/a/x","path":"/b/y"}])", R"({"a":{},"b":{"y":1}})"},
      {"copy is deep", R"({"a":{"x":1}})",
       R"([{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/b/x","value":2}])",
       R"({"a":{"x":1},"b":{"x":2}})"},
      {"test holds", R"({"a":1.0})", R"([{"op":"test","path":"/a","value":1}])", R"({"a":1})"},
      {"test fails", R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])", nullptr},
      {"replace what is not there", "{}", R"([{"op":"replace","path":"/a","value":1}])", nullptr},
      {"index over the end", R"({"a":[]})", R"([{"op":"add","path":"/a/1","value":1}])", nullptr},
      {"leading zero", R"({"a":[1,2]})", R"([{"op":"remove","path":"/a/01"}])", nullptr},
      {"into itself", R"({"a":{}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", nullptr},
      {"no list", "{}", "{}", nullptr},
      {"unknown op", "{}", R"([{"op":"swap","path":"/a","value":1}])", nullptr},
  };
  for (const Case& each : cases) {
    auto object = parse_json(each.object);
    const auto patch = parse_json(each.patch);
    expect_result(each, *object, apply_json_patch(*object, patch->root()));
  }
}

TEST(JsonPatch, HasLimits) {
  auto object = parse_json(R"({"a":[1]})").value();
  std::string many = "[";
  for (int i = 0; i < 10'001; ++i) many += std::string(i == 0 ? "" : ",") + R"({"op":"test","path":"/a/0","value":1})";
  const auto over = apply_json_patch(object, parse_json(many + "]").value().root());
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, 413);
  std::string doubling = "[";  // each copies the list into itself
  for (int i = 0; i < 64; ++i)
    doubling += std::string(i == 0 ? "" : ",") + R"({"op":"copy","from":"/a","path":"/a/-"})";
  const auto bomb = apply_json_patch(object, parse_json(doubling + "]").value().root());
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, 413);
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
}

TEST(MergePatch, DoesWhatRfc7386Says) {
  const Case cases[] = {
      {"set and remove", R"({"a":"b","c":{"d":"e","f":"g"}})", R"({"a":"z","c":{"f":null}})",
       R"({"a":"z","c":{"d":"e"}})"},
      {"lists are replaced", R"({"a":[1,2]})", R"({"a":[3]})", R"({"a":[3]})"},
      {"object over scalar", R"({"a":1})", R"({"a":{"b":1,"c":null}})", R"({"a":{"b":1}})"},
      {"no object", "{}", "[]", nullptr},
  };
  for (const Case& each : cases) {
    auto object = parse_json(each.object);
    const auto patch = parse_json(each.patch);
    expect_result(each, *object, apply_merge_patch(*object, patch->root()));
  }
}

void expect_strategic(std::span<const Case> cases) {
  const schema::Type* pod = types().find("", "v1", "Pod");
  ASSERT_NE(pod, nullptr);
  for (const Case& each : cases) {
    auto object = parse_json(each.object);
    const auto patch = parse_json(each.patch);
    expect_result(each, *object, apply_strategic_merge_patch(*object, patch->root(), *pod));
  }
}

TEST(StrategicMergePatch, MergesListsByTheKeysOfTheType) {
  const Case cases[] = {
      {"an item by its key", R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}})",
       R"({"spec":{"containers":[{"name":"b","image":"2"}]}})",
       R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}})"},
      {"a new item", R"({"spec":{"containers":[{"name":"a"}]}})", R"({"spec":{"containers":[{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"b"},{"name":"a"}]}})"},
      {"two items of one key", R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"a","image":"2"}]}})",
       R"({"spec":{"containers":[{"name":"a","image":"3"}]}})",
       R"({"spec":{"containers":[{"name":"a","image":"3"},{"name":"a","image":"2"}]}})"},
      {"delete an item", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"a","$patch":"delete"}]}})", R"({"spec":{"containers":[{"name":"b"}]}})"},
      {"replace the list", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}})", R"({"spec":{"containers":[{"name":"c"}]}})"},
      {"order", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"b"},{"name":"a"}],"containers":[{"name":"c"}]}})",
       R"({"spec":{"containers":[{"name":"c"},{"name":"b"},{"name":"a"}]}})"},
      {"scalars merge as a set", R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"finalizers":["b","c"]}})",
       R"({"metadata":{"finalizers":["a","b","c"]}})"},
      {"delete from a list of scalars", R"({"metadata":{"finalizers":["a","b"]}})",
       R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})", R"({"metadata":{"finalizers":["b"]}})"},
      {"an atomic list is replaced", R"({"spec":{"containers":[{"name":"a","args":["1","2"]}]}})",
       R"({"spec":{"containers":[{"name":"a","args":["3"]}]}})",
       R"({"spec":{"containers":[{"name":"a","args":["3"]}]}})"},
      {"retain keys", R"({"spec":{"volumes":[{"name":"v","emptyDir":{}}]}})",
       R"({"spec":{"volumes":[{"name":"v","$retainKeys":["name","hostPath"],"hostPath":{"path":"/x"}}]}})",
       R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}})"},
      {"null removes", R"({"metadata":{"labels":{"a":"1","b":"2"}}})", R"({"metadata":{"labels":{"a":null}}})",
       R"({"metadata":{"labels":{"b":"2"}}})"},
      {"replace an object", R"({"metadata":{"labels":{"a":"1"}}})",
       R"({"metadata":{"labels":{"$patch":"replace","b":"2"}}})", R"({"metadata":{"labels":{"b":"2"}}})"},
      {"nulls of new objects are dropped", "{}", R"({"spec":{"nodeName":null,"hostname":"h"}})",
       R"({"spec":{"hostname":"h"}})"},
  };
  expect_strategic(cases);
}

TEST(StrategicMergePatch, ObeysDirectives) {
  const Case cases[] = {
      {"a replaced list keeps no item that says so", R"({"spec":{"containers":[{"name":"a"}]}})",
       R"({"spec":{"containers":[{"name":"x","$patch":"replace"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"b"}]}})"},
      {"delete every item of a key", R"({"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"a"}]}})",
       R"({"spec":{"containers":[{"$patch":"delete","name":"a"},{"name":"c"}]}})",
       R"({"spec":{"containers":[{"name":"c"},{"name":"b"}]}})"},
      {"delete what is not there", R"({"spec":{"containers":[{"name":"a"}]}})",
       R"({"spec":{"containers":[{"$patch":"delete","name":"z"}]}})", R"({"spec":{"containers":[{"name":"a"}]}})"},
      {"order alone", R"({"spec":{"containers":[{"name":"a"},{"name":"x"},{"name":"b"}]}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}})",
       R"({"spec":{"containers":[{"name":"x"},{"name":"b"},{"name":"a"}]}})"},
      {"order of scalars", R"({"metadata":{"finalizers":["a","b"]}})",
       R"({"metadata":{"$setElementOrder/finalizers":["c","b","a"],"finalizers":["c"]}})",
       R"({"metadata":{"finalizers":["c","b","a"]}})"},
      {"a merging directive is the usual", R"({"metadata":{"labels":{"a":"1"}}})",
       R"({"metadata":{"labels":{"$patch":"merge","b":"2"}}})", R"({"metadata":{"labels":{"a":"1","b":"2"}}})"},
      {"delete an object", R"({"spec":{"nodeSelector":{"a":"1"},"hostname":"h"}})",
       R"({"spec":{"nodeSelector":{"$patch":"delete"}}})", R"({"spec":{"hostname":"h"}})"},
      {"delete from a list that is not there", "{}", R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})",
       R"({"metadata":{}})"},
      {"items merge in depth", R"({"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"2"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"2"},{"name":"X","value":"1"}]}]}})"},
  };
  expect_strategic(cases);
}

TEST(StrategicMergePatch, RefusesWhatContradictsItself) {
  const Case cases[] = {
      {"retain keys that are no list", "{}", R"({"spec":{"$retainKeys":"x"}})", nullptr},
      {"set what is not retained", "{}", R"({"spec":{"$retainKeys":["a"],"hostname":"h"}})", nullptr},
      {"delete from what is no list", "{}", R"({"metadata":{"$deleteFromPrimitiveList/finalizers":"a"}})", nullptr},
      {"an order that is no list", "{}", R"({"metadata":{"$setElementOrder/finalizers":"a"}})", nullptr},
      {"an item that merges", "{}", R"({"spec":{"containers":[{"name":"a","$patch":"merge"}]}})", nullptr},
      {"delete without the key", "{}", R"({"spec":{"containers":[{"$patch":"delete"}]}})", nullptr},
      {"an item that is no object", "{}", R"({"spec":{"containers":["a"]}})", nullptr},
      {"an item without its key", "{}", R"({"spec":{"containers":[{"image":"x"}]}})", nullptr},
      {"an unknown directive", "{}", R"({"spec":{"$patch":"twist"}})", nullptr},
  };
  expect_strategic(cases);
}

}  // namespace
}  // namespace troupe::api
