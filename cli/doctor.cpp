#include "cli/doctor.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <sstream>
#include <string_view>

#include "schema/codec/json_text.hpp"

namespace troupe::cli {
namespace {

const char* word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kLimited:
      return "limited";
    case Verdict::kMissing:
      break;
  }
  return "missing";
}

/// The choice in brackets of a file like "always [madvise] never".
std::string chosen(const std::string& text) {
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']', open == std::string::npos ? 0 : open);
  return open == std::string::npos || close == std::string::npos ? text : text.substr(open + 1, close - open - 1);
}

}  // namespace

std::vector<Finding> judge_tuning(const TuningFacts& facts) {
  std::vector<Finding> out;
  const auto add = [&](std::string name, Verdict verdict, std::string value, std::string meaning) {
    out.push_back({"real time", std::move(name), verdict, std::move(value), std::move(meaning)});
  };
  add("processors", facts.cpus > 1 ? Verdict::kOk : Verdict::kLimited, std::to_string(facts.cpus),
      facts.cpus > 1 ? "kernel and workloads run side by side" : "a workload that computes delays the kernel");
  if (facts.isolated_cpus.empty()) {
    add("isolated processors", Verdict::kLimited, "none",
        "other tasks interrupt pinned workloads; boot with isolcpus=, nohz_full=");
  } else {
    add("isolated processors", Verdict::kOk, facts.isolated_cpus, "workloads pinned there are left alone");
  }
  if (facts.governor.empty()) {
    add("frequency governor", Verdict::kOk, "not offered", "the frequency is not this system's to choose");
  } else {
    const bool steady = facts.governor == "performance";
    add("frequency governor", steady ? Verdict::kOk : Verdict::kLimited, facts.governor,
        steady ? "the frequency stays up" : "the first milliseconds after a pause run slowly; choose performance");
  }
  const std::string pages = chosen(facts.transparent_pages);
  add("transparent huge pages", pages == "always" ? Verdict::kLimited : Verdict::kOk,
      pages.empty() ? "not offered" : pages,
      pages == "always" ? "page compaction may pause a process; choose madvise" : "no surprise from page compaction");
  add("memory overcommit", facts.overcommit == "2" ? Verdict::kLimited : Verdict::kOk,
      facts.overcommit.empty() ? "unknown" : "vm.overcommit_memory = " + facts.overcommit,
      facts.overcommit == "2" ? "the store asks for a map of 1 TiB, and takes the largest it gets"
                              : "the store's large map costs nothing");
  const bool endless = facts.realtime_runtime == "-1";
  add("real-time throttling", endless || facts.realtime_runtime.empty() ? Verdict::kOk : Verdict::kLimited,
      facts.realtime_runtime.empty() ? "not offered" : "kernel.sched_rt_runtime_us = " + facts.realtime_runtime,
      endless || facts.realtime_runtime.empty() ? "SCHED_FIFO tasks are not throttled"
                                                : "SCHED_FIFO tasks pause for the rest of each second");
  return out;
}

Finding judge_cost(const std::string& name, double micros, double good, double bearable, const std::string& meaning) {
  std::array<char, 48> value{};
  std::snprintf(value.data(), value.size(), micros < 10'000 ? "%.0f µs" : "%.0f µs (slow)", micros);
  const Verdict verdict = micros < 0 ? Verdict::kMissing : micros <= good ? Verdict::kOk : Verdict::kLimited;
  std::string text = meaning;
  if (micros < 0) return {"costs", name, verdict, "failed", "could not be measured: " + meaning};
  if (micros > bearable) text += "; this is slow for milliseconds";
  return {"costs", name, verdict, value.data(), text};
}

std::string doctor_text(const std::vector<Finding>& findings) {
  std::size_t name = 0;
  std::size_t value = 0;
  for (const Finding& one : findings) {
    name = std::max(name, one.name.size());
    value = std::max(value, std::min<std::size_t>(one.value.size(), 44));
  }
  const auto padded = [](const std::string& text, std::size_t width) {
    return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
  };
  std::ostringstream out;
  std::string area;
  for (const Finding& one : findings) {
    if (one.area != area) out << (area.empty() ? "" : "\n") << one.area << "\n";
    area = one.area;
    out << "  " << padded(word(one.verdict), 8) << padded(one.name, name + 2) << padded(one.value, value) << "  "
        << one.meaning << "\n";
  }
  return out.str();
}

std::string doctor_json(const std::vector<Finding>& findings) {
  schema::ByteBuffer out;
  out.append("{\"findings\":[");
  bool first = true;
  for (const Finding& one : findings) {
    if (!first) out.push(',');
    first = false;
    const std::array<std::pair<const char*, std::string_view>, 5> members = {{{"{\"area\":", one.area},
                                                                              {",\"name\":", one.name},
                                                                              {",\"verdict\":", word(one.verdict)},
                                                                              {",\"value\":", one.value},
                                                                              {",\"meaning\":", one.meaning}}};
    for (const auto& [key, text] : members) {
      out.append(key);
      schema::append_json_string(out, text);
    }
    out.push('}');
  }
  out.append("]}\n");
  return std::string(out.view());
}

int run_doctor(const DoctorOptions& options, std::ostream& out) {
  const auto findings = examine(options);
  out << (options.json ? doctor_json(findings) : doctor_text(findings));
  return 0;
}

}  // namespace troupe::cli
