#include "cli/status.hpp"

#include <simdjson.h>

#include <array>
#include <cstdio>
#include <ostream>
#include <sstream>
#include <string_view>
#include <utility>

#include "cli/ask.hpp"
#include "schema/codec/json_text.hpp"

namespace troupe::cli {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr auto kPatience = std::chrono::milliseconds(3000);

std::string as_json(std::string_view text) {
  schema::ByteBuffer buffer;
  schema::append_json_string(buffer, text);
  return std::string(buffer.view());
}

/// "3 d 4 h", "12 min 5 s", "1.234 s"
std::string duration(std::int64_t millis) {
  const std::int64_t seconds = millis / 1000;
  std::array<char, 48> out{};
  if (seconds < 60) {
    std::snprintf(out.data(), out.size(), "%lld.%03lld s", static_cast<long long>(seconds),
                  static_cast<long long>(millis % 1000));
  } else if (seconds < 3600) {
    std::snprintf(out.data(), out.size(), "%lld min %lld s", static_cast<long long>(seconds / 60),
                  static_cast<long long>(seconds % 60));
  } else if (seconds < 86400) {
    std::snprintf(out.data(), out.size(), "%lld h %lld min", static_cast<long long>(seconds / 3600),
                  static_cast<long long>(seconds / 60 % 60));
  } else {
    std::snprintf(out.data(), out.size(), "%lld d %lld h", static_cast<long long>(seconds / 86400),
                  static_cast<long long>(seconds / 3600 % 24));
  }
  return out.data();
}

std::string size_of(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits.at(unit));
  return out.data();
}

std::string counted(std::int64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::int64_t number(const element& at, std::string_view pointer) {
  std::int64_t value = 0;
  if (at.at_pointer(pointer).get(value) != simdjson::SUCCESS) return 0;
  return value;
}

std::string word(const element& at, std::string_view pointer) {
  std::string_view value;
  if (at.at_pointer(pointer).get(value) != simdjson::SUCCESS) return {};
  return std::string(value);
}

bool is_true(const element& at, std::string_view pointer) {
  bool value = false;
  return at.at_pointer(pointer).get(value) == simdjson::SUCCESS && value;
}

std::string nodes_text(const element& page) {
  std::string out;
  simdjson::dom::array nodes;
  if (page.at_pointer("/nodes").get(nodes) != simdjson::SUCCESS) return "none";
  for (const element node : nodes) {
    if (!out.empty()) out += ", ";
    out += word(node, "/name") + (is_true(node, "/ready") ? " Ready" : " NotReady");
    if (!is_true(node, "/schedulable")) out += ",SchedulingDisabled";
  }
  return out.empty() ? "none" : out;
}

std::string pods_text(const element& page) {
  std::string out = std::to_string(number(page, "/pods/total"));
  object phases;
  if (page.at_pointer("/pods/phases").get(phases) == simdjson::SUCCESS && phases.size() > 0) {
    out += ":";
    for (const auto& [phase, count] : phases) {
      std::int64_t value = 0;
      if (count.get(value) == simdjson::SUCCESS) {
        out.append(" ").append(std::to_string(value)).append(" ").append(phase).append(",");
      }
    }
    out.pop_back();
  }
  return out + "; " + std::to_string(number(page, "/pods/ready")) + " ready, " +
         counted(number(page, "/pods/restarts"), "restart");
}

std::string store_text(const element& page) {
  return "revision " + std::to_string(number(page, "/store/revision")) + ", " +
         counted(number(page, "/store/objects"), "object") + " of " +
         size_of(static_cast<std::uint64_t>(number(page, "/store/bytes"))) + "; on disk: log " +
         size_of(static_cast<std::uint64_t>(number(page, "/store/logBytes"))) + ", state " +
         size_of(static_cast<std::uint64_t>(number(page, "/store/stateBytes"))) + "; " +
         counted(number(page, "/store/watchers"), "watcher");
}

std::string keeper_text(const runtime::KeeperSummary& keeper) {
  return "process " + std::to_string(keeper.pid) + ", up " + duration(keeper.uptime.count()) + ", " +
         size_of(keeper.memory_bytes) + "; " + counted(static_cast<std::int64_t>(keeper.sandboxes), "pod") + ", " +
         counted(static_cast<std::int64_t>(keeper.running), "running container");
}

std::string kernel_text(const runtime::KeeperSummary& keeper) {
  if (keeper.kernel_pid == 0) return "not started by this keeper";
  std::string out = "process " + std::to_string(keeper.kernel_pid);
  if (keeper.kernel_restarts > 0) {
    out += ", " + counted(keeper.kernel_restarts, "restart") + ", the last after: " + keeper.kernel_last_reason;
  }
  return out;
}

void line(std::ostream& out, std::string_view name, const std::string& value) {
  out << name << std::string(name.size() < 9 ? 9 - name.size() : 1, ' ') << value << "\n";
}

}  // namespace

