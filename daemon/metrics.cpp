#include "daemon/metrics.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::daemon {

void append_store_metrics(const storage::StoreStats& stats, std::string& out) {
  const auto gauge = [&out](std::string_view name, std::string_view help, std::uint64_t value) {
    out.append("# HELP troupe_store_").append(name).append(" ").append(help).append("\n# TYPE troupe_store_");
    out.append(name).append(" gauge\ntroupe_store_").append(name).append(" ");
    out.append(std::to_string(value)).append("\n");
  };
  gauge("revision", "Newest durable revision.", stats.revision);
  gauge("compacted_revision", "Reads below this revision are refused.", stats.compacted);
  gauge("objects", "Living objects.", stats.objects);
  gauge("bytes", "Stored bytes of living objects.", stats.bytes);
  gauge("log_bytes", "Disk space of the log.", stats.log_bytes);
  gauge("state_bytes", "Disk space of the current state.", stats.state_bytes);
  gauge("pending_objects", "Objects that are in the log and not yet in the state.", stats.pending);
  gauge("watchers", "Open watches of the store.", stats.watchers);
}

}  // namespace troupe::daemon
