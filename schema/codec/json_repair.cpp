#include "schema/codec/json_repair.hpp"

#include <cstdint>

#include "schema/codec/json_text.hpp"

namespace troupe::schema {

namespace {

class Repair {
 public:
  explicit Repair(std::string_view in) : in_(in) { out_.reserve(in.size() + 64); }

  std::optional<std::string> run() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (in_string_) {
        in_text(c);
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        number();
      } else {
        in_string_ = c == '"';
        take(1);
      }
    }
    if (!changed_) return std::nullopt;
    return std::move(out_);
  }

 private:
  void take(std::size_t n) {
    out_.append(in_.substr(at_, n));
    at_ += n;
  }
  void replace(std::size_t n, std::string_view with) {
    out_.append(with);
    at_ += n;
    changed_ = true;
  }

  void in_text(char c) {
    if (c == '\\') return escape();
    if (c == '"') in_string_ = false;
    const std::size_t length = utf8_length(in_.substr(at_));
    if (length == 0) return replace(1, "\xef\xbf\xbd");
    take(length);
  }

  /// The value of `\uXXXX` at `at`, or nothing.
  std::optional<std::uint32_t> unicode(std::size_t at) const {
    if (at + 6 > in_.size() || in_[at] != '\\' || in_[at + 1] != 'u') return std::nullopt;
    std::uint32_t code = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      const char c = in_[i];
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && (lower < 'a' || lower > 'f')) return std::nullopt;
      code = code * 16 + static_cast<std::uint32_t>(digit ? c - '0' : lower - 'a' + 10);
    }
    return code;
  }

  void escape() {
    const auto code = unicode(at_);
    if (!code || *code < 0xd800 || *code > 0xdfff) return take(2);
    const auto low = unicode(at_ + 6);
    if (*code < 0xdc00 && low && *low >= 0xdc00 && *low <= 0xdfff) return take(12);
    replace(6, "\\ufffd");
  }

  void number() {
    const std::size_t begin = at_;
    std::size_t end = at_ + 1;
    bool whole = true;
    for (; end < in_.size(); ++end) {
      const char c = in_[end];
      if (c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-')
        whole = false;
      else if (c < '0' || c > '9')
        break;
    }
    take(end - begin);
    if (whole && end - begin >= 19) replace(0, "e0");
  }

  std::string_view in_;
  std::string out_;
  std::size_t at_ = 0;
  bool in_string_ = false;
  bool changed_ = false;
};

}  // namespace

std::optional<std::string> repair_json(std::string_view json) { return Repair(json).run(); }

void drop_duplicates(Document& document, Node& object, const PathStep* path, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < object.size();) {
    const Member member = object.members()[i];
    Node* last = object.find(member.key);
    if (last == &object.members()[i].value) {
      ++i;
      continue;
    }
    diagnostics.duplicate_field(path, member.key);
    const Node value = *last;
    document.erase(object, member.key);  // every one of them; the last value goes to the end
    if (auto added = document.append_member(object, member.key, value); !added) return;
  }
}

}  // namespace troupe::schema