Result<std::string> status_text(const StatusAnswers& answers) {
  std::ostringstream out;
  simdjson::dom::parser parser;
  element page;
  if (answers.kernel) {
    if (parser.parse(*answers.kernel).get(page) != simdjson::SUCCESS) {
      return fail(ErrorCode::kCorrupt, "the kernel's status is no JSON: is it of the same version?");
    }
    line(out, "Troupe",
         word(page, "/version") + ", https://" + word(page, "/address") + ", up " +
             duration(number(page, "/uptimeMilliseconds")));
  } else {
    line(out, "Troupe", "does not answer: " + answers.kernel.error().message);
  }
  if (answers.keeper) {
    line(out, "Kernel", kernel_text(*answers.keeper));
    line(out, "Keeper", keeper_text(*answers.keeper));
  } else {
    line(out, "Keeper", "does not answer: " + answers.keeper.error().message);
  }
  if (answers.kernel) {
    line(out, "Nodes", nodes_text(page));
    line(out, "Pods", pods_text(page));
    line(out, "Store", store_text(page));
  }
  return out.str();
}

std::string status_json(const StatusAnswers& answers) {
  std::string out = "{\"keeper\":";
  if (answers.keeper) {
    const runtime::KeeperSummary& keeper = *answers.keeper;
    out += "{\"pid\":" + std::to_string(keeper.pid) +
           ",\"uptimeMilliseconds\":" + std::to_string(keeper.uptime.count()) +
           ",\"memoryBytes\":" + std::to_string(keeper.memory_bytes) +
           ",\"sandboxes\":" + std::to_string(keeper.sandboxes) + ",\"running\":" + std::to_string(keeper.running) +
           ",\"kernelPid\":" + std::to_string(keeper.kernel_pid) +
           ",\"kernelRestarts\":" + std::to_string(keeper.kernel_restarts) +
           ",\"kernelLastReason\":" + as_json(keeper.kernel_last_reason) + "}";
  } else {
    out += "null";
  }
  out += ",\"kernel\":" + (answers.kernel ? *answers.kernel : "null") + ",\"problems\":[";
  if (!answers.keeper) out += as_json("keeper: " + answers.keeper.error().message);
  if (!answers.keeper && !answers.kernel) out += ",";
  if (!answers.kernel) out += as_json("kernel: " + answers.kernel.error().message);
  return out + "]}\n";
}

int run_status(const StatusOptions& options, std::ostream& out, std::ostream& err) {
  StatusAnswers answers;
  answers.keeper = runtime::ask_keeper(options.data_dir, kPatience);
  answers.kernel = ask(options.data_dir, "/troupe/status");
  if (!answers.keeper && !answers.kernel) {
    err << "troupe status: no Troupe runs in " << options.data_dir << "\n";
    if (!options.json) return 1;
  }
  if (options.json) {
    out << status_json(answers);
  } else {
    auto text = status_text(answers);
    if (!text) {
      err << "troupe status: " << text.error().message << "\n";
      return 1;
    }
    out << *text;
  }
  return answers.keeper && answers.kernel ? 0 : 1;
}

}  // namespace troupe::cli
