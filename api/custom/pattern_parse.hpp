#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "api/custom/pattern.hpp"

namespace troupe::api::custom {

/// A part of a regular expression.
struct PatternNode {
  enum class Kind : std::uint8_t { kEmpty, kSet, kAssert, kConcat, kAlternate, kRepeat };
  Kind kind = Kind::kEmpty;
  std::vector<Pattern::Range> ranges;                                     ///< kSet: sorted, apart.
  bool negated = false;                                                   ///< kSet.
  Pattern::Instruction::Op assertion = Pattern::Instruction::Op::kMatch;  ///< kAssert.
  int min = 0;                                                            ///< kRepeat.
  int max = -1;                                                           ///< kRepeat; -1: any number.
  int repeats = 1;  ///< How often the most repeated part stands in it.
  std::vector<std::unique_ptr<PatternNode>> parts;
};

/// kInvalidArgument with what is wrong.
Result<std::unique_ptr<PatternNode>> parse_pattern(std::string_view text);

/// Takes one code point off the front; a byte that is no UTF-8 counts as U+FFFD.
char32_t take_code_point(std::string_view& text);

}  // namespace troupe::api::custom
