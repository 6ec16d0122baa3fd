#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/api_harness.hpp"
#include "fuzz/harness.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/yaml.hpp"
#include "schema/type_table.hpp"
#include "tests/unit/schema/codec/object_maker.hpp"

namespace {

/// A function of inputs, and the pieces that its inputs are likely made of.
struct Target {
  std::string_view name;
  void (*run)(std::string_view);
  std::span<const std::string_view> pieces;
};

constexpr std::string_view kTextPieces[] = {"{",    "}",    "[",  "]",  "\"",    ":",    ",",     "&a ",
                                            "*a",   "<<: ", "- ", "\n", "  ",    "null", "1e400", "\\ud800",
                                            "\xff", "|\n",  "%",  "0x", "---\n", "? "};
constexpr std::string_view kRequestPieces[] = {"\r\n",
                                               "/",
                                               "%2f",
                                               "%",
                                               "?",
                                               "&",
                                               "=",
                                               "continue=",
                                               "limit=1",
                                               "watch=true",
                                               "q=0.5",
                                               ",",
                                               ";as=Table;v=v1;g=meta.k8s.io",
                                               "resourceVersion=",
                                               "resourceVersionMatch=Exact",
                                               "labelSelector=a in (b)",
                                               "fieldSelector=metadata.name=m",
                                               "PATCH ",
                                               "PUT ",
                                               "DELETE ",
                                               "GET ",
                                               "Host: h\r\n",
                                               "Transfer-Encoding: chunked\r\n",
                                               "\xff",
                                               " ",
                                               "..",
                                               "*/*",
                                               "/status",
                                               "/scale",
                                               "dryRun=All",
                                               "fieldManager=f",
                                               "gracePeriodSeconds=0"};
constexpr std::string_view kPatchPieces[] = {"{",
                                             "}",
                                             "[",
                                             "]",
                                             "\"",
                                             ":",
                                             ",",
                                             "null",
                                             "\"$patch\":\"delete\",",
                                             "\"$patch\":\"replace\",",
                                             "\"$setElementOrder/containers\":[{\"name\":\"c\"}],",
                                             "\"$retainKeys\":[\"type\"],",
                                             "\"$deleteFromPrimitiveList/finalizers\":[\"x/y\"],",
                                             "\"op\":\"move\",",
                                             "\"op\":\"test\",",
                                             "\"from\":\"/spec\",",
                                             "/-",
                                             "~1",
                                             "~0",
                                             "\"metadata\":",
                                             "\"spec\":",
                                             "\"managedFields\":[{}],",
                                             "\"resourceVersion\":\"1\",",
                                             "1e400",
                                             "\xff",
                                             "\"labels\":{\"a\":null},",
                                             "\"ports\":[{\"port\":80}],"};
constexpr std::string_view kSelectorPieces[] = {
    " in (", " notin (", ")", "!", "=", "==", "!=", ",", ">", "<", "a/b", "\\", " ", "\xff", "metadata.name=", "5"};

constexpr Target kTargets[] = {
    {"json", troupe::fuzz::fuzz_json, kTextPieces},         {"yaml", troupe::fuzz::fuzz_yaml, kTextPieces},
    {"protobuf", troupe::fuzz::fuzz_protobuf, kTextPieces}, {"request", troupe::fuzz::fuzz_request, kRequestPieces},
    {"patch", troupe::fuzz::fuzz_patch, kPatchPieces},      {"selector", troupe::fuzz::fuzz_selector, kSelectorPieces}};

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Objects of types spread over the table, in the target's form; two bytes in front choose the type.
std::vector<std::string> made_inputs(std::string_view target) {
  using namespace troupe::schema;
  const TypeTable table = TypeTable::built_in().value();
  std::vector<std::string> inputs;
  if (target != "json" && target != "yaml" && target != "protobuf") return inputs;
  for (std::size_t i = 0; i < table.types().size(); i += 13) {
    const Type& type = *table.types()[i];
    if (type.form == TypeForm::kIntOrString) continue;
    const std::string json = ObjectMaker(i).make(type, 3);
    const std::string prefix = {static_cast<char>(i / 256), static_cast<char>(i % 256)};
    if (target == "json") {
      inputs.push_back(prefix + json);
      continue;
    }
    Diagnostics diagnostics;
    JsonDecoder decoder;
    Document document;
    StoredBuilder stored;
    if (!decoder.parse(json, document, diagnostics) || !decoder.decode(json, type, stored, diagnostics)) continue;
    ByteBuffer yaml;
    encode_yaml(document.root(), yaml);
    BackBuffer message;
    encode_protobuf(type, StructView::root(stored.words()), {}, message);
    inputs.push_back(target == "yaml" ? std::string(yaml.view()) : prefix + std::string(message.view()));
    const Words words = stored.words();
    if (target == "protobuf")
      inputs.push_back(prefix + std::string(reinterpret_cast<const char*>(words.data()), words.size_bytes()));
  }
  return inputs;
}

void mutate(std::string& text, std::span<const std::string_view> pieces, std::mt19937_64& random) {
  for (std::uint64_t n = 1 + random() % 4; n > 0; --n) {
    const std::size_t at = text.empty() ? 0 : random() % text.size();
    switch (random() % 5) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(random());
        break;
      case 1:
        text.insert(at, pieces[random() % pieces.size()]);
        break;
      case 2:
        text.erase(at, 1 + random() % 8);
        break;
      case 3:
        text.insert(at, text.substr(random() % (text.size() + 1), random() % 32));
        break;
      default:
        if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << random() % 8));
        break;
    }
  }
}

}  // namespace

/// fuzz_driver TARGET INPUTS SEED [CORPUS...]: a fixed number of inputs, the same ones each time.
int main(int argc, char** argv) {
  if (argc < 4) return 1;
  const auto* target = std::find_if(std::begin(kTargets), std::end(kTargets),
                                    [&](const Target& one) { return one.name == std::string_view(argv[1]); });
  if (target == std::end(kTargets)) return 1;
  const auto count = static_cast<std::size_t>(std::atoll(argv[2]));
  const auto seed = static_cast<std::uint64_t>(std::atoll(argv[3]));
  std::vector<std::string> inputs = made_inputs(target->name);
  for (int i = 4; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) inputs.push_back(file_text(entry.path()));
  }
  for (const std::string& input : inputs) target->run(input);
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < count; ++i) {
    std::string input = inputs[random() % inputs.size()];
    if (input.size() > 4096) input.resize(4096);
    mutate(input, target->pieces, random);
    target->run(input);
  }
  std::printf("%zu inputs and %zu mutations, seed %llu\n", inputs.size(), count, static_cast<unsigned long long>(seed));
  return 0;
}
