#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe::daemon {

/// What `troupe kernel` is started with.
struct KernelOptions {
  std::string data_dir;  ///< Absolute. The store is in `store/`, certificates in `pki/`, containers' logs in `pods/`.
  std::string listen_address = "127.0.0.1";
  std::uint16_t port = 6443;  ///< 0: the port of the last run if it is free, else any.
  std::string kubeconfig;     ///< Where the admin's is written; empty: nowhere.
  std::string token_file;
  std::string service_range = "10.96.0.0/16";   ///< Of Services' cluster addresses: IPv4, 12 to 29 bits.
  std::string node_port_range = "30000-32767";  ///< Of Services' node ports.
  std::string node_name;                        ///< Empty: the host's name.
  std::string keeper_socket;                    ///< Empty: `TROUPE_KEEPER_SOCKET`, else the one in `data_dir`.
  std::uint32_t max_pods = 2000;
  std::size_t threads = 0;    ///< 0: one a core.
  bool memory_store = false;  ///< Nothing is kept: for trying things out.
  bool log_json = false;      ///< Log lines as JSON, else as text.
  int verbosity = 0;          ///< 0: what an operator acts on; from 2 also what a developer follows.
};

/// The kernel process: store, API, scheduler and node half in layer order, until SIGTERM or SIGINT; then everything in
/// reverse. Workloads belong to the keeper and live on. Prints a line with "ready" when the API serves. Answers the
/// process' exit code: 0 after a stop in order, 1 with the reason on standard error.
int run_kernel(const KernelOptions& options);

}  // namespace troupe::daemon
