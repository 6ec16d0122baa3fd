// Building the tables of all types: time, memory, and a look-up by JSON name.
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string_view>
#include <vector>

#include "bench/arguments.hpp"
#include "schema/embedded.hpp"
#include "schema/resource_table.hpp"
#include "schema/type_table.hpp"

namespace {

using troupe::schema::ResourceTable;
using troupe::schema::Type;
using troupe::schema::TypeTable;
using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

/// Processor time of this process: what counts where the machine has other work.
double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Resident bytes of this process.
std::size_t resident() {
  std::ifstream in("/proc/self/statm");
  std::size_t size = 0;
  std::size_t pages = 0;
  in >> size >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// The floor: reading every byte of the embedded description once.
double read_all_ms() {
  const auto from = Clock::now();
  unsigned sum = 0;
  for (const std::byte b : troupe::schema::embedded_api_schema()) sum += static_cast<unsigned>(b);
  volatile unsigned keep = sum;
  static_cast<void>(keep);
  return milliseconds(Clock::now() - from);
}

void build() {
  const std::size_t before = resident();
  const auto from = Clock::now();
  const double cpu_from = cpu_ms();
  const TypeTable first = TypeTable::built_in().value();
  const double first_ms = milliseconds(Clock::now() - from);
  const double first_cpu_ms = cpu_ms() - cpu_from;
  const std::size_t after = resident();
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto start = Clock::now();
    const TypeTable table = TypeTable::built_in().value();
    times.push_back(milliseconds(Clock::now() - start));
  }
  std::sort(times.begin(), times.end());
  std::printf(
      "{\"name\":\"type_table_build\",\"types\":%zu,\"first_ms\":%.2f,\"first_cpu_ms\":%.2f,\"p50_ms\":%.2f,\"p99_ms\":"
      "%.2f,\"target_ms\":10,"
      "\"floor_read_description_ms\":%.2f}\n",
      first.types().size(), first_ms, first_cpu_ms, times[times.size() / 2], times[times.size() * 99 / 100],
      read_all_ms());
  std::printf(
      "{\"name\":\"type_table_memory\",\"table_bytes\":%zu,\"description_bytes\":%zu,\"resident_growth_bytes\":%zu,"
      "\"target_bytes\":8388608}\n",
      first.memory_bytes(), troupe::schema::embedded_api_schema().size(), after - before);
}

void look_up() {
  const TypeTable table = TypeTable::built_in().value();
  std::vector<std::pair<const Type*, std::string_view>> names;
  for (const Type* type : table.types()) {
    for (const auto& field : type->json_fields) names.emplace_back(type, field.name);
  }
  const auto from = Clock::now();
  std::size_t found = 0;
  constexpr int kRounds = 1000;
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& [type, name] : names) found += type->find_json(name) != nullptr ? 1 : 0;
  }
  const double ns = milliseconds(Clock::now() - from) * 1e6 / (static_cast<double>(names.size()) * kRounds);
  std::printf("{\"name\":\"find_json\",\"names\":%zu,\"found\":%zu,\"mean_ns\":%.1f,\"target_ns\":20}\n", names.size(),
              found / kRounds, ns);
}

void resources() {
  const auto from = Clock::now();
  const ResourceTable table = ResourceTable::built_in().value();
  std::printf("{\"name\":\"resource_table_build\",\"resources\":%zu,\"ms\":%.3f,\"target_ms\":1}\n", table.all().size(),
              milliseconds(Clock::now() - from));
}

}  // namespace

int main(int argc, char** argv) {
  troupe::bench::Arguments(argc, argv, "schema_type_table_bench").done();
  build();
  look_up();
  resources();
  return 0;
}
