#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api::custom {

/// The part of JSONPath that printer columns and scale need: `.a.b`, `['a.b']`, `[0]`, `[-1]`, `[*]`, `[1:3]` and
/// `[?(@.type=="Ready")]` with ==, !=, <, <=, >, >= or mere presence. Not: `..`, unions, functions.
class JsonPath {
 public:
  static constexpr std::size_t kMaxSteps = 64;
  static constexpr std::size_t kMaxResults = 256;

  /// kInvalidArgument with what is wrong.
  static Result<JsonPath> parse(std::string_view text);

  /// What the path leads to, in order.
  std::vector<const schema::Node*> find(const schema::Node& object) const;
  /// Members only: what scale and selectable fields may have.
  bool is_simple() const;
  /// The names on the way of a simple path.
  std::vector<std::string_view> names() const;

 private:
  struct Step {
    enum class Kind : std::uint8_t { kMember, kIndex, kSlice, kAll, kFilter };
    Kind kind = Kind::kMember;
    std::string name;  ///< kMember.
    std::int64_t from = 0;
    std::optional<std::int64_t> to;
    std::vector<std::string> left;  ///< kFilter: the members on the way to what is compared.
    std::string op;                 ///< "" asks for presence.
    std::string right;              ///< JSON, or text of a quoted string.
    bool right_is_text = false;
  };
  class Parser;
  static bool accepts(const Step& filter, const schema::Node& item);
  static void follow(const Step& step, const schema::Node& from, std::vector<const schema::Node*>& out);
  std::vector<Step> steps_;
};

/// A value as JSONPath prints it: text as it is, all else as JSON.
std::string printed(const schema::Node& value);

}  // namespace troupe::api::custom
