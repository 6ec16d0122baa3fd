#include "daemon/event_store.hpp"

#include <chrono>
#include <filesystem>
#include <system_error>

namespace troupe::daemon {

Result<std::unique_ptr<EventsApart>> EventsApart::open(storage::Store& main, storage::ResourceId events,
                                                       const std::string& folder, kernel::Logger& logger) {
  storage::BehindStoreOptions options;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  options.begin_after =
      static_cast<storage::Revision>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
  if (!folder.empty()) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(errno_error(error.value(), "make the folder of events " + folder));
    options.path = folder + "/journal";
  }
  options.failed = [&logger](const Error& error) {
    logger.warn("kernel", "Events are no longer written to disk: " + error.message);
  };
  auto behind = storage::BehindStore::open(std::move(options));
  if (!behind) return fail(behind.error());
  return std::unique_ptr<EventsApart>(new EventsApart(main, events, std::move(*behind)));
}

}  // namespace troupe::daemon
