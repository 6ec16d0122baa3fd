#include "api/custom/json_path.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "api/object_codec.hpp"

namespace troupe::api::custom {

using schema::Node;

class JsonPath::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Status parse(std::vector<Step>& out) {
    if (rest_.starts_with('{') && rest_.ends_with('}')) rest_ = rest_.substr(1, rest_.size() - 2);
    if (rest_.starts_with('$')) rest_.remove_prefix(1);
    if (rest_ == ".") return {};
    while (!rest_.empty()) {
      if (out.size() == kMaxSteps) return fail(ErrorCode::kInvalidArgument, "the path has too many steps");
      if (rest_.starts_with("..")) return fail(ErrorCode::kInvalidArgument, "recursive descent is not supported");
      Step step;
      Status read = rest_.front() == '[' ? bracket(step) : dotted(step);
      if (!read) return read;
      out.push_back(std::move(step));
    }
    return {};
  }

 private:
  static Status wrong(const std::string& what) { return fail(ErrorCode::kInvalidArgument, what); }

  Status dotted(Step& step) {
    if (rest_.front() == '.') rest_.remove_prefix(1);
    if (rest_.starts_with('[')) return bracket(step);
    while (!rest_.empty() && rest_.front() != '.' && rest_.front() != '[') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      const char c = rest_.front();
      if (std::string_view(" (){}|,'\"?@").find(c) != std::string_view::npos) {
        return wrong("unrecognized character in action: '" + std::string(1, c) + "'");
      }
      step.name.push_back(c);
      rest_.remove_prefix(1);
    }
    if (step.name.empty()) return wrong("a step of the path has no name");
    if (step.name == "*") step.kind = Step::Kind::kAll;
    return {};
  }

  Status bracket(Step& step) {
    rest_.remove_prefix(1);
    if (rest_.starts_with("?(")) return filter(step);
    const std::size_t end = closing();
    if (end == std::string_view::npos) return wrong("unterminated array");
    const std::string_view inner = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (inner == "*") {
      step.kind = Step::Kind::kAll;
      return {};
    }
    const bool quoted =
        inner.size() >= 2 && (inner.front() == '\'' || inner.front() == '"') && inner.back() == inner.front();
    if (quoted) {
      step.name = inner.substr(1, inner.size() - 2);
      return step.name.empty() ? wrong("a step of the path has no name") : Status();
    }
    const std::size_t colon = inner.find(':');
    step.kind = colon == std::string_view::npos ? Step::Kind::kIndex : Step::Kind::kSlice;
    if (!whole(inner.substr(0, colon), step.from, step.kind == Step::Kind::kSlice)) {
      return wrong("invalid array index " + std::string(inner));
    }
    if (step.kind == Step::Kind::kIndex) return {};
    std::int64_t to = 0;
    const std::string_view behind = inner.substr(colon + 1);
    if (!whole(behind, to, true)) return wrong("invalid array index " + std::string(inner));
    if (!behind.empty()) step.to = to;
    return {};
  }

  std::size_t closing() const {
    char quote = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (quote != 0) {
        if (rest_[i] == quote) quote = 0;
      } else if (rest_[i] == '\'' || rest_[i] == '"') {
        quote = rest_[i];
      } else if (rest_[i] == ']') {
        return i;
      }
    }
    return std::string_view::npos;
  }

  static bool whole(std::string_view text, std::int64_t& out, bool may_be_absent) {
    if (text.empty()) return may_be_absent;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
  }

  static std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
  }

  Status filter(Step& step) {
    const std::size_t end = closing();
    if (end == std::string_view::npos || end < 3 || rest_[end - 1] != ')') return wrong("unterminated filter");
    const std::string_view inner = rest_.substr(2, end - 3);
    rest_.remove_prefix(end + 1);
    step.kind = Step::Kind::kFilter;
    std::size_t at = std::string_view::npos;
    for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
      at = inner.find(op);
      if (at == std::string_view::npos) continue;
      step.op = op;
      break;
    }
    const std::string_view left = trimmed(inner.substr(0, at));
    if (!left.starts_with('@')) return wrong("a filter must begin with @");
    auto path = JsonPath::parse(left.substr(1));
    if (!path) return fail(path.error());
    if (!path->is_simple()) return wrong("a filter may only name members");
    const auto names = path->names();
    step.left.assign(names.begin(), names.end());
    if (step.op.empty()) return {};
    const std::string_view right = trimmed(inner.substr(at + step.op.size()));
    step.right_is_text = right.size() >= 2 && (right.front() == '"' || right.front() == '\'');
    step.right = step.right_is_text ? right.substr(1, right.size() - 2) : right;
    return {};
  }

  std::string_view rest_;
};

