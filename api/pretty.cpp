#include "api/pretty.hpp"

namespace troupe::api {

void Indenter::new_line(std::string& out) const { out.append("\n").append(depth_ * 2, ' '); }

void Indenter::add_part(char c, std::string& out) {
  if (c == '\n') return;
  const bool closes = c == '}' || c == ']';
  if (opened_ && !closes) {
    ++depth_;
    new_line(out);
  } else if (closes && !opened_) {
    if (depth_ > 0) --depth_;
    new_line(out);
  }
  opened_ = c == '{' || c == '[';
  out += c;
  if (c == ',') new_line(out);
  if (c == ':') out += ' ';
  in_text_ = c == '"';
}

std::string Indenter::add(std::string_view piece) {
  std::string out;
  out.reserve(piece.size() * 2);
  while (!piece.empty()) {
    if (!in_text_) {
      add_part(piece.front(), out);
      piece.remove_prefix(1);
      continue;
    }
    std::size_t end = 0;
    for (; end < piece.size() && in_text_; ++end) {
      in_text_ = escaped_ || piece[end] != '"';
      escaped_ = !escaped_ && piece[end] == '\\';
    }
    out.append(piece.substr(0, end));
    piece.remove_prefix(end);
  }
  return out;
}

std::string indented(std::string_view json) { return Indenter().add(json); }

bool wants_pretty(const Call& call) {
  if (const std::string_view asked = call.info.query.get("pretty"); !asked.empty()) {
    return asked == "true" || asked == "1" || asked == "t" || asked == "T" || asked == "TRUE" || asked == "True";
  }
  const std::string* agent = call.request.headers.find("user-agent");
  return agent != nullptr &&
         (agent->starts_with("curl") || agent->starts_with("Wget") || agent->starts_with("Mozilla/5.0"));
}

}  // namespace troupe::api
