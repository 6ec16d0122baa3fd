#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "fuzz/harness.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/yaml.hpp"
#include "schema/type_table.hpp"
#include "tests/unit/schema/codec/object_maker.hpp"

namespace {

using Target = void (*)(std::string_view);

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Objects of types spread over the table, in the target's form; two bytes in front choose the type.
std::vector<std::string> made_inputs(const std::string& target) {
  using namespace troupe::schema;
  const TypeTable table = TypeTable::built_in().value();
  std::vector<std::string> inputs;
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

void mutate(std::string& text, std::mt19937_64& random) {
  constexpr const char* kPieces[] = {"{",  "}",  "[",    "]",     "\"",      ":",    ",",   "&a ", "*a", "<<: ",  "- ",
                                     "\n", "  ", "null", "1e400", "\\ud800", "\xff", "|\n", "%",   "0x", "---\n", "? "};
  for (std::uint64_t n = 1 + random() % 4; n > 0; --n) {
    const std::size_t at = text.empty() ? 0 : random() % text.size();
    switch (random() % 5) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(random());
        break;
      case 1:
        text.insert(at, kPieces[random() % std::size(kPieces)]);
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

/// fuzz_driver json|yaml|protobuf INPUTS SEED [CORPUS...]: a fixed number of inputs, the same ones each time.
int main(int argc, char** argv) {
  if (argc < 4) return 1;
  const std::string name = argv[1];
  const Target target = name == "json"   ? troupe::fuzz::fuzz_json
                        : name == "yaml" ? troupe::fuzz::fuzz_yaml
                                         : troupe::fuzz::fuzz_protobuf;
  const auto count = static_cast<std::size_t>(std::atoll(argv[2]));
  const auto seed = static_cast<std::uint64_t>(std::atoll(argv[3]));
  std::vector<std::string> inputs = made_inputs(name);
  for (int i = 4; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) inputs.push_back(file_text(entry.path()));
  }
  for (const std::string& input : inputs) target(input);
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < count; ++i) {
    std::string input = inputs[random() % inputs.size()];
    if (input.size() > 4096) input.resize(4096);
    mutate(input, random);
    target(input);
  }
  std::printf("%zu inputs and %zu mutations, seed %llu\n", inputs.size(), count, static_cast<unsigned long long>(seed));
  return 0;
}
