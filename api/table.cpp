#include "api/table.hpp"

#include "api/custom/cells.hpp"
#include "api/custom/version.hpp"
#include "api/error.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

void TableWriter::begin(std::string& out, std::string_view metadata, bool columns) const {
  out += R"({"kind":"Table","apiVersion":"meta.k8s.io/)";
  out.append(version_).append("\",\"metadata\":").append(metadata).append(",\"columnDefinitions\":");
  if (!columns) {
    out += "null,\"rows\":[";
    return;
  }
  out += "[";
  bool first = true;
  for (std::size_t i = 0; i < resource_.columns.size(); ++i) {
    const schema::Column& column = resource_.columns[i];
    out += first ? "{\"name\":" : ",{\"name\":";
    first = false;
    append_json_string(out, column.name);
    out += ",\"type\":";
    append_json_string(out, column.type);
    out += ",\"format\":";
    append_json_string(out, column.format);
    out += ",\"description\":";
    append_json_string(out, resource_.custom ? std::string_view(resource_.custom->descriptions[i]) : "");
    out += ",\"priority\":";
    out += std::to_string(column.priority);
    out += "}";
  }
  out += "],\"rows\":[";
}

void TableWriter::add_row(std::string& out, const schema::Node& object) {
  out += first_ ? "{\"cells\":[" : ",{\"cells\":[";
  first_ = false;
  bool first_cell = true;
  for (std::size_t i = 0; i < resource_.columns.size(); ++i) {
    if (!first_cell) out += ",";
    first_cell = false;
    if (resource_.custom) {
      custom::append_cell(out, *resource_.custom, i, object, now_);
    } else {
      append_cell(out, resource_, resource_.columns[i], object, now_);
    }
  }
  out += "],\"object\":";
  if (include_ == IncludeObject::kNone) {
    out += "null";
  } else if (include_ == IncludeObject::kObject) {
    append_json(object, out);
  } else {
    append_partial(object, version_, true, out);
  }
  out += "}";
}

void TableWriter::end(std::string& out) const { out += "]}"; }

std::string human_duration(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  const auto with_rest = [](std::int64_t big, char big_unit, std::int64_t rest, char rest_unit) {
    std::string text = std::to_string(big) + big_unit;
    if (rest != 0) text += std::to_string(rest) + rest_unit;
    return text;
  };
  if (seconds < 120) return std::to_string(seconds) + "s";
  const auto minutes = seconds / 60;
  if (minutes < 10) return with_rest(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return std::to_string(minutes) + "m";
  const auto hours = minutes / 60;
  if (hours < 8) return with_rest(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return std::to_string(hours) + "h";
  if (hours < 192) return with_rest(hours / 24, 'd', hours % 24, 'h');
  const auto days = hours / 24;
  if (days < 365 * 2) return std::to_string(days) + "d";
  if (days < 365 * 8) return with_rest(days / 365, 'y', days % 365, 'd');
  return std::to_string(days / 365) + "y";
}

}  // namespace troupe::api
