#include "api/selectors.hpp"

#include <algorithm>
#include <charconv>

#include "api/names.hpp"

namespace troupe::api {

namespace {

using Requirement = LabelSelector::Requirement;
using Operator = LabelSelector::Requirement::Operator;

constexpr std::size_t kMaxRequirements = 256;
constexpr std::size_t kMaxValues = 1024;

/// Reads the label selector's grammar from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool end() {
    skip_space();
    return at_ == text_.size();
  }
  bool take(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  std::string_view word() {
    skip_space();
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" \t,()=!<>").find(text_[at_]) == std::string_view::npos) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string_view rest() const { return text_.substr(at_); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::string unable(std::string_view why) { return "unable to parse requirement: " + std::string(why); }

bool read_values(Reader& reader, Requirement& out, std::string& fault) {
  if (!reader.take("(")) {
    fault = unable("found '" + std::string(reader.rest()) + "', expected: '('");
    return false;
  }
  while (true) {
    out.values.emplace_back(reader.word());
    if (out.values.size() > kMaxValues) {
      fault = unable("more than 1024 values");
      return false;
    }
    if (reader.take(")")) break;
    if (!reader.take(",")) {
      fault = unable("found '" + std::string(reader.rest()) + "', expected: ',' or ')'");
      return false;
    }
  }
  std::sort(out.values.begin(), out.values.end());
  return true;
}

bool read_requirement(Reader& reader, Requirement& out, std::string& fault) {
  const bool negated = reader.take("!");
  out.key = reader.word();
  if (fault = label_key_fault(out.key); !fault.empty()) {
    fault = unable("key: Invalid value: \"" + out.key + "\": " + fault);
    return false;
  }
  if (negated) {
    out.op = Operator::kNotExists;
    return true;
  }
  if (reader.take("==") || reader.take("=")) {
    out.op = Operator::kIn;
    out.values.emplace_back(reader.word());
  } else if (reader.take("!=")) {
    out.op = Operator::kNotIn;
    out.values.emplace_back(reader.word());
  } else if (reader.take(">")) {
    out.op = Operator::kGreater;
    out.values.emplace_back(reader.word());
  } else if (reader.take("<")) {
    out.op = Operator::kLess;
    out.values.emplace_back(reader.word());
  } else {
    const std::string_view word = reader.word();
    if (word.empty()) {
      out.op = Operator::kExists;
      return true;
    }
    if (word != "in" && word != "notin") {
      fault = unable("found '" + std::string(word) + "', expected: in, notin, =, ==, !=, gt, lt");
      return false;
    }
    out.op = word == "in" ? Operator::kIn : Operator::kNotIn;
    if (!read_values(reader, out, fault)) return false;
  }
  for (const std::string& value : out.values) {
    if (fault = label_value_fault(value); !fault.empty()) {
      fault = unable("values: Invalid value: \"" + value + "\": " + fault);
      return false;
    }
  }
  return true;
}

bool to_number(std::string_view text, std::int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool holds(const Requirement& requirement, const schema::Node* labels) {
  const schema::Node* found = labels != nullptr ? labels->find(requirement.key) : nullptr;
  const bool there = found != nullptr && found->is_string();
  const std::string_view value = there ? found->as_string() : std::string_view();
  switch (requirement.op) {
    case Operator::kExists:
      return there;
    case Operator::kNotExists:
      return !there;
    case Operator::kIn:
      return there && std::binary_search(requirement.values.begin(), requirement.values.end(), value);
    case Operator::kNotIn:
      return !there || !std::binary_search(requirement.values.begin(), requirement.values.end(), value);
    case Operator::kGreater:
    case Operator::kLess: {
      std::int64_t ours = 0;
      std::int64_t theirs = 0;
      if (!there || !to_number(value, ours) || !to_number(requirement.values.front(), theirs)) return false;
      return requirement.op == Operator::kGreater ? ours > theirs : ours < theirs;
    }
  }
  return false;
}

}  // namespace

std::string label_key_fault(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash != std::string_view::npos) {
    if (slash == 0) return "prefix part must be non-empty";
    if (key.find('/', slash + 1) != std::string_view::npos) {
      return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
             "an "
             "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
             "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. "
             "'example.com/MyName')";
    }
    if (!is_dns_subdomain(key.substr(0, slash))) {
      return "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
             "'.', "
             "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
             "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    }
    key.remove_prefix(slash + 1);
  }
  if (key.empty()) return "name part must be non-empty";
  if (key.size() > 63) return "name part must be no more than 63 bytes";
  return is_qualified_part(key)
             ? ""
             : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start "
               "and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', "
               "regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
}

std::string label_value_fault(std::string_view value) {
  if (value.empty()) return "";
  if (value.size() > 63) return "must be no more than 63 bytes";
  return is_qualified_part(value)
             ? ""
             : "a valid label must be an empty string or consist of alphanumeric characters, '-', "
               "'_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue', "
               " or 'my_value',  or '12345', regex used for validation is "
               "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
}

ApiResult<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  Reader reader(text);
  while (!reader.end()) {
    Requirement requirement;
    std::string fault;
    if (!read_requirement(reader, requirement, fault)) return refuse(bad_request(std::move(fault)));
    selector.requirements_.push_back(std::move(requirement));
    if (selector.requirements_.size() > kMaxRequirements) return refuse(bad_request("more than 256 requirements"));
    if (reader.end()) break;
    if (!reader.take(",") || reader.end()) {
      return refuse(bad_request(unable("found '" + std::string(reader.rest()) + "', expected: ',' or end of string")));
    }
  }
  return selector;
}

bool LabelSelector::matches(const schema::Node* labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [labels](const Requirement& requirement) { return holds(requirement, labels); });
}

