#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"

namespace troupe::schema {
namespace {

const TypeTable& table() {
  static const TypeTable built = TypeTable::built_in().value();
  return built;
}

std::string sample(const std::string& name) {
  std::ifstream file(std::filesystem::path(TROUPE_FIXTURES) / "wire-samples" / name, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

/// The samples were written by a server of 1.20. Since then ObjectMeta lost clusterName (15) and ManagedFieldsEntry got
/// subresource (8): a plain string, so always written. This makes the two changes and leaves every other byte alone.
std::string as_today(std::string_view message, const Type& type) {
  BackBuffer field;
  std::string out;
  ProtoReader in(message);
  while (in.next()) {
    if (type.name == "meta/v1.ObjectMeta" && in.number() == 15) continue;
    const Field* known = type.find_proto(in.number());
    field.clear();
    if (in.type() == WireType::kVarint) {
      field.number_field(in.number(), in.scalar());
    } else if (known != nullptr && known->kind == FieldKind::kStruct && known->shape != FieldShape::kMap) {
      field.bytes_field(in.number(), as_today(in.bytes(), *known->type));
    } else {
      field.bytes_field(in.number(), in.bytes());
    }
    out.append(field.view());
  }
  if (type.name == "meta/v1.ManagedFieldsEntry") out.append("\x42\0", 2);
  return out;
}

std::string enveloped(const Envelope& parts, std::string_view raw) {
  BackBuffer meta;
  meta.bytes_field(2, parts.kind);
  meta.bytes_field(1, parts.api_version);
  BackBuffer out;
  out.bytes_field(4, {});
  out.bytes_field(3, {});
  out.bytes_field(2, raw);
  out.bytes_field(1, meta.view());
  out.bytes({"k8s\0", 4});
  return std::string(out.view());
}

/// Decodes an enveloped object, encodes it again, and compares.
void expect_same_bytes(std::string_view bytes, std::string* again = nullptr) {
  const auto envelope = open_envelope(bytes);
  ASSERT_TRUE(envelope) << envelope.error().message;
  const Type* type = find_type(table(), envelope->api_version, envelope->kind);
  ASSERT_NE(type, nullptr) << envelope->kind;
  StoredBuilder stored;
  Diagnostics diagnostics;
  const Status status = decode_protobuf(envelope->raw, *type, Limits{}, stored, diagnostics);
  ASSERT_TRUE(status) << status.error().message;
  EncodeOptions options;
  options.api_version = envelope->api_version;
  options.kind = envelope->kind;
  BackBuffer out;
  encode_enveloped(*type, StructView::root(stored.words()), options, out);
  EXPECT_EQ(out.view(), enveloped(*envelope, as_today(envelope->raw, *type)));
  // Through JSON too.
  ByteBuffer json;
  encode_json(*type, StructView::root(stored.words()), options, json);
  const Status from_json = JsonDecoder().decode(json.view(), *type, stored, diagnostics);
  ASSERT_TRUE(from_json) << from_json.error().message << json.view();
  BackBuffer through_json;
  encode_enveloped(*type, StructView::root(stored.words()), options, through_json);
  EXPECT_EQ(through_json.view(), out.view()) << json.view();
  if (again != nullptr) *again = out.view();
}

class WireSample : public testing::TestWithParam<const char*> {};

TEST_P(WireSample, ComesBackByteForByte) {
  const std::string bytes = sample(GetParam());
  ASSERT_FALSE(bytes.empty());
  expect_same_bytes(bytes);
}

INSTANTIATE_TEST_SUITE_P(Recorded, WireSample,
                         testing::Values("create-configmap.pb", "delete-status.pb", "deployment.pb",
                                         "list-configmaps.pb", "partialobjectmetadata.pb", "service.pb",
                                         "status-404.pb"));

TEST(WatchFrames, ComeBackByteForByte) {
  const std::string bytes = sample("watch-configmap-added-modified-deleted.pb");
  std::string_view rest = bytes;
  std::vector<std::string> types;
  while (!rest.empty()) {
    const std::string_view before = rest;
    auto frame = next_watch_frame(rest, 1 << 20);
    ASSERT_TRUE(frame && frame->has_value());
    types.emplace_back((*frame)->type);
    BackBuffer out;
    out.bytes((*frame)->object);
    wrap_watch_frame((*frame)->type, out);
    EXPECT_EQ(out.view(), before.substr(0, before.size() - rest.size()));
    expect_same_bytes((*frame)->object);
  }
  EXPECT_THAT(types, testing::ElementsAre("ADDED", "MODIFIED", "DELETED"));
}

TEST(WatchFrames, WaitForTheRestAndRefuseWhatIsTooLong) {
  const std::string bytes = sample("watch-configmap-added-modified-deleted.pb");
  for (std::size_t n : {0, 3, 4, 100, 254}) {
    std::string_view part = std::string_view(bytes).substr(0, n);
    const auto frame = next_watch_frame(part, 1 << 20);
    ASSERT_TRUE(frame);
    EXPECT_FALSE(frame->has_value()) << n;
  }
  std::string_view all = bytes;
  EXPECT_EQ(next_watch_frame(all, 100).error().code, ErrorCode::kTooLarge);
}

TEST(ResourceVersion, IsLaidOverTheObjectInEveryForm) {
  const std::string bytes = sample("create-configmap.pb");
  const auto envelope = open_envelope(bytes);
  const Type* type = find_type(table(), "v1", "ConfigMap");
  StoredBuilder stored;
  Diagnostics diagnostics;
  ASSERT_TRUE(decode_protobuf(envelope->raw, *type, Limits{}, stored, diagnostics));
  EncodeOptions options;
  options.resource_version = "4711";
  ByteBuffer json;
  encode_json(*type, StructView::root(stored.words()), options, json);
  EXPECT_THAT(json.view(), testing::HasSubstr(R"("resourceVersion":"4711")"));
  EXPECT_THAT(json.view(), testing::Not(testing::HasSubstr("309")));
  BackBuffer message;
  encode_protobuf(*type, StructView::root(stored.words()), options, message);
  EXPECT_THAT(message.view(), testing::HasSubstr("2\x04"
                                                 "4711"));
  options.resource_version = "";
  json.clear();
  encode_json(*type, StructView::root(stored.words()), options, json);
  EXPECT_THAT(json.view(), testing::Not(testing::HasSubstr("resourceVersion")));
}

}  // namespace
}  // namespace troupe::schema
