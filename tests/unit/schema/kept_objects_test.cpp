// Objects that earlier releases stored, kept as bytes in tests/fixtures/schema/objects: every release must read them as
// they were. To add some (never to change one), list the kind below and run with TROUPE_ADD_FIXTURES=1.
#include <gmock/gmock.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "schema/carry_unknown.hpp"
#include "schema/codec/json.hpp"
#include "tests/unit/schema/codec/object_maker.hpp"

namespace troupe::schema {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstKinds[] = {"core/v1.Pod",
                                            "core/v1.Service",
                                            "core/v1.Secret",
                                            "core/v1.Event",
                                            "core/v1.Node",
                                            "core/v1.PersistentVolumeClaim",
                                            "apps/v1.Deployment",
                                            "apps/v1.StatefulSet",
                                            "batch/v1.Job",
                                            "rbac/v1.ClusterRole",
                                            "coordination/v1.Lease",
                                            "autoscaling/v2.HorizontalPodAutoscaler",
                                            "networking/v1.Ingress",
                                            "resource/v1.DeviceClass",
                                            "apiextensions/v1.CustomResourceDefinition"};

const TypeTable& table() {
  static const TypeTable built = TypeTable::built_in().value();
  return built;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::uint64_t> words_of(const std::string& bytes) {
  std::vector<std::uint64_t> words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), words.size() * 8);
  return words;
}

std::string json_of(const Type& type, const std::vector<std::uint64_t>& words) {
  ByteBuffer out;
  encode_json(type, StructView::root(words), {}, out);
  return std::string(out.view());
}

fs::path file_of(std::string_view type, const char* extension) {
  std::string name(type);
  for (char& c : name) c = c == '/' ? '_' : c;
  return fs::path(TROUPE_KEPT_OBJECTS) / (name + extension);
}

void add(std::string_view name) {
  const Type& type = *table().find(name);
  if (fs::exists(file_of(name, ".bin"))) return;
  JsonDecoder decoder;
  StoredBuilder stored;
  Diagnostics diagnostics;
  ASSERT_TRUE(decoder.decode(ObjectMaker(136).make(type, 4), type, stored, diagnostics)) << name;
  const std::vector<std::uint64_t> words(stored.words().begin(), stored.words().end());
  fs::create_directories(TROUPE_KEPT_OBJECTS);
  std::ofstream(file_of(name, ".bin"), std::ios::binary)
      .write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(words.size() * 8));
  std::ofstream(file_of(name, ".json")) << json_of(type, words) << '\n';
}

TEST(KeptObjects, ReadAsTheyWereWritten) {
  if (std::getenv("TROUPE_ADD_FIXTURES") != nullptr) {
    for (const std::string_view name : kFirstKinds) add(name);
  }
  for (const std::string_view name : kFirstKinds) {
    const std::string bytes = read(file_of(name, ".bin"));
    ASSERT_FALSE(bytes.empty()) << name;
    EXPECT_EQ(json_of(*table().find(name), words_of(bytes)) + "\n", read(file_of(name, ".json"))) << name;
  }
}

TEST(KeptObjects, LoseNothingWhenTheyAreRewritten) {
  for (const std::string_view name : kFirstKinds) {
    const Type& type = *table().find(name);
    const auto before = words_of(read(file_of(name, ".bin")));
    JsonDecoder decoder;
    StoredBuilder stored;
    Diagnostics diagnostics;
    ASSERT_TRUE(decoder.decode(json_of(type, before), type, stored, diagnostics)) << name;
    std::vector<std::uint64_t> after(stored.words().begin(), stored.words().end());
    std::vector<std::uint64_t> merged;
    if (carry_unknown(type, before, after, merged)) after = merged;
    EXPECT_EQ(json_of(type, after), json_of(type, before)) << name;
  }
}

}  // namespace
}  // namespace troupe::schema