ApiResult<FieldSelector> FieldSelector::parse(std::string_view text) {
  FieldSelector selector;
  std::size_t at = 0;
  while (at < text.size()) {
    // A term ends at a comma that no backslash escapes; \\, \, and \= stand for themselves.
    FieldSelector::Requirement requirement;
    std::string* into = &requirement.field;
    bool has_operator = false;
    for (; at < text.size() && text[at] != ','; ++at) {
      const char c = text[at];
      if (c == '\\') {
        if (at + 1 == text.size()) return refuse(bad_request("invalid field selector: ends in an escape"));
        into->push_back(text[++at]);
      } else if (!has_operator && (c == '=' || (c == '!' && text.substr(at + 1).starts_with('=')))) {
        requirement.negated = c == '!';
        has_operator = true;
        into = &requirement.value;
        if (c == '!' || text.substr(at + 1).starts_with('=')) ++at;
      } else {
        into->push_back(c);
      }
    }
    ++at;
    if (!has_operator) {
      return refuse(
          bad_request("invalid selector: '" + std::string(text) + "'; can't understand '" + requirement.field + "'"));
    }
    selector.requirements_.push_back(std::move(requirement));
    if (selector.requirements_.size() > kMaxRequirements) return refuse(bad_request("more than 256 requirements"));
  }
  return selector;
}

std::string_view FieldSelector::exact_name() const {
  for (const Requirement& requirement : requirements_) {
    if (requirement.field == "metadata.name" && !requirement.negated) return requirement.value;
  }
  return {};
}

bool FieldSelector::matches(const schema::Node& object) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&object](const Requirement& requirement) {
    return (text_at(object, requirement.field) == requirement.value) != requirement.negated;
  });
}

std::string text_at(const schema::Node& object, std::string_view dotted_path) {
  const schema::Node* node = &object;
  while (node != nullptr && !dotted_path.empty()) {
    const std::size_t dot = std::min(dotted_path.find('.'), dotted_path.size());
    node = node->find(dotted_path.substr(0, dot));
    dotted_path.remove_prefix(std::min(dot + 1, dotted_path.size()));
  }
  if (node == nullptr) return {};
  switch (node->kind()) {
    case schema::Node::Kind::kString:
      return std::string(node->as_string());
    case schema::Node::Kind::kBool:
      return node->as_bool() ? "true" : "false";
    case schema::Node::Kind::kInt:
      return std::to_string(node->as_int());
    default:
      return {};
  }
}

}  // namespace troupe::api
