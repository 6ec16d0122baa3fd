#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/error.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api {

/// `app=web,tier in (a, b),!old,size>3`: all requirements must hold.
class LabelSelector {
 public:
  struct Requirement {
    enum class Operator { kIn, kNotIn, kExists, kNotExists, kGreater, kLess };
    std::string key;
    Operator op = Operator::kExists;
    std::vector<std::string> values;  ///< Sorted.
  };

  /// BadRequest with the reason in the API's form.
  static ApiResult<LabelSelector> parse(std::string_view text);

  bool matches_all() const { return requirements_.empty(); }
  const std::vector<Requirement>& requirements() const { return requirements_; }

  /// `labels` is metadata.labels or null.
  bool matches(const schema::Node* labels) const;

 private:
  std::vector<Requirement> requirements_;
};

/// `status.phase=Running,metadata.name!=x`: all must hold.
class FieldSelector {
 public:
  struct Requirement {
    std::string field;
    std::string value;
    bool negated = false;
  };

  static ApiResult<FieldSelector> parse(std::string_view text);

  bool matches_all() const { return requirements_.empty(); }
  const std::vector<Requirement>& requirements() const { return requirements_; }

  /// The value that `metadata.name=` demands, or "" where there is no such requirement.
  std::string_view exact_name() const;

  /// Scalars compare by their text; a field that is not there is "".
  bool matches(const schema::Node& object) const;

 private:
  std::vector<Requirement> requirements_;
};

/// The scalar at a dotted path ("status.phase") as text; "" when it is not there or no scalar.
std::string text_at(const schema::Node& object, std::string_view dotted_path);

/// The rules of label keys ([prefix/]name) and values; "" when good, else what is wrong.
std::string label_key_fault(std::string_view key);
std::string label_value_fault(std::string_view value);

}  // namespace troupe::api
