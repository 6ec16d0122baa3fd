#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace troupe::cli {

struct DoctorOptions {
  std::string data_dir;  ///< Where syncs are timed; empty: the folder for temporary files.
  bool json = false;
};

enum class Verdict : std::uint8_t {
  kOk,       ///< All that Troupe can use of it is there.
  kLimited,  ///< It works with a restriction, which the text names.
  kMissing   ///< What depends on it does not work here.
};

/// One line of the doctor's report.
struct Finding {
  std::string area;  ///< "control groups", "namespaces", "privileges", "real time", "costs"
  std::string name;  ///< "memory limits"
  Verdict verdict = Verdict::kOk;
  std::string value;    ///< What was found: "version 1, /sys/fs/cgroup/memory".
  std::string meaning;  ///< What it means for workloads.
};

/// What decides about real-time work, as read from the system; empty texts: the system does not tell.
struct TuningFacts {
  std::string isolated_cpus;      ///< "2-3"
  std::string governor;           ///< "performance"
  std::string transparent_pages;  ///< "always [madvise] never"
  std::string overcommit;         ///< "0"
  std::string realtime_runtime;   ///< kernel.sched_rt_runtime_us
  unsigned cpus = 1;
};

/// Pure: from facts to findings.
std::vector<Finding> judge_tuning(const TuningFacts& facts);
/// A time that a start or a write costs, in microseconds, median of several.
Finding judge_cost(const std::string& name, double micros, double good, double bearable, const std::string& meaning);

/// Looks at this machine, as the user who asks: takes about a second.
std::vector<Finding> examine(const DoctorOptions& options);

std::string doctor_text(const std::vector<Finding>& findings);
/// {"findings": [{"area", "name", "verdict": "ok" | "limited" | "missing", "value", "meaning"}]}
std::string doctor_json(const std::vector<Finding>& findings);

/// Prints what this machine can and cannot do. 0, also when something is missing.
int run_doctor(const DoctorOptions& options, std::ostream& out);

}  // namespace troupe::cli
