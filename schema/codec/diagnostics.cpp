#include "schema/codec/diagnostics.hpp"

#include <algorithm>

namespace troupe::schema {

namespace {

constexpr std::size_t kMaxShownName = 256;

void append_step(std::string& out, const PathStep& step) {
  if (step.is_item) {
    out.append("[").append(std::to_string(step.index)).append("]");
    return;
  }
  const std::string_view name = step.name.substr(0, kMaxShownName);
  if (name.find_first_of(".[]/ ") != std::string_view::npos) {
    out.append("[").append(name).append("]");
    return;
  }
  if (!out.empty()) out.push_back('.');
  out.append(name);
}

}  // namespace

std::string path_text(const PathStep* step) {
  std::vector<const PathStep*> steps;
  for (; step != nullptr; step = step->parent) steps.push_back(step);
  std::string out;
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    if ((*it)->is_item || !(*it)->name.empty()) append_step(out, **it);
  }
  return out;
}

std::string Finding::message() const {
  switch (what) {
    case What::kUnknownField:
      return "unknown field \"" + path + "\"";
    case What::kDuplicateField:
      return "duplicate field \"" + path + "\"";
    case What::kWrongValue:
      break;
  }
  return path.empty() ? reason : path + ": " + reason;
}

void Diagnostics::unknown_field(const PathStep* parent, std::string_view name) {
  if (strictness_ == Strictness::kIgnore) return;
  const PathStep step(parent, name);
  add(Finding::What::kUnknownField, path_text(&step), "unknown field", strictness_ == Strictness::kStrict);
}

void Diagnostics::duplicate_field(const PathStep* parent, std::string_view name) {
  if (strictness_ == Strictness::kIgnore) return;
  const PathStep step(parent, name);
  add(Finding::What::kDuplicateField, path_text(&step), "duplicate field", strictness_ == Strictness::kStrict);
}

void Diagnostics::wrong_value(const PathStep* step, std::string reason) {
  add(Finding::What::kWrongValue, path_text(step), std::move(reason), true);
}

void Diagnostics::add(Finding::What what, std::string path, std::string reason, bool is_error) {
  if (is_error) ++errors_;
  if (findings_.size() >= max_findings_) {
    ++dropped_;
    return;
  }
  findings_.push_back({what, std::move(path), std::move(reason)});
}

void Diagnostics::clear() {
  findings_.clear();
  dropped_ = 0;
  errors_ = 0;
}

std::vector<std::string> Diagnostics::warnings() const {
  std::vector<std::string> out;
  if (strictness_ != Strictness::kWarn) return out;
  for (const Finding& finding : findings_) {
    if (finding.what != Finding::What::kWrongValue) out.push_back(finding.message());
  }
  return out;
}

Status Diagnostics::status() const {
  if (errors_ == 0) return {};
  std::string text;
  for (const Finding& finding : findings_) {
    if (strictness_ == Strictness::kWarn && finding.what != Finding::What::kWrongValue) continue;
    if (!text.empty()) text.append(", ");
    text.append(finding.message());
  }
  if (dropped_ != 0) text.append(" and ").append(std::to_string(dropped_)).append(" more");
  return fail(ErrorCode::kInvalidArgument, std::move(text));
}

}  // namespace troupe::schema
