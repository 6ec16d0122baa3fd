#include "kernel/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <exception>

namespace troupe::kernel {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  out += '"';
}

// A value with blanks or control characters is quoted, so that a line stays one line.
void append_text_value(std::string& out, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"\\\n\r\t=") == std::string_view::npos;
  if (plain) {
    out += value;
  } else {
    append_json_string(out, value);
  }
}

void append_one_line(std::string& out, std::string_view text) {
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
}

std::string text_line(LogLevel level, std::string_view component, std::string_view message,
                      const std::vector<LogField>& fields, TraceId trace) {
  std::string line(name_of(level));
  line.append(" ").append(component).append(": ");
  append_one_line(line, message);
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    append_text_value(line, field.value);
  }
  if (trace) line.append(" trace=").append(to_string(trace));
  return line;
}

// Without the opening brace: the time goes in front.
std::string json_rest(LogLevel level, std::string_view component, std::string_view message,
                      const std::vector<LogField>& fields, TraceId trace) {
  std::string line = "\"level\":";
  append_json_string(line, name_of(level));
  line += ",\"component\":";
  append_json_string(line, component);
  line += ",\"message\":";
  append_json_string(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(line, field.key);
    line += ':';
    append_json_string(line, field.value);
  }
  if (trace) line += ",\"trace\":\"" + to_string(trace) + '"';
  return line + '}';
}

class SpdLogger final : public Logger {
 public:
  SpdLogger(spdlog::sink_ptr sink, const LogOptions& options)
      : logger_("troupe", std::move(sink)), format_(options.format), level_(options.level) {
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::warn);
    logger_.set_pattern(
        format_ == LogFormat::kJson ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v" : "%Y-%m-%dT%H:%M:%S.%eZ %v",
        spdlog::pattern_time_type::utc);
  }
  bool enabled(LogLevel level) const override { return level >= level_; }
  void log(LogLevel level, std::string_view component, std::string_view message, const std::vector<LogField>& fields,
           TraceId trace) override {
    if (!enabled(level)) return;
    const std::string line = format_ == LogFormat::kJson ? json_rest(level, component, message, fields, trace)
                                                         : text_line(level, component, message, fields, trace);
    logger_.log(level >= LogLevel::kWarn ? spdlog::level::warn : spdlog::level::info, spdlog::string_view_t(line));
  }

 private:
  spdlog::logger logger_;
  LogFormat format_;
  LogLevel level_;
};

class NullLogger final : public Logger {
 public:
  bool enabled(LogLevel) const override { return false; }
  void log(LogLevel, std::string_view, std::string_view, const std::vector<LogField>&, TraceId) override {}
};

class StringLogger final : public Logger {
 public:
  StringLogger(std::string* out, LogFormat format, LogLevel level) : out_(out), format_(format), level_(level) {}
  bool enabled(LogLevel level) const override { return level >= level_; }
  void log(LogLevel level, std::string_view component, std::string_view message, const std::vector<LogField>& fields,
           TraceId trace) override {
    if (!enabled(level)) return;
    const std::string line = format_ == LogFormat::kJson ? '{' + json_rest(level, component, message, fields, trace)
                                                         : text_line(level, component, message, fields, trace);
    const std::lock_guard lock(mutex_);
    out_->append(line).append("\n");
  }

 private:
  std::mutex mutex_;
  std::string* out_;
  LogFormat format_;
  LogLevel level_;
};

}  // namespace

void Logger::debug(std::string_view component, std::string_view message, const std::vector<LogField>& fields,
                   TraceId trace) {
  log(LogLevel::kDebug, component, message, fields, trace);
}
void Logger::info(std::string_view component, std::string_view message, const std::vector<LogField>& fields,
                  TraceId trace) {
  log(LogLevel::kInfo, component, message, fields, trace);
}
void Logger::warn(std::string_view component, std::string_view message, const std::vector<LogField>& fields,
                  TraceId trace) {
  log(LogLevel::kWarn, component, message, fields, trace);
}
void Logger::error(std::string_view component, std::string_view message, const std::vector<LogField>& fields,
                   TraceId trace) {
  log(LogLevel::kError, component, message, fields, trace);
}

Result<std::unique_ptr<Logger>> make_logger(const LogOptions& options) {
  try {
    spdlog::sink_ptr sink;
    if (options.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    }
    return std::make_unique<SpdLogger>(std::move(sink), options);
  } catch (const std::exception& e) {
    return fail(ErrorCode::kIo, "open the log " + options.file + ": " + e.what());
  }
}

std::unique_ptr<Logger> make_null_logger() { return std::make_unique<NullLogger>(); }

std::unique_ptr<Logger> make_string_logger(std::string* out, LogFormat format, LogLevel level) {
  return std::make_unique<StringLogger>(out, format, level);
}

RateLimit::Verdict RateLimit::ask(std::string_view key, TimePoint now, std::uint64_t alike) {
  const std::lock_guard lock(mutex_);
  std::string name(key);
  if (entries_.size() >= max_keys_ && !entries_.contains(name)) name = "(other)";
  const auto [entry, is_new] = entries_.try_emplace(std::move(name), Entry{now, 0});
  if (!is_new && now - entry->second.last < period_) {
    entry->second.held_back += alike;
    return {};
  }
  entry->second.last = now;
  return {true, std::exchange(entry->second.held_back, 0)};
}

}  // namespace troupe::kernel
