#include "fuzz/harness.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "schema/codec/frame.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/value.hpp"
#include "schema/codec/yaml.hpp"

namespace troupe::fuzz {

namespace {

using namespace schema;

const TypeTable& table() {
  static const TypeTable built = TypeTable::built_in().value();
  return built;
}

Limits limits() {
  Limits small;
  small.max_bytes = 8 << 20;
  small.max_nodes = 1 << 18;
  small.max_alias_nodes = 1 << 14;
  return small;
}

void check(bool fine, const char* what, std::string_view text = {}) {
  if (fine) return;
  std::fprintf(stderr, "fuzz: %s: %s\n", what, std::string(text).c_str());
  std::abort();
}

/// Unions of JSON forms (a schema or a list of them) exist as members only: as a whole object they can be absent, which
/// no object is.
std::vector<const Type*> object_types() {
  std::vector<const Type*> kept;
  for (const Type* type : table().types())
    if (type->form == TypeForm::kObject) kept.push_back(type);
  return kept;
}

/// The type that the first bytes choose, and the input without them.
const Type& choose(std::string_view& input) {
  static const std::vector<const Type*> types = object_types();
  std::size_t at = 0;
  for (int i = 0; i < 2 && !input.empty(); ++i, input.remove_prefix(1))
    at = at * 256 + static_cast<unsigned char>(input[0]);
  return *types[at % types.size()];
}

std::string to_json(const Type& type, const StoredBuilder& stored) {
  ByteBuffer out;
  encode_json(type, StructView::root(stored.words()), {}, out);
  return std::string(out.view());
}

/// An object of ours must pass our check, and its JSON must give the same object again.
void check_stored_object(const Type& type, const StoredBuilder& stored) {
  check(check_stored(type, stored.words(), limits()).has_value(), "an object of ours is refused");
  const std::string first = to_json(type, stored);
  check(is_json(first), "no JSON", first);
  StoredBuilder again(limits().max_bytes * 4);
  Diagnostics diagnostics(Strictness::kStrict);
  Limits wide = limits();
  wide.max_bytes *= 4;
  JsonDecoder decoder(wide);
  const Status status = decoder.decode(first, type, again, diagnostics);
  check(status.has_value(), "own JSON is refused", status ? "" : status.error().message + first);
  // Raw JSON of no bytes is written as null, as Go writes it, and null reads as absent.
  if (first.find(":null") != std::string::npos) return;
  check(to_json(type, again) == first, "JSON changes on the way", first);
}

}  // namespace

void fuzz_json(std::string_view input) {
  const Type& type = choose(input);
  JsonDecoder decoder(limits());
  Diagnostics diagnostics(Strictness::kWarn);
  StoredBuilder stored(limits().max_bytes);
  const bool decoded = decoder.decode(input, type, stored, diagnostics).has_value();
  if (decoded) check_stored_object(type, stored);
  Document document(limits());
  Diagnostics quiet(Strictness::kWarn);
  if (!decoder.parse(input, document, quiet)) return;
  // Decoded in one pass and by way of a tree: the same, where no key stands twice (a tree has only the last).
  StoredBuilder roundabout(limits().max_bytes);
  Diagnostics warnings(Strictness::kWarn);
  const bool also = decode_node(document.root(), type, limits(), roundabout, warnings).has_value();
  if (quiet.findings().empty()) {
    check(decoded == also, "only one of two ways decodes it", input);
    check(!decoded || to_json(type, stored) == to_json(type, roundabout), "two ways give two objects", input);
  }
  ByteBuffer text;
  encode_json(document.root(), text);
  Document again(limits());
  check(decoder.parse(text.view(), again, quiet).has_value(), "a document's JSON is refused", text.view());
  check(same_value(document.root(), again.root()), "a document changes on the way", text.view());
  Value(document.root(), &type).find("metadata.labels[a].b[0]");
}

void fuzz_yaml(std::string_view input) {
  YamlReader reader(input, limits());
  Document document(limits());
  Diagnostics diagnostics(Strictness::kWarn);
  for (;;) {
    const auto more = reader.next(document, diagnostics);
    if (!more || !*more) return;
    ByteBuffer json;
    encode_json(document.root(), json);
    check(is_json(json.view()), "no JSON", json.view());
    ByteBuffer text;
    encode_yaml(document.root(), text);
    Document again(limits());
    Diagnostics quiet;
    const auto read = YamlReader(text.view(), limits()).next(again, quiet);
    check(read.has_value() && *read, "own YAML is refused", text.view());
    check(same_value(document.root(), again.root()), "YAML changes on the way", text.view());
  }
}

void fuzz_protobuf(std::string_view input) {
  if (is_enveloped(input)) {
    static_cast<void>(open_envelope(input));
    return;
  }
  std::string_view stream = input;
  static_cast<void>(next_watch_frame(stream, 1 << 20));
  std::string_view frames = input;
  static_cast<void>(next_frame(frames));
  const Type& type = choose(input);
  StoredBuilder stored(limits().max_bytes);
  Diagnostics diagnostics;
  if (decode_protobuf(input, type, limits(), stored, diagnostics)) {
    check_stored_object(type, stored);
    BackBuffer first;
    encode_protobuf(type, StructView::root(stored.words()), {}, first);
    StoredBuilder again(limits().max_bytes * 4);
    Limits wide = limits();
    wide.max_bytes *= 4;
    check(decode_protobuf(first.view(), type, wide, again, diagnostics).has_value(), "own protobuf is refused");
    BackBuffer second;
    encode_protobuf(type, StructView::root(again.words()), {}, second);
    check(first.view() == second.view(), "protobuf changes on the way");
  }
  // The same bytes as a segment that comes from outside.
  std::string aligned(input.substr(0, input.size() / 8 * 8));
  std::vector<std::uint64_t> words(aligned.size() / 8);
  if (!words.empty()) std::memcpy(words.data(), aligned.data(), aligned.size());
  if (!check_stored(type, words, limits())) return;
  ByteBuffer json;
  encode_json(type, StructView::root(words), {}, json);
  check(is_json(json.view()), "no JSON of a segment", json.view());
}

}  // namespace troupe::fuzz
