#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace troupe::api::custom {

/// A regular expression in RE2's syntax, as schemas of custom resources have them, searched in time that grows with
/// length of the text times size of the pattern and never faster. No captures, no Unicode classes (`\pL`).
class Pattern {
 public:
  static constexpr std::size_t kMaxText = 64 * 1024;
  static constexpr std::size_t kMaxProgram = 20000;  ///< Instructions; ranges of characters too.
  static constexpr int kMaxRepeat = 1000;            ///< Of `x{n}`, and of repeats in repeats together, as RE2.
  static constexpr int kMaxDepth = 200;              ///< Of groups in groups.

  /// kInvalidArgument with what is wrong.
  static Result<Pattern> compile(std::string_view text);

  const std::string& text() const { return text_; }
  /// Instructions and ranges: some 10 bytes each.
  std::size_t size() const { return program_.size() + ranges_.size(); }
  /// True when it matches somewhere in the text.
  bool matches(std::string_view text) const;

  struct Range {
    char32_t low = 0;
    char32_t high = 0;
  };
  struct Instruction {
    enum class Op : std::uint8_t {
      kSet,
      kSplit,
      kJump,
      kTextBegin,
      kTextEnd,
      kLineBegin,
      kLineEnd,
      kWord,
      kNotWord,
      kMatch
    };
    Op op = Op::kMatch;
    bool negated = false;      ///< kSet.
    std::uint32_t first = 0;   ///< kSet: of its ranges. kSplit, kJump: where to.
    std::uint32_t second = 0;  ///< kSet: behind its ranges. kSplit: where to as well.
  };

 private:
  std::string text_;
  std::vector<Instruction> program_;
  std::vector<Range> ranges_;
};

}  // namespace troupe::api::custom
