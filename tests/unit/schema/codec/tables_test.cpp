#include <gmock/gmock.h>

#include <bit>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "schema/codec/json.hpp"
#include "schema/codec/json_text.hpp"
#include "schema/codec/quantity.hpp"
#include "schema/codec/time.hpp"
#include "schema/codec/yaml.hpp"

namespace troupe::schema {
namespace {

/// The rows of a table under tests/fixtures/codec: what Kubernetes' own libraries answered. "!" is a refusal.
std::vector<std::vector<std::string>> rows(const std::string& name) {
  std::ifstream file(std::filesystem::path(TROUPE_FIXTURES) / "codec" / name);
  std::vector<std::vector<std::string>> all;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> row(1);
    for (const char c : line) {
      if (c == '\t') {
        row.emplace_back();
      } else {
        row.back().push_back(c);
      }
    }
    all.push_back(std::move(row));
  }
  EXPECT_GT(all.size(), 40U) << name;
  return all;
}

std::string parse_string(const std::string& json) {
  Document document;
  Diagnostics diagnostics;
  EXPECT_TRUE(JsonDecoder().parse(json, document, diagnostics));
  return std::string(document.root().as_string());
}

TEST(Quantities, AreCanonicalAsInKubernetes) {
  for (const auto& row : rows("quantities.tsv")) {
    const auto quantity = Quantity::parse(row[0]);
    // Kubernetes has no suffix for 10²¹ and writes "1" for 1000E; see the next test.
    if (row[0].back() == 'E' && quantity && std::abs(quantity->approximate()) >= 1e21) continue;
    EXPECT_EQ(canonical_quantity(row[0]).value_or("!"), row[1]) << row[0];
    if (!quantity || row.size() < 4) continue;
    EXPECT_EQ(canonical_quantity(quantity->to_string()).value(), quantity->to_string()) << row[0];
    EXPECT_TRUE(Quantity::parse(row[1]).value() == *quantity) << row[0];
    // For negative fractions of a binary unit its Value() overflows inside and is any number.
    if (quantity->sign() >= 0 && quantity->approximate() < 9e12) {
      EXPECT_EQ(std::to_string(quantity->value()), row[2]) << row[0];
      EXPECT_EQ(std::to_string(quantity->milli_value()), row[3]) << row[0];
    }
  }
}

TEST(Quantities, KeepWhatIsBeyondTheLargestSuffix) {
  EXPECT_EQ(Quantity::parse("1000E")->to_string(), "1000E");
  EXPECT_EQ(Quantity::parse("1e600").error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(Quantity::parse(std::string(300, '1')));
}

TEST(Quantities, AddSubtractAndCompareExactly) {
  Quantity sum = Quantity::parse("100m").value();
  sum.add(Quantity::parse("1.9").value());
  EXPECT_EQ(sum.to_string(), "2");
  sum.subtract(Quantity::parse("3").value());
  EXPECT_EQ(sum.to_string(), "-1");
  EXPECT_LT(sum, Quantity());
  EXPECT_EQ(Quantity::parse("1Ki").value(), Quantity::parse("1024").value());
  EXPECT_GT(Quantity::parse("1Ki").value(), Quantity::parse("1k").value());
  Quantity memory = Quantity::parse("1Gi").value();
  memory.subtract(Quantity::parse("512Mi").value());
  EXPECT_EQ(memory.to_string(), "512Mi");
}

TEST(YamlScalars, ResolveAsGoYamlDoes) {
  for (const auto& row : rows("yaml_scalars.tsv")) {
    Document document;
    Diagnostics diagnostics;
    const std::string text = "a: " + row[0] + "\n";
    const auto read = YamlReader(text).next(document, diagnostics);
    std::string got = "!";
    const Node* value = read && *read ? document.root().find("a") : nullptr;
    if (value != nullptr) {
      ByteBuffer out;
      encode_json(*value, out);
      got = out.view();
    }
    if (got == row[1]) continue;
    // Beyond what a double holds exactly the digits may differ, not the value.
    const bool both_numbers = value != nullptr && value->kind() == Node::Kind::kDouble && row[1] != "!" &&
                              std::strtod(row[1].c_str(), nullptr) == value->as_double();
    EXPECT_TRUE(both_numbers) << "a: " << row[0] << " became " << got << ", not " << row[1];
  }
}

TEST(YamlStrings, AreWrittenAsGoYamlWritesThem) {
  for (const auto& row : rows("yaml_strings.tsv")) {
    const std::string text = parse_string(row[0]);
    if (text == "\xe2\x80\xa8" || text == "\xc2\x85") continue;  // line breaks of YAML 1.1: we write their escapes
    Document document;
    Node root = document.make_object().value();
    ASSERT_TRUE(document.set(root, "k", document.make_string(text).value()));
    ByteBuffer out;
    encode_yaml(root, out);
    EXPECT_EQ(out.view(), parse_string(row[1])) << row[0];
  }
}

TEST(YamlStrings, WithEscapesOfOneLetterAreReadBack) {
  const std::string text = "a\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xc2\xa0\xe7\xa1\x9f\x1b\x07z";
  YamlReader reader(R"(k: "a\N\L\P\_\u785f\e\az")");
  Document document;
  Diagnostics diagnostics;
  const auto read = reader.next(document, diagnostics);
  ASSERT_TRUE(read.has_value() && *read) << (read ? "" : read.error().message);
  EXPECT_EQ(document.root().find("k")->as_string(), text);
  ByteBuffer out;
  encode_yaml(document.root(), out);
  Document again;
  ASSERT_TRUE(YamlReader(out.view()).next(again, diagnostics).value_or(false)) << out.view();
  EXPECT_EQ(again.root().find("k")->as_string(), text) << out.view();
}

TEST(Times, AreReadAndWrittenAsInKubernetes) {
  for (const auto& row : rows("times.tsv")) {
    const auto instant = parse_time(row[0]);
    std::string got = "!";
    if (instant) {
      got = "\"";
      append_time(got, instant->seconds);
      got += '"';
    }
    if (row[1] == "null") {
      ASSERT_TRUE(instant);
      EXPECT_EQ(instant->seconds, kGoZeroTimeSeconds);
    } else {
      EXPECT_EQ(got, row[1]) << row[0];
    }
  }
  std::string micro;
  append_micro_time(micro, -1);
  EXPECT_EQ(micro, "1969-12-31T23:59:59.999999Z");
}

TEST(Durations, AreReadAndWrittenAsGoDoes) {
  for (const auto& row : rows("durations.tsv")) {
    const auto nanos = parse_duration(row[0]);
    EXPECT_EQ(nanos ? std::to_string(*nanos) : "!", row[1]) << row[0];
    if (!nanos || row.size() < 3) continue;
    std::string text;
    append_duration(text, *nanos);
    EXPECT_EQ(text, row[2]) << row[0];
  }
}

TEST(Floats, AreWrittenAsGoDoes) {
  for (const auto& row : rows("floats.tsv")) {
    std::uint64_t bits = 0;
    std::from_chars(row[0].data(), row[0].data() + row[0].size(), bits, 16);
    ByteBuffer out;
    append_json_double(out, std::bit_cast<double>(bits));
    EXPECT_EQ(out.view(), row[1]) << row[0];
  }
}

TEST(JsonStrings, AreEscapedAsGoDoes) {
  ByteBuffer out;
  append_json_string(out, "<a href=\"x\">&\\/\b\f\n\r\t\x01\x7f\xe2\x80\xa8\xe2\x80\xa9\xff\xc3\xa4");
  EXPECT_THAT(std::string(out.view()), testing::StartsWith(R"("\u003ca href=\"x\"\u003e\u0026\\/\b\f\n\r\t\u0001)"
                                                           "\x7f"
                                                           R"(\u2028\u2029\ufffd)"
                                                           "\xc3\xa4"));
  for (std::size_t n = 0; n < 70; ++n) {  // every alignment of the wide scan
    for (std::size_t at = 0; at < n; ++at) {
      std::string text(n, 'x');
      text[at] = '"';
      out.clear();
      append_json_string(out, text);
      text.replace(at, 1, "\\\"");
      ASSERT_EQ(out.view(), "\"" + text + "\"");
    }
  }
}

TEST(Base64, RoundTripsAndRefusesWhatGoRefuses) {
  for (std::size_t n = 0; n < 40; ++n) {
    std::string bytes;
    for (std::size_t i = 0; i < n; ++i) bytes.push_back(static_cast<char>(i * 37 + n));
    ByteBuffer out;
    append_base64(out, bytes);
    EXPECT_EQ(decode_base64(out.view()), bytes);
  }
  for (const char* bad : {"a", "ab", "abc", "ab=", "a===", "====", "ab=c", "a-b_"})
    EXPECT_FALSE(decode_base64(bad)) << bad;
  EXPECT_EQ(decode_base64("aGk\n="), "hi");
}

}  // namespace
}  // namespace troupe::schema
