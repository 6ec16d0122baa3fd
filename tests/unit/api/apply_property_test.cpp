#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "api/apply.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {
namespace {

/// A plain model of ownership of flat values: paths to text, and sets of paths for each manager. Paths are of two
/// kinds: data keys of a ConfigMap ("d/k1"), and labels ("l/k1"). It knows nothing of documents, shapes and trees.
struct Model {
  using Values = std::map<std::string, std::string>;
  Values values;
  std::map<std::string, std::set<std::string>> appliers;
  std::map<std::string, std::set<std::string>> updaters;

  bool owned_by_others(const std::string& path, const std::string& me) const {
    for (const auto& [name, paths] : appliers) {
      if (name != me && paths.contains(path)) return true;
    }
    for (const auto& [name, paths] : updaters) {
      if (paths.contains(path)) return true;
    }
    return false;
  }

  void forget(const std::string& path, const std::string& applier) {
    for (auto& [name, paths] : appliers) {
      if (name != applier) paths.erase(path);
    }
    for (auto& [name, paths] : updaters) paths.erase(path);
  }

  /// The number of conflicts; with none or with force the application is done.
  std::size_t apply(const std::string& me, const Values& wanted, bool force) {
    std::size_t conflicts = 0;
    for (const auto& [path, value] : wanted) {
      const auto found = values.find(path);
      if (found != values.end() && found->second == value) continue;
      for (const auto& [name, paths] : appliers) conflicts += name != me && paths.contains(path);
      for (const auto& [name, paths] : updaters) conflicts += paths.contains(path);
    }
    if (conflicts != 0 && !force) return conflicts;
    for (const auto& [path, value] : wanted) {
      const auto found = values.find(path);
      if (found != values.end() && found->second == value) continue;
      forget(path, me);
      values[path] = value;
    }
    for (const std::string& path : appliers[me]) {
      if (!wanted.contains(path) && !owned_by_others(path, me)) values.erase(path);
    }
    appliers[me].clear();
    for (const auto& [path, value] : wanted) appliers[me].insert(path);
    return 0;
  }

  void update(const std::string& me, const Values& next) {
    const Values before = values;
    for (const auto& [path, value] : before) {
      if (!next.contains(path)) forget(path, "");
    }
    for (const auto& [path, value] : next) {
      const auto found = before.find(path);
      if (found != before.end() && found->second == value) continue;
      forget(path, "");
      updaters[me].insert(path);
    }
    values = next;
  }
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {
    kind_.kind = "ConfigMap";
    kind_.shape = shape_of(types().find("", "v1", "ConfigMap"));
    kind_.normalize = [](schema::Document object) -> ApiResult<schema::Document> { return object; };
    live_ = parse_json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","uid":"u"}})").value();
    // The first application makes the object tracked.
    apply("first", {}, false);
  }

  void step() {
    static constexpr const char* kNames[] = {"a", "b", "c"};
    const std::string me = kNames[random_() % 3];
    if (random_() % 3 != 0) return apply(me, some_values(), random_() % 3 == 0);
    Model::Values next = model_.values;
    for (const auto& [path, value] : some_values()) {
      if (random_() % 3 == 0) {
        next.erase(path);
      } else {
        next[path] = value;
      }
    }
    update(me, next);
  }

  void check() const {
    EXPECT_EQ(values_of(live_.root()), model_.values) << text();
    std::map<std::string, std::set<std::string>> appliers;
    std::map<std::string, std::set<std::string>> updaters;
    const auto managed = ManagedFields::read(live_.root().find("metadata")->find("managedFields"));
    ASSERT_TRUE(managed) << text();
    for (const ManagedEntry& entry : managed->entries()) {
      auto paths = paths_of(entry.set());
      if (!paths.empty()) (entry.applied ? appliers : updaters)[entry.manager] = std::move(paths);
    }
    EXPECT_EQ(appliers, without_empty(model_.appliers)) << text();
    EXPECT_EQ(updaters, without_empty(model_.updaters)) << text();
  }

