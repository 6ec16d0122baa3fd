#include "api/validation/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

namespace troupe::api {

namespace {

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
  int low;
  int high;
  std::span<const std::string_view> names;  ///< The first is `low`.
};
constexpr std::array<Field, 5> kFields{{{0, 59, {}}, {0, 23, {}}, {1, 31, {}}, {1, 12, kMonths}, {0, 6, kDays}}};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

std::optional<int> number(std::string_view text, const Field& field) {
  const auto named = std::find(field.names.begin(), field.names.end(), lower(text));
  if (named != field.names.end()) return field.low + static_cast<int>(named - field.names.begin());
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// "*", "5", "1-5", each with "/2".
std::string part_fault(std::string_view part, const Field& field) {
  const auto stepped = split(part, '/');
  if (stepped.size() > 2) return "too many slashes: " + std::string(part);
  const auto range = split(stepped[0], '-');
  if (range.size() > 2) return "too many hyphens: " + std::string(part);
  if (stepped.size() == 2) {
    const auto step = number(stepped[1], Field{0, 0, {}});
    if (!step) return "failed to parse int from " + std::string(stepped[1]);
    if (*step <= 0) return "step of range should be a positive number: " + std::string(part);
  }
  if (stepped[0] == "*" || stepped[0] == "?") return "";
  const auto first = number(range[0], field);
  const auto last = number(range.back(), field);
  if (!first || !last) return "failed to parse int from " + std::string(!first ? range[0] : range.back());
  if (*first < field.low) {
    return "beginning of range (" + std::to_string(*first) + ") below minimum (" + std::to_string(field.low) +
           "): " + std::string(part);
  }
  if (*last > field.high) {
    return "end of range (" + std::to_string(*last) + ") above maximum (" + std::to_string(field.high) +
           "): " + std::string(part);
  }
  if (*first > *last) {
    return "beginning of range (" + std::to_string(*first) + ") beyond end of range (" + std::to_string(*last) +
           "): " + std::string(part);
  }
  return "";
}

std::string descriptor_fault(std::string_view schedule) {
  for (const std::string_view known :
       {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}) {
    if (schedule == known) return "";
  }
  static constexpr std::string_view kEvery = "@every ";
  if (schedule.starts_with(kEvery) && schedule.size() > kEvery.size() && schedule[kEvery.size()] >= '0' &&
      schedule[kEvery.size()] <= '9') {
    return "";
  }
  return "unrecognized descriptor: " + std::string(schedule);
}

}  // namespace

std::string cron_fault(std::string_view schedule) {
  if (schedule.starts_with("@")) return descriptor_fault(schedule);
  std::vector<std::string_view> fields;
  for (const std::string_view part : split(schedule, ' ')) {
    if (!part.empty()) fields.push_back(part);
  }
  if (fields.size() != kFields.size()) {
    std::string listed;
    for (const std::string_view each : fields) listed += (listed.empty() ? "" : " ") + std::string(each);
    return "expected exactly 5 fields, found " + std::to_string(fields.size()) + ": [" + listed + "]";
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const std::string_view part : split(fields[i], ',')) {
      if (std::string fault = part_fault(part, kFields[i]); !fault.empty()) return fault;
    }
  }
  return "";
}

}  // namespace troupe::api
