#include "api/validation/faults.hpp"

#include "api/object_codec.hpp"

namespace troupe::api {

using schema::Node;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace

std::string At::text() const {
  if (step_ == Step::kRoot || up_ == nullptr) return {};
  std::string out = up_->text();
  if (step_ == Step::kItem) return out.append("[").append(std::to_string(index_)).append("]");
  if (step_ == Step::kKey) return out.append("[").append(name_).append("]");
  if (!out.empty()) out += ".";
  return out.append(name_);
}

void Faults::add(std::string_view reason, std::string message, const At& at) {
  if (causes_.size() >= kMax) return;
  causes_.push_back({std::string(reason), std::move(message), at.text()});
}

void Faults::required(const At& at, std::string_view detail) {
  std::string message = "Required value";
  if (!detail.empty()) message.append(": ").append(detail);
  add("FieldValueRequired", std::move(message), at);
}

void Faults::invalid_json(const At& at, std::string_view json, std::string_view detail) {
  std::string message = "Invalid value: ";
  message.append(json);
  if (!detail.empty()) message.append(": ").append(detail);
  add("FieldValueInvalid", std::move(message), at);
}

void Faults::invalid(const At& at, const Node& value, std::string_view detail) {
  std::string json;
  append_json(value, json);
  invalid_json(at, json, detail);
}

void Faults::invalid(const At& at, std::string_view text, std::string_view detail) {
  invalid_json(at, quoted(text), detail);
}

void Faults::invalid_unshown(const At& at, std::string_view detail) {
  add("FieldValueInvalid", "Invalid value: " + std::string(detail), at);
}

void Faults::unsupported(const At& at, std::string_view value, const std::vector<std::string_view>& supported) {
  unsupported_json(at, quoted(value), supported);
}

void Faults::unsupported_json(const At& at, std::string_view json, const std::vector<std::string_view>& supported) {
  std::string message = "Unsupported value: " + std::string(json) + ": supported values: ";
  for (std::size_t i = 0; i < supported.size(); ++i) {
    if (i != 0) message += ", ";
    message += quoted(supported[i]);
  }
  add("FieldValueNotSupported", std::move(message), at);
}

void Faults::duplicate(const At& at, std::string_view value) { duplicate_json(at, quoted(value)); }

void Faults::duplicate_json(const At& at, std::string_view json, std::string_view detail) {
  std::string message = "Duplicate value: " + std::string(json);
  if (!detail.empty()) message.append(": ").append(detail);
  add("FieldValueDuplicate", std::move(message), at);
}

void Faults::forbidden(const At& at, std::string_view detail) {
  add("FieldValueForbidden", "Forbidden: " + std::string(detail), at);
}

void Faults::not_found(const At& at, std::string_view value, std::string_view detail) {
  std::string message = "Not found: " + quoted(value);
  if (!detail.empty()) message.append(": ").append(detail);
  add("FieldValueNotFound", std::move(message), at);
}

void Faults::too_long(const At& at, std::size_t max_bytes) {
  add("FieldValueTooLong", "Too long: may not be more than " + std::to_string(max_bytes) + " bytes", at);
}

void Faults::too_many(const At& at, std::size_t count, std::size_t max) {
  add("FieldValueTooMany",
      "Too many: " + std::to_string(count) + ": must have at most " + std::to_string(max) + " items", at);
}

const Node* member(const Node* object, std::string_view name) {
  const Node* found = object != nullptr ? object->find(name) : nullptr;
  return found != nullptr && !found->is_null() ? found : nullptr;
}

std::string_view text_member(const Node* object, std::string_view name) {
  const Node* found = member(object, name);
  return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

std::int64_t int_member(const Node* object, std::string_view name, std::int64_t absent) {
  const Node* found = member(object, name);
  return found != nullptr && found->is_int() ? found->as_int() : absent;
}

bool true_member(const Node* object, std::string_view name) {
  const Node* found = member(object, name);
  return found != nullptr && found->kind() == Node::Kind::kBool && found->as_bool();
}

bool same_member(const Node* a, const Node* b, std::string_view name) {
  const Node* one = member(a, name);
  const Node* other = member(b, name);
  if (one == nullptr || other == nullptr) return one == other;
  return schema::same_value(*one, *other);
}

}  // namespace troupe::api
