#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::schema {

/// What a YAML 1.1 scalar stands for.
struct YamlScalar {
  enum class Kind : std::uint8_t { kString, kNull, kBool, kInt, kFloat, kTimestamp };
  Kind kind = Kind::kString;
  bool boolean = false;
  bool beyond_int64 = false;  ///< kInt: the value is in `number`.
  std::int64_t integer = 0;
  double number = 0;
};

/// As go-yaml v2 resolves a plain scalar without a tag.
YamlScalar resolve_yaml_scalar(std::string_view text);

/// "190:20:30": YAML 1.1 has numbers to base 60. They are read as strings, but quoted when written.
bool is_base60_number(std::string_view text);

/// Go's strconv.FormatFloat(value, 'g', -1, bits), with YAML's names for infinities and NaN.
std::string yaml_float_text(double value, bool as_float32);

}  // namespace troupe::schema
