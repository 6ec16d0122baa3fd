#include "api/custom/cells.hpp"

#include <cmath>

#include "api/error.hpp"
#include "api/object_codec.hpp"
#include "api/table.hpp"
#include "schema/codec/time.hpp"

namespace troupe::api::custom {

namespace {

using schema::Node;

void append_date(std::string& out, const Node& value, std::chrono::system_clock::time_point now) {
  if (!value.is_string()) return out.append("null"), void();
  const auto instant = schema::parse_time(value.as_string());
  if (!instant) return append_json_string(out, "<invalid>");
  const auto then = std::chrono::system_clock::time_point(std::chrono::seconds(instant->seconds));
  append_json_string(out, human_duration(std::chrono::duration_cast<std::chrono::seconds>(now - then)));
}

bool fits(const Node& value, std::string_view type) {
  const bool number = value.is_int() || value.kind() == Node::Kind::kDouble;
  if (type == "integer" || type == "number") return number;
  return type == "boolean" && value.kind() == Node::Kind::kBool;
}

}  // namespace

void append_cell(std::string& out, const Version& version, std::size_t column, const Node& object,
                 std::chrono::system_clock::time_point now) {
  const auto found = version.column_paths[column].find(object);
  const std::string_view type = version.columns[column].type;
  if (found.empty() || found.front()->is_null()) {
    out += "null";
    return;
  }
  const Node& value = *found.front();
  if (type == "date") return append_date(out, value, now);
  if (type == "string") return append_json_string(out, printed(value));
  if (!fits(value, type)) {
    out += "null";
  } else if (type == "integer" && !value.is_int()) {
    out += std::to_string(static_cast<std::int64_t>(std::trunc(value.as_double())));
  } else {
    append_json(value, out);
  }
}

}  // namespace troupe::api::custom