Result<JsonPath> JsonPath::parse(std::string_view text) {
  JsonPath out;
  if (auto parsed = Parser(text).parse(out.steps_); !parsed) return fail(parsed.error());
  return out;
}

bool JsonPath::is_simple() const {
  return std::all_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.kind == Step::Kind::kMember; });
}

std::vector<std::string_view> JsonPath::names() const {
  std::vector<std::string_view> out;
  out.reserve(steps_.size());
  for (const Step& step : steps_) out.emplace_back(step.name);
  return out;
}

bool JsonPath::accepts(const Step& filter, const Node& item) {
  const Node* value = &item;
  for (const std::string& name : filter.left) {
    value = value->find(name);
    if (value == nullptr) return false;
  }
  if (filter.op.empty()) return true;
  int order = 0;
  const bool numeric = value->is_int() || value->kind() == Node::Kind::kDouble;
  if (numeric && !filter.right_is_text) {
    const double other = std::strtod(filter.right.c_str(), nullptr);
    order = value->as_double() < other ? -1 : value->as_double() > other ? 1 : 0;
  } else {
    if (value->is_string() != filter.right_is_text) return filter.op == "!=";
    order = printed(*value).compare(filter.right);
  }
  if (filter.op == "==") return order == 0;
  if (filter.op == "!=") return order != 0;
  if (filter.op == "<") return order < 0;
  if (filter.op == "<=") return order <= 0;
  return filter.op == ">" ? order > 0 : order >= 0;
}

void JsonPath::follow(const Step& step, const Node& from, std::vector<const Node*>& out) {
  const auto items = from.items();
  const auto size = static_cast<std::int64_t>(items.size());
  const auto add = [&out](const Node& node) {
    if (out.size() < kMaxResults) out.push_back(&node);
  };
  switch (step.kind) {
    case Step::Kind::kMember:
      if (const Node* found = from.find(step.name)) add(*found);
      return;
    case Step::Kind::kIndex: {
      const std::int64_t at = step.from < 0 ? size + step.from : step.from;
      if (at >= 0 && at < size) add(items[static_cast<std::size_t>(at)]);
      return;
    }
    case Step::Kind::kSlice: {
      const auto place = [size](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? size + at : at, 0, size); };
      for (std::int64_t i = place(step.from); i < place(step.to.value_or(size)); ++i) {
        add(items[static_cast<std::size_t>(i)]);
      }
      return;
    }
    case Step::Kind::kAll:
      for (const Node& item : items) add(item);
      for (const schema::Member& each : from.members()) add(each.value);
      return;
    case Step::Kind::kFilter:
      for (const Node& item : items) {
        if (accepts(step, item)) add(item);
      }
      return;
  }
}

std::vector<const Node*> JsonPath::find(const Node& object) const {
  std::vector<const Node*> now{&object};
  for (const Step& step : steps_) {
    std::vector<const Node*> next;
    for (const Node* each : now) follow(step, *each, next);
    now = std::move(next);
  }
  return now;
}

std::string printed(const Node& value) {
  if (value.is_string()) return std::string(value.as_string());
  std::string out;
  append_json(value, out);
  return out;
}

}  // namespace troupe::api::custom
