#include "actors/pod/backoff.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace troupe::pod {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kLongest = std::chrono::hours(24 * 365);

Result<double> parse_number(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return fail(ErrorCode::kInvalidArgument, "\"" + std::string(text) + "\" is not a number");
  }
  return value;
}

Status parse_budget(std::string_view text, BackoffCurve& curve) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, "budget: write RESTARTS/TIME, as in 50/10s");
  }
  std::uint32_t budget = 0;
  const auto count = text.substr(0, slash);
  auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), budget);
  if (error != std::errc() || end != count.data() + count.size() || budget == 0 || budget > 10'000) {
    return fail(ErrorCode::kInvalidArgument, "budget: restarts must be a number from 1 to 10000");
  }
  auto window = parse_duration(text.substr(slash + 1));
  if (!window) return fail(window.error().with_context("budget"));
  curve.budget = budget;
  curve.window = *window;
  return {};
}

Status parse_part(std::string_view key, std::string_view value, BackoffCurve& curve) {
  if (key == "budget") return parse_budget(value, curve);
  if (key == "factor") {
    auto factor = parse_number(value);
    if (!factor) return fail(factor.error().with_context(key));
    if (*factor < 1 || *factor > 100) return fail(ErrorCode::kInvalidArgument, "factor must be from 1 to 100");
    curve.factor = *factor;
    return {};
  }
  nanoseconds* field = key == "initial" ? &curve.initial : key == "limit" ? &curve.limit : nullptr;
  if (key == "reset") field = &curve.reset;
  if (field == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                "unknown part \"" + std::string(key) + "\"; known are initial, factor, limit, reset, budget");
  }
  auto duration = parse_duration(value);
  if (!duration) return fail(duration.error().with_context(key));
  *field = *duration;
  return {};
}

std::string trim_fraction(double value) {
  char buffer[32];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return error == std::errc() ? std::string(buffer, end) : "0";
}

}  // namespace

Result<BackoffCurve> parse_backoff_curve(std::string_view text) {
  BackoffCurve curve;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "\"" + std::string(part) + "\": write NAME=VALUE");
    }
    if (auto status = parse_part(part.substr(0, equals), part.substr(equals + 1), curve); !status) {
      return fail(status.error());
    }
  }
  if (curve.limit < curve.initial) curve.limit = curve.initial;
  if (curve.initial == nanoseconds(0) && curve.budget == 0) curve.budget = kDefaultBudget;
  return curve;
}

BackoffCurve backoff_curve(const std::map<std::string, std::string>& annotations) {
  const auto found = annotations.find(std::string(kBackoffAnnotation));
  if (found == annotations.end()) return {};
  return parse_backoff_curve(found->second).value_or(BackoffCurve());
}

bool Backoff::expired(const BackoffCurve& curve, Time finished) const {
  return !updated_ || finished - *updated_ > curve.reset;
}

Backoff::Time Backoff::ready_at(const BackoffCurve& curve, Time finished) const {
  Time ready = expired(curve, finished) ? finished : finished + delay_;
  if (curve.budget > 0 && recent_.size() >= curve.budget) {
    ready = std::max(ready, recent_[recent_.size() - curve.budget] + curve.window);
  }
  return ready;
}

void Backoff::next(const BackoffCurve& curve, Time finished, Time now) {
  if (expired(curve, finished) || delay_ == nanoseconds(0)) {
    delay_ = curve.initial;
  } else {
    const double grown = static_cast<double>(delay_.count()) * curve.factor;
    const auto limit = static_cast<double>(curve.limit.count());
    delay_ = nanoseconds(static_cast<nanoseconds::rep>(std::min(grown, limit)));
  }
  updated_ = now;
  if (curve.budget == 0) return;
  recent_.push_back(now);
  while (recent_.size() > curve.budget) recent_.pop_front();
}

Backoff Backoff::restore(const BackoffCurve& curve, std::uint32_t restarts, std::optional<Time> started) {
  Backoff backoff;
  if (restarts == 0 || !started) return backoff;
  const double exponent = std::min<std::uint32_t>(restarts - 1, 200);
  const double grown = static_cast<double>(curve.initial.count()) * std::pow(curve.factor, exponent);
  backoff.delay_ =
      nanoseconds(static_cast<nanoseconds::rep>(std::min(grown, static_cast<double>(curve.limit.count()))));
  backoff.updated_ = started;
  return backoff;
}

std::string format_duration(nanoseconds duration) {
  if (duration <= nanoseconds(0)) return "0s";
  if (duration < seconds(1)) return trim_fraction(static_cast<double>(duration.count()) / 1e6) + "ms";
  const auto whole = std::chrono::duration_cast<std::chrono::minutes>(duration).count();
  const auto rest = duration - std::chrono::minutes(whole);
  std::string out;
  if (whole >= 60) out += std::to_string(whole / 60) + "h";
  if (whole > 0) out += std::to_string(whole % 60) + "m";
  return out + trim_fraction(static_cast<double>(rest.count()) / 1e9) + "s";
}

Result<nanoseconds> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::kInvalidArgument,
                "\"" + std::string(text) + "\" is not a duration; write 250ms, 10s, 1m30s or 0");
  };
  if (text == "0") return nanoseconds(0);
  if (text.empty() || text.size() > 64) return bad();
  double total = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto digits = rest.find_first_not_of("0123456789.");
    if (digits == 0 || digits == std::string_view::npos) return bad();
    auto number = parse_number(rest.substr(0, digits));
    if (!number) return bad();
    rest.remove_prefix(digits);
    const auto unit_length = std::min(rest.find_first_of("0123456789."), rest.size());
    const auto unit = rest.substr(0, unit_length);
    rest.remove_prefix(unit_length);
    const double scale = unit == "ns"   ? 1
                         : unit == "us" ? 1e3
                         : unit == "ms" ? 1e6
                         : unit == "s"  ? 1e9
                         : unit == "m"  ? 60e9
                         : unit == "h"  ? 3600e9
                                        : 0;
    if (scale == 0) return bad();
    total += *number * scale;
  }
  if (total > static_cast<double>(kLongest.count())) return bad();
  return nanoseconds(static_cast<nanoseconds::rep>(total));
}

}  // namespace troupe::pod
