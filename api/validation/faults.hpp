#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "api/error.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api {

/// Where a value stands in an object: a chain on the stack, turned into text only when something is wrong.
class At {
 public:
  At() = default;  ///< The object itself.
  At(const At& up, std::string_view field) : up_(&up), name_(field), step_(Step::kField) {}
  At(const At& up, std::size_t index) : up_(&up), index_(index), step_(Step::kItem) {}
  static At key(const At& up, std::string_view name) {
    At at(up, name);
    at.step_ = Step::kKey;
    return at;
  }

  /// "spec.containers[0].resources.limits[cpu]"
  std::string text() const;

 private:
  enum class Step : std::uint8_t { kRoot, kField, kItem, kKey };
  const At* up_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  Step step_ = Step::kRoot;
};

/// Collects what is wrong with an object, in Kubernetes' words, up to a bound.
class Faults {
 public:
  static constexpr std::size_t kMax = 256;

  void required(const At& at, std::string_view detail = {});
  void invalid(const At& at, const schema::Node& value, std::string_view detail);
  void invalid(const At& at, std::string_view text, std::string_view detail);  ///< A string's value.
  void invalid_json(const At& at, std::string_view json, std::string_view detail);
  void invalid_unshown(const At& at, std::string_view detail);  ///< Where the value says nothing.
  void unsupported(const At& at, std::string_view value, const std::vector<std::string_view>& supported);
  void unsupported_json(const At& at, std::string_view json, const std::vector<std::string_view>& supported);
  void duplicate(const At& at, std::string_view value);
  void duplicate_json(const At& at, std::string_view json, std::string_view detail = {});
  void forbidden(const At& at, std::string_view detail);
  void not_found(const At& at, std::string_view value, std::string_view detail = {});
  void too_long(const At& at, std::size_t max_bytes);
  void too_many(const At& at, std::size_t count, std::size_t max);

  bool empty() const { return causes_.empty(); }
  std::size_t count() const { return causes_.size(); }
  std::vector<Cause> take() { return std::move(causes_); }

 private:
  void add(std::string_view reason, std::string message, const At& at);
  std::vector<Cause> causes_;
};

/// The member when it is there and not null.
const schema::Node* member(const schema::Node* object, std::string_view name);
inline const schema::Node* member(const schema::Node& object, std::string_view name) { return member(&object, name); }
/// Its text, or "" when it is absent or no string.
std::string_view text_member(const schema::Node* object, std::string_view name);
inline std::string_view text_member(const schema::Node& object, std::string_view name) {
  return text_member(&object, name);
}
/// Its whole number, or `absent`.
std::int64_t int_member(const schema::Node* object, std::string_view name, std::int64_t absent = 0);
bool true_member(const schema::Node* object, std::string_view name);
/// Both absent, or equal; null counts as absent.
bool same_member(const schema::Node* a, const schema::Node* b, std::string_view name);

}  // namespace troupe::api
