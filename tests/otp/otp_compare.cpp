// Runs generated scenarios through OTP's own supervisor (by escript) and through the kernel, and compares every event.
//
//   otp_compare [--count N] [--seed FIRST] [--script FILE] [--keep FILE] [--print]
//
// Exit code 0: all equal; 1: a difference, shown; 77: cannot run here (ctest skips on it), the reason is said.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "kernel/scenario_run.hpp"
#include "tests/otp/generate.hpp"

namespace troupe::kernel::testing {
namespace {

using Lines = std::vector<std::string>;

std::string field(const std::string& line, const std::string& name) {
  const std::string key = "\"" + name + "\":\"";
  const auto begin = line.find(key);
  if (begin == std::string::npos) return "";
  const auto from = begin + key.size();
  return line.substr(from, line.find('"', from) - from);
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

void find_pools(const std::string& path, const ScenarioSupervisor& node, std::set<std::string>& pools) {
  if (node.flags.strategy == Strategy::kSimpleOneForOne) pools.insert(path);
  for (const ScenarioChild& child : node.children) {
    if (child.supervisor) find_pools(path + "/" + child.id, *child.supervisor, pools);
  }
}

/// A list of dynamic children has no order in OTP (it is that of a map of pids).
std::string sorted_children(const std::string& line) {
  const std::string key = "\"children\":[[";
  const auto begin = line.find(key);
  if (begin == std::string::npos) return line;
  const auto from = begin + key.size() - 1;
  const auto end = line.find("]]", from) + 1;
  Lines items;
  for (auto at = from; at < end;) {
    const auto close = line.find(']', at) + 1;
    items.push_back(line.substr(at, close - at));
    at = close + 1;
  }
  std::sort(items.begin(), items.end());
  std::string out = line.substr(0, from);
  for (const std::string& item : items) out += (out.back() == ']' ? "," : "") + item;
  return out + line.substr(end);
}

/// Puts what has no order in OTP into one: dynamic children that are stopped together, and lists of them. Their
/// shutdown errors are reported one by one here and by reason there: left out.
Lines canonical(const Lines& lines, const std::set<std::string>& pools) {
  Lines out;
  std::string run;  // the pool whose children are being stopped at the end of `out`
  std::size_t begin = 0;
  auto close = [&] {
    if (!run.empty()) std::sort(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end());
    run.clear();
  };
  for (const std::string& line : lines) {
    const std::string event = field(line, "event");
    const std::string pool = parent_of(field(line, "child"));
    if (event == "report" && field(line, "kind") == "shutdown_error" && pools.contains(pool)) continue;
    const bool stopping = (event == "stop" || event == "kill" || event == "exit") && pools.contains(pool);
    if (!stopping || run != pool) {
      close();
      if (stopping) {
        run = pool;
        begin = out.size();
      }
    }
    out.push_back(pools.contains(field(line, "supervisor")) ? sorted_children(line) : line);
  }
  close();
  return out;
}

std::map<std::size_t, Lines> run_otp(const std::string& script, const std::string& file) {
  std::map<std::size_t, Lines> result;
  std::FILE* pipe = ::popen(("escript '" + script + "' '" + file + "'").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 1 << 16> buffer{};
  std::string rest;
  std::size_t current = 0;
  while (const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    rest.append(buffer.data(), n);
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      std::string line = rest.substr(0, end);
      rest.erase(0, end + 1);
      if (line.starts_with("{\"scenario\":")) {
        current = std::stoul(line.substr(12));
        result[current];
      } else {
        result[current].push_back(std::move(line));
      }
    }
  }
  if (::pclose(pipe) != 0) std::cerr << "escript failed\n";
  return result;
}

void show(const Scenario& scenario, std::uint64_t seed, const Lines& otp, const Lines& kernel) {
  std::cout << "DIFFERENT with seed " << seed << "\n" << to_json(scenario) << "\n";
  std::size_t i = 0;
  while (i < otp.size() && i < kernel.size() && otp[i] == kernel[i]) ++i;
  for (std::size_t k = i < 12 ? 0 : i - 12; k < i; ++k) std::cout << "    both   " << otp[k] << "\n";
  for (std::size_t k = i; k < std::min(otp.size(), i + 6); ++k) std::cout << "    otp    " << otp[k] << "\n";
  for (std::size_t k = i; k < std::min(kernel.size(), i + 6); ++k) std::cout << "    kernel " << kernel[k] << "\n";
}

struct Options {
  std::uint64_t seed = 1;
  std::size_t count = 200;
  std::string script = TROUPE_OTP_SCRIPT;
  std::string keep;
  bool print = false;
};

int compare(const Options& options) {
  if (std::system("command -v escript >/dev/null 2>&1") != 0) {
    std::cout << "skipped: there is no escript here (Debian: apt install erlang-base)\n";
    return 77;
  }
  const auto begin = std::chrono::steady_clock::now();
  std::string file = options.keep;
  if (file.empty()) file = "/tmp/troupe-otp-" + std::to_string(::getpid()) + ".jsonl";
  std::vector<Scenario> scenarios;
  {
    std::ofstream out(file);
    for (std::size_t i = 0; i < options.count; ++i) {
      const std::string text = to_json(generate_scenario(options.seed + i));
      out << text << "\n";
      auto parsed = parse_scenario(text);  // what the kernel runs has gone through the same text
      if (!parsed) {
        std::cout << "seed " << options.seed + i << " does not parse: " << parsed.error().message << "\n"
                  << text << "\n";
        return 1;
      }
      scenarios.push_back(std::move(*parsed));
    }
  }
  const auto otp = run_otp(options.script, file);
  if (options.keep.empty()) ::unlink(file.c_str());
  const auto between = std::chrono::steady_clock::now();
  std::size_t events = 0;
  std::size_t different = 0;
  std::map<std::string, std::size_t> kinds;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    Lines lines;
    auto status =
        run_scenario(scenarios[i], options.seed + i, [&](std::string_view line) { lines.emplace_back(line); });
    if (!status) lines.push_back("kernel: " + status.error().message);
    std::set<std::string> pools;
    find_pools("root", scenarios[i].tree, pools);
    auto theirs = otp.find(i);
    const Lines a = theirs == otp.end() ? Lines{"no answer"} : canonical(theirs->second, pools);
    const Lines b = canonical(lines, pools);
    events += b.size();
    for (const std::string& line : b) ++kinds[field(line, "event")];
    if (options.print) {
      for (const std::string& line : b) std::cout << line << "\n";
    }
    if (a == b) continue;
    if (++different <= 5) show(scenarios[i], options.seed + i, a, b);
  }
  const auto end = std::chrono::steady_clock::now();
  auto seconds = [](auto span) { return std::chrono::duration<double>(span).count(); };
  std::cout << "{\"scenarios\":" << scenarios.size() << ",\"first_seed\":" << options.seed << ",\"events\":" << events
            << ",\"different\":" << different;
  for (const auto& [kind, count] : kinds) std::cout << ",\"" << kind << "\":" << count;
  std::cout << ",\"otp_seconds\":" << seconds(between - begin) << ",\"kernel_seconds\":" << seconds(end - between)
            << "}\n";
  return different == 0 ? 0 : 1;
}

}  // namespace
}  // namespace troupe::kernel::testing

int main(int argc, char** argv) {
  troupe::kernel::testing::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--print") {
      options.print = true;
      continue;
    }
    if (name == "--count") {
      options.count = std::stoul(value);
    } else if (name == "--seed") {
      options.seed = std::stoull(value);
    } else if (name == "--script") {
      options.script = value;
    } else if (name == "--keep") {
      options.keep = value;
    } else {
      std::cerr << "usage: otp_compare [--count N] [--seed FIRST] [--script FILE] [--keep FILE] [--print]\n";
      return 2;
    }
    ++i;
  }
  return troupe::kernel::testing::compare(options);
}
