#include "api/table_parts.hpp"

#include <algorithm>
#include <vector>

#include "api/selectors.hpp"
#include "api/table.hpp"
#include "schema/codec/time.hpp"

namespace troupe::api::cells {

using schema::Node;

namespace {

std::string joined(std::vector<std::string>& parts) {
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text.empty() ? "<none>" : text;
}

void append_labels(const Node* labels, std::vector<std::string>& parts) {
  if (labels == nullptr) return;
  for (const schema::Member& label : labels->members()) {
    parts.push_back(std::string(label.key) + "=" +
                    (label.value.is_string() ? std::string(label.value.as_string()) : ""));
  }
}

std::string requirement_text(const Node& expression) {
  std::string key = text_at(expression, "key");
  const std::string op = text_at(expression, "operator");
  if (op == "Exists") return key;
  if (op == "DoesNotExist") return "!" + key;
  std::vector<std::string> values;
  for (const Node& value : items_at(expression, "values")) values.push_back(text_at(value, ""));
  std::sort(values.begin(), values.end());
  std::string text = key + (op == "NotIn" ? " notin (" : " in (");
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ",") + values[i];
  return text + ")";
}

}  // namespace

const Node* node_at(const Node& object, std::string_view path) {
  const Node* node = &object;
  while (node != nullptr && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    node = node->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return node;
}

std::int64_t number_at(const Node& object, std::string_view path, std::int64_t otherwise) {
  const Node* found = node_at(object, path);
  return found != nullptr && found->is_int() ? found->as_int() : otherwise;
}

std::size_t count_at(const Node& object, std::string_view path) {
  const Node* found = node_at(object, path);
  return found != nullptr ? found->size() : 0;
}

std::span<const Node> items_at(const Node& object, std::string_view path) {
  const Node* found = node_at(object, path);
  return found != nullptr ? found->items() : std::span<const Node>();
}

bool is_true_at(const Node& object, std::string_view path) { return text_at(object, path) == "true"; }

bool is_going(const Node& object) { return !text_at(object, "metadata.deletionTimestamp").empty(); }

std::string text_or(std::string&& text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : std::move(text);
}

std::string age_since(const Node& object, std::string_view path, Time now) {
  const auto instant = schema::parse_time(text_at(object, path));
  if (!instant) return "<unknown>";
  const auto then = Time(std::chrono::seconds(instant->seconds));
  return human_duration(std::chrono::duration_cast<std::chrono::seconds>(now - then));
}

std::string join_at(std::span<const Node> items, std::string_view path) {
  std::string text;
  for (const Node& item : items) {
    const std::string value =
        path.empty() ? (item.is_string() ? std::string(item.as_string()) : "") : text_at(item, path);
    if (!value.empty()) text += (text.empty() ? "" : ",") + value;
  }
  return text;
}

std::string labels_text(const Node* labels) {
  std::vector<std::string> parts;
  append_labels(labels, parts);
  return joined(parts);
}

std::string selector_text(const Node* selector) {
  if (selector == nullptr) return "<none>";
  struct Part {
    std::string key;
    std::string text;
  };
  std::vector<Part> parts;
  if (const Node* labels = selector->find("matchLabels")) {
    for (const schema::Member& label : labels->members()) {
      const std::string key(label.key);
      parts.push_back({key, key + "=" + (label.value.is_string() ? std::string(label.value.as_string()) : "")});
    }
  }
  for (const Node& expression : items_at(*selector, "matchExpressions")) {
    parts.push_back({text_at(expression, "key"), requirement_text(expression)});
  }
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.key < b.key; });
  std::string text;
  for (const Part& part : parts) text += (text.empty() ? "" : ",") + part.text;
  return text_or(std::move(text), "<none>");
}

std::string condition(const Node& object, std::string_view type) {
  for (const Node& each : items_at(object, "status.conditions")) {
    if (text_at(each, "type") == type) return text_at(each, "status");
  }
  return {};
}

}  // namespace troupe::api::cells
