#include <string>

#include "api/names.hpp"
#include "api/object_codec.hpp"
#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/rules.hpp"
#include "schema/codec/json_text.hpp"

namespace troupe::api {

using schema::Node;

namespace {

constexpr std::size_t kMaxData = 1024 * 1024;

/// Bytes behind base64 text.
std::size_t decoded_size(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  return text.size() / 4 * 3 - (text.size() >= 4 ? padding : 0);
}

std::size_t check_keys(const Node* data, const At& at, bool base64, Faults& faults) {
  if (data == nullptr) return 0;
  std::size_t total = 0;
  for (const schema::Member& each : data->members()) {
    check_config_key(each.key, At::key(at, each.key), faults);
    if (!each.value.is_string()) continue;
    const std::string_view text = each.value.as_string();
    total += base64 ? decoded_size(text) : text.size();
  }
  return total;
}

/// The key is there; what it holds may be empty, which the stored form shows as null.
const Node* value_at(const Subject& subject, std::string_view key) {
  const Node* data = member(subject.value, "data");
  return data != nullptr ? data->find(key) : nullptr;
}

void require_key(const Subject& subject, std::string_view key) {
  const At data(subject.at, "data");
  if (value_at(subject, key) == nullptr) subject.faults.required(At::key(data, key));
}

/// What Go's decoder says of text that is no JSON object.
std::string json_object_fault(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "unexpected end of JSON input";
  const char begin = text[first];
  const auto parsed = parse_json(text);
  if (!parsed) {
    if (std::string_view("{[\"-0123456789tfn").find(begin) == std::string_view::npos) {
      return std::string("invalid character '") + begin + "' looking for beginning of value";
    }
    return parsed.error().message;
  }
  if (parsed->root().is_object() || parsed->root().is_null()) return {};
  const std::string_view kind = begin == '['                   ? "array"
                                : begin == '"'                 ? "string"
                                : begin == 't' || begin == 'f' ? "bool"
                                                               : "number";
  return "json: cannot unmarshal " + std::string(kind) + " into Go value of type map[string]interface {}";
}

/// The key holds the credentials of registries, which are a JSON object.
void require_json(const Subject& subject, std::string_view key) {
  const Node* value = value_at(subject, key);
  if (value == nullptr) return require_key(subject, key);
  const auto text = schema::decode_base64(text_of(*value));
  const std::string fault = json_object_fault(text ? std::string_view(*text) : std::string_view());
  const At data(subject.at, "data");
  if (!fault.empty()) subject.faults.invalid(At::key(data, key), "<secret contents redacted>", fault);
}

}  // namespace

void check_config_map(const Subject& subject) {
  const Node* data = member(subject.value, "data");
  const Node* binary = member(subject.value, "binaryData");
  const At data_at(subject.at, "data");
  const At binary_at(subject.at, "binaryData");
  if (data != nullptr && binary != nullptr) {
    for (const schema::Member& each : binary->members()) {
      if (data->find(each.key) != nullptr) {
        subject.faults.invalid(At::key(data_at, each.key), each.key, "duplicate of key present in binaryData");
      }
    }
  }
  const std::size_t total =
      check_keys(data, data_at, false, subject.faults) + check_keys(binary, binary_at, true, subject.faults);
  if (total > kMaxData) subject.faults.too_long(subject.at, kMaxData);
}

void check_secret(const Subject& subject) {
  const At data_at(subject.at, "data");
  const std::size_t total = check_keys(member(subject.value, "data"), data_at, true, subject.faults);
  if (total > kMaxData) subject.faults.too_long(data_at, kMaxData);
  const std::string_view type = text_member(subject.value, "type");
  if (type == "kubernetes.io/dockerconfigjson") require_json(subject, ".dockerconfigjson");
  if (type == "kubernetes.io/dockercfg") require_json(subject, ".dockercfg");
  if (type == "kubernetes.io/ssh-auth" && text_member(member(subject.value, "data"), "ssh-privatekey").empty()) {
    subject.faults.required(At::key(data_at, "ssh-privatekey"));
  }
  if (type == "kubernetes.io/tls") {
    require_key(subject, "tls.crt");
    require_key(subject, "tls.key");
  }
  if (type == "kubernetes.io/basic-auth") {
    if (value_at(subject, "username") == nullptr && value_at(subject, "password") == nullptr) {
      subject.faults.required(At::key(data_at, "username"));
      subject.faults.required(At::key(data_at, "password"));
    }
  }
  if (type == "kubernetes.io/service-account-token") {
    const Node* annotation =
        member(member(member(subject.value, "metadata"), "annotations"), "kubernetes.io/service-account.name");
    const At metadata(subject.at, "metadata");
    const At annotations(metadata, "annotations");
    if (annotation == nullptr || text_of(*annotation).empty())
      subject.faults.required(At::key(annotations, "kubernetes.io/service-account.name"));
  }
}

void check_priority_class(const Subject& subject) {
  static constexpr std::int64_t kHighestOfUsers = 1'000'000'000;
  const Node* value = member(subject.value, "value");
  const std::string_view name = text_member(member(subject.value, "metadata"), "name");
  if (name.starts_with("system-")) {
    if (name != "system-cluster-critical" && name != "system-node-critical") {
      const At metadata(subject.at, "metadata");
      subject.faults.forbidden(At(metadata, "name"),
                               "priority class names with 'system-' prefix are reserved for system use only. error: " +
                                   std::string(name) + " is not a known system priority class");
    }
    return;
  }
  if (value != nullptr && value->is_int() && value->as_int() > kHighestOfUsers) {
    subject.faults.forbidden(At(subject.at, "value"), "maximum allowed value of a user defined priority is 1000000000");
  }
}

}  // namespace troupe::api
