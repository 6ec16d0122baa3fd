#include "schema/codec/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace troupe::schema {

namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

/// Days since 1970-01-01 of the proleptic Gregorian calendar (months from March, eras of 400 years).
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

struct Civil {
  std::int64_t year = 0;
  unsigned month = 0;
  unsigned day = 0;
};

Civil civil_from_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = day_of_year - (153 * shifted + 2) / 5 + 1;
  civil.month = shifted < 10 ? shifted + 3 : shifted - 9;
  civil.year = static_cast<std::int64_t>(year_of_era) + era * 400 + (civil.month <= 2 ? 1 : 0);
  return civil;
}

unsigned days_in_month(std::int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

/// Reads from the front of a text; every step fails quietly.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool number(std::size_t digits, unsigned& out) {
    if (text_.size() < digits) return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return false;
      out = out * 10 + static_cast<unsigned>(text_[i] - '0');
    }
    text_.remove_prefix(digits);
    return true;
  }
  bool literal(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Optional: '.' or ',' and digits; those after the ninth are cut off.
  bool fraction(std::int32_t& nanos) {
    if (!literal('.') && !literal(',')) return true;
    std::int32_t unit = 100'000'000;
    const std::size_t before = text_.size();
    for (; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; text_.remove_prefix(1), unit /= 10) {
      nanos += (text_[0] - '0') * unit;
    }
    return text_.size() != before;
  }
  bool offset(std::int64_t& seconds) {
    if (literal('Z')) return true;
    const bool negative = !text_.empty() && text_[0] == '-';
    unsigned hours = 0;
    unsigned minutes = 0;
    if (!literal('+') && !literal('-')) return false;
    if (!number(2, hours) || !literal(':') || !number(2, minutes) || hours > 24 || minutes > 60) return false;
    seconds = static_cast<std::int64_t>(hours) * 3600 + minutes * 60;
    if (negative) seconds = -seconds;
    return true;
  }
  bool done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool read_time(std::string_view text, Instant& out) {
  Reader in(text);
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  std::int64_t offset = 0;
  const bool date =
      in.number(4, year) && in.literal('-') && in.number(2, month) && in.literal('-') && in.number(2, day);
  if (!date || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  if (!in.literal('T') || !in.number(2, hour) || !in.literal(':') || !in.number(2, minute)) return false;
  if (!in.literal(':') || !in.number(2, second) || hour > 23 || minute > 59 || second > 59) return false;
  if (!in.fraction(out.nanos) || !in.offset(offset) || !in.done()) return false;
  out.seconds = days_from_civil(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60 + second - offset;
  return out.seconds >= kMinTimeSeconds && out.seconds <= kMaxTimeSeconds;
}

/// The usual form, "2006-01-02T15:04:05Z", without a branch for each byte. False says nothing.
bool read_plain_time(std::string_view text, Instant& out) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (text.size() != kForm.size()) return false;
  unsigned wrong = 0;
  for (const std::size_t i : {4, 7, 10, 13, 16, 19}) wrong |= static_cast<unsigned>(text[i] ^ kForm[i]);
  const auto number = [&](std::size_t i) {
    const auto tens = static_cast<unsigned>(text[i] - '0');
    const auto ones = static_cast<unsigned>(text[i + 1] - '0');
    wrong |= (tens > 9 ? 1U : 0U) | (ones > 9 ? 1U : 0U);
    return tens * 10 + ones;
  };
  const unsigned year = number(0) * 100 + number(2);
  const unsigned month = number(5);
  const unsigned day = number(8);
  const unsigned hour = number(11);
  const unsigned minute = number(14);
  const unsigned second = number(17);
  if (wrong != 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  out.seconds = days_from_civil(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60 + second;
  return true;
}

char* put(char* at, unsigned value, int digits) {
  for (int i = digits; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
  return at + digits;
}

/// Writes "2006-01-02T15:04:05" and returns its end.
char* put_seconds(char* at, std::int64_t seconds) {
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t rest = seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  const Civil civil = civil_from_days(days);
  const auto of_day = static_cast<unsigned>(rest);
  at = put(at, static_cast<unsigned>(civil.year), 4);
  *at++ = '-';
  at = put(at, civil.month, 2);
  *at++ = '-';
  at = put(at, civil.day, 2);
  *at++ = 'T';
  at = put(at, of_day / 3600, 2);
  *at++ = ':';
  at = put(at, of_day / 60 % 60, 2);
  *at++ = ':';
  return put(at, of_day % 60, 2);
}

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\xc2\xb5s", 1'000},
                                         {"\xce\xbcs", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};

/// One "1.5h" off the front, added to `nanos`; false when malformed or over 2⁶³.
bool take_span(std::string_view& text, std::uint64_t& nanos) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  std::size_t n = 0;
  std::uint64_t whole = 0;
  double fraction = 0;
  double fraction_unit = 1;
  bool any = false;
  for (; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n, any = true) {
    if (whole > kLimit / 10) return false;
    whole = whole * 10 + static_cast<unsigned>(text[n] - '0');
  }
  if (n < text.size() && text[n] == '.') {
    for (++n; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n, any = true) {
      if (fraction_unit > 1e17) continue;  // finer than a nanosecond of an hour
      fraction = fraction * 10 + (text[n] - '0');
      fraction_unit *= 10;
    }
  }
  if (!any) return false;
  text.remove_prefix(n);
  std::size_t end = 0;
  while (end < text.size() && text[end] != '.' && (text[end] < '0' || text[end] > '9')) ++end;
  const auto* unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == text.substr(0, end); });
  if (unit == kUnits.end()) return false;
  text.remove_prefix(end);
  const auto scale = static_cast<std::uint64_t>(unit->nanos);
  if (__builtin_mul_overflow(whole, scale, &whole) || whole > kLimit) return false;
  whole += static_cast<std::uint64_t>(fraction * (static_cast<double>(scale) / fraction_unit));
  return !__builtin_add_overflow(nanos, whole, &nanos) && nanos <= kLimit;
}

void append_fraction(std::string& out, std::uint64_t value, std::uint64_t unit, std::string_view suffix) {
  out.append(std::to_string(value / unit));
  std::uint64_t rest = value % unit;
  if (rest != 0) {
    out.push_back('.');
    for (; rest != 0; rest %= unit) {
      unit /= 10;
      out.push_back(static_cast<char>('0' + rest / unit));
    }
  }
  out.append(suffix);
}

}  // namespace

Result<Instant> parse_time(std::string_view text) {
  Instant instant;
  if (read_plain_time(text, instant) || read_time(text, instant)) return instant;
  return fail(ErrorCode::kInvalidArgument,
              "\"" + std::string(text.substr(0, 64)) + "\" is no time such as 2006-01-02T15:04:05Z (RFC 3339)");
}

char* write_time(char* to, std::int64_t seconds) {
  to = put_seconds(to, seconds);
  *to++ = 'Z';
  return to;
}

char* write_micro_time(char* to, std::int64_t micros) {
  std::int64_t seconds = micros / 1'000'000;
  std::int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  to = put_seconds(to, seconds);
  *to++ = '.';
  to = put(to, static_cast<unsigned>(rest), 6);
  *to++ = 'Z';
  return to;
}

void append_time(std::string& out, std::int64_t seconds) {
  std::array<char, 32> buffer;
  out.append(buffer.data(), write_time(buffer.data(), seconds));
}

void append_micro_time(std::string& out, std::int64_t micros) {
  std::array<char, 32> buffer;
  out.append(buffer.data(), write_micro_time(buffer.data(), micros));
}

Result<std::int64_t> parse_duration(std::string_view text) {
  const auto malformed = [&] {
    return fail(ErrorCode::kInvalidArgument,
                "\"" + std::string(text.substr(0, 64)) + "\" is no duration such as 1h30m or 300ms");
  };
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  if (rest == "0") return 0;
  if (rest.empty()) return malformed();
  std::uint64_t magnitude = 0;
  while (!rest.empty()) {
    if (!take_span(rest, magnitude)) return malformed();
  }
  if (negative) return static_cast<std::int64_t>(-magnitude);
  if (magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return malformed();
  return static_cast<std::int64_t>(magnitude);
}

void append_duration(std::string& out, std::int64_t nanos) {
  if (nanos == 0) {
    out.append("0s");
    return;
  }
  auto value = static_cast<std::uint64_t>(nanos);
  if (nanos < 0) {
    out.push_back('-');
    value = -value;
  }
  if (value < 1'000) return append_fraction(out, value, 1, "ns");
  if (value < 1'000'000) return append_fraction(out, value, 1'000, "\xc2\xb5s");
  if (value < 1'000'000'000) return append_fraction(out, value, 1'000'000, "ms");
  const std::uint64_t minutes = value / 60'000'000'000;
  if (minutes >= 60) out.append(std::to_string(minutes / 60)).push_back('h');
  if (minutes > 0) out.append(std::to_string(minutes % 60)).push_back('m');
  append_fraction(out, value % 60'000'000'000, 1'000'000'000, "s");
}

}  // namespace troupe::schema
