#include "api/custom/pattern.hpp"

#include <algorithm>
#include <unordered_map>

#include "api/custom/pattern_parse.hpp"

namespace troupe::api::custom {

namespace {

using Instruction = Pattern::Instruction;
using Op = Instruction::Op;

class Emitter {
 public:
  Emitter(std::vector<Instruction>& program, std::vector<Pattern::Range>& ranges)
      : program_(program), ranges_(ranges) {}

  /// False when it becomes too large. Parts that say nothing cost time as well.
  bool emit(const PatternNode& node) {
    if (program_.size() > Pattern::kMaxProgram || ++steps_ > kMaxSteps) return false;
    switch (node.kind) {
      case PatternNode::Kind::kEmpty:
        return true;
      case PatternNode::Kind::kSet: {
        const auto [known, is_new] = first_ranges_.emplace(&node, static_cast<std::uint32_t>(ranges_.size()));
        if (is_new) ranges_.insert(ranges_.end(), node.ranges.begin(), node.ranges.end());
        if (ranges_.size() > Pattern::kMaxProgram) return false;
        const auto end = known->second + static_cast<std::uint32_t>(node.ranges.size());
        program_.push_back({Op::kSet, node.negated, known->second, end});
        return true;
      }
      case PatternNode::Kind::kAssert:
        program_.push_back({node.assertion, false, 0, 0});
        return true;
      case PatternNode::Kind::kConcat:
        return std::all_of(node.parts.begin(), node.parts.end(), [this](const auto& part) { return emit(*part); });
      case PatternNode::Kind::kAlternate:
        return alternate(node);
      case PatternNode::Kind::kRepeat:
        return repeat(node);
    }
    return false;
  }

 private:
  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.size()); }
  std::uint32_t split() {
    program_.push_back({Op::kSplit, false, here() + 1, 0});
    return here() - 1;
  }

  bool alternate(const PatternNode& node) {
    std::vector<std::uint32_t> ends;
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
      const bool last = i + 1 == node.parts.size();
      const std::uint32_t at = last ? 0 : split();
      if (!emit(*node.parts[i])) return false;
      if (last) break;
      ends.push_back(here());
      program_.push_back({Op::kJump, false, 0, 0});
      program_[at].second = here();
    }
    for (const std::uint32_t end : ends) program_[end].first = here();
    return true;
  }

  bool repeat(const PatternNode& node) {
    const PatternNode& part = *node.parts.front();
    for (int i = 0; i < node.min; ++i) {
      if (!emit(part)) return false;
    }
    if (node.max < 0) {
      const std::uint32_t at = split();
      if (!emit(part)) return false;
      program_.push_back({Op::kJump, false, at, 0});
      program_[at].second = here();
      return true;
    }
    std::vector<std::uint32_t> splits;
    for (int i = node.min; i < node.max; ++i) {
      splits.push_back(split());
      if (!emit(part)) return false;
    }
    for (const std::uint32_t at : splits) program_[at].second = here();
    return true;
  }

  static constexpr std::size_t kMaxSteps = 16 * Pattern::kMaxProgram;

  std::vector<Instruction>& program_;
  std::vector<Pattern::Range>& ranges_;
  std::unordered_map<const PatternNode*, std::uint32_t> first_ranges_;  ///< A set that is repeated has them once.
  std::size_t steps_ = 0;
};

bool is_word(char32_t c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr char32_t kNothing = 0xffffffff;  // before the text and behind it

/// What a place in the text is like.
bool holds(Op op, char32_t before, char32_t after) {
  switch (op) {
    case Op::kTextBegin:
      return before == kNothing;
    case Op::kTextEnd:
      return after == kNothing;
    case Op::kLineBegin:
      return before == kNothing || before == '\n';
    case Op::kLineEnd:
      return after == kNothing || after == '\n';
    case Op::kWord:
      return is_word(before) != is_word(after);
    case Op::kNotWord:
      return is_word(before) == is_word(after);
    default:
      return true;
  }
}

/// All instructions that a search stands at, each once.
class States {
 public:
  /// For a program of this size; what other searches left behind does no harm.
  void begin(std::size_t size) {
    if (marks_.size() < size) marks_.resize(size, 0);
    clear();
  }

  void clear() {
    if (++round_ == 0) {
      std::fill(marks_.begin(), marks_.end(), 0);
      round_ = 1;
    }
    waiting_.clear();
  }
  const std::vector<std::uint32_t>& waiting() const { return waiting_; }

  /// Follows all that takes no character; true when that ends in a match.
  bool add(const std::vector<Instruction>& program, std::uint32_t start, char32_t before, char32_t after) {
    stack_.assign(1, start);
    while (!stack_.empty()) {
      const std::uint32_t at = stack_.back();
      stack_.pop_back();
      if (marks_[at] == round_) continue;
      marks_[at] = round_;
      const Instruction& instruction = program[at];
      if (instruction.op == Op::kMatch) return true;
      if (instruction.op == Op::kSet) {
        waiting_.push_back(at);
      } else if (instruction.op == Op::kSplit) {
        stack_.push_back(instruction.second);
        stack_.push_back(instruction.first);
      } else if (instruction.op == Op::kJump) {
        stack_.push_back(instruction.first);
      } else if (holds(instruction.op, before, after)) {
        stack_.push_back(at + 1);
      }
    }
    return false;
  }

 private:
  std::vector<std::uint32_t> marks_;
  std::vector<std::uint32_t> waiting_;
  std::vector<std::uint32_t> stack_;
  std::uint32_t round_ = 0;
};

}  // namespace

Result<Pattern> Pattern::compile(std::string_view text) {
  static constexpr std::string_view kTooLarge = "error parsing regexp: expression too large";
  if (text.size() > kMaxText) return fail(ErrorCode::kInvalidArgument, std::string(kTooLarge));
  auto parsed = parse_pattern(text);
  if (!parsed) return fail(parsed.error());
  Pattern out;
  out.text_ = text;
  if (!Emitter(out.program_, out.ranges_).emit(**parsed) || out.program_.size() > kMaxProgram) {
    return fail(ErrorCode::kInvalidArgument, std::string(kTooLarge));
  }
  out.program_.push_back({});
  out.program_.shrink_to_fit();
  out.ranges_.shrink_to_fit();
  return out;
}

bool Pattern::matches(std::string_view text) const {
  // Kept by the thread: to make and clear them costs more than to search a short text.
  thread_local States now;
  thread_local States next;
  now.begin(program_.size());
  next.begin(program_.size());
  char32_t before = kNothing;
  std::string_view rest = text;
  char32_t after = rest.empty() ? kNothing : take_code_point(rest);
  for (;;) {
    if (now.add(program_, 0, before, after)) return true;  // it may begin anywhere
    if (after == kNothing) return false;
    const char32_t c = after;
    before = c;
    after = rest.empty() ? kNothing : take_code_point(rest);
    next.clear();
    for (const std::uint32_t at : now.waiting()) {
      const Instruction& set = program_[at];
      const auto end = ranges_.begin() + set.second;
      const auto found = std::lower_bound(ranges_.begin() + set.first, end, c,
                                          [](const Range& range, char32_t point) { return range.high < point; });
      const bool in = found != end && found->low <= c;
      if (in != set.negated && next.add(program_, at + 1, before, after)) return true;
    }
    std::swap(now, next);
  }
}

}  // namespace troupe::api::custom