 private:
  static const schema::TypeTable& types() {
    static const schema::TypeTable kTable = schema::TypeTable::built_in().value();
    return kTable;
  }

  static std::map<std::string, std::set<std::string>> without_empty(std::map<std::string, std::set<std::string>> all) {
    std::erase_if(all, [](const auto& each) { return each.second.empty(); });
    return all;
  }

  static std::set<std::string> paths_of(const FieldSet& set) {
    std::set<std::string> out;
    for (const std::string& path : path_texts(set)) {
      for (const auto& [prefix, name] :
           {std::pair<std::string, std::string>{".data.", "d/"}, {".metadata.labels.", "l/"}}) {
        if (path.starts_with(prefix)) out.insert(name + path.substr(prefix.size()));
      }
    }
    return out;
  }

  static Model::Values values_of(const schema::Node& object) {
    Model::Values out;
    const schema::Node* labels = object.find("metadata")->find("labels");
    for (const auto& [map, name] : {std::pair(object.find("data"), "d/"), std::pair(labels, "l/")}) {
      if (map == nullptr) continue;
      for (const schema::Member& member : map->members())
        out[name + std::string(member.key)] = member.value.as_string();
    }
    return out;
  }

  bool is_tracked() const { return live_.root().find("metadata")->find("managedFields") != nullptr; }

  std::string text() const {
    std::string out;
    append_json(live_.root(), out);
    return out;
  }

  Model::Values some_values() {
    Model::Values out;
    const std::size_t count = random_() % 5;
    for (std::size_t i = 0; i < count; ++i) {
      out[(random_() % 2 == 0 ? "d/k" : "l/k") + std::to_string(random_() % 5)] = "v" + std::to_string(random_() % 3);
    }
    return out;
  }

  static std::string manifest(const Model::Values& values) {
    std::string data;
    std::string labels;
    for (const auto& [path, value] : values) {
      std::string& to = path[0] == 'd' ? data : labels;
      to += (to.empty() ? "\"" : ",\"") + path.substr(2) + "\":\"" + value + "\"";
    }
    std::string out = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m")";
    if (!labels.empty()) out += ",\"labels\":{" + labels + "}";
    out += "}";
    if (!data.empty()) out += ",\"data\":{" + data + "}";
    return out + "}";
  }

  void apply(const std::string& me, const Model::Values& wanted, bool force) {
    const auto configuration = parse_json(manifest(wanted)).value();
    const Application application{configuration.root(), {me, "v1", "", "2026-01-01T00:00:00Z"}, force};
    auto done = apply_configuration(live_.root(), false, application, kind_);
    const Model before = model_;
    if (!is_tracked()) {
      for (const auto& [path, value] : model_.values) model_.updaters["before-first-apply"].insert(path);
    }
    const std::size_t conflicts = model_.apply(me, wanted, force);
    if (conflicts != 0) model_ = before;
    if (conflicts != 0) {
      ASSERT_FALSE(done) << text();
      EXPECT_EQ(done.error().code, 409);
      EXPECT_EQ(done.error().causes.size(), conflicts) << done.error().message << text();
      return;
    }
    ASSERT_TRUE(done) << done.error().message << text();
    live_ = std::move(*done);
  }

  void update(const std::string& me, const Model::Values& next) {
    auto object = parse_json(manifest(next)).value();
    ASSERT_TRUE(set_text(object, *object.root().find("metadata"), "uid", "u"));
    const Editor editor{me, "v1", "", "2026-01-01T00:00:00Z"};
    const auto tracked = track_update(object, live_.root(), false, kind_.shape, editor);
    ASSERT_TRUE(tracked) << tracked.error().message;
    if (is_tracked()) {
      model_.update(me, next);
    } else {
      model_.values = next;
    }
    live_ = std::move(object);
  }

  std::mt19937_64 random_;
  ApplyKind kind_;
  schema::Document live_;
  Model model_;
};

TEST(ApplyProperty, OwnersAndValuesAreThoseOfAPlainModel) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    for (int i = 0; i < 25 && !::testing::Test::HasFailure(); ++i) {
      world.step();
      world.check();
    }
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace troupe::api
