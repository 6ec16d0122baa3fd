#include "api/pretty.hpp"

#include <cstddef>

namespace troupe::api {

std::string indented(std::string_view json) {
  std::string out;
  out.reserve(json.size() * 2);
  std::size_t depth = 0;
  const auto new_line = [&] { out.append("\n").append(depth * 2, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      std::size_t end = i + 1;
      while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      out.append(json.substr(i, end + 1 - i));
      i = end;
    } else if (c == '{' || c == '[') {
      out += c;
      if (i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']')) {
        out += json[++i];
        continue;
      }
      ++depth;
      new_line();
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
      new_line();
      out += c;
    } else if (c == ',') {
      out += c;
      new_line();
    } else if (c == ':') {
      out += ": ";
    } else if (c != '\n') {
      out += c;
    }
  }
  return out;
}

bool wants_pretty(const Call& call) {
  if (const std::string_view asked = call.info.query.get("pretty"); !asked.empty()) {
    return asked == "true" || asked == "1" || asked == "t" || asked == "T" || asked == "TRUE" || asked == "True";
  }
  const std::string* agent = call.request.headers.find("user-agent");
  return agent != nullptr &&
         (agent->starts_with("curl") || agent->starts_with("Wget") || agent->starts_with("Mozilla/5.0"));
}

}  // namespace troupe::api
