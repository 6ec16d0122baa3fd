#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "runtime/fd.hpp"
#include "runtime/process_info.hpp"

namespace troupe::runtime {

/// The keeper's files. Whatever is needed to take up the processes again is here, written before it is needed:
///
///     DATA/                          0700; run is another folder with --run-dir
///       keeper.sock                  the RPC's socket, 0600; appears by rename when the keeper listens
///       keeper.lock                  held (flock) while a keeper lives
///       places                       empty folders and files made on the node for mounts, a NUL after each
///       run/boot                     boot id of what follows
///       run/kernel                   the kernel process' /proc/PID/stat line
///       run/last-words               what a kernel that crashed wrote, 0-padded; its successor starts without
///       run/sandboxes/ID             SandboxSpec (Cap'n Proto)
///       run/inits/ID                 /proc/PID/stat line of the first process in a sandbox's PID namespace
///       run/containers/ID/spec       ContainerSpec (Cap'n Proto), with the time of its creation as mtime
///       run/containers/ID/process    /proc/PID/stat line, written by the child itself before exec
///       run/containers/ID/stdout     FIFO; the process holds it open for reading and writing
///       run/containers/ID/stderr     FIFO
///       run/containers/ID/exit       "CODE SIGNAL LOST FINISHED OOM", written when it ended
class KeeperFiles {
 public:
  /// An empty `run_folder` is DATA/run. A folder in memory (tmpfs) is quicker and right: a reboot voids what it holds.
  explicit KeeperFiles(std::string data_folder, std::string run_folder = {})
      : data_(std::move(data_folder)), run_(run_folder.empty() ? data_ + "/run" : std::move(run_folder)) {}

  std::string socket() const { return data_ + "/keeper.sock"; }
  std::string lock() const { return data_ + "/keeper.lock"; }
  std::string places() const { return data_ + "/places"; }
  std::string boot() const { return run_ + "/boot"; }
  std::string kernel() const { return run_ + "/kernel"; }
  std::string last_words() const { return run_ + "/last-words"; }
  std::string sandboxes() const { return run_ + "/sandboxes"; }
  std::string inits() const { return run_ + "/inits"; }
  std::string containers() const { return run_ + "/containers"; }
  std::string sandbox(std::string_view id) const { return sandboxes() + "/" + std::string(id); }
  std::string init(std::string_view id) const { return inits() + "/" + std::string(id); }
  std::string container(std::string_view id) const { return containers() + "/" + std::string(id); }

  const std::string& data() const { return data_; }

  /// Names this data folder among all of this machine: device and inode, in hex.
  std::string identity() const;
  /// Makes the folders.
  Status prepare() const;
  /// Removes a run folder outside of the data folder when nothing of a workload is left in it.
  void remove_empty() const;
  /// Takes the lock, or says that another keeper has it.
  Result<Fd> take_lock() const;

 private:
  std::string data_;
  std::string run_;
};

/// True for [A-Za-z0-9._-]{1,128} that does not start with a dot: safe as a file's name.
bool valid_id(std::string_view id);

/// Names in a folder, without dot files, sorted by modification time, then name.
std::vector<std::string> entries_by_age(const std::string& folder);

/// Writes a small file in one go (not synced: the contents mean nothing after a reboot).
Status write_file(const std::string& path, std::string_view text);

struct ExitRecord {
  ExitStatus status;
  std::int64_t finished_at = 0;
};
std::string to_text(const ExitRecord& record);
std::optional<ExitRecord> parse_exit(std::string_view text);

/// Modification time in Unix nanoseconds; 0 when there is no such file.
std::int64_t modified_at(const std::string& path);

/// A stream socket listening at `path`, mode 0600: complete when it appears there. Paths of any length.
Result<Fd> listen_at(const std::string& path);
/// A connected, non-blocking stream socket. kUnavailable when nobody listens there.
Result<Fd> connect_to(const std::string& path);

}  // namespace troupe::runtime
