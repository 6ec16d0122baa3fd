#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "schema/codec/limits.hpp"

namespace troupe::schema {

/// What becomes of fields that the type does not have and of keys that stand twice (fieldValidation of the API).
enum class Strictness : std::uint8_t { kIgnore, kWarn, kStrict };

/// Something a decoder noticed, with the path of the value: `spec.template.spec.containers[0].imge`.
struct Finding {
  enum class What : std::uint8_t { kUnknownField, kDuplicateField, kWrongValue };
  What what = What::kWrongValue;
  std::string path;
  std::string reason;  ///< "unknown field", "expected integer, got string"

  /// As the API words it: `unknown field "spec.imge"`, `duplicate field "spec.a"`, `spec.replicas: expected integer,
  /// got string`.
  std::string message() const;
};

/// One step of a path, on the stack of the decoder that made it; turned into text only when something is wrong.
struct PathStep {
  const PathStep* parent = nullptr;
  std::string_view name;  ///< Of a field or map key; empty for an item.
  std::size_t index = 0;  ///< Of an item.
  bool is_item = false;

  PathStep() = default;
  PathStep(const PathStep* up, std::string_view field) : parent(up), name(field) {}
  PathStep(const PathStep* up, std::size_t item) : parent(up), index(item), is_item(true) {}
};

/// "spec.containers[0]"; keys that a dot would make ambiguous stand in brackets:
/// `metadata.labels[app.kubernetes.io/name]`.
std::string path_text(const PathStep* step);

/// Collects findings of one document, up to a bound.
class Diagnostics {
 public:
  explicit Diagnostics(Strictness strictness = Strictness::kIgnore, std::size_t max_findings = Limits{}.max_findings)
      : strictness_(strictness), max_findings_(max_findings) {}

  Strictness strictness() const { return strictness_; }
  void unknown_field(const PathStep* parent, std::string_view name);
  void duplicate_field(const PathStep* parent, std::string_view name);
  void wrong_value(const PathStep* step, std::string reason);

  /// All that was found, in document order; `dropped()` more were not kept.
  const std::vector<Finding>& findings() const { return findings_; }
  std::size_t dropped() const { return dropped_; }
  bool has_errors() const { return errors_ != 0; }
  void clear();

  /// Messages that do not refuse the document (Strictness::kWarn).
  std::vector<std::string> warnings() const;
  /// Fails with every error, joined by ", ", when there is one.
  Status status() const;

 private:
  void add(Finding::What what, std::string path, std::string reason, bool is_error);

  Strictness strictness_;
  std::size_t max_findings_;
  std::size_t dropped_ = 0;
  std::size_t errors_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace troupe::schema
