#include "api/custom/pattern_parse.hpp"

#include <algorithm>
#include <optional>

namespace troupe::api::custom {

namespace {

using Node = PatternNode;
using NodePtr = std::unique_ptr<Node>;
using Kind = PatternNode::Kind;
using Op = Pattern::Instruction::Op;
using Range = Pattern::Range;

constexpr char32_t kLast = 0x10ffff;

void add_part(Node& node, NodePtr part) {
  node.repeats = std::max(node.repeats, part->repeats);
  node.parts.push_back(std::move(part));
}

NodePtr make(Kind kind) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  return node;
}

std::vector<Range> perl_class(char lower) {
  if (lower == 'd') return {{'0', '9'}};
  if (lower == 'w') return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  return {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
}

std::vector<Range> complement(const std::vector<Range>& sorted) {
  std::vector<Range> out;
  char32_t next = 0;
  for (const Range& range : sorted) {
    if (range.low > next) out.push_back({next, range.low - 1});
    next = range.high + 1;
  }
  out.push_back({next, kLast});
  return out;
}

std::optional<std::vector<Range>> posix_class(std::string_view name) {
  if (name == "alnum") return std::vector<Range>{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}};
  if (name == "alpha") return std::vector<Range>{{'A', 'Z'}, {'a', 'z'}};
  if (name == "ascii") return std::vector<Range>{{0, 127}};
  if (name == "blank") return std::vector<Range>{{'\t', '\t'}, {' ', ' '}};
  if (name == "cntrl") return std::vector<Range>{{0, 31}, {127, 127}};
  if (name == "digit") return std::vector<Range>{{'0', '9'}};
  if (name == "graph") return std::vector<Range>{{'!', '~'}};
  if (name == "lower") return std::vector<Range>{{'a', 'z'}};
  if (name == "print") return std::vector<Range>{{' ', '~'}};
  if (name == "punct") return std::vector<Range>{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}};
  if (name == "space") return std::vector<Range>{{'\t', '\r'}, {' ', ' '}};
  if (name == "upper") return std::vector<Range>{{'A', 'Z'}};
  if (name == "word") return perl_class('w');
  if (name == "xdigit") return std::vector<Range>{{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
  return std::nullopt;
}

struct Flags {
  bool fold = false;
  bool dot_all = false;
  bool lines = false;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<NodePtr> parse() {
    auto node = alternation();
    if (!failed_.empty()) return fail(ErrorCode::kInvalidArgument, "error parsing regexp: " + failed_);
    if (!rest_.empty()) return fail(ErrorCode::kInvalidArgument, "error parsing regexp: unexpected )");
    return node;
  }

 private:
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  NodePtr wrong(std::string what) {
    if (failed_.empty()) failed_ = std::move(what);
    rest_ = {};
    return make(Kind::kEmpty);
  }

  NodePtr alternation() {
    if (++depth_ > Pattern::kMaxDepth) return wrong("expression nests too deeply");
    auto first = concatenation();
    if (!at('|')) {
      --depth_;
      return first;
    }
    auto node = make(Kind::kAlternate);
    add_part(*node, std::move(first));
    while (take('|')) add_part(*node, concatenation());
    --depth_;
    return node;
  }

  NodePtr concatenation() {
    auto node = make(Kind::kConcat);
    while (!rest_.empty() && !at('|') && !at(')')) {
      auto part = repeated(atom());
      if (!failed_.empty()) return part;
      add_part(*node, std::move(part));
    }
    return node;
  }

  NodePtr repeated(NodePtr node) {
    for (int times = 0; failed_.empty(); ++times) {
      int min = 0;
      int max = -1;
      bool is_counted = false;
      if (take('?')) {
        max = 1;
      } else if (take('+')) {
        min = 1;
      } else if (!take('*')) {
        is_counted = counted(min, max);
        if (!is_counted) return node;
      }
      if (times > 0) return wrong("invalid nested repetition operator");
      take('?');  // how much is taken makes no difference to whether something matches
      if (min > Pattern::kMaxRepeat || max > Pattern::kMaxRepeat || (max >= 0 && min > max)) {
        return wrong("invalid repeat count");
      }
      auto repeat = make(Kind::kRepeat);
      repeat->min = min;
      repeat->max = max;
      add_part(*repeat, std::move(node));
      if (is_counted) repeat->repeats *= std::max(max < 0 ? min : max, 1);
      if (repeat->repeats > Pattern::kMaxRepeat) return wrong("invalid repeat count");
      node = std::move(repeat);
    }
    return node;
  }

  /// `{2}`, `{2,}`, `{2,3}`; anything else is text.
  bool counted(int& min, int& max) {
    if (!at('{')) return false;
    const std::string_view before = rest_;
    rest_.remove_prefix(1);
    const auto low = number();
    const bool open = low && take(',');
    const auto high = open ? number() : low;
    if (!low || !take('}')) {
      rest_ = before;
      return false;
    }
    min = *low;
    max = high ? *high : -1;
    return true;
  }

  std::optional<int> number() {
    int value = 0;
    bool any = false;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value = std::min(value * 10 + (rest_.front() - '0'), 100000);
      rest_.remove_prefix(1);
      any = true;
    }
    return any ? std::optional<int>(value) : std::nullopt;
  }

  NodePtr set_of(std::vector<Range> ranges, bool negated = false) {
    auto node = make(Kind::kSet);
    node->ranges = std::move(ranges);
    node->negated = negated;
    if (flags_.fold) fold(node->ranges);
    merge(node->ranges);
    return node;
  }

  /// Sorted and apart, so that a character is found by halving.
  static void merge(std::vector<Range>& ranges) {
    if (ranges.size() < 2) return;
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.low < b.low; });
    std::size_t last = 0;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
      if (ranges[i].low <= ranges[last].high + 1) {
        ranges[last].high = std::max(ranges[last].high, ranges[i].high);
      } else {
        ranges[++last] = ranges[i];
      }
    }
    ranges.resize(last + 1);
  }

  static void fold(std::vector<Range>& ranges) {
    const std::size_t count = ranges.size();
    for (std::size_t i = 0; i < count; ++i) {
      for (const auto& [low, high, shift] : {std::tuple<char32_t, char32_t, int>('A', 'Z', 32), {'a', 'z', -32}}) {
        const char32_t from = std::max(ranges[i].low, low);
        const char32_t to = std::min(ranges[i].high, high);
        if (from > to) continue;
        ranges.push_back({static_cast<char32_t>(static_cast<int>(from) + shift),
                          static_cast<char32_t>(static_cast<int>(to) + shift)});
      }
    }
  }

  NodePtr assertion(Op op) {
    auto node = make(Kind::kAssert);
    node->assertion = op;
    return node;
  }

  NodePtr atom() {
    if (take('(')) return group();
    if (take('[')) return char_class();
    if (take('.')) return flags_.dot_all ? set_of({}, true) : set_of({{'\n', '\n'}}, true);
    if (take('^')) return assertion(flags_.lines ? Op::kLineBegin : Op::kTextBegin);
    if (take('$')) return assertion(flags_.lines ? Op::kLineEnd : Op::kTextEnd);
    if (at('*') || at('+') || at('?')) return wrong("missing argument to repetition operator");
    if (take('\\')) return escape();
    const char32_t point = take_code_point(rest_);
    return set_of({{point, point}});
  }

  NodePtr group() {
    const Flags before = flags_;
    if (take('?')) {
      if (take('P') || at('<')) {
        const std::size_t end = rest_.find('>');
        if (!take('<') || end == std::string_view::npos || at('=') || at('!')) return wrong("invalid named capture");
        rest_.remove_prefix(std::min(end, rest_.size()));
      } else if (!read_flags()) {
        return wrong("invalid or unsupported Perl syntax");
      }
      if (take(')')) return make(Kind::kEmpty);  // `(?i)`: until the end of the group around it
    }
    auto inner = alternation();
    if (!take(')')) return wrong("missing closing )");
    flags_ = before;
    return inner;
  }

  bool read_flags() {
    bool on = true;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == ')') return true;
      rest_.remove_prefix(1);
      if (c == ':') return true;
      if (c == '-') on = false;
      if (c == 'i') flags_.fold = on;
      if (c == 's') flags_.dot_all = on;
      if (c == 'm') flags_.lines = on;
      if (std::string_view("-ismU").find(c) == std::string_view::npos) return false;
    }
    return false;
  }

  NodePtr escape() {
    if (rest_.empty()) return wrong("trailing backslash at end of expression");
    const char c = rest_.front();
    if (c == 'A' || c == 'z' || c == 'b' || c == 'B') {
      rest_.remove_prefix(1);
      return assertion(c == 'A' ? Op::kTextBegin : c == 'z' ? Op::kTextEnd : c == 'b' ? Op::kWord : Op::kNotWord);
    }
    if (c == 'Q') {
      const std::size_t end = std::min(rest_.find("\\E"), rest_.size());
      std::string_view literal = rest_.substr(1, end - 1);
      rest_.remove_prefix(std::min(end + 2, rest_.size()));
      auto node = make(Kind::kConcat);
      while (!literal.empty()) {
        const char32_t point = take_code_point(literal);
        add_part(*node, set_of({{point, point}}));
      }
      return node;
    }
    std::vector<Range> ranges;
    if (!escaped_set(ranges)) return wrong("invalid escape sequence");
    return set_of(std::move(ranges));
  }

  /// What stands behind a backslash, inside a class or outside.
  bool escaped_set(std::vector<Range>& out) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    const char lower = static_cast<char>(c | 0x20);
    if (lower == 'd' || lower == 'w' || lower == 's') {
      rest_.remove_prefix(1);
      const auto ranges = c == lower ? perl_class(lower) : complement(perl_class(lower));
      out.insert(out.end(), ranges.begin(), ranges.end());
      return true;
    }
    const auto point = escaped_point();
    if (point) out.push_back({*point, *point});
    return point.has_value();
  }

  std::optional<char32_t> escaped_point() {
    const char c = rest_.front();
    static constexpr std::string_view kNames = "afnrtv";
    static constexpr std::string_view kValues = "\a\f\n\r\t\v";
    if (const std::size_t found = kNames.find(c); found != std::string_view::npos) {
      rest_.remove_prefix(1);
      return static_cast<char32_t>(kValues[found]);
    }
    if (c == 'x') {
      rest_.remove_prefix(1);
      const bool braces = take('{');
      char32_t value = 0;
      int digits = 0;
      while (!rest_.empty() && digits < (braces ? 6 : 2) && std::isxdigit(static_cast<unsigned char>(rest_.front()))) {
        const char d = rest_.front();
        value = value * 16 + static_cast<char32_t>(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
        rest_.remove_prefix(1);
        ++digits;
      }
      if (digits == 0 || (!braces && digits != 2) || (braces && !take('}')) || value > kLast) return std::nullopt;
      return value;
    }
    const bool word = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (word) return std::nullopt;
    return take_code_point(rest_);
  }

  NodePtr char_class() {
    const bool negated = take('^');
    std::vector<Range> ranges;
    bool first = true;
    while (first || !at(']')) {
      if (rest_.empty()) return wrong("missing closing ]");
      first = false;
      if (rest_.starts_with("[:")) {
        const std::size_t end = rest_.find(":]");
        std::string_view name = end == std::string_view::npos ? "" : rest_.substr(2, end - 2);
        const bool none = !name.empty() && name.front() == '^';
        if (none) name.remove_prefix(1);
        const auto named = posix_class(name);
        if (!named) return wrong("invalid character class range");
        const auto all = none ? complement(*named) : *named;
        ranges.insert(ranges.end(), all.begin(), all.end());
        rest_.remove_prefix(end + 2);
        continue;
      }
      if (!class_item(ranges)) return wrong("invalid character class range");
    }
    rest_.remove_prefix(1);
    return set_of(std::move(ranges), negated);
  }

  bool class_item(std::vector<Range>& ranges) {
    const std::size_t count = ranges.size();
    if (take('\\')) {
      if (!escaped_set(ranges)) return false;
      if (ranges.size() != count + 1 || ranges.back().low != ranges.back().high) return true;  // a class
    } else {
      const char32_t point = take_code_point(rest_);
      ranges.push_back({point, point});
    }
    if (!at('-') || rest_.size() < 2 || rest_[1] == ']') return true;
    rest_.remove_prefix(1);
    char32_t high = 0;
    if (take('\\')) {
      if (rest_.empty()) return false;
      const auto point = escaped_point();
      if (!point) return false;
      high = *point;
    } else {
      high = take_code_point(rest_);
    }
    ranges.back().high = high;
    return ranges.back().low <= high;
  }

  std::string_view rest_;
  Flags flags_;
  int depth_ = 0;
  std::string failed_;
};

}  // namespace

char32_t take_code_point(std::string_view& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || length > text.size()) {
    text.remove_prefix(1);
    return 0xfffd;
  }
  char32_t point = length == 1 ? lead : lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) {
      text.remove_prefix(1);
      return 0xfffd;
    }
    point = point << 6 | (byte(i) & 0x3fU);
  }
  text.remove_prefix(length);
  return point;
}

Result<std::unique_ptr<PatternNode>> parse_pattern(std::string_view text) { return Parser(text).parse(); }

}  // namespace troupe::api::custom
